"""Repository of deliveries.

    PK DLV#<id>   SK DLV   entity "delivery"

reserve: put, if no such item ---> else: replay, conflict, or the same attempt's own put
         (in one transaction with its counters and checks)
apply:   optimistic lock: update, if the snapshot is the one that the change was computed from
         else ---> compute again from the current one
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from ringpass.aws import due_index
from ringpass.aws.client_index import BY_CLIENT, listed_at
from ringpass.aws.dynamodb import ConditionFailed, Item, Table
from ringpass.aws.phone_index import BY_PHONE
from ringpass.aws.transaction import ConditionsFailed, Put, Transaction, Update
from ringpass.aws.update_index import BY_UPDATE, Changes
from ringpass.clock import from_text, to_text
from ringpass.costs import Cost
from ringpass.deliveries.model import (
    Change,
    Delivery,
    DeliverySnapshot,
    Fact,
    HistoryEntry,
    Source,
    derive_change,
)
from ringpass.deliveries.poll_schedule import NO_POLLS, PollSchedule
from ringpass.outcomes import OPEN, Status
from ringpass.phone import anonymous
from ringpass.providers.facts import ChannelName

DELIVERY: Final = "delivery"
"""Tag of a new delivery in its transaction."""
# A client's deliveries are spread over so many index keys: one key takes 1,000 writes a second,
# and an index that is throttled blocks the table.
_SHARDS: Final = 4
_PAGE: Final = 50
# A megabyte, which is what one request reads, holds some 4,000 of them.
_KEYS: Final = 1_000
# Before and after any client's name.
_FIRST, _LAST = "0", "~"
_AWAITS_POLL: Final = "due_at = :was AND begins_with(due_bucket, :asked)"


class AlreadyReserved(Exception):
    """There is a delivery with this id already."""

    def __init__(self, delivery: Delivery) -> None:
        super().__init__("a delivery with this id exists")
        self.delivery = delivery


@dataclass(frozen=True, slots=True)
class DeliveryRepository:
    """Repository of deliveries.

    Attributes:
        table: The table.
        retention_seconds: How long a delivery is stored after its creation.
        poll_schedule: When providers are polled.
    """

    table: Table
    retention_seconds: int = 0
    poll_schedule: PollSchedule = NO_POLLS

    def add(self, tx: Transaction, delivery: Delivery, phone_key: str) -> None:
        """Add a new delivery to a transaction: when that is committed, its request may be sent.

        Args:
            tx: The transaction.
            delivery: The delivery, ``reserved``.
            phone_key: Its number's look-up key.
        """
        created = from_text(delivery.created_at)
        item = _to_item(delivery) | {
            "entity": "delivery",
            "phone_key": phone_key,
            "client_bucket": _bucket(delivery.client, ord(delivery.id[-1]) % _SHARDS),
            "listed_at": listed_at(delivery),
            "client_listed_at": f"{delivery.client}#{listed_at(delivery)}",
            "expires_at": int(created.timestamp()) + self.retention_seconds,
            **due_index.entry(delivery.id, created),
        }
        tx.add(Put(item, "attribute_not_exists(PK)"), DELIVERY)

    def link(self, delivery_id: str, retry: Delivery) -> Update:
        """In a transaction: name the new delivery that repeats this one."""
        return Update(
            _key(delivery_id),
            "SET retried_by = :again, updated_at = :now",
            {":again": retry.id, ":now": retry.created_at},
            condition="attribute_not_exists(retried_by)",
        )

    def get(self, delivery_id: str) -> Delivery | None:
        """Returns the delivery, or None."""
        item = self.table.get(_key(delivery_id))
        return _from_item(item) if item else None

    def get_many(self, delivery_ids: Sequence[str]) -> list[Delivery]:
        """Returns deliveries in the order of their ids; those that have expired are left out."""
        items = self.table.get_many([_key(delivery_id) for delivery_id in delivery_ids])
        return [_from_item(item) for item in items]

    def apply(
        self,
        delivery_id: str,
        facts: Iterable[Fact],
        snapshot: DeliverySnapshot,
        now: str,
        poll_entry: Item | None = None,
    ) -> Delivery | None:
        """Apply facts to a delivery; returns it as it is then, None if there is none.

        Idempotent, in any order. Optimistic lock: ``snapshot`` must be the current one, else the
        change is computed again.

        Args:
            delivery_id: The delivery.
            facts: Facts about it.
            snapshot: Its expected snapshot; a wrong one costs one refused write.
            now: The time.
            poll_entry: Its entry in the due index (``due_index.poll_entry``), set if these facts
                make it accepted or unknown. Any other change of the status removes the entry.
        """
        facts = tuple(facts)
        current: Delivery | None = None
        while (change := derive_change(snapshot, facts)) is not None:
            try:
                return self._write_change(delivery_id, snapshot, change, now, poll_entry or {})
            except ConditionFailed as failed:
                if failed.item is None:
                    return None
                current = _from_item(failed.item)
                snapshot = current.snapshot
        return current or self.get(delivery_id)

    def apply_and_schedule_poll(
        self, delivery: Delivery, facts: Iterable[Fact], now: datetime
    ) -> Delivery | None:
        """Apply facts to a delivery, as ``apply`` does, and schedule its poll if it stays open."""
        poll_entry = self.poll_schedule.next_poll_entry(delivery, now)
        return self.apply(delivery.id, facts, delivery.snapshot, to_text(now), poll_entry)

    def _write_change(
        self,
        delivery_id: str,
        snapshot: DeliverySnapshot,
        change: Change,
        now: str,
        poll_entry: Item,
    ) -> Delivery:
        sets = {"version": snapshot.version + 1, "updated_at": now} | details_to_item(
            change.details
        )
        removed: list[str] = []
        if change.status is not None:
            sets |= {"status": change.status, "reason": change.reason}
            if change.status in OPEN and poll_entry:
                sets |= poll_entry
            else:
                removed += due_index.ATTRIBUTES
        names = {f"#{name}": name for name in [*sets, "status"]}
        values: dict[str, Any] = {f":{name}": value for name, value in sets.items()}
        # A reason that is None is removed: it belonged to the old status.
        nulls = [name for name, value in sets.items() if value is None]
        assignments = [f"#{name} = :{name}" for name in sets if name not in nulls]
        assignments.append("history = list_append(history, :entries)")
        removals = [f"#{name}" for name in nulls] + removed
        update = f"SET {', '.join(assignments)}"
        if removals:
            update += f" REMOVE {', '.join(removals)}"
        values |= {
            ":entries": [_entry(entry) for entry in change.entries],
            ":assumed": snapshot.version,
            ":was": snapshot.status,
            ":lines": snapshot.lines,
        }
        condition = "#version = :assumed AND #status = :was AND size(history) = :lines"
        return _from_item(
            self.table.update(_key(delivery_id), update, values, names=names, condition=condition)
        )

    def reschedule_poll(self, delivery_id: str, due_at: str, at: str) -> None:
        """Schedule the next poll for a delivery at ``at``, if its poll is still due at ``due_at``.

        A settled delivery has no poll; one with another time was rescheduled already.
        """
        with suppress(ConditionFailed):
            self.table.update(
                _key(delivery_id),
                "SET due_at = :at",
                {":at": at, ":was": due_at, ":asked": "ask#"},
                condition=_AWAITS_POLL,
            )

    def stop_polling(self, delivery_id: str, due_at: str) -> None:
        """End the polls for a delivery, if its poll is still due at ``due_at``."""
        with suppress(ConditionFailed):
            self.table.update(
                _key(delivery_id),
                f"REMOVE {', '.join(due_index.ATTRIBUTES)}",
                {":was": due_at, ":asked": "ask#"},
                condition=_AWAITS_POLL,
            )

    def erase(self, delivery: Delivery, phone_key: str) -> bool:
        """Remove from a delivery what identifies a person; returns whether it was written.

        Its status, cost and times stay: statistics and money count it. It leaves the index by phone
        and, unless it is still reserved, the due index: nothing is asked about it any more.

        Args:
            delivery: The delivery as it was read.
            phone_key: Its number's look-up key.
        """
        remove = ["phone_key", "client_listed_at", "ticket_id", "consent_reference"]
        if delivery.status is not Status.RESERVED:
            remove += due_index.ATTRIBUTES
        try:
            self.table.update(
                _key(delivery.id),
                f"SET phone = :phone, #metadata = :none REMOVE {', '.join(remove)}",
                {
                    ":phone": anonymous(delivery.phone),
                    ":none": {},
                    ":key": phone_key,
                    ":status": delivery.status,
                },
                names={"#metadata": "metadata", "#status": "status"},
                condition="phone_key = :key AND #status = :status",
            )
        except ConditionFailed:
            return False
        return True

    def list_by_client_and_phone(
        self, client: str, phone_key: str, after: str, before: str
    ) -> Iterator[Delivery]:
        """List a client's deliveries to one number, newest first, ``after <= listed_at < before``.

        Other clients' deliveries to it are not read.
        """
        start, end = f"{client}#{after}", f"{client}#{before}"
        items = self.table.list_items(BY_PHONE, [phone_key], start, end, _PAGE)
        return map(_from_item, items)

    def list_by_phone(self, phone_key: str, after: str, before: str) -> list[Delivery]:
        """List all clients' deliveries to one number, ``after <= created_at < before``.

        For receipts that name only the number. Of deliveries of other times only the keys are
        read.
        """
        keys = self.table.query(BY_PHONE, phone_key, _FIRST, _LAST, _KEYS)
        ids = [
            key["PK"].removeprefix("DLV#")
            for key in keys
            if after <= key["client_listed_at"].partition("#")[2] < before
        ]
        # The key narrows the search, and the record decides.
        return [
            delivery for delivery in self.get_many(ids) if after <= delivery.created_at < before
        ]

    def list_by_client(self, client: str, after: str, before: str) -> Iterator[Delivery]:
        """List a client's deliveries, newest first, ``after <= listed_at < before``."""
        buckets = [_bucket(client, shard) for shard in range(_SHARDS)]
        return map(_from_item, self.table.list_items(BY_CLIENT, buckets, after, before, _PAGE))

    def list_changes(self, client: str, changes: Changes) -> Iterator[Delivery]:
        """List a client's deliveries, the oldest change first, from the time of ``after`` on."""
        buckets = [_bucket(client, shard) for shard in range(_SHARDS)]
        items = self.table.list_changes(BY_UPDATE, buckets, changes.since, changes.before, _PAGE)
        return map(_from_item, items)


def check_attempt(refusal: ConditionsFailed, delivery: Delivery) -> None:
    """Check that what refuses a delivery is its own put, repeated after a lost answer.

    Raises:
        AlreadyReserved: Another attempt holds its id.
    """
    item = refusal.items[DELIVERY]
    if item is None:
        raise refusal
    existing = _from_item(item)
    if existing.attempt != delivery.attempt:
        raise AlreadyReserved(existing) from None


def from_stream_image(item: Item) -> Delivery:
    """The delivery of an item as it comes in a stream record."""
    return _from_item(item)


def _key(delivery_id: str) -> Item:
    return {"PK": f"DLV#{delivery_id}", "SK": "DLV"}


def _bucket(client: str, shard: int) -> str:
    return f"{client}#{shard}"


def _entry(entry: HistoryEntry) -> Item:
    item = {"at": entry.at, "status": entry.status, "source": entry.source}
    return item | ({"reason": entry.reason} if entry.reason else {})


def details_to_item(details: Mapping[str, Any]) -> dict[str, Any]:
    """A fact's details, as values that the table takes."""
    return {
        name: value.to_dict() if isinstance(value, Cost) else value
        for name, value in details.items()
    }


_PLAIN: Final = [
    "id",
    "client",
    "channel",
    "provider",
    "phone",
    "country",
    "status",
    "created_at",
    "updated_at",
    "fingerprint",
    "attempt",
    "reason",
    "provider_ref",
    "caller_number",
    "is_redirect",
    "ticket_id",
    "test",
    "retry_of",
    "retried_by",
    "verification_id",
    "step",
    "turn",
    "ledger_shard",
    "unverified",
    "verified",
    "verified_at",
    "consent_reference",
    "metadata",
    "version",
]


def _to_item(delivery: Delivery) -> dict[str, Any]:
    plain = {name: getattr(delivery, name) for name in _PLAIN}
    return plain | {
        **_key(delivery.id),
        "metadata": dict(delivery.metadata),
        "cost": delivery.cost and delivery.cost.to_dict(),
        "history": [_entry(entry) for entry in delivery.history],
    }


def _from_item(item: Item) -> Delivery:
    plain = {name: item[name] for name in _PLAIN if name in item}
    cost = item.get("cost")
    return Delivery(
        **plain
        | {
            "channel": ChannelName(item["channel"]),
            "status": Status(item["status"]),
            "cost": cost and Cost.from_dict(cost),
            "history": tuple(
                HistoryEntry(
                    entry["at"],
                    Status(entry["status"]),
                    entry.get("reason"),
                    Source(entry["source"]),
                )
                for entry in item["history"]
            ),
        }
    )

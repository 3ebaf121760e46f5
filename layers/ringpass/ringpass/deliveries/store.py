"""Items of deliveries.

    PK DLV#<id>   SK DLV   entity "delivery"

reserve: put, if no such item ---> found: replay, conflict, or the same attempt's own put
         (in one transaction with what counts and forbids it)
learn:   update, if the state is the one that the change was computed from
         found another one ---> compute again from what is there
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from ringpass.aws import due_index
from ringpass.aws.dynamodb import Check, ConditionFailed, Index, Item, Put, Table, Update
from ringpass.clock import from_text
from ringpass.costs import Cost
from ringpass.deliveries.model import (
    Change,
    Delivery,
    DeliverySnapshot,
    Fact,
    HistoryEntry,
    Source,
    learn,
)
from ringpass.outcomes import OPEN, Status

# A client's deliveries are spread over so many index keys: one key takes 1,000 writes a second,
# and an index that is throttled blocks the table.
_SHARDS: Final = 4
_PAGE: Final = 50
# A megabyte, which is what one request reads, holds some 4,000 of them.
_KEYS: Final = 1_000
_BY_PHONE: Final = Index("by_phone", "phone_key", "client_listed_at")
# Before and after any client's name.
_FIRST, _LAST = "0", "~"
_WAITS: Final = "due_at = :was AND begins_with(due_bucket, :asked)"
_BY_CLIENT: Final = Index("by_client", "client_bucket", "listed_at")


class AlreadyReserved(Exception):
    """There is a delivery with this id already."""

    def __init__(self, delivery: Delivery) -> None:
        super().__init__("a delivery with this id exists")
        self.delivery = delivery


@dataclass(frozen=True, slots=True)
class DeliveryRepository:
    """Reads and writes deliveries.

    Attributes:
        table: The table.
        retention_seconds: How long a delivery is kept after its creation.
    """

    table: Table
    retention_seconds: int = 0

    def reserve(
        self, delivery: Delivery, phone_key: str, others: Sequence[Put | Update | Check] = ()
    ) -> None:
        """Write a new delivery: from here on its one request may be sent.

        Args:
            delivery: The delivery, ``reserved``.
            phone_key: Its number's look-up key.
            others: What is written or must hold with it, in the same transaction.

        Raises:
            Blocked: The condition of one of ``others`` does not hold.
            AlreadyReserved: Another attempt holds this id. (An own put whose answer was lost and
                that boto3 repeated is told apart by ``attempt``, and is no error.)
        """
        self.write(self.reservation(delivery, phone_key), others)

    def write(self, put: Put, others: Sequence[Put | Update | Check] = ()) -> None:
        """Write what ``reservation`` gave, as ``reserve`` does."""
        try:
            if others:
                self.table.transact(put, *others)
            else:
                self.table.put(put.item, put.condition)
        except ConditionFailed as failed:
            if failed.item is None:
                raise
            existing = _from_item(failed.item)
            if existing.attempt != put.item["attempt"]:
                raise AlreadyReserved(existing) from None

    def reservation(self, delivery: Delivery, phone_key: str) -> Put:
        """In a transaction: write a new delivery."""
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
        return Put(item, "attribute_not_exists(PK)")

    def link(self, delivery_id: str, again_id: str) -> Update:
        """In a transaction: name the delivery that repeats this one."""
        return Update(
            _key(delivery_id),
            "SET retried_by = :again",
            {":again": again_id},
            condition="attribute_not_exists(retried_by)",
        )

    def get(self, delivery_id: str) -> Delivery | None:
        """The delivery, or None."""
        item = self.table.get(_key(delivery_id))
        return _from_item(item) if item else None

    def get_many(self, delivery_ids: Sequence[str]) -> list[Delivery]:
        """Deliveries in the order of their ids; those that are gone are left out."""
        items = self.table.get_many([_key(delivery_id) for delivery_id in delivery_ids])
        return [_from_item(item) for item in items]

    def learn(
        self,
        delivery_id: str,
        facts: Iterable[Fact],
        assumed: DeliverySnapshot,
        now: str,
        waits: Item | None = None,
    ) -> Delivery | None:
        """Add facts to a delivery, and return it as it is then; None if there is none.

        Idempotent, in any order.

        Args:
            delivery_id: The delivery.
            facts: What is known of it.
            assumed: The state that it is thought to be in; a wrong guess costs one refused write.
            now: The time.
            waits: Where it waits to be asked about (``due_index.poll_entry``) if these facts
                leave it accepted or unknown. Whatever else changes its status takes it away.
        """
        facts = tuple(facts)
        found: Delivery | None = None
        while (change := learn(assumed, facts)) is not None:
            try:
                return self._apply(delivery_id, assumed, change, now, waits or {})
            except ConditionFailed as failed:
                if failed.item is None:
                    return None
                found = _from_item(failed.item)
                assumed = found.state
        return found or self.get(delivery_id)

    def _apply(
        self, delivery_id: str, assumed: DeliverySnapshot, change: Change, now: str, waits: Item
    ) -> Delivery:
        sets = {"version": assumed.version + 1, "updated_at": now} | details_to_item(change.details)
        finished: list[str] = []
        if change.status is not None:
            sets |= {"status": change.status, "reason": change.reason}
            if change.status in OPEN and waits:
                sets |= waits
            else:
                finished += due_index.ATTRIBUTES
        names = {f"#{name}": name for name in [*sets, "status"]}
        values: dict[str, Any] = {f":{name}": value for name, value in sets.items()}
        # A reason that is None goes: the status has changed, and the old reason with it.
        gone = [name for name, value in sets.items() if value is None]
        assignments = [f"#{name} = :{name}" for name in sets if name not in gone]
        assignments.append("history = list_append(history, :entries)")
        removals = [f"#{name}" for name in gone] + finished
        update = f"SET {', '.join(assignments)}"
        if removals:
            update += f" REMOVE {', '.join(removals)}"
        values |= {
            ":entries": [_entry(entry) for entry in change.entries],
            ":assumed": assumed.version,
            ":was": assumed.status,
            ":lines": assumed.lines,
        }
        condition = "#version = :assumed AND #status = :was AND size(history) = :lines"
        return _from_item(
            self.table.update(_key(delivery_id), update, values, names=names, condition=condition)
        )

    def ask_again(self, delivery_id: str, was: str, at: str) -> None:
        """Have a provider asked about a delivery anew, at ``at``, if it still waits since ``was``.

        What is settled waits no more, and what waits for another time has been seen to.
        """
        with suppress(ConditionFailed):
            self.table.update(
                _key(delivery_id),
                "SET due_at = :at",
                {":at": at, ":was": was, ":asked": "ask#"},
                condition=_WAITS,
            )

    def stop_asking(self, delivery_id: str, was: str) -> None:
        """Nobody asks about a delivery any more, if it still waits since ``was``."""
        with suppress(ConditionFailed):
            self.table.update(
                _key(delivery_id),
                f"REMOVE {', '.join(due_index.ATTRIBUTES)}",
                {":was": was, ":asked": "ask#"},
                condition=_WAITS,
            )

    def of_phone(self, client: str, phone_key: str, after: str, before: str) -> Iterator[Delivery]:
        """A client's deliveries to one number, newest first, ``after <= listed_at < before``.

        Other clients' deliveries to it are not read.
        """
        start, end = f"{client}#{after}", f"{client}#{before}"
        items = self.table.list_items(_BY_PHONE, [phone_key], start, end, _PAGE)
        return map(_from_item, items)

    def of_every_client(self, phone_key: str, after: str, before: str) -> list[Delivery]:
        """All clients' deliveries to one number, ``after <= created_at < before``.

        For receipts that name nothing but the number. Of deliveries of other times only the keys
        are read.
        """
        entries = self.table.query(_BY_PHONE, phone_key, _FIRST, _LAST, _KEYS)
        ids = [
            entry["PK"].removeprefix("DLV#")
            for entry in entries
            if after <= entry["client_listed_at"].partition("#")[2] < before
        ]
        # The key narrows the search, and the record decides.
        return [one for one in self.get_many(ids) if after <= one.created_at < before]

    def of_client(self, client: str, after: str, before: str) -> Iterator[Delivery]:
        """A client's deliveries, newest first, ``after <= listed_at < before``."""
        buckets = [_bucket(client, shard) for shard in range(_SHARDS)]
        return map(_from_item, self.table.list_items(_BY_CLIENT, buckets, after, before, _PAGE))


def listed_at(delivery: Delivery) -> str:
    """Where a delivery stands in a list: its creation, and its id to tell equal ones apart."""
    return f"{delivery.created_at}#{delivery.id}"


def from_stream_image(item: Item) -> Delivery:
    """The delivery of an item as it comes in a stream record."""
    return _from_item(item)


def _key(delivery_id: str) -> Item:
    return {"PK": f"DLV#{delivery_id}", "SK": "DLV"}


def _bucket(client: str, shard: int) -> str:
    return f"{client}#{shard}"


def _entry(entry: HistoryEntry) -> Item:
    told = {"at": entry.at, "status": entry.status, "source": entry.source}
    return told | ({"reason": entry.reason} if entry.reason else {})


def details_to_item(details: Mapping[str, Any]) -> dict[str, Any]:
    """What a fact tells of a call, as values that the table takes."""
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

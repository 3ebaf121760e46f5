"""Repository of events.

    PK EVT#<id>   SK EVT   entity "event"

The list index holds them under ``EVENTS#<client>#<0 to 3>``, those of the whole stack, which are
rare, under ``EVENTS#*#0``. Clients' names are in lower case, so no other bucket of a client has
such a name.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from itertools import batched, count
from typing import Final

from ringpass.aws.client_index import BY_CLIENT
from ringpass.aws.dynamodb import ConditionFailed, Item, Table
from ringpass.aws.transaction import Put
from ringpass.clock import to_text
from ringpass.events.model import STACK, Event, EventType, erased
from ringpass.ids import event_id

_SHARDS: Final = 4
_PAGE: Final = 50
# Most subjects have fewer events than that.
_SUBJECT_PAGE: Final = 25
# Subjects that do not exist longer than their first event: deliveries, verifications, refusals,
# calls of the OA.
_SHORT_LIVED: Final = ("dlv_", "ver_", "dec_", "ocl_")


@dataclass(frozen=True, slots=True)
class EventRepository:
    """Repository of events.

    Attributes:
        table: The table.
        retention_seconds: How long an event is stored after it was written. It must not expire
            before the fact that the record keeps: the projector looks for it.
    """

    table: Table
    retention_seconds: int = 0

    def add(self, event: Event, now: datetime) -> None:
        """Write an event; nothing if it is there already."""
        put = self.put(event, now)
        with suppress(ConditionFailed):
            self.table.put(put.item, put.condition)

    def put(self, event: Event, now: datetime) -> Put:
        """Returns the write of an event that is not there yet, for a transaction."""
        item = asdict(event) | {
            **_key(event.id),
            "entity": "event",
            "client_bucket": _bucket(
                event.client, 0 if event.client == STACK else _shard(event.id)
            ),
            "listed_at": event.listed_at,
            "expires_at": int(now.timestamp()) + self.retention_seconds,
        }
        return Put(item, "attribute_not_exists(PK)")

    def oldest(self, now: datetime) -> str:
        """Returns since when events are there: what was written earlier has expired."""
        return to_text(now - timedelta(seconds=self.retention_seconds))

    def get(self, id_: str) -> Event | None:
        """Returns the event, or None."""
        item = self.table.get(_key(id_))
        return from_item(item) if item else None

    def list_by_client(self, client: str, after: str, before: str) -> Iterator[Event]:
        """List a client's events and the stack's, newest first, ``after <= listed_at < before``."""
        own = [_bucket(client, shard) for shard in range(_SHARDS)]
        buckets = [*own, _bucket(STACK, 0)]
        return map(from_item, self.table.list_items(BY_CLIENT, buckets, after, before, _PAGE))

    def list_by_subject(self, subject: str, last: int | None = None) -> list[Event]:
        """List a subject's events in the order of their sequence.

        Args:
            subject: The id of the record.
            last: How many events it has had. Without it they are read until a whole page of them is
                missing, as it is where the first ones of a long-lived record have expired.
        """
        if last is not None:
            return self.get_many([event_id(subject, number) for number in range(1, last + 1)])
        events: list[Event] = []
        for numbers in batched(count(1), _SUBJECT_PAGE):
            page = self.get_many([event_id(subject, number) for number in numbers])
            if not page:
                return events
            events += page
        return events

    def list_subject_of_client(
        self, client: str, subject: str, after: str, before: str
    ) -> Iterator[Event]:
        """List a subject's events that a client may read, newest first.

        For a record that may have existed longer than events do (a consent, a webhook endpoint, a
        provider), other events of the client are among them: the numbers of its first events say
        nothing, so the client's whole list is read. The caller filters by subject.
        """
        events = self.list_by_subject(subject)
        if not events and not subject.startswith(_SHORT_LIVED):
            yield from self.list_by_client(client, after, before)
            return
        for event in sorted(events, key=lambda event: event.listed_at, reverse=True):
            if event.client in (client, STACK) and after <= event.listed_at < before:
                yield event

    def erase(self, subject: str, last: int | None = None) -> int:
        """Remove from the events of a subject what identifies a person; returns how many it has.

        The events stay, so that their sequence has no gap. Idempotent.

        Args:
            subject: The id of the record.
            last: As in ``list_by_subject``; later events are not changed.
        """
        events = self.list_by_subject(subject, last)
        for event in events:
            with suppress(ConditionFailed):
                self.table.update(
                    _key(event.id),
                    "SET #data = :data",
                    {":data": erased(event.data)},
                    names={"#data": "data"},
                    condition="attribute_exists(PK)",
                )
        return len(events)

    def get_many(self, ids: Sequence[str]) -> list[Event]:
        """Returns the events with these ids, in their order, without absent ones."""
        return [from_item(item) for item in self.table.get_many([_key(id_) for id_ in ids])]


def _key(id_: str) -> Item:
    return {"PK": f"EVT#{id_}", "SK": "EVT"}


def _shard(id_: str) -> int:
    return ord(id_[-1]) % _SHARDS


def _bucket(client: str, shard: int) -> str:
    return f"EVENTS#{client}#{shard}"


def from_item(item: Item) -> Event:
    """Returns the event of an item."""
    names = [attribute.name for attribute in fields(Event)]
    values = {name: item[name] for name in names}
    return Event(**values | {"type": EventType(item["type"])})

"""Repository of lanes: what is to be delivered to an endpoint, in order.

An endpoint has eight lanes for new events and one for replays. A subject's events are all in one
lane. At most one function works on a lane at a time (a lease), so those events are delivered in
order, and a slow endpoint keeps eight functions busy at most (bulkhead).

    PK LANE#<endpoint>#<lane>   SK LANE              entity "webhook_lane"   lease, wakes, due entry
    PK LANE#<endpoint>#<lane>   SK READY#<subject>   up to which event the subject is to be told
    PK LANE#<endpoint>#<lane>   SK NEXT#<subject>    which of its events comes next
    PK LANE#<endpoint>#replay   SK READY#<position>  ids of events that are to be sent once

A subject's READY item is there as long as something is to be delivered. Whoever adds work adds 1
to ``wakes``; the lease is given back only if that number is unchanged, so no work is overlooked. A
lane with work is in the due index: if a message is lost, the sweeper finds the lane. ``timer`` says
for which instant a message is on the queue, so that each new event does not add another one.
"""

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import batched
from typing import Any, Final
from zlib import crc32

from ringpass.aws.due_index import entry, fits_queue, timer_entry
from ringpass.aws.dynamodb import ConditionFailed, Item, Table
from ringpass.aws.transaction import Delete, Put, Transaction, Update
from ringpass.clock import from_text, to_text
from ringpass.webhook_endpoints.model import Endpoint

REPLAYS: Final = "replay"
"""The name of the lane of replays."""
READY: Final = "ready"
"""Tag of a subject's READY item in a transaction."""
_ABSENT: Final = "attribute_not_exists(PK)"
_EXISTS: Final = "attribute_exists(PK)"
_LANES: Final = 8
# Longer than the function may run.
LEASE: Final = timedelta(seconds=90)
_BATCH: Final = 100
# Three days of tries, and a week in which somebody may look.
_WORK_TTL: Final = timedelta(days=10)
_READY: Final = "READY#"
_AFTER_READY: Final = "READY$"
_POSITION_DIGITS: Final = 6


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane of an endpoint.

    Attributes:
        client: The endpoint's owner.
        endpoint: The endpoint's id.
        name: ``0`` to ``7``, or ``replay``.
    """

    client: str
    endpoint: str
    name: str

    @property
    def id(self) -> str:
        """A name that no other lane has."""
        return f"{self.endpoint}#{self.name}"

    def to_payload(self) -> dict[str, str]:
        """Returns the lane as the payload of a task."""
        return {"client": self.client, "endpoint": self.endpoint, "lane": self.name}

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> "Lane":
        """Read what ``to_payload`` wrote; the item of a lane has the same fields."""
        return cls(payload["client"], payload["endpoint"], payload["lane"])


type Wake = Callable[[Lane, datetime], None]
"""Queues the work on a lane, for an instant within the next 15 minutes."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on a lane.

    Attributes:
        until: When it ends; no other function has a lease that ends then.
        wakes: How often work had been added.
        timer: For when a message is on the queue, RFC 3339; None: for no later instant.
    """

    until: str
    wakes: int
    timer: str | None


@dataclass(frozen=True, slots=True)
class Work:
    """What is ready in a lane: events of a subject, or a part of a replay.

    Attributes:
        key: The end of its key: the subject, or the position of the part.
        wanted: Up to which event the subject is to be told.
        tries: How often the subject's next event was tried.
        first_try: When it was first tried, RFC 3339; None: it was not.
        due_at: When it is tried next; None: at once.
        event_ids: Of a replay.
        is_replay: Whether these events were sent before; a test's was not.
    """

    key: str
    wanted: int = 0
    tries: int = 0
    first_try: str | None = None
    due_at: datetime | None = None
    event_ids: tuple[str, ...] = ()
    is_replay: bool = False


def lane_of(endpoint: Endpoint, subject: str) -> Lane:
    """Returns the lane of a subject's events."""
    return Lane(endpoint.client, endpoint.id, str(crc32(subject.encode()) % _LANES))


def replay_lane(endpoint: Endpoint) -> Lane:
    """Returns the lane of replays."""
    return Lane(endpoint.client, endpoint.id, REPLAYS)


@dataclass(frozen=True, slots=True)
class LaneRepository:
    """Reads and writes lanes.

    Attributes:
        table: The table.
        cursor_ttl: How long the position in a subject's events is kept after its last event: longer
            than events are.
    """

    table: Table
    cursor_ttl: timedelta = _WORK_TTL

    # ------------------------------------------------------------------ for those that add work

    def add_event(self, lane: Lane, subject: str, sequence: int, now: datetime) -> bool:
        """Add an event; returns whether the lane must be woken, because nobody works on it.

        Idempotent; events may come in any order.
        """
        with suppress(ConditionFailed):
            self.table.update(
                _ready_key(lane, subject),
                "SET entity = :entity, wanted = :sequence, tries = if_not_exists(tries, :zero),"
                " expires_at = :end",
                {
                    ":entity": "webhook_work",
                    ":sequence": sequence,
                    ":zero": 0,
                    ":end": _end(now, _WORK_TTL),
                },
                condition="attribute_not_exists(wanted) OR wanted < :sequence",
            )
        return self._wake(lane, now)

    def add_replay(
        self, lane: Lane, event_ids: Sequence[str], now: datetime, *, is_replay: bool
    ) -> bool:
        """Add events that are to be sent once, in this order; returns as ``add_event`` does.

        All of them are written, or none: 10,000 at most.
        """
        # Two replays of one instant do not overwrite each other.
        start = f"{to_text(now)}#{secrets.token_hex(8)}"
        tx = Transaction(self.table)
        for number, part in enumerate(batched(event_ids, _BATCH, strict=False)):
            position = f"{start}#{number:0{_POSITION_DIGITS}}"
            item = {
                **_ready_key(lane, position),
                "entity": "webhook_work",
                "event_ids": list(part),
                "is_replay": is_replay,
                "expires_at": _end(now, _WORK_TTL),
            }
            tx.add(Put(item, _ABSENT))
        tx.commit()
        return self._wake(lane, now)

    def _wake(self, lane: Lane, now: datetime) -> bool:
        item = self.table.update(
            _lane_key(lane),
            "SET entity = :entity, client = :client, endpoint = :endpoint, lane = :lane,"
            " due_bucket = :bucket, due_at = :now, expires_at = :end ADD wakes :one",
            {
                ":entity": "webhook_lane",
                ":client": lane.client,
                ":endpoint": lane.endpoint,
                ":lane": lane.name,
                ":bucket": entry(lane.id, now)["due_bucket"],
                ":now": to_text(now),
                ":end": _end(now, _WORK_TTL),
                ":one": 1,
            },
        )
        return bool(item.get("leased_until", "") < to_text(now))

    # ------------------------------------------------------------------ for the one that works

    def claim(self, lane: Lane, now: datetime) -> Lease | None:
        """Take the lease of a lane; None if another function has it, or there is no such lane."""
        until = to_text(now + LEASE)
        try:
            item = self.table.update(
                _lane_key(lane),
                "SET leased_until = :until",
                {":until": until, ":now": to_text(now)},
                condition="attribute_exists(PK)"
                " AND (attribute_not_exists(leased_until) OR leased_until < :now)",
            )
        except ConditionFailed:
            return None
        return Lease(until, item["wakes"], item.get("timer"))

    def release(
        self, lane: Lane, lease: Lease, next_due: datetime | None, now: datetime
    ) -> Lease | None:
        """Give the lease back; returns it again if there is new work.

        Args:
            lane: The lane.
            lease: The lease.
            next_due: When work is due next; None: there is none.
            now: The current time.
        """
        values: dict[str, Any] = {":until": lease.until, ":wakes": lease.wakes}
        if next_due is None:
            update = "REMOVE leased_until, due_bucket, due_at, timer"
        else:
            due = timer_entry(lane.id, next_due, now)
            values |= {":bucket": due["due_bucket"], ":due": due["due_at"]}
            update = "SET due_bucket = :bucket, due_at = :due, timer = :due REMOVE leased_until"
            if not fits_queue(next_due, now):
                update = "SET due_bucket = :bucket, due_at = :due REMOVE leased_until, timer"
        try:
            self.table.update(
                _lane_key(lane),
                update,
                values,
                condition="leased_until = :until AND wakes = :wakes",
            )
        except ConditionFailed as failed:
            item = failed.item or {}
            if item.get("leased_until") != lease.until:
                return None  # It ended long ago, and is another function's by now.
            return Lease(lease.until, item["wakes"], lease.timer)
        return None

    def list_work(self, lane: Lane) -> Iterator[Work]:
        """List what is ready, read consistently; parts of replays in their order."""
        items = self.table.partition(_partition(lane), _READY, _AFTER_READY, consistent=True)
        return map(_work, items)

    def next_sequence(self, lane: Lane, subject: str) -> int:
        """Returns the number of the subject's event that comes next."""
        item = self.table.get(_next_key(lane, subject))
        return int(item["sequence"]) if item else 1

    def move_on(
        self, lane: Lane, work: Work, sequence: int, now: datetime, tx: Transaction
    ) -> None:
        """Add to a transaction: the subject's next event is ``sequence``, and was not tried yet."""
        cursor = {
            **_next_key(lane, work.key),
            "entity": "webhook_cursor",
            "sequence": sequence,
            "expires_at": _end(now, self.cursor_ttl),
        }
        tx.add(Put(cursor, None))
        key, wanted = _ready_key(lane, work.key), {":wanted": work.wanted}
        if sequence > work.wanted:
            tx.add(Delete(key, "wanted = :wanted", wanted), READY)
        else:
            tx.add(Update(key, "SET tries = :zero REMOVE first_try, due_at", {":zero": 0}, _EXISTS))

    def retry_later(
        self, lane: Lane, work: Work, due_at: datetime, first_try: str, tx: Transaction
    ) -> None:
        """Add to a transaction: the subject's next event has failed, and is tried at ``due_at``."""
        update = "SET tries = :tries, first_try = :first, due_at = :due"
        values = {":tries": work.tries + 1, ":first": first_try, ":due": to_text(due_at)}
        tx.add(Update(_ready_key(lane, work.key), update, values, _EXISTS))

    def keep_rest(self, lane: Lane, work: Work, event_ids: Sequence[str], tx: Transaction) -> None:
        """Add to a transaction: what is left of a part of a replay; nothing: the part is done."""
        key = _ready_key(lane, work.key)
        if event_ids:
            values = {":ids": list(event_ids)}
            tx.add(Update(key, "SET event_ids = :ids", values, _EXISTS))
        else:
            tx.add(Delete(key, _EXISTS))

    def drop(self, lane: Lane, work: Work) -> None:
        """Delete work that nobody wants any more."""
        self.table.delete(_ready_key(lane, work.key))


def _work(item: Item) -> Work:
    due_at = item.get("due_at")
    return Work(
        key=item["SK"].removeprefix(_READY),
        wanted=item.get("wanted", 0),
        tries=item.get("tries", 0),
        first_try=item.get("first_try"),
        due_at=from_text(due_at) if due_at else None,
        event_ids=tuple(item.get("event_ids", ())),
        is_replay=item.get("is_replay", False),
    )


def _end(now: datetime, ttl: timedelta) -> int:
    return int((now + ttl).timestamp())


def _partition(lane: Lane) -> str:
    return f"LANE#{lane.id}"


def _lane_key(lane: Lane) -> Item:
    return {"PK": _partition(lane), "SK": "LANE"}


def _ready_key(lane: Lane, key: str) -> Item:
    return {"PK": _partition(lane), "SK": f"{_READY}{key}"}


def _next_key(lane: Lane, subject: str) -> Item:
    return {"PK": _partition(lane), "SK": f"NEXT#{subject}"}

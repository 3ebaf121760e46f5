"""Repository of attempts: each try to deliver an event to an endpoint.

    PK ATT#<endpoint>#<event>   SK <instant>   entity "webhook_attempt"

The list index has an endpoint's attempts under ``ATTEMPTS#<endpoint>#<0 to 3>``.
"""

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Final
from zlib import crc32

from ringpass.aws.client_index import BY_CLIENT, position_pattern
from ringpass.aws.dynamodb import Item, Table
from ringpass.aws.transaction import Put
from ringpass.ids import EVENT_ID

POSITION: Final[re.Pattern[str]] = position_pattern(EVENT_ID)
"""What the position of an attempt in its list looks like."""
_SHARDS: Final = 4
_PAGE: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A try to deliver an event.

    Attributes:
        event_id: The event.
        attempt: Its number among the tries of this event, from 1; a replay's is 1.
        at: When it began, RFC 3339.
        http_status: The status of the response; None: there was none.
        error: Why it failed, in a word; None: it did not.
        duration_ms: How long it took.
        next_at: When the event is tried again, RFC 3339; None: it is not.
        replay: Whether the client asked for it.
    """

    event_id: str
    attempt: int
    at: str
    http_status: int | None = None
    error: str | None = None
    duration_ms: int = 0
    next_at: str | None = None
    replay: bool = False

    @property
    def is_success(self) -> bool:
        """Whether the endpoint took the event."""
        return self.error is None

    @property
    def listed_at(self) -> str:
        """Its position in the list."""
        return f"{self.at}#{self.event_id}"


@dataclass(frozen=True, slots=True)
class AttemptRepository:
    """Reads and writes attempts.

    Attributes:
        table: The table.
        ttl: How long an attempt is stored.
    """

    table: Table
    ttl: timedelta = timedelta(days=30)

    def put(self, endpoint_id: str, attempt: Attempt, now: datetime) -> Put:
        """Returns the write of an attempt, for a transaction."""
        item = {
            "PK": _partition(endpoint_id, attempt.event_id),
            "SK": attempt.at,
            "entity": "webhook_attempt",
            **asdict(attempt),
            "client_bucket": _bucket(endpoint_id, crc32(attempt.event_id.encode()) % _SHARDS),
            "listed_at": attempt.listed_at,
            "expires_at": int((now + self.ttl).timestamp()),
        }
        return Put(item, None)

    def add(self, endpoint_id: str, attempt: Attempt, now: datetime) -> None:
        """Write an attempt."""
        self.table.put(self.put(endpoint_id, attempt, now).item, None)

    def list_by_endpoint(self, endpoint_id: str, after: str, before: str) -> Iterator[Attempt]:
        """List an endpoint's attempts, newest first, ``after <= listed_at < before``."""
        buckets = [_bucket(endpoint_id, shard) for shard in range(_SHARDS)]
        return map(_from_item, self.table.list_items(BY_CLIENT, buckets, after, before, _PAGE))

    def list_by_event(
        self, endpoint_id: str, event_id: str, after: str, before: str
    ) -> Iterator[Attempt]:
        """List the attempts of one event, newest first, ``after <= listed_at < before``."""
        items = self.table.partition(
            _partition(endpoint_id, event_id), after, before, consistent=True, newest_first=True
        )
        return (one for one in map(_from_item, items) if one.listed_at < before)


def _partition(endpoint_id: str, event_id: str) -> str:
    return f"ATT#{endpoint_id}#{event_id}"


def _bucket(endpoint_id: str, shard: int) -> str:
    return f"ATTEMPTS#{endpoint_id}#{shard}"


def _from_item(item: Item) -> Attempt:
    return Attempt(**{one.name: item[one.name] for one in fields(Attempt) if one.name in item})

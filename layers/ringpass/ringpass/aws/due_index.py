"""Due index: a sparse index of unfinished items, in three parts.

    due#<0 to 3>             the task is on the queue; the sweeper reads overdue ones every hour
    later#<0 to 3>           the task is due too late for the queue; the scheduler queues it in time
    ask#<provider>#<0 to 3>  deliveries whose provider is to be polled: ``reconcile`` reads them

An item is in the index as long as it has ``due_bucket`` and ``due_at``. The write that finishes the
item removes both.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final
from zlib import crc32

from ringpass.aws.dynamodb import ConditionFailed, Index, Item, Table
from ringpass.clock import to_text

ATTRIBUTES: Final = ("due_bucket", "due_at")
LONGEST_DELAY: Final = timedelta(minutes=15)
"""The longest delay of an SQS message. A task that is due later waits in the index."""

_BY_DUE: Final = Index("by_due", "due_bucket", "due_at")
_SHARDS: Final = 4
_PAGE: Final = 100
_BEGINNING: Final = "2000"


def fits_queue(at: datetime, now: datetime) -> bool:
    """Returns whether a task that is due at ``at`` can be queued now."""
    return at - now <= LONGEST_DELAY


def entry(id_: str, at: datetime) -> dict[str, Any]:
    """Returns the index attributes of an item whose task is queued at once."""
    return {"due_bucket": f"due#{_shard(id_)}", "due_at": to_text(at)}


def later_bucket(id_: str) -> str:
    """Returns the bucket of an item whose task the scheduler queues."""
    return f"later#{_shard(id_)}"


def timer_entry(id_: str, at: datetime, now: datetime) -> dict[str, Any]:
    """Returns the index attributes of an item whose task is due at ``at``, at any time."""
    if fits_queue(at, now):
        return entry(id_, at)
    return {"due_bucket": later_bucket(id_), "due_at": to_text(at)}


def poll_entry(provider: str, id_: str, at: datetime) -> dict[str, Any]:
    """Returns the index attributes of a delivery whose provider is polled, not before ``at``."""
    return {"due_bucket": f"ask#{provider}#{_shard(id_)}", "due_at": to_text(at)}


def without_entry(item: Item) -> Item:
    """Returns an item without its index attributes."""
    return {name: value for name, value in item.items() if name not in ATTRIBUTES}


def _shard(id_: str) -> int:
    return crc32(id_.encode()) % _SHARDS


@dataclass(frozen=True, slots=True)
class DueIndex:
    """Repository of the due index."""

    table: Table

    def list_overdue(self, instant: datetime) -> Iterator[Item]:
        """List unfinished items that were due before ``instant``, each in its current state."""
        yield from self._due("due", instant)
        yield from self._due("later", instant)

    def list_upcoming(self, instant: datetime, limit: int) -> Iterator[Item]:
        """List items due before ``instant`` whose tasks are not on the queue; soonest first.

        Args:
            instant: The end of the range.
            limit: The most items from each of the index's four shards.
        """
        for shard in range(_SHARDS):
            yield from islice(self._in_bucket(f"later#{shard}", instant), limit)

    def mark_queued(self, item: Item) -> None:
        """Mark an item's task as queued, unless the item has changed (optimistic lock)."""
        with suppress(ConditionFailed):
            self.table.update(
                {"PK": item["PK"], "SK": item["SK"]},
                "SET due_bucket = :queued",
                {
                    ":queued": item["due_bucket"].replace("later#", "due#"),
                    ":bucket": item["due_bucket"],
                    ":at": item["due_at"],
                },
                condition="due_bucket = :bucket AND due_at = :at",
            )

    def list_polls(self, provider: str, instant: datetime) -> Iterator[Item]:
        """List deliveries whose provider was to be polled before ``instant``, as they are now."""
        return self._due(f"ask#{provider}", instant)

    def _due(self, kind: str, instant: datetime) -> Iterator[Item]:
        for shard in range(_SHARDS):
            yield from self._in_bucket(f"{kind}#{shard}", instant)

    def _in_bucket(self, bucket: str, instant: datetime) -> Iterator[Item]:
        end = to_text(instant)
        keys = self.table.query(_BY_DUE, bucket, _BEGINNING, end, _PAGE, oldest_first=True)
        for key in keys:
            # An index lags: the item may have left it meanwhile.
            for item in self.table.get_many([{"PK": key["PK"], "SK": key["SK"]}]):
                if item.get("due_bucket") == bucket and item["due_at"] < end:
                    yield item

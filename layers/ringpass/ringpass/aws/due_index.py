"""The due index: a sparse index of what is not finished, in three parts.

    due#<0 to 3>              its task is on the queue; the hourly sweep reads what is overdue
    later#<0 to 3>            its task is due too late for that; the scheduler queues it in time
    ask#<provider>#<0 to 3>   deliveries of which a provider is to be asked: ``reconcile`` reads it

An item is in it as long as it has ``due_bucket`` and ``due_at``. Whoever finishes the item removes
both in the same write.
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
"""A message of SQS can be delayed so long. What is due later waits in the index."""

_BY_DUE: Final = Index("by_due", "due_bucket", "due_at")
_SHARDS: Final = 4
_PAGE: Final = 100
_BEGINNING: Final = "2000"


def fits_queue(at: datetime, now: datetime) -> bool:
    """Whether a task that is due at ``at`` can be put on the queue now."""
    return at - now <= LONGEST_DELAY


def entry(id_: str, at: datetime) -> dict[str, Any]:
    """The attributes of an item whose task is put on the queue at once."""
    return {"due_bucket": f"due#{_shard(id_)}", "due_at": to_text(at)}


def later_bucket(id_: str) -> str:
    """Where an item stands whose task the scheduler puts on the queue."""
    return f"later#{_shard(id_)}"


def timer_entry(id_: str, at: datetime, now: datetime) -> dict[str, Any]:
    """The attributes of an item with a task that is due at ``at``, however late that is."""
    if fits_queue(at, now):
        return entry(id_, at)
    return {"due_bucket": later_bucket(id_), "due_at": to_text(at)}


def asked_entry(provider: str, id_: str, at: datetime) -> dict[str, Any]:
    """The attributes that have a provider asked about a delivery, not before ``at``."""
    return {"due_bucket": f"ask#{provider}#{_shard(id_)}", "due_at": to_text(at)}


def without_entry(item: Item) -> Item:
    """An item without its place in the index."""
    return {name: value for name, value in item.items() if name not in ATTRIBUTES}


def _shard(id_: str) -> int:
    return crc32(id_.encode()) % _SHARDS


@dataclass(frozen=True, slots=True)
class DueIndex:
    """Reads the index."""

    table: Table

    def before(self, instant: datetime) -> Iterator[Item]:
        """Unfinished items that were due before ``instant``, each as it is now."""
        yield from self._due("due", instant)
        yield from self._due("later", instant)

    def coming(self, instant: datetime, most: int) -> Iterator[Item]:
        """Items due before ``instant`` whose tasks are not on the queue; soonest first.

        Args:
            instant: Until when.
            most: How many at most of each of the index's four shards.
        """
        for shard in range(_SHARDS):
            yield from islice(self._in_bucket(f"later#{shard}", instant), most)

    def queued(self, item: Item) -> None:
        """Note that an item's task is on the queue, unless the item has changed meanwhile."""
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

    def to_be_asked(self, provider: str, instant: datetime) -> Iterator[Item]:
        """Deliveries of which a provider was to be asked before ``instant``, as they are now."""
        return self._due(f"ask#{provider}", instant)

    def _due(self, kind: str, instant: datetime) -> Iterator[Item]:
        for shard in range(_SHARDS):
            yield from self._in_bucket(f"{kind}#{shard}", instant)

    def _in_bucket(self, bucket: str, instant: datetime) -> Iterator[Item]:
        end = to_text(instant)
        keys = self.table.query(_BY_DUE, bucket, _BEGINNING, end, _PAGE, oldest_first=True)
        for key in keys:
            # An index lags: the item may have left its place there meanwhile.
            for item in self.table.get_many([{"PK": key["PK"], "SK": key["SK"]}]):
                if item.get("due_bucket") == bucket and item["due_at"] < end:
                    yield item

"""The sparse index of what is not finished: the hourly sweep reads it, and nothing else does.

An item is in it as long as it has ``due_bucket`` and ``due_at``. Whoever finishes the item removes
both in the same write.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zlib import crc32

from ringpass.clock import to_text
from ringpass.store.table import Index, Item, Table

ATTRIBUTES: Final = ("due_bucket", "due_at")
_BY_DUE: Final = Index("by_due", "due_bucket", "due_at")
_SHARDS: Final = 4
_PAGE: Final = 100
_BEGINNING: Final = "2000"


def entry(id_: str, at: datetime) -> dict[str, Any]:
    """The attributes that put an item into the index."""
    return {"due_bucket": f"due#{crc32(id_.encode()) % _SHARDS}", "due_at": to_text(at)}


@dataclass(frozen=True, slots=True)
class Unfinished:
    """Reads the index."""

    table: Table

    def before(self, instant: datetime) -> Iterator[Item]:
        """Unfinished items that were due before ``instant``, each as it is now."""
        for shard in range(_SHARDS):
            bucket = f"due#{shard}"
            keys = self.table.query(_BY_DUE, bucket, _BEGINNING, to_text(instant), _PAGE)
            for key in keys:
                yield from self.table.get_many([{"PK": key["PK"], "SK": key["SK"]}])

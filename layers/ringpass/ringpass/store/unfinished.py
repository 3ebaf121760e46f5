"""The sparse index of what is not finished, in two parts.

    due#<0 to 3>              what somebody sees to: the hourly sweep reads it when it is overdue
    ask#<provider>#<0 to 3>   deliveries of which a provider is to be asked: ``reconcile`` reads it

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
    return {"due_bucket": f"due#{_shard(id_)}", "due_at": to_text(at)}


def asked_entry(provider: str, id_: str, at: datetime) -> dict[str, Any]:
    """The attributes that have a provider asked about a delivery, not before ``at``."""
    return {"due_bucket": f"ask#{provider}#{_shard(id_)}", "due_at": to_text(at)}


def _shard(id_: str) -> int:
    return crc32(id_.encode()) % _SHARDS


@dataclass(frozen=True, slots=True)
class Unfinished:
    """Reads the index."""

    table: Table

    def before(self, instant: datetime) -> Iterator[Item]:
        """Unfinished items that were due before ``instant``, each as it is now."""
        return self._due("due", instant)

    def to_be_asked(self, provider: str, instant: datetime) -> Iterator[Item]:
        """Deliveries of which a provider was to be asked before ``instant``, as they are now."""
        return self._due(f"ask#{provider}", instant)

    def _due(self, kind: str, instant: datetime) -> Iterator[Item]:
        for shard in range(_SHARDS):
            bucket = f"{kind}#{shard}"
            keys = self.table.query(_BY_DUE, bucket, _BEGINNING, to_text(instant), _PAGE)
            for key in keys:
                yield from self.table.get_many([{"PK": key["PK"], "SK": key["SK"]}])

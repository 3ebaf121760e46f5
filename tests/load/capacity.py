"""Request units of DynamoDB, by the rules that AWS publishes.

Source: "DynamoDB item sizes and formats" and "Read and write operations" in the developer guide
(docs.aws.amazon.com/amazondynamodb): a write unit is 1 KB of the larger of an item before and after
it, twice that in a transaction; a read unit is 4 KB read consistently, half of one otherwise. Each
entry of an index that is put or deleted is a write of its own; one whose key changes is both.

Two things these pages do not say, and that are assumed here: the check of a condition in a
transaction costs what a write there would, and an index's entries cost no more in a transaction.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from math import ceil
from typing import Any

from tests.template import resource

type Wire = dict[str, Any]

_WRITE_UNIT = 1_024
_READ_UNIT = 4_096
_CONTAINER_BYTES = 3
_ELEMENT_BYTES = 1
_STORAGE_OVERHEAD = 100


@dataclass(frozen=True, slots=True)
class Units:
    """Request units.

    Attributes:
        reads: Read request units; half ones where a read is not consistent.
        writes: Write request units.
    """

    reads: float = 0
    writes: int = 0

    def __add__(self, other: "Units") -> "Units":
        return Units(self.reads + other.reads, self.writes + other.writes)


def item_bytes(item: Wire) -> int:
    """Size of an item in DynamoDB's typed form."""
    return sum(len(name.encode()) + _bytes(value) for name, value in item.items())


def stored_bytes(item: Wire) -> int:
    """What an item takes of the table's storage, with its entries in indexes."""
    sizes = [item_bytes(item)]
    entries = [keys for keys in indexes() if _entry(item, keys) is not None]
    sizes += [item_bytes({name: item[name] for name in ("PK", "SK", *keys)}) for keys in entries]
    return sum(size + _STORAGE_OVERHEAD for size in sizes)


def write(before: Wire | None, after: Wire | None, *, in_transaction: bool = False) -> Units:
    """One item written or deleted, with its entries in the table's indexes.

    A write that is refused costs what the item that is there does: ``before`` is ``after``.
    """
    largest = max(item_bytes(before or {}), item_bytes(after or {}))
    units = max(1, ceil(largest / _WRITE_UNIT)) * (2 if in_transaction else 1)
    entries = 0
    for keys in indexes():
        old, new = _entry(before, keys), _entry(after, keys)
        if old != new:
            entries += (old is not None) + (new is not None)
    return Units(writes=units + entries)


def read(item: Wire | None, *, consistent: bool) -> Units:
    """One item read by its key, or none found."""
    return _read(item_bytes(item or {}), consistent=consistent)


def query(items: Iterable[Wire], *, consistent: bool) -> Units:
    """Items read by a query: their sizes count together."""
    return _read(sum(map(item_bytes, items)), consistent=consistent)


@cache
def indexes() -> tuple[tuple[str, ...], ...]:
    """The key attributes of each index of the table; all project keys alone."""
    secondary_indexes = resource("Table")["GlobalSecondaryIndexes"]
    assert all(each["Projection"]["ProjectionType"] == "KEYS_ONLY" for each in secondary_indexes)
    return tuple(
        tuple(key["AttributeName"] for key in each["KeySchema"]) for each in secondary_indexes
    )


def _read(size: int, *, consistent: bool) -> Units:
    return Units(reads=max(1, ceil(size / _READ_UNIT)) * (1 if consistent else 0.5))


def _entry(item: Wire | None, keys: tuple[str, ...]) -> tuple[object, ...] | None:
    """What an index holds of an item; None if it holds nothing."""
    if item is None or any(name not in item for name in keys):
        return None
    return tuple(item[name] for name in keys)


def _bytes(value: Wire) -> int:
    [(kind, content)] = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "N":
            digits: str = content.replace(".", "").strip("-").strip("0")
            return (len(digits) + 1) // 2 + 1 + int(content.startswith("-"))
        case "BOOL" | "NULL":
            return 1
        case "SS":
            return sum(len(each.encode()) for each in content)
        case "L":
            return _CONTAINER_BYTES + sum(_ELEMENT_BYTES + _bytes(each) for each in content)
        case "M":
            return _CONTAINER_BYTES + sum(
                _ELEMENT_BYTES + len(name.encode()) + _bytes(each) for name, each in content.items()
            )
    raise NotImplementedError(kind)

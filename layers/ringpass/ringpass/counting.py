"""Keeps the statistics from the table's stream: exact, however often and in what order it comes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ringpass.statistics import move, see
from ringpass.store.statistics import OtherwiseCounted, Statistics
from ringpass.store.table import from_wire


@dataclass(frozen=True, slots=True)
class Counting:
    """Counts stream records of deliveries, verifications and paid requests.

    Attributes:
        statistics: Where is counted.
    """

    statistics: Statistics

    def count(self, record: Mapping[str, Any]) -> None:
        """Count what one stream record tells; again, or after a later one, it does no harm.

        One write where the records come once and in order: what has been counted before is read
        off the record's old image. A wrong guess costs one refused write more.

        Raises:
            Unavailable: The table cannot be reached, or is too busy. Nothing of it was written, or
                all: the record can be counted again.
        """
        images = record["dynamodb"]
        new, old = images.get("NewImage"), images.get("OldImage")
        seen = see(from_wire(new), from_wire(old) if old else None) if new else None
        if seen is None:
            return
        counted = seen.before
        while (made := move(counted, seen)) is not None:
            try:
                self.statistics.write(seen, counted, made)
            except OtherwiseCounted as otherwise:
                counted = otherwise.counted
            else:
                return

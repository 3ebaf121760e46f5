"""Keeps the statistics from the table's stream: exact, however often and in what order it comes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ringpass.aws.dynamodb import from_wire
from ringpass.clock import from_text
from ringpass.deliveries.readability import was_readable
from ringpass.deliveries.store import DeliveryRepository
from ringpass.reporting.contributions import Approval, Move, Seen, move, see
from ringpass.reporting.store import OtherwiseCounted, StatisticsRepository


@dataclass(frozen=True, slots=True)
class StatisticsProjector:
    """Counts stream records of deliveries, verifications and paid requests.

    Attributes:
        statistics: Where is counted.
        deliveries: The table's deliveries: whether a verified code can have been read off a phone.
    """

    statistics: StatisticsRepository
    deliveries: DeliveryRepository

    def count(self, record: Mapping[str, Any]) -> None:
        """Count what one stream record tells; again, or after a later one, it does no harm.

        One write where the records come once and in order: what has been counted before is read
        off the record's old image. A wrong guess costs one refused write more. An approval costs
        one read more.

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
                self.statistics.write(seen, counted, made, self._verified_code(seen, made))
            except OtherwiseCounted as otherwise:
                counted = otherwise.counted
            else:
                return

    def _verified_code(self, seen: Seen, made: Move) -> Approval | None:
        """The approval that is new, if a person can have read its code."""
        approval = seen.approval
        if not made.approves or approval is None:
            return None
        deliveries = self.deliveries.get_many(approval.delivery_ids)
        at = from_text(approval.at)
        return approval if was_readable(deliveries, at, own_code=approval.own_code) else None

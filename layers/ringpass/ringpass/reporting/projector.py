"""Projects the table's stream into statistics: exact for repeated and unordered records."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ringpass.aws.dynamodb import from_wire
from ringpass.clock import from_text
from ringpass.deliveries.readability import was_readable
from ringpass.deliveries.store import DeliveryRepository
from ringpass.reporting.contributions import Approval, Delta, RecordChange, delta_from, read_change
from ringpass.reporting.store import StaleContribution, StatisticsRepository


@dataclass(frozen=True, slots=True)
class StatisticsProjector:
    """Projects stream records of deliveries, verifications and paid requests.

    Attributes:
        statistics: The table's statistics.
        deliveries: The table's deliveries: they show whether a person can have read a code.
    """

    statistics: StatisticsRepository
    deliveries: DeliveryRepository

    def count(self, record: Mapping[str, Any]) -> None:
        """Count one stream record. Idempotent: also after a later record of the same item.

        One write if the records come once and in order: the contribution so far is assumed from the
        record's old image (optimistic lock). A wrong assumption costs one more refused write. An
        approval costs one more read.

        Raises:
            Unavailable: The table cannot be reached, or is too busy. All of it was written, or
                nothing: the record can be counted again.
        """
        images = record["dynamodb"]
        new_image, old_image = images.get("NewImage"), images.get("OldImage")
        change = (
            read_change(from_wire(new_image), from_wire(old_image) if old_image else None)
            if new_image
            else None
        )
        if change is None:
            return
        contribution = change.previous
        while (delta := delta_from(contribution, change)) is not None:
            try:
                self.statistics.write(
                    change, contribution, delta, self._verified_code(change, delta)
                )
            except StaleContribution as stale:
                contribution = stale.contribution
            else:
                return

    def _verified_code(self, change: RecordChange, delta: Delta) -> Approval | None:
        """Return the new approval, if a person can have read its code."""
        approval = change.approval
        if not delta.has_approval or approval is None:
            return None
        deliveries = self.deliveries.get_many(approval.delivery_ids)
        at = from_text(approval.at)
        return approval if was_readable(deliveries, at, own_code=approval.own_code) else None

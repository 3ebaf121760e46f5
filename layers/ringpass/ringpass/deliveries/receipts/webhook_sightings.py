"""When each provider called its webhook last: an operator sees a webhook that was never registered.

    PK HOK#<provider>   SK HOK   entity "webhook_sighting": seen_at

The outbox derives it from what webhooks have stored, so no webhook waits for it. It is written once
an hour at most.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from ringpass.aws.dynamodb import ConditionFailed, Item, Table, from_wire
from ringpass.clock import from_text, to_text
from ringpass.deliveries import callees_store, correlations_store
from ringpass.deliveries.call_reports import ReportSource

_EVERY: Final = timedelta(hours=1)
_SIMULATED: Final = "{}"
"""Raw text of a receipt for a test number that the stack itself plays: no provider has sent it."""


@dataclass(frozen=True, slots=True)
class SightingRepository:
    """Repository of the times at which providers called their webhooks."""

    table: Table

    def get(self, provider: str) -> str | None:
        """Returns when a provider called its webhook last, to an hour; None: never."""
        item = self.table.get(_key(provider))
        return item["seen_at"] if item else None

    def put(self, provider: str, at: datetime) -> None:
        """Write when a provider called its webhook, unless the stored time is almost as late."""
        values = {
            ":at": to_text(at),
            ":before": to_text(at - _EVERY),
            ":entity": "webhook_sighting",
        }
        try:
            self.table.update(
                _key(provider),
                "SET seen_at = :at, entity = :entity",
                values,
                condition="attribute_not_exists(PK) OR seen_at <= :before",
            )
        except ConditionFailed:
            return


@dataclass(frozen=True, slots=True)
class SightingProjector:
    """Derives sightings from the table's stream.

    Attributes:
        sightings: Their repository.
        oa_provider: The provider whose webhook brings events of Official Accounts.
    """

    sightings: SightingRepository
    oa_provider: str
    _written: dict[str, datetime] = field(default_factory=dict)

    def project(self, record: Mapping[str, Any]) -> None:
        """Write that a provider called its webhook, if a stream record says so."""
        image = record["dynamodb"].get("NewImage")
        sighting = _sighting(from_wire(image), self.oa_provider) if image else None
        if sighting is None:
            return
        provider, at = sighting
        last = self._written.get(provider)
        if last is not None and at - last < _EVERY:
            return
        self.sightings.put(provider, at)
        self._written[provider] = at


def _sighting(item: Item, oa_provider: str) -> tuple[str, datetime] | None:
    """The provider whose webhook wrote an item, and when; None: no webhook did."""
    match item.get("entity"):
        case "reference":
            receipts = correlations_store.from_item(item).receipts
            times = [from_text(one.at) for one in receipts if one.raw != _SIMULATED]
        case "callee":
            times = [
                report.received_at
                for report in callees_store.from_item(item).reports
                if report.source is ReportSource.WEBHOOK and report.raw != _SIMULATED
            ]
        case "unmatched_payload":
            times = [from_text(item["created_at"])]
        case "oa_event":
            return oa_provider, from_text(item["created_at"])
        case _:
            return None
    return (item["provider"], max(times)) if times else None


def _key(provider: str) -> Item:
    return {"PK": f"HOK#{provider}", "SK": "HOK"}

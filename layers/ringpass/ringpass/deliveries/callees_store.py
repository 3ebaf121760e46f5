"""Correlation of calls that have no id: one item for each callee of a provider.

    PK CAL#<provider>#<callee key>   SK CAL   entity "callee"

the reservation appends   deliveries    in its own transaction: before there can be a call
the webhook, the log      rows          reports, each with the delivery that it was matched with

Optimistic lock: reports and matches are written only to the version that they were computed from,
so two functions that work on a callee at the same time cannot match one delivery with two reports.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from ringpass.aws.dynamodb import ConditionFailed, Item, Table
from ringpass.aws.transaction import ConditionsFailed, Delete, Transaction, Update
from ringpass.clock import from_text, to_text
from ringpass.deliveries.call_reports import MAX_REPORTS, CalleeDelivery, CallReport, ReportSource
from ringpass.outcomes import Status

# A provider is polled for a day; its reports are of use a little longer, to whoever looks into it.
_RETENTION: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Callee:
    """Deliveries and call reports of one callee at one provider; version 0: there is no item."""

    provider: str
    key: str
    deliveries: tuple[CalleeDelivery, ...] = ()
    reports: tuple[CallReport, ...] = ()
    version: int = 0


def register_delivery(provider: str, key: str, delivery_id: str, created_at: str) -> Update:
    """In the transaction that reserves a delivery: add it to its callee, who will be called.

    Args:
        provider: Who will call.
        key: The callee's look-up key.
        delivery_id: The delivery.
        created_at: When it was made, RFC 3339.
    """
    values, names = _common_sets(provider, key, from_text(created_at))
    return Update(
        _item_key(provider, key),
        "SET deliveries = list_append(if_not_exists(deliveries, :none), :delivery), "
        # Marks a callee whose reports have to be applied: the stream's reader skips all others.
        f"{_COMMON_SETS} ADD version :one REMOVE told",
        {
            **values,
            ":none": [],
            ":delivery": [{"id": delivery_id, "created_at": created_at}],
            ":one": 1,
        },
        "",
        names,
    )


@dataclass(frozen=True, slots=True)
class CalleeRepository:
    """Repository of callees."""

    table: Table

    def get(self, provider: str, key: str) -> Callee:
        """Returns a callee; with version 0 if it has no item."""
        item = self.table.get(_item_key(provider, key))
        return from_item(item) if item else Callee(provider, key)

    def get_many(self, provider: str, keys: Sequence[str]) -> list[Callee]:
        """Returns callees; those without an item are left out."""
        items = self.table.get_many([_item_key(provider, key) for key in keys])
        return [from_item(item) for item in items]

    def delete(self, callee: Callee) -> bool:
        """Delete a callee if it still is as it was read; returns whether it was."""
        tx = Transaction(self.table)
        key = _item_key(callee.provider, callee.key)
        tx.add(Delete(key, "version = :version", {":version": callee.version}))
        try:
            tx.commit()
        except ConditionsFailed:
            return False
        return True

    def put_reports(self, callee: Callee, reports: Sequence[CallReport], now: datetime) -> bool:
        """Write a callee's reports, and its last deliveries, if it still is as it was read.

        Returns:
            Whether it was; if not, nothing was written.
        """
        values, names = _common_sets(callee.provider, callee.key, now)
        values |= {
            ":rows": [_report_to_item(report) for report in reports],
            ":deliveries": [
                _delivery_to_item(delivery) for delivery in callee.deliveries[-MAX_REPORTS:]
            ],
            ":version": callee.version,
            ":next": callee.version + 1,
            ":told": "yes",
        }
        try:
            self.table.update(
                _item_key(callee.provider, callee.key),
                f"SET #rows = :rows, deliveries = :deliveries, version = :next, told = :told, "
                f"{_COMMON_SETS}",
                values,
                names={**names, "#rows": "rows"},
                condition="version = :version"
                if callee.version
                else "attribute_not_exists(PK) OR version = :version",
            )
        except ConditionFailed:
            return False
        return True


def from_item(item: Item) -> Callee:
    """The callee of an item, also as it comes in a stream record."""
    return Callee(
        provider=item["provider"],
        key=item["callee_key"],
        deliveries=tuple(
            CalleeDelivery(delivery["id"], from_text(delivery["created_at"]))
            for delivery in item.get("deliveries", ())
        ),
        reports=tuple(_report_from_item(report) for report in item.get("rows", ())),
        version=item["version"],
    )


_COMMON_SETS: Final = (
    "entity = :entity, #provider = :provider, callee_key = :key, "
    "created_at = if_not_exists(created_at, :now), expires_at = :expires"
)


def _common_sets(provider: str, key: str, now: datetime) -> tuple[dict[str, Any], dict[str, str]]:
    """Values and names of what every write sets."""
    values = {
        ":entity": "callee",
        ":provider": provider,
        ":key": key,
        ":now": to_text(now),
        ":expires": int((now + _RETENTION).timestamp()),
    }
    return values, {"#provider": "provider"}


def _item_key(provider: str, key: str) -> Item:
    return {"PK": f"CAL#{provider}#{key}", "SK": "CAL"}


def _delivery_to_item(delivery: CalleeDelivery) -> Item:
    return {"id": delivery.id, "created_at": to_text(delivery.created_at)}


def _report_to_item(report: CallReport) -> Item:
    item = {
        "witness": report.source,
        "key": report.key,
        "came_at": to_text(report.received_at),
        "started_at": report.started_at and to_text(report.started_at),
        "outcome": report.outcome,
        "reason": report.reason,
        "request_id": report.request_id,
        "raw": report.raw,
        "delivery_id": report.delivery_id,
    }
    return {name: value for name, value in item.items() if value is not None}


def _report_from_item(item: Item) -> CallReport:
    started_at = item.get("started_at")
    return CallReport(
        source=ReportSource(item["witness"]),
        key=item["key"],
        received_at=from_text(item["came_at"]),
        started_at=from_text(started_at) if started_at else None,
        outcome=Status(item["outcome"]),
        reason=item.get("reason"),
        request_id=item.get("request_id"),
        raw=item["raw"],
        delivery_id=item.get("delivery_id"),
    )

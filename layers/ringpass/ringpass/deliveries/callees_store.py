"""The rendezvous of calls that have no id: one item for each callee of a provider.

    PK CAL#<provider>#<callee key>   SK CAL   entity "callee"

the reservation appends   deliveries    in its own transaction: before there can be a call
the webhook, the log      rows          with the delivery that each was matched with, if any

Rows and matches are written only to the very version that they were computed from: two functions
that are told of a callee at the same time cannot give one delivery to two rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from ringpass.aws.dynamodb import ConditionFailed, Item, Table, Update
from ringpass.clock import from_text, to_text
from ringpass.deliveries.call_reports import KEPT_ROWS, Called, CallReport, ReportSource
from ringpass.outcomes import Status

# A provider is asked for a day; what it said is of use a little longer, to whoever looks into it.
_KEPT: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Callee:
    """What is known of one callee's calls at one provider; version 0: nothing is."""

    provider: str
    key: str
    called: tuple[Called, ...] = ()
    rows: tuple[CallReport, ...] = ()
    version: int = 0


def calling(provider: str, key: str, delivery_id: str, created_at: str) -> Update:
    """In the transaction that reserves a delivery: note that this callee will be called.

    Args:
        provider: Who will call.
        key: The callee's look-up key.
        delivery_id: The delivery.
        created_at: When it was made, RFC 3339.
    """
    values, names = _always(provider, key, from_text(created_at))
    return Update(
        _item_key(provider, key),
        "SET deliveries = list_append(if_not_exists(deliveries, :none), :delivery), "
        # Told is what has rows to tell: the stream's reader passes over all else.
        f"{_ALWAYS} ADD version :one REMOVE told",
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
    """Reads and writes callees."""

    table: Table

    def get(self, provider: str, key: str) -> Callee:
        """What is known of a callee's calls."""
        item = self.table.get(_item_key(provider, key))
        return from_item(item) if item else Callee(provider, key)

    def get_many(self, provider: str, keys: Sequence[str]) -> list[Callee]:
        """What is known of these callees' calls; those of whom nothing is are left out."""
        items = self.table.get_many([_item_key(provider, key) for key in keys])
        return [from_item(item) for item in items]

    def put_rows(self, callee: Callee, rows: Sequence[CallReport], now: datetime) -> bool:
        """Write a callee's rows, and its last deliveries, if it still is as it was read.

        Returns:
            Whether it was; if not, nothing was written.
        """
        values, names = _always(callee.provider, callee.key, now)
        values |= {
            ":rows": [_row_to_item(row) for row in rows],
            ":deliveries": [_called_to_item(each) for each in callee.called[-KEPT_ROWS:]],
            ":version": callee.version,
            ":next": callee.version + 1,
            ":told": "yes",
        }
        try:
            self.table.update(
                _item_key(callee.provider, callee.key),
                f"SET #rows = :rows, deliveries = :deliveries, version = :next, told = :told, "
                f"{_ALWAYS}",
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
        called=tuple(
            Called(each["id"], from_text(each["created_at"])) for each in item.get("deliveries", ())
        ),
        rows=tuple(_row_from_item(row) for row in item.get("rows", ())),
        version=item["version"],
    )


_ALWAYS: Final = (
    "entity = :entity, #provider = :provider, callee_key = :key, "
    "created_at = if_not_exists(created_at, :now), expires_at = :expires"
)


def _always(provider: str, key: str, now: datetime) -> tuple[dict[str, Any], dict[str, str]]:
    """What every write sets: values and names."""
    values = {
        ":entity": "callee",
        ":provider": provider,
        ":key": key,
        ":now": to_text(now),
        ":expires": int((now + _KEPT).timestamp()),
    }
    return values, {"#provider": "provider"}


def _item_key(provider: str, key: str) -> Item:
    return {"PK": f"CAL#{provider}#{key}", "SK": "CAL"}


def _called_to_item(called: Called) -> Item:
    return {"id": called.id, "created_at": to_text(called.created_at)}


def _row_to_item(row: CallReport) -> Item:
    item = {
        "witness": row.witness,
        "key": row.key,
        "came_at": to_text(row.came_at),
        "started_at": row.started_at and to_text(row.started_at),
        "outcome": row.outcome,
        "reason": row.reason,
        "request_id": row.request_id,
        "raw": row.raw,
        "delivery_id": row.delivery_id,
    }
    return {name: value for name, value in item.items() if value is not None}


def _row_from_item(item: Item) -> CallReport:
    started_at = item.get("started_at")
    return CallReport(
        witness=ReportSource(item["witness"]),
        key=item["key"],
        came_at=from_text(item["came_at"]),
        started_at=from_text(started_at) if started_at else None,
        outcome=Status(item["outcome"]),
        reason=item.get("reason"),
        request_id=item.get("request_id"),
        raw=item["raw"],
        delivery_id=item.get("delivery_id"),
    )

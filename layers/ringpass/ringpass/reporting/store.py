"""Repository of statistics, and of each record's mark: its contribution so far.

    PK STS#<client>#<day>   SK <hour>#<channel>#<country>#<prefix>   entity "statistics", counters
    PK CNT#<record's id>    SK CNT                                   entity "counted"

One transaction replaces a record's mark and adds the delta to the rows: both, or neither. It also
corrects the client's ledger, and counts a verified code in its fraud budget.

optimistic lock: the mark must be as expected ---> else compute the delta again from the stored mark

A row is one item, which takes about 500 such writes a second; two at the same time are a conflict,
which ``Transaction.commit`` repeats. One function reads each shard of the stream, one record after
the other, so a row has as many writers at once as the table's stream has shards.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from ringpass.aws.dynamodb import Item, Table
from ringpass.aws.transaction import ConditionsFailed, Transaction, Update
from ringpass.clock import from_text
from ringpass.limits.counters import correct_spent
from ringpass.limits.fraud_budget import count_verified_code
from ringpass.reporting.contributions import (
    NO_CONTRIBUTION,
    Amount,
    Approval,
    Contribution,
    Counts,
    Delta,
    RecordChange,
    RowKey,
)

RETENTION: Final = timedelta(days=400)
"""How long a day's statistics are stored: a month can be compared with the year before."""
# A record is deleted some time after it has expired, and may change until then: its mark is stored
# longer, or the record would be counted again.
_MARK_OUTLIVES_RECORD: Final = timedelta(days=7)
_ENTITY: Final = "counted"
_MARK: Final = "mark"  # tag of the write
_A_DAY_SECONDS: Final = 86_400
_NOT_COUNTERS: Final = frozenset({"PK", "SK", "entity", "expires_at"})


class StaleContribution(Exception):
    """The optimistic lock failed; ``contribution`` is what the stored mark says."""

    def __init__(self, contribution: Contribution) -> None:
        super().__init__("the record has been counted otherwise")
        self.contribution = contribution


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a day's statistics."""

    day: str
    key: RowKey
    counts: Counts


@dataclass(frozen=True, slots=True)
class StatisticsRepository:
    """Repository of statistics."""

    table: Table

    def write(
        self,
        change: RecordChange,
        contribution: Contribution,
        delta: Delta,
        verified_code: Approval | None = None,
    ) -> None:
        """Write ``delta`` under the optimistic lock, in one request.

        Args:
            change: The change of the record.
            contribution: The expected contribution so far.
            delta: What is to be added.
            verified_code: The approval, if the client's fraud budget counts it.

        Raises:
            StaleContribution: The stored contribution is another one.
        """
        tx = Transaction(self.table)
        tx.add(_mark(change, contribution, delta.contribution), _MARK)
        updates = [
            _add_to_row(change.client, change.day, key, counts)
            for key, counts in delta.rows.items()
        ]
        updates += _ledger_updates(change, delta.ledger_amounts)
        if verified_code is not None:
            updates += count_verified_code(
                change.client,
                verified_code.country,
                verified_code.unverified,
                from_text(verified_code.at),
                own_code=verified_code.own_code,
            )
        for update in updates:
            tx.add(update)
        try:
            tx.commit()
        except ConditionsFailed as refusal:
            # No other write has a condition.
            item = refusal.items[_MARK]
            raise StaleContribution(_contribution_from_item(item)) from None

    def rows(self, client: str, day: str, first_hour: str, end_hour: str) -> Iterator[Row]:
        """Return a client's rows of one day, ``first_hour <= hour < end_hour``, in their order."""
        for item in self.table.partition(f"STS#{client}#{day}", first_hour, end_hour):
            counts = {name: amount for name, amount in item.items() if name not in _NOT_COUNTERS}
            yield Row(day, RowKey.from_text(item["SK"]), counts)


def _mark(change: RecordChange, contribution: Contribution, target: Contribution) -> Update:
    values: dict[str, Any] = {
        ":entity": _ENTITY,
        ":version": target.version,
        ":counts": _to_map(target.rows),
        ":in_step": target.ledger_in_sync,
    }
    assignments = ["entity = :entity", "counted_version = :version", "counts = :counts"]
    assignments.append("in_step = :in_step")
    if change.expires_at is not None:
        values[":expires_at"] = change.expires_at + int(_MARK_OUTLIVES_RECORD.total_seconds())
        assignments.append("expires_at = :expires_at")
    condition = "attribute_not_exists(PK)"
    if contribution != NO_CONTRIBUTION:
        condition = "counted_version = :was AND in_step = :was_in_step"
        values[":was"] = contribution.version
        values[":was_in_step"] = contribution.ledger_in_sync
    if contribution != NO_CONTRIBUTION and contribution is change.previous:
        # Assumed, not read: an earlier release may have counted this version differently.
        condition += " AND counts = :those"
        values[":those"] = _to_map(contribution.rows)
    return Update(_mark_key(change.id), f"SET {', '.join(assignments)}", values, condition)


def _add_to_row(client: str, day: str, key: RowKey, counts: Counts) -> Update:
    add, names, values = _add(counts)
    return Update(
        {"PK": f"STS#{client}#{day}", "SK": str(key)},
        f"SET entity = :entity, expires_at = :expires_at ADD {add}",
        {":entity": "statistics", ":expires_at": _expiry(day), **values},
        "",
        names,
    )


def _ledger_updates(change: RecordChange, ledger_amounts: Counts) -> list[Update]:
    """Corrections of the ledger; a delivery has one currency, so one at most."""
    if change.shard is None:
        return []
    expires_at = (change.expires_at or _expiry(change.day)) + _A_DAY_SECONDS
    return [
        correct_spent(
            change.client, change.day, change.shard, currency, Decimal(amount), expires_at
        )
        for currency, amount in ledger_amounts.items()
    ]


def _expiry(day: str) -> int:
    """When a day's statistics expire, in seconds since 1970."""
    end = datetime.combine(date.fromisoformat(day), time(), UTC) + RETENTION
    return int(end.timestamp())


def _add(counts: Counts) -> tuple[str, dict[str, str], dict[str, Amount]]:
    """Clauses, names and values of an ADD; some counters are reserved words of DynamoDB."""
    numbered = list(enumerate(sorted(counts.items())))
    return (
        ", ".join(f"#n{number} :n{number}" for number, _ in numbered),
        {f"#n{number}": name for number, (name, _) in numbered},
        {f":n{number}": amount for number, (_, amount) in numbered},
    )


def _mark_key(record_id: str) -> Item:
    return {"PK": f"CNT#{record_id}", "SK": "CNT"}


def _to_map(rows: Mapping[RowKey, Counts]) -> dict[str, dict[str, Amount]]:
    return {str(key): dict(counts) for key, counts in rows.items()}


def _contribution_from_item(item: Item | None) -> Contribution:
    if item is None:
        return NO_CONTRIBUTION
    rows = {RowKey.from_text(text): counts for text, counts in item["counts"].items()}
    return Contribution(item["counted_version"], rows, item["in_step"])

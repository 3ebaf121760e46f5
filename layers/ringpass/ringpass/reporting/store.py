"""Items of statistics, and the marks of what has been counted.

    PK STS#<client>#<day>   SK <hour>#<channel>#<country>#<prefix>   entity "statistics", counters
    PK CNT#<record's id>    SK CNT                                   entity "counted"

One transaction moves a record's mark on and adds to the rows what the move adds: both, or neither.
It also corrects the client's ledger, and tells its fraud budget of a verified code.

move on: if the mark is as it was thought to be ---> found another one: compute again from it

A row is one item, which takes about 500 such writes a second; two at the same time meet as a
conflict, which ``Table.transact`` repeats. The stream is read by one function per shard, one record
after the other, so a row has as many writers at once as the table's stream has shards.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from ringpass.aws.dynamodb import ConditionFailed, Item, Table, Update
from ringpass.clock import from_text
from ringpass.limits.counters import correct_spent, verified
from ringpass.reporting.contributions import (
    NOTHING,
    Amount,
    Approval,
    Counted,
    Counts,
    Move,
    Place,
    Seen,
)

KEPT_FOR: Final = timedelta(days=400)
"""How long a day's statistics are kept: a month can be compared with that of the year before."""
# A record is deleted some time after it has expired, and may be changed until then: its mark is
# kept longer, or the record would be counted anew.
_MARK_OUTLIVES_RECORD: Final = timedelta(days=7)
_COUNTED: Final = "counted"
_A_DAY_SECONDS: Final = 86_400
_NOT_COUNTERS: Final = frozenset({"PK", "SK", "entity", "expires_at"})


class OtherwiseCounted(Exception):
    """The mark is not as it was thought to be; ``counted`` is what it says."""

    def __init__(self, counted: Counted) -> None:
        super().__init__("the record has been counted otherwise")
        self.counted = counted


@dataclass(frozen=True, slots=True)
class Row:
    """What was counted in one place of a day."""

    day: str
    place: Place
    counts: Counts


@dataclass(frozen=True, slots=True)
class StatisticsRepository:
    """Reads and writes statistics."""

    table: Table

    def write(
        self, seen: Seen, counted: Counted, move: Move, verified_code: Approval | None = None
    ) -> None:
        """Make ``move``, if ``counted`` is what has been counted; in one request.

        Args:
            seen: What the record shows.
            counted: What has been counted of it.
            move: What is to be added.
            verified_code: The approval among it, if the client's fraud budget is to be told of it.

        Raises:
            OtherwiseCounted: It is not.
        """
        mark = _mark(seen, counted, move.to)
        added = [
            _add_to_row(seen.client, seen.day, place, counts)
            for place, counts in move.added.items()
        ]
        added += _to_ledger(seen, move.spent)
        if verified_code is not None:
            added += verified(
                seen.client,
                verified_code.country,
                verified_code.unverified,
                from_text(verified_code.at),
                own_code=verified_code.own_code,
            )
        try:
            if added:
                self.table.transact(mark, *added)
            else:
                self.table.update(mark.key, mark.update, mark.values, condition=mark.condition)
        except ConditionFailed as failed:
            raise OtherwiseCounted(_to_counted(failed.item)) from None

    def rows(self, client: str, day: str, first_hour: str, end_hour: str) -> Iterator[Row]:
        """A client's rows of one day, ``first_hour <= hour < end_hour``, in their order."""
        for item in self.table.partition(f"STS#{client}#{day}", first_hour, end_hour):
            counts = {name: n for name, n in item.items() if name not in _NOT_COUNTERS}
            yield Row(day, Place.from_text(item["SK"]), counts)


def _mark(seen: Seen, counted: Counted, to: Counted) -> Update:
    values: dict[str, Any] = {
        ":entity": _COUNTED,
        ":version": to.version,
        ":counts": _to_map(to.rows),
        ":in_step": to.in_step,
    }
    sets = ["entity = :entity", "counted_version = :version", "counts = :counts"]
    sets.append("in_step = :in_step")
    if seen.expires_at is not None:
        values[":expires_at"] = seen.expires_at + int(_MARK_OUTLIVES_RECORD.total_seconds())
        sets.append("expires_at = :expires_at")
    condition = "attribute_not_exists(PK)"
    if counted != NOTHING:
        condition = "counted_version = :was AND in_step = :was_in_step"
        values[":was"] = counted.version
        values[":was_in_step"] = counted.in_step
    if counted != NOTHING and counted is seen.before:
        # A guess: what this version adds may have been another thing before a release of ours.
        condition += " AND counts = :those"
        values[":those"] = _to_map(counted.rows)
    return Update(_mark_key(seen.id), f"SET {', '.join(sets)}", values, condition)


def _add_to_row(client: str, day: str, place: Place, counts: Counts) -> Update:
    add, names, values = _add(counts)
    return Update(
        {"PK": f"STS#{client}#{day}", "SK": str(place)},
        f"SET entity = :entity, expires_at = :expires_at ADD {add}",
        {":entity": "statistics", ":expires_at": _end_of(day), **values},
        "",
        names,
    )


def _to_ledger(seen: Seen, spent: Counts) -> list[Update]:
    """The corrections of the ledger; a delivery has one currency, so there is one at the most."""
    if seen.shard is None:
        return []
    goes = (seen.expires_at or _end_of(seen.day)) + _A_DAY_SECONDS
    return [
        correct_spent(seen.client, seen.day, seen.shard, currency, Decimal(amount), goes)
        for currency, amount in spent.items()
    ]


def _end_of(day: str) -> int:
    """When what was counted of a day goes, in seconds since 1970."""
    end = datetime.combine(date.fromisoformat(day), time(), UTC) + KEPT_FOR
    return int(end.timestamp())


def _add(counts: Counts) -> tuple[str, dict[str, str], dict[str, Amount]]:
    """The clauses, names and values of an ADD; some counters have the name of a DynamoDB word."""
    numbered = list(enumerate(sorted(counts.items())))
    return (
        ", ".join(f"#n{number} :n{number}" for number, _ in numbered),
        {f"#n{number}": name for number, (name, _) in numbered},
        {f":n{number}": amount for number, (_, amount) in numbered},
    )


def _mark_key(record_id: str) -> Item:
    return {"PK": f"CNT#{record_id}", "SK": "CNT"}


def _to_map(rows: Mapping[Place, Counts]) -> dict[str, dict[str, Amount]]:
    return {str(place): dict(counts) for place, counts in rows.items()}


def _to_counted(item: Item | None) -> Counted:
    if item is None:
        return NOTHING
    rows = {Place.from_text(text): counts for text, counts in item["counts"].items()}
    return Counted(item["counted_version"], rows, item["in_step"])

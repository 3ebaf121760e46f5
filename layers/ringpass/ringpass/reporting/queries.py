"""Reading what was counted: statistics by any dimensions, costs by day, what limits refused."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ringpass.clients.settings.store import ClientSettingsRepository
from ringpass.clock import Clock, read_instant
from ringpass.http.pagination import EPOCH, Parameters, take
from ringpass.limits.counters import CounterRepository
from ringpass.limits.refusals_store import Refusal, RefusalRepository, listed_at
from ringpass.reporting.contributions import ESTIMATED, SETTLED, Amount, Counts, costs
from ringpass.reporting.store import Row, StatisticsRepository

DIMENSIONS: Final = ("day", "hour", "channel", "country", "prefix")
MOST_DAYS: Final = 31
_USUAL: Final[tuple[str, ...]] = ("channel",)
# What one answer of a function can hold is 6 MB.
_MOST_GROUPS: Final = 5_000
_LISTED: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z#dec_[a-z2-7]{32}")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_AN_HOUR: Final = timedelta(hours=1)
_A_DAY: Final = timedelta(days=1)
_HOURS: Final = "a day, or an instant at a full hour with an offset"
_DAYS: Final = "a day (UTC), such as 2026-11-21"


@dataclass(frozen=True, slots=True)
class Span:
    """The hours from ``start`` to before ``end``; both are full hours, UTC."""

    start: datetime
    end: datetime

    def days(self) -> Iterator[tuple[str, str, str]]:
        """Each day (UTC) with its first hour and the one after its last: two digits."""
        midnight = self.start.replace(hour=0)
        # No instant after ``end`` is made: there is none after the year 9999.
        for number in range(-((midnight - self.end) // _A_DAY)):
            day = midnight + number * _A_DAY
            first = self.start.hour if day < self.start else 0
            after = self.end.hour if self.end - day < _A_DAY else 24
            yield day.date().isoformat(), f"{first:02d}", f"{after:02d}"


@dataclass(frozen=True, slots=True)
class Group:
    """What was counted where the dimensions have these values."""

    of: Mapping[str, str]
    counts: Counts


@dataclass(frozen=True, slots=True)
class Report:
    """Statistics as they were asked for."""

    span: Span
    by: Sequence[str]
    groups: Sequence[Group]
    total: Counts


@dataclass(frozen=True, slots=True)
class Cost:
    """What was paid to a provider for a channel."""

    channel: str
    provider: str
    estimated: Amount
    settled: Amount


@dataclass(frozen=True, slots=True)
class DayCosts:
    """What one day cost in one currency.

    Attributes:
        day: UTC.
        currency: ISO 4217.
        costs: By channel and provider.
        spent: What the ledger holds that the cap is compared with.
        cap: What may be spent in a day, as it is set now; None: there is no cap.
    """

    day: str
    currency: str
    costs: Sequence[Cost]
    spent: Amount
    cap: Amount | None


@dataclass(frozen=True, slots=True)
class Refusals:
    """Some refused sends, and where the next page starts (None: there is none)."""

    items: tuple[Refusal, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class ReportQueries:
    """Reads a client's statistics and costs.

    Attributes:
        statistics: What was counted.
        counters: The ledger of each day.
        clients: Clients' settings: the caps.
        decisions: What was refused.
        clock: Tells the time.
    """

    statistics: StatisticsRepository
    counters: CounterRepository
    clients: ClientSettingsRepository
    decisions: RefusalRepository
    clock: Clock

    def report(self, client: str, query: Mapping[str, str]) -> Report:
        """The client's statistics, by ``from, to, by``.

        Raises:
            ValidationFailed: Names each parameter at fault.
        """
        given = Parameters(query, frozenset({"from", "to", "by"}))
        by = given.read("by", _USUAL, _dimensions, f"some of {', '.join(DIMENSIONS)}")
        span = _span(given, self.clock(), _hour, _HOURS)
        given.check()
        total: dict[str, Amount] = {}
        groups: dict[tuple[str, ...], dict[str, Amount]] = {}
        for row in self._rows(client, span):
            values = tuple(_value(row, dimension) for dimension in by)
            _add(groups.setdefault(values, {}), row.counts)
            _add(total, row.counts)
            if len(groups) > _MOST_GROUPS:
                given.refuse("by", "too_many", f"more than {_MOST_GROUPS} groups: ask for less")
                given.check()
        found = [Group(dict(zip(by, of, strict=True)), groups[of]) for of in sorted(groups)]
        return Report(span, by, found, total)

    def costs(self, client: str, query: Mapping[str, str]) -> list[DayCosts]:
        """What the client's days cost, by ``from, to``: in each currency apart.

        Raises:
            ValidationFailed: Names each parameter at fault.
        """
        given = Parameters(query, frozenset({"from", "to"}))
        span = _span(given, self.clock(), _midnight, _DAYS)
        given.check()
        limits = self.clients.get(client).limits
        ledger = self.counters.days(client, [day for day, _, _ in span.days()])
        paid: dict[tuple[str, str], dict[tuple[str, str], dict[str, Amount]]] = {}
        for row in self._rows(client, span):
            for (kind, provider, currency), amount in costs(row.counts).items():
                lines = paid.setdefault((row.day, currency), {})
                _add(lines.setdefault((row.place.channel, provider), {}), {kind: amount})
        told = {(day, currency) for day in ledger for currency in ledger[day].spent}
        return [
            DayCosts(
                day,
                currency,
                _costs(paid.get((day, currency), {})),
                ledger[day].spent.get(currency, 0),
                limits.money_cap(currency),
            )
            for day, currency in sorted(paid.keys() | told)
        ]

    def refused(self, client: str, query: Mapping[str, str]) -> Refusals:
        """A page of the client's refused sends, newest first, by ``from, to``.

        Raises:
            ValidationFailed: Names each parameter at fault.
        """
        given = Parameters(query, frozenset({"from", "to", "limit", "cursor"}))
        after, before = given.between(self.clock(), _LISTED)
        limit = given.limit()
        given.check()
        rows = self.decisions.of_client(client, after, before)
        return Refusals(*take(rows, lambda _: True, limit, listed_at))

    def _rows(self, client: str, span: Span) -> Iterator[Row]:
        for day, first, after in span.days():
            yield from self.statistics.rows(client, day, first, after)


def _span(
    given: Parameters, now: datetime, parse: Callable[[str], datetime], expected: str
) -> Span:
    """The time that is asked for; today so far, if nothing is said."""
    this_hour = now.replace(minute=0, second=0, microsecond=0)
    end = given.read("to", None, parse, expected)
    if end is None:
        end = this_hour + _AN_HOUR if parse is _hour else this_hour.replace(hour=0) + _A_DAY
    start = given.read("from", (end - _AN_HOUR).replace(hour=0), parse, expected)
    if start >= end:
        given.refuse("from", "range", "from is before to")
    elif end - start > MOST_DAYS * _A_DAY:
        given.refuse("from", "range", f"at most {MOST_DAYS} days before to")
    return Span(start, end)


def _hour(text: str) -> datetime:
    """The start of a day, or an instant at a full hour (UTC)."""
    instant = read_instant(f"{text}T00:00:00Z" if _DAY.fullmatch(text) else text)
    if instant < EPOCH or (instant.minute, instant.second, instant.microsecond) != (0, 0, 0):
        raise ValueError("hour")
    return instant


def _midnight(text: str) -> datetime:
    if not _DAY.fullmatch(text):
        raise ValueError("day")
    return _hour(text)


def _dimensions(text: str) -> tuple[str, ...]:
    """In their own order, whatever the order of the names."""
    names = text.split(",")
    if not set(names) <= set(DIMENSIONS) or len(set(names)) < len(names):
        raise ValueError("by")
    return tuple(name for name in DIMENSIONS if name in names)


def _value(row: Row, dimension: str) -> str:
    return row.day if dimension == "day" else str(getattr(row.place, dimension))


def _add(sums: dict[str, Amount], counts: Counts) -> None:
    for name, amount in counts.items():
        sums[name] = sums.get(name, 0) + amount


def _costs(lines: Mapping[tuple[str, str], Counts]) -> list[Cost]:
    return [
        Cost(
            channel,
            provider,
            lines[channel, provider].get(ESTIMATED, 0),
            lines[channel, provider].get(SETTLED, 0),
        )
        for channel, provider in sorted(lines)
    ]

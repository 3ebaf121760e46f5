"""Reads reports: statistics by any dimensions, costs by day, refusals of limits."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ringpass.aws.client_index import position_pattern
from ringpass.clients.settings.store import ClientSettingsRepository
from ringpass.clock import Clock, read_instant
from ringpass.http.pagination import EPOCH, Page, Parameters, take_page
from ringpass.limits.counters import CounterRepository
from ringpass.limits.refusals_store import Refusal, RefusalRepository, listed_at
from ringpass.reporting.contributions import ESTIMATED, SETTLED, Amount, Counts, costs
from ringpass.reporting.store import Row, StatisticsRepository

DIMENSIONS: Final = ("day", "hour", "channel", "country", "prefix")
MAX_DAYS: Final = 31
_DEFAULT_DIMENSIONS: Final[tuple[str, ...]] = ("channel",)
# The response of a function can hold 6 MB.
_MAX_GROUPS: Final = 5_000
_POSITION: Final = position_pattern(re.compile("dec_[a-z2-7]{32}"))
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_ONE_HOUR: Final = timedelta(hours=1)
_ONE_DAY: Final = timedelta(days=1)
_HOUR_FORMAT: Final = "a day, or an instant at a full hour with an offset"
_DAY_FORMAT: Final = "a day (UTC), such as 2026-11-21"


@dataclass(frozen=True, slots=True)
class HourRange:
    """The hours from ``start`` to before ``end``; both are full hours, UTC."""

    start: datetime
    end: datetime

    def days(self) -> Iterator[tuple[str, str, str]]:
        """Yield each day (UTC) with its first hour and the one after its last: two digits."""
        midnight = self.start.replace(hour=0)
        # No instant after ``end`` is made: there is none after the year 9999.
        for number in range(-((midnight - self.end) // _ONE_DAY)):
            day = midnight + number * _ONE_DAY
            first = self.start.hour if day < self.start else 0
            after = self.end.hour if self.end - day < _ONE_DAY else 24
            yield day.date().isoformat(), f"{first:02d}", f"{after:02d}"


@dataclass(frozen=True, slots=True)
class Group:
    """Counters of one combination of the dimensions' values."""

    dimensions: Mapping[str, str]
    counts: Counts


@dataclass(frozen=True, slots=True)
class Report:
    """Statistics by the requested dimensions."""

    span: HourRange
    dimensions: Sequence[str]
    groups: Sequence[Group]
    total: Counts


@dataclass(frozen=True, slots=True)
class ChannelCost:
    """Cost of a channel at a provider."""

    channel: str
    provider: str
    estimated: Amount
    settled: Amount


@dataclass(frozen=True, slots=True)
class DailyCosts:
    """Costs of one day in one currency.

    Attributes:
        day: UTC.
        currency: ISO 4217.
        costs: By channel and provider.
        spent: The amount in the ledger, which the cap is compared with.
        cap: What may be spent in a day, as it is set now; None: there is no cap.
    """

    day: str
    currency: str
    costs: Sequence[ChannelCost]
    spent: Amount
    cap: Amount | None


@dataclass(frozen=True, slots=True)
class ReportQueries:
    """Reads a client's statistics and costs.

    Attributes:
        statistics: The table's statistics.
        counters: The ledger of each day.
        clients: Clients' settings: the caps.
        refusals: Refused sends.
        clock: Tells the time.
    """

    statistics: StatisticsRepository
    counters: CounterRepository
    clients: ClientSettingsRepository
    refusals: RefusalRepository
    clock: Clock

    def report(self, client: str, query: Mapping[str, str]) -> Report:
        """Return the client's statistics, by ``from, to, by``.

        Raises:
            ValidationFailed: Names each parameter at fault.
        """
        params = Parameters(query, frozenset({"from", "to", "by"}))
        dimensions = params.read(
            "by", _DEFAULT_DIMENSIONS, _dimensions, f"some of {', '.join(DIMENSIONS)}"
        )
        span = _span(params, self.clock(), _hour, _HOUR_FORMAT)
        params.check()
        total: dict[str, Amount] = {}
        groups: dict[tuple[str, ...], dict[str, Amount]] = {}
        for row in self._rows(client, span):
            values = tuple(_value(row, dimension) for dimension in dimensions)
            _add(groups.setdefault(values, {}), row.counts)
            _add(total, row.counts)
            if len(groups) > _MAX_GROUPS:
                params.refuse("by", "too_many", f"more than {_MAX_GROUPS} groups: ask for less")
                params.check()
        report_groups = [
            Group(dict(zip(dimensions, values, strict=True)), groups[values])
            for values in sorted(groups)
        ]
        return Report(span, dimensions, report_groups, total)

    def costs(self, client: str, query: Mapping[str, str]) -> list[DailyCosts]:
        """Return what the client's days cost, by ``from, to``; each currency apart.

        Raises:
            ValidationFailed: Names each parameter at fault.
        """
        params = Parameters(query, frozenset({"from", "to"}))
        span = _span(params, self.clock(), _midnight, _DAY_FORMAT)
        params.check()
        limits = self.clients.get(client).limits
        ledger = self.counters.days(client, [day for day, _, _ in span.days()])
        sums: dict[tuple[str, str], dict[tuple[str, str], dict[str, Amount]]] = {}
        for row in self._rows(client, span):
            for (kind, provider, currency), amount in costs(row.counts).items():
                day_sums = sums.setdefault((row.day, currency), {})
                _add(day_sums.setdefault((row.key.channel, provider), {}), {kind: amount})
        ledger_keys = {(day, currency) for day in ledger for currency in ledger[day].spent}
        return [
            DailyCosts(
                day,
                currency,
                _costs(sums.get((day, currency), {})),
                ledger[day].spent.get(currency, 0),
                limits.money_cap(currency),
            )
            for day, currency in sorted(sums.keys() | ledger_keys)
        ]

    def list_refusals(self, client: str, query: Mapping[str, str]) -> Page[Refusal]:
        """Return a page of the client's refused sends, newest first, by ``refused, from, to``.

        With ``refused=false`` it has the sends that a limit in mode ``record`` would have refused.

        Raises:
            ValidationFailed: Names each parameter at fault.
        """
        params = Parameters(query, frozenset({"refused", "from", "to", "limit", "cursor"}))
        refused = params.read("refused", None, _flag, "true or false") is not False
        after, before = params.between(self.clock(), _POSITION)
        limit = params.limit()
        params.check()
        rows = self.refusals.of_client(client, after, before, refused=refused)
        return take_page(rows, limit, listed_at)

    def _rows(self, client: str, span: HourRange) -> Iterator[Row]:
        for day, first, after in span.days():
            yield from self.statistics.rows(client, day, first, after)


def _span(
    params: Parameters, now: datetime, parse: Callable[[str], datetime], expected: str
) -> HourRange:
    """Read the requested time; by default today so far."""
    this_hour = now.replace(minute=0, second=0, microsecond=0)
    end = params.read("to", None, parse, expected)
    if end is None:
        end = this_hour + _ONE_HOUR if parse is _hour else this_hour.replace(hour=0) + _ONE_DAY
    start = params.read("from", (end - _ONE_HOUR).replace(hour=0), parse, expected)
    if start >= end:
        params.refuse("from", "range", "from is before to")
    elif end - start > MAX_DAYS * _ONE_DAY:
        params.refuse("from", "range", f"at most {MAX_DAYS} days before to")
    return HourRange(start, end)


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


def _flag(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError("flag")
    return text == "true"


def _dimensions(text: str) -> tuple[str, ...]:
    """Parse dimensions; the result has the order of ``DIMENSIONS``."""
    names = text.split(",")
    if not set(names) <= set(DIMENSIONS) or len(set(names)) < len(names):
        raise ValueError("by")
    return tuple(name for name in DIMENSIONS if name in names)


def _value(row: Row, dimension: str) -> str:
    return row.day if dimension == "day" else str(getattr(row.key, dimension))


def _add(sums: dict[str, Amount], counts: Counts) -> None:
    for name, amount in counts.items():
        sums[name] = sums.get(name, 0) + amount


def _costs(sums: Mapping[tuple[str, str], Counts]) -> list[ChannelCost]:
    return [
        ChannelCost(
            channel,
            provider,
            sums[channel, provider].get(ESTIMATED, 0),
            sums[channel, provider].get(SETTLED, 0),
        )
        for channel, provider in sorted(sums)
    ]

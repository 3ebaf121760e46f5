"""Reads statistics, by any dimensions."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ringpass.clock import Clock, read_instant
from ringpass.http.pagination import EPOCH, Parameters
from ringpass.reporting.contributions import Amount, Counts
from ringpass.reporting.periods import MAX_DAYS, ONE_DAY, HourRange
from ringpass.reporting.store import Row, StatisticsRepository

DIMENSIONS: Final = ("day", "hour", "channel", "country", "prefix")
_DEFAULT_DIMENSIONS: Final[tuple[str, ...]] = ("channel",)
# The response of a function can hold 6 MB.
_MAX_GROUPS: Final = 5_000
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_ONE_HOUR: Final = timedelta(hours=1)
_HOUR_FORMAT: Final = "a day, or an instant at a full hour with an offset"


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
class ReportQueries:
    """Reads a client's statistics.

    Attributes:
        statistics: The table's statistics.
        clock: Tells the time.
    """

    statistics: StatisticsRepository
    clock: Clock

    def report(self, client: str, query: Mapping[str, str]) -> Report:
        """Return the client's statistics, by ``from, to, by``.

        Raises:
            ValidationFailed: Names each parameter at fault.
        """
        params = Parameters(query, frozenset({"from", "to", "by"}))
        dimensions = params.read(
            "by",
            _DEFAULT_DIMENSIONS,
            dimensions_reader(DIMENSIONS),
            f"some of {', '.join(DIMENSIONS)}",
        )
        span = _span(params, self.clock())
        params.check()
        total: dict[str, Amount] = {}
        groups: dict[tuple[str, ...], dict[str, Amount]] = {}
        for row in self._rows(client, span):
            values = tuple(_value(row, dimension) for dimension in dimensions)
            add_counts(groups.setdefault(values, {}), row.counts)
            add_counts(total, row.counts)
            if len(groups) > _MAX_GROUPS:
                params.refuse("by", "too_many", f"more than {_MAX_GROUPS} groups: ask for less")
                params.check()
        report_groups = [
            Group(dict(zip(dimensions, values, strict=True)), groups[values])
            for values in sorted(groups)
        ]
        return Report(span, dimensions, report_groups, total)

    def _rows(self, client: str, span: HourRange) -> Iterator[Row]:
        for day, first, after in span.days():
            yield from self.statistics.rows(client, day, first, after)


def _span(params: Parameters, now: datetime) -> HourRange:
    """Read the requested time; by default today so far."""
    this_hour = now.replace(minute=0, second=0, microsecond=0)
    end = params.read("to", this_hour + _ONE_HOUR, _hour, _HOUR_FORMAT)
    start = params.read("from", (end - _ONE_HOUR).replace(hour=0), _hour, _HOUR_FORMAT)
    if start >= end:
        params.refuse("from", "range", "from is before to")
    elif end - start > MAX_DAYS * ONE_DAY:
        params.refuse("from", "range", f"at most {MAX_DAYS} days before to")
    return HourRange(start, end)


def _hour(text: str) -> datetime:
    """The start of a day, or an instant at a full hour (UTC)."""
    instant = read_instant(f"{text}T00:00:00Z" if _DAY.fullmatch(text) else text)
    if instant < EPOCH or (instant.minute, instant.second, instant.microsecond) != (0, 0, 0):
        raise ValueError("hour")
    return instant


def dimensions_reader(known: Sequence[str]) -> Callable[[str], tuple[str, ...]]:
    """Returns a parser of dimensions; its result has the order of ``known``."""

    def read(text: str) -> tuple[str, ...]:
        names = text.split(",")
        if not set(names) <= set(known) or len(set(names)) < len(names):
            raise ValueError("by")
        return tuple(name for name in known if name in names)

    return read


def _value(row: Row, dimension: str) -> str:
    return row.day if dimension == "day" else str(getattr(row.key, dimension))


def add_counts(sums: dict[str, Amount], counts: Counts) -> None:
    """Add counters to sums."""
    for name, amount in counts.items():
        sums[name] = sums.get(name, 0) + amount

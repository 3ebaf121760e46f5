"""Reads costs: of days, and of a period by provider, channel and country."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ringpass.clients.settings.store import ClientSettingsRepository
from ringpass.clock import Clock
from ringpass.http.pagination import Parameters
from ringpass.limits.counters import CounterRepository
from ringpass.reporting.contributions import (
    ESTIMATED,
    NO_CURRENCY,
    SETTLED,
    Amount,
    Counts,
    costs,
    paid_sends,
)
from ringpass.reporting.periods import DayRange, LocalDay, read_days
from ringpass.reporting.queries import add_counts, dimensions_reader
from ringpass.reporting.store import Row, StatisticsRepository

DIMENSIONS: Final = ("day", "provider", "channel", "country")
_DEFAULT_DIMENSIONS: Final[tuple[str, ...]] = ("provider", "channel", "country")
_UNPRICED_DIMENSIONS: Final = ("provider", "channel", "country")
_PARAMETERS: Final = frozenset({"month", "from", "to", "tz", "by", "format"})
_SENDS: Final = "sends"


class CostFormat(StrEnum):
    """How costs are returned."""

    JSON = "json"
    CSV = "csv"


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
        day: Of the requested time zone.
        currency: ISO 4217.
        costs: By channel and provider.
        spent: The amount in the ledger, which the cap is compared with; None: the ledger counts
            days of UTC, and this is none.
        cap: What may be spent in a day of UTC, as it is set now; None: there is no cap, or this is
            no day of UTC.
    """

    day: str
    currency: str
    costs: Sequence[ChannelCost]
    spent: Amount | None
    cap: Amount | None


@dataclass(frozen=True, slots=True)
class CostLine:
    """Costs of the period, of one combination of the dimensions' values.

    Attributes:
        dimensions: The values.
        currency: ISO 4217; None: the provider had no price, so nothing is known of the cost.
        sends: Deliveries, and requests for consent.
        estimated: Of sends of which it is not known whether they are charged.
        settled: Of all others.
    """

    dimensions: Mapping[str, str]
    currency: str | None
    sends: int
    estimated: Amount
    settled: Amount


@dataclass(frozen=True, slots=True)
class CostReport:
    """Costs of a period.

    Attributes:
        period: Its days.
        days: By day and currency.
        dimensions: The requested dimensions of ``lines``.
        lines: By dimensions and currency.
        unpriced: Sends of providers without a price, by provider, channel and country.
        form: The requested format.
    """

    period: DayRange
    days: Sequence[DailyCosts]
    dimensions: Sequence[str]
    lines: Sequence[CostLine]
    unpriced: Sequence[CostLine]
    form: CostFormat


@dataclass(frozen=True, slots=True)
class CostQueries:
    """Reads a client's costs.

    Attributes:
        statistics: The table's statistics.
        counters: The ledger of each day.
        clients: Clients' settings: the caps.
        clock: Tells the time.
    """

    statistics: StatisticsRepository
    counters: CounterRepository
    clients: ClientSettingsRepository
    clock: Clock

    def report(self, client: str, query: Mapping[str, str]) -> CostReport:
        """Return what the client's days cost, by ``month`` or ``from, to``, and ``tz, by``.

        Raises:
            ValidationFailed: Names each parameter at fault.
        """
        params = Parameters(query, _PARAMETERS)
        dimensions = params.read(
            "by",
            _DEFAULT_DIMENSIONS,
            dimensions_reader(DIMENSIONS),
            f"some of {', '.join(DIMENSIONS)}",
        )
        form = params.choice("format", CostFormat) or CostFormat.JSON
        period = read_days(params, self.clock())
        rows = [(day, row) for day in period.days for row in self._rows(client, day)]
        lines = _lines(rows, dimensions)
        unpriced = [line for line in _lines(rows, _UNPRICED_DIMENSIONS) if line.currency is None]
        days = self._days(client, period, rows) if form is CostFormat.JSON else []
        return CostReport(period, days, dimensions, lines, unpriced, form)

    def _days(
        self, client: str, period: DayRange, rows: Iterable[tuple[LocalDay, Row]]
    ) -> list[DailyCosts]:
        """Return what each day cost, each currency apart."""
        limits = self.clients.get(client).limits
        ledger = self.counters.days(client, [day.name for day in period.days if day.is_utc])
        sums: dict[tuple[str, str], dict[tuple[str, str], dict[str, Amount]]] = {}
        for day, row in rows:
            for (kind, provider, currency), amount in costs(row.counts).items():
                day_sums = sums.setdefault((day.name, currency), {})
                add_counts(day_sums.setdefault((row.key.channel, provider), {}), {kind: amount})
        ledger_keys = {(day, currency) for day in ledger for currency in ledger[day].spent}
        return [
            DailyCosts(
                day,
                currency,
                _channel_costs(sums.get((day, currency), {})),
                ledger[day].spent.get(currency, 0) if day in ledger else None,
                limits.money_cap(currency) if day in ledger else None,
            )
            for day, currency in sorted(sums.keys() | ledger_keys)
        ]

    def _rows(self, client: str, day: LocalDay) -> Iterator[Row]:
        for utc_day, first, after in day.hours.days():
            yield from self.statistics.rows(client, utc_day, first, after)


def _channel_costs(sums: Mapping[tuple[str, str], Counts]) -> list[ChannelCost]:
    return [
        ChannelCost(
            channel,
            provider,
            sums[channel, provider].get(ESTIMATED, 0),
            sums[channel, provider].get(SETTLED, 0),
        )
        for channel, provider in sorted(sums)
    ]


def _lines(rows: Iterable[tuple[LocalDay, Row]], dimensions: Sequence[str]) -> list[CostLine]:
    """Add up the rows by dimensions and currency; those without a price come last."""
    sums: dict[tuple[tuple[str, ...], str], dict[str, Amount]] = {}
    for day, row in rows:
        row_values = {"day": day.name, "channel": row.key.channel, "country": row.key.country}
        for provider, currency, counts in _paid(row.counts):
            all_values = {**row_values, "provider": provider}
            values = tuple(all_values[name] for name in dimensions)
            add_counts(sums.setdefault((values, currency), {}), counts)
    return [
        CostLine(
            dict(zip(dimensions, values, strict=True)),
            None if currency == NO_CURRENCY else currency,
            int(sums[values, currency].get(_SENDS, 0)),
            sums[values, currency].get(ESTIMATED, 0),
            sums[values, currency].get(SETTLED, 0),
        )
        for values, currency in sorted(sums, key=lambda key: (key[0], key[1] == NO_CURRENCY, key))
    ]


def _paid(counts: Counts) -> Iterator[tuple[str, str, Counts]]:
    """Yield amounts and sends with their provider and currency."""
    for (kind, provider, currency), amount in costs(counts).items():
        yield provider, currency, {kind: amount}
    for (provider, currency), number in paid_sends(counts).items():
        yield provider, currency, {_SENDS: number}

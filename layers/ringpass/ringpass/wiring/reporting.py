"""Creates the repository of statistics, and the queries of statistics, costs and refusals."""

from functools import cache

from ringpass.clients.settings.store import ClientSettingsRepository
from ringpass.clock import utc_now
from ringpass.limits.counters import CounterRepository
from ringpass.limits.refusals_store import RefusalRepository
from ringpass.reporting.queries import ReportQueries
from ringpass.reporting.store import StatisticsRepository
from ringpass.wiring import stack


@cache
def statistics() -> StatisticsRepository:
    """Returns the repository of statistics."""
    return StatisticsRepository(stack.table())


@cache
def queries() -> ReportQueries:
    """Returns the queries of statistics, costs and refusals."""
    counters, refusals = CounterRepository(stack.table()), RefusalRepository(stack.table())
    return ReportQueries(
        statistics(), counters, ClientSettingsRepository(stack.table()), refusals, utc_now
    )

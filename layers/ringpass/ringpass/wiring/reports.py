"""Creates the queries of statistics, costs and refusals."""

from functools import cache

from ringpass.clients.settings.store import ClientSettingsRepository
from ringpass.clock import utc_now
from ringpass.deliveries.store import DeliveryRepository
from ringpass.limits.counters import CounterRepository
from ringpass.limits.refusals_store import RefusalRepository
from ringpass.reporting.cost_queries import CostQueries
from ringpass.reporting.queries import ReportQueries
from ringpass.reporting.refusal_queries import RefusalQueries
from ringpass.wiring import phone_lookups, reporting, stack


@cache
def queries() -> ReportQueries:
    """Returns the queries of statistics."""
    return ReportQueries(reporting.statistics(), utc_now)


@cache
def costs() -> CostQueries:
    """Returns the queries of costs."""
    table = stack.table()
    return CostQueries(
        reporting.statistics(), CounterRepository(table), ClientSettingsRepository(table), utc_now
    )


@cache
def refusals() -> RefusalQueries:
    """Returns the queries of refusals."""
    return RefusalQueries(
        RefusalRepository(stack.table()),
        DeliveryRepository(stack.table()),
        phone_lookups.rate_limiter(),
        stack.secrets(),
        utc_now,
    )

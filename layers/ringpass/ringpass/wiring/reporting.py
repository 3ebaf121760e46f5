"""Makes what counts and what reports statistics, costs and refusals."""

from functools import cache

from ringpass.clients.settings.store import Clients
from ringpass.clock import utc_now
from ringpass.limits.counters import Counters
from ringpass.limits.refusals_store import Decisions
from ringpass.reporting.queries import Figures
from ringpass.reporting.store import Statistics
from ringpass.wiring import stack


@cache
def statistics() -> Statistics:
    """The table's statistics."""
    return Statistics(stack.table())


@cache
def queries() -> Figures:
    """Reads statistics, costs and refusals."""
    counters, decisions = Counters(stack.table()), Decisions(stack.table())
    return Figures(statistics(), counters, Clients(stack.table()), decisions, utc_now)

"""Creates the repository of circuits, the limit planner and the limit of look-ups by phone."""

from functools import cache

from ringpass.clock import utc_now
from ringpass.limits.circuit_store import CircuitRepository
from ringpass.limits.counters import CounterRepository
from ringpass.limits.phone_lookups import PhoneLookups
from ringpass.limits.phone_lookups_store import PhoneLookupRepository
from ringpass.limits.planner import LimitPlanner
from ringpass.limits.refusals_store import RefusalRepository
from ringpass.wiring import stack


@cache
def circuits() -> CircuitRepository:
    """Returns the repository of circuit breakers' states."""
    return CircuitRepository(stack.table())


@cache
def phone_lookups() -> PhoneLookups:
    """Returns the rate limiter of look-ups by phone."""
    return PhoneLookups(PhoneLookupRepository(stack.table()), utc_now)


@cache
def planner() -> LimitPlanner:
    """Returns the planner of the counters that a send needs."""
    retention_seconds = stack.settings().retention_seconds
    return LimitPlanner(
        CounterRepository(stack.table()),
        RefusalRepository(stack.table(), retention_seconds),
        stack.secrets(),
    )

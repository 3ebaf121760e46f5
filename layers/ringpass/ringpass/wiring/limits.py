"""Makes circuit breakers' store, the limit planner and the limit on look-ups by phone."""

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
    """Repository of circuits."""
    return CircuitRepository(stack.table())


@cache
def phone_lookups() -> PhoneLookups:
    """Limits look-ups by phone."""
    return PhoneLookups(PhoneLookupRepository(stack.table()), utc_now)


@cache
def planner() -> LimitPlanner:
    """Plans which counters a send needs."""
    kept = stack.settings().retention_seconds
    return LimitPlanner(
        CounterRepository(stack.table()), RefusalRepository(stack.table(), kept), stack.secrets()
    )

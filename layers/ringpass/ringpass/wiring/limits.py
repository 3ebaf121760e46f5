"""Makes circuit breakers' store, the limit planner and the limit on look-ups by phone."""

from functools import cache

from ringpass.clock import utc_now
from ringpass.limits.circuit_store import Suspensions
from ringpass.limits.counters import Counters
from ringpass.limits.phone_lookups import PhoneLookups
from ringpass.limits.phone_lookups_store import PhoneLookupRepository
from ringpass.limits.planner import Allowance
from ringpass.limits.refusals_store import Decisions
from ringpass.wiring import stack


@cache
def circuits() -> Suspensions:
    """The table's suspensions."""
    return Suspensions(stack.table())


@cache
def phone_lookups() -> PhoneLookups:
    """Limits look-ups by phone."""
    return PhoneLookups(PhoneLookupRepository(stack.table()), utc_now)


@cache
def planner() -> Allowance:
    """Plans which counters a send needs."""
    kept = stack.settings().retention_seconds
    return Allowance(Counters(stack.table()), Decisions(stack.table(), kept), stack.secrets())

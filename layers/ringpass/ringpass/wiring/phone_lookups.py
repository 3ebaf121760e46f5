"""Creates the rate limiter of look-ups by phone."""

from functools import cache

from ringpass.clock import utc_now
from ringpass.limits.phone_lookups import PhoneLookups
from ringpass.limits.phone_lookups_store import PhoneLookupRepository
from ringpass.wiring import stack


@cache
def rate_limiter() -> PhoneLookups:
    """Returns the rate limiter."""
    return PhoneLookups(PhoneLookupRepository(stack.table()), utc_now)

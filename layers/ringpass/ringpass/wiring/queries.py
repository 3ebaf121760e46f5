"""Makes what reads deliveries and verifications."""

from functools import cache

from ringpass.clock import utc_now
from ringpass.deliveries.queries import Reads
from ringpass.verifications.queries import VerificationReads
from ringpass.wiring import deliveries, limits, stack, verifications


@cache
def verification_queries() -> VerificationReads:
    """Reads verifications."""
    return VerificationReads(
        verifications.repository(),
        deliveries.repository(),
        limits.phone_lookups(),
        stack.secrets(),
        utc_now,
    )


@cache
def delivery_queries() -> Reads:
    """Reads deliveries."""
    return Reads(deliveries.repository(), limits.phone_lookups(), stack.secrets(), utc_now)

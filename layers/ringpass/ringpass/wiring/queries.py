"""Makes what reads deliveries and verifications."""

from functools import cache

from ringpass.clock import utc_now
from ringpass.deliveries.queries import DeliveryQueries
from ringpass.verifications.queries import VerificationQueries
from ringpass.wiring import deliveries, limits, stack, verifications


@cache
def verification_queries() -> VerificationQueries:
    """Reads verifications."""
    return VerificationQueries(
        verifications.repository(),
        deliveries.repository(),
        limits.phone_lookups(),
        stack.secrets(),
        utc_now,
    )


@cache
def delivery_queries() -> DeliveryQueries:
    """Reads deliveries."""
    return DeliveryQueries(
        deliveries.repository(), limits.phone_lookups(), stack.secrets(), utc_now
    )

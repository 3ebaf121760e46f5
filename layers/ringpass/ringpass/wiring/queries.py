"""Creates the queries of deliveries and verifications."""

from functools import cache

from ringpass.clock import utc_now
from ringpass.deliveries.queries import DeliveryQueries
from ringpass.verifications.queries import VerificationQueries
from ringpass.wiring import deliveries, phone_lookups, stack, verifications


@cache
def verification_queries() -> VerificationQueries:
    """Returns the queries of verifications."""
    return VerificationQueries(
        verifications.repository(),
        deliveries.repository(),
        phone_lookups.rate_limiter(),
        stack.secrets(),
        utc_now,
    )


@cache
def delivery_queries() -> DeliveryQueries:
    """Returns the queries of deliveries."""
    return DeliveryQueries(
        deliveries.repository(), phone_lookups.rate_limiter(), stack.secrets(), utc_now
    )

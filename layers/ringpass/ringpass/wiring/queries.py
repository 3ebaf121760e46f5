"""Creates the queries of deliveries and verifications."""

from functools import cache

from ringpass.clock import utc_now
from ringpass.deliveries.queries import DeliveryQueries
from ringpass.verifications.queries import VerificationQueries
from ringpass.wiring import deliveries, limits, stack, verifications


@cache
def verification_queries() -> VerificationQueries:
    """Returns the queries of verifications."""
    return VerificationQueries(
        verifications.repository(),
        deliveries.repository(),
        limits.phone_lookups(),
        stack.secrets(),
        utc_now,
    )


@cache
def delivery_queries() -> DeliveryQueries:
    """Returns the queries of deliveries."""
    return DeliveryQueries(
        deliveries.repository(), limits.phone_lookups(), stack.secrets(), utc_now
    )

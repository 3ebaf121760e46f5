"""Creates the queries of deliveries and verifications."""

import time
from functools import cache

from ringpass.clock import utc_now
from ringpass.deliveries.queries import DeliveryQueries
from ringpass.verifications.long_poll import LongPoll
from ringpass.verifications.long_poll_slots_store import LongPollSlots
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
def long_poll() -> LongPoll:
    """Returns the reader of single verifications, which may wait for news."""
    slots = LongPollSlots(stack.table(), stack.settings().long_polls)
    return LongPoll(verification_queries(), slots, utc_now, time.sleep)


@cache
def delivery_queries() -> DeliveryQueries:
    """Returns the queries of deliveries."""
    return DeliveryQueries(
        deliveries.repository(), phone_lookups.rate_limiter(), stack.secrets(), utc_now
    )

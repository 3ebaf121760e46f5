"""Creates the receiver of CareSoft's events."""

from functools import cache

from ringpass.clock import utc_now
from ringpass.deliveries.receipts.caresoft import CaresoftWebhookReceiver
from ringpass.wiring import deliveries, stack, unmatched


@cache
def receiver() -> CaresoftWebhookReceiver:
    """Returns the receiver of CareSoft's events."""
    return CaresoftWebhookReceiver(
        stack.secrets(),
        deliveries.repository(),
        deliveries.correlations(),
        unmatched.payloads(),
        unmatched.receipts(),
        utc_now,
    )

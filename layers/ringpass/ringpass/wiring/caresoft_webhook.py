"""Creates the receiver of CareSoft's events."""

from functools import cache

from ringpass.clock import utc_now
from ringpass.deliveries.receipts.caresoft import CaresoftWebhookReceiver
from ringpass.wiring import deliveries, stack, unmatched


@cache
def receiver() -> CaresoftWebhookReceiver:
    """Returns the receiver of CareSoft's events."""
    return CaresoftWebhookReceiver(
        secrets=stack.secrets(),
        deliveries=deliveries.repository(),
        correlations=deliveries.correlations(),
        payloads=unmatched.payloads(),
        unmatched_receipts=unmatched.receipts(),
        clock=utc_now,
    )

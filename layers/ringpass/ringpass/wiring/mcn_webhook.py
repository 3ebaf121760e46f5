"""Creates the receiver of MCN's CDRs."""

from functools import cache

from ringpass.clock import utc_now
from ringpass.deliveries.receipts.mcn import McnWebhookReceiver
from ringpass.http.ip_allowlist import Sources
from ringpass.wiring import deliveries, stack, unmatched


@cache
def sources() -> Sources:
    """Returns the IP allowlist of MCN's webhook."""
    return Sources.from_text(stack.settings().mcn_source_ranges)


@cache
def receiver() -> McnWebhookReceiver:
    """Returns the receiver of MCN's CDRs."""
    return McnWebhookReceiver(
        secrets=stack.secrets(),
        deliveries=deliveries.repository(),
        correlations=deliveries.correlations(),
        payloads=unmatched.payloads(),
        called_field=stack.settings().called_number_field,
        clock=utc_now,
    )

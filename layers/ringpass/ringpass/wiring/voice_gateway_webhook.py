"""Creates the receiver of a voice gateway's call results."""

from functools import cache

from ringpass.clock import utc_now
from ringpass.deliveries.receipts.voice_gateway import VoiceGatewayWebhookReceiver
from ringpass.wiring import deliveries, stack, unmatched


@cache
def receiver() -> VoiceGatewayWebhookReceiver:
    """Returns the receiver of a voice gateway's call results."""
    return VoiceGatewayWebhookReceiver(
        is_set_up=bool(stack.settings().voice_gateway_url),
        secrets=stack.secrets(),
        deliveries=deliveries.repository(),
        correlations=deliveries.correlations(),
        payloads=unmatched.payloads(),
        clock=utc_now,
    )

"""Creates the receiver of Zalo's events."""

from functools import cache

from ringpass.clock import utc_now
from ringpass.deliveries.receipts.zalo import ZaloWebhookReceiver
from ringpass.oa.events.model import CALL_EVENTS, CONSENT_EVENTS
from ringpass.oa.events.receiver import OaEventReceiver
from ringpass.wiring import deliveries, oa_events, stack, unmatched


@cache
def receiver() -> ZaloWebhookReceiver:
    """Returns the receiver of Zalo's events."""
    oa_event_receiver = OaEventReceiver(oa_events.access(), oa_events.repository())
    return ZaloWebhookReceiver(
        secrets=stack.secrets(),
        app_id=stack.settings().zalo_app_id,
        deliveries=deliveries.repository(),
        correlations=deliveries.correlations(),
        payloads=unmatched.payloads(),
        unmatched_receipts=unmatched.receipts(),
        clock=utc_now,
        handlers=dict.fromkeys((*CONSENT_EVENTS, *CALL_EVENTS), oa_event_receiver.keep),
    )

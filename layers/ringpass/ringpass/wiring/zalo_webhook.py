"""Makes the receiver of Zalo's events."""

from functools import cache

from ringpass.clock import utc_now
from ringpass.deliveries.receipts.zalo import ZaloInbox
from ringpass.oa.events.model import CALL_EVENTS, CONSENT_EVENTS
from ringpass.oa.events.receiver import OaInbox
from ringpass.wiring import deliveries, oa_events, stack, unmatched


@cache
def receiver() -> ZaloInbox:
    """Receives Zalo's events."""
    of_the_oa = OaInbox(oa_events.access(), oa_events.repository())
    return ZaloInbox(
        secrets=stack.secrets(),
        app_id=stack.settings().zalo_app_id,
        deliveries=deliveries.repository(),
        references=deliveries.correlations(),
        payloads=unmatched.payloads(),
        strays=unmatched.receipts(),
        clock=utc_now,
        handlers=dict.fromkeys((*CONSENT_EVENTS, *CALL_EVENTS), of_the_oa.keep),
    )

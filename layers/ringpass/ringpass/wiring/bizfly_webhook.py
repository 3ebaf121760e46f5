"""Creates the receiver of Bizfly's call results."""

from functools import cache

from ringpass.clock import utc_now
from ringpass.deliveries.receipts.bizfly import BizflyWebhookReceiver
from ringpass.wiring import call_results, parameters, stack, unmatched


@cache
def receiver() -> BizflyWebhookReceiver:
    """Returns the receiver of Bizfly's call results."""
    return BizflyWebhookReceiver(
        secrets=stack.secrets(),
        results=call_results.call_results(),
        payloads=unmatched.payloads(),
        unmatched_receipts=unmatched.receipts(),
        states=parameters.bizfly_call_states(),
        clock=utc_now,
    )

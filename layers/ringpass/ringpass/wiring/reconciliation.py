"""Makes what polls providers about deliveries of which nothing definite came."""

from functools import cache

from ringpass.aws.due_index import Unfinished
from ringpass.clock import utc_now
from ringpass.deliveries.callees_store import Callees
from ringpass.deliveries.receipts.bizfly_call_log import BizflyLog
from ringpass.deliveries.receipts.reconciler import Reconcile
from ringpass.deliveries.receipts.zalo_status import ZaloStatus
from ringpass.wiring import call_results, deliveries, parameters, providers, stack, zalo


@cache
def reconciler() -> Reconcile:
    """Asks providers about deliveries of which nothing definite came."""
    settings = stack.settings()
    bizfly_log = BizflyLog(
        base_url=settings.bizfly_base_url,
        transmit=providers.transport().send,
        secrets=stack.secrets(),
        callees=Callees(stack.table()),
        results=call_results.call_results(),
        states=parameters.bizfly_call_states(),
    )
    zalo_status = ZaloStatus(settings.zalo_base_url, providers.transport().send, zalo.access_tokens())
    witnesses = (bizfly_log, zalo_status)
    return Reconcile(Unfinished(stack.table()), deliveries.repository(), witnesses, utc_now)

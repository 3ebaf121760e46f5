"""Creates the reconciler, which polls providers about deliveries without a final status."""

from functools import cache

from ringpass.aws.due_index import DueIndex
from ringpass.clock import utc_now
from ringpass.deliveries.callees_store import CalleeRepository
from ringpass.deliveries.receipts.bizfly_call_log import BizflyCallLog
from ringpass.deliveries.receipts.reconciler import Reconciler
from ringpass.deliveries.receipts.zalo_status import ZaloStatus
from ringpass.wiring import call_results, deliveries, parameters, providers, stack, zalo


@cache
def reconciler() -> Reconciler:
    """Returns the reconciler with its pollers."""
    settings = stack.settings()
    bizfly_poller = BizflyCallLog(
        base_url=settings.bizfly_base_url,
        transmit=providers.transport().send,
        secrets=stack.secrets(),
        callees=CalleeRepository(stack.table()),
        results=call_results.call_results(),
        states=parameters.bizfly_call_states(),
        clock=utc_now,
    )
    zalo_poller = ZaloStatus(
        settings.zalo_base_url, providers.transport().send, zalo.access_tokens()
    )
    pollers = (bizfly_poller, zalo_poller)
    return Reconciler(DueIndex(stack.table()), deliveries.repository(), pollers, utc_now)

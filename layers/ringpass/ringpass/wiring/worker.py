"""Creates the task worker."""

from datetime import timedelta
from functools import cache, partial
from typing import TYPE_CHECKING

from ringpass.background.tasks import TaskType
from ringpass.background.worker import TaskWorker
from ringpass.clock import utc_now
from ringpass.deliveries.receipts.bizfly import store_simulated_result
from ringpass.deliveries.receipts.late_matcher import LateMatcher
from ringpass.deliveries.receipts.mcn import store_simulated_cdr
from ringpass.deliveries.receipts.ticket_matcher import TicketMatcher
from ringpass.deliveries.receipts.voice_gateway import store_simulated_call
from ringpass.deliveries.receipts.zalo import store_simulated_arrival
from ringpass.providers.bizfly.facts import BIZFLY
from ringpass.providers.caresoft.facts import CARESOFT
from ringpass.providers.mcn.call_reference import is_own
from ringpass.providers.mcn.facts import MCN
from ringpass.providers.voice_gateway.facts import VOICE_GATEWAY
from ringpass.providers.zalo.facts import ZALO
from ringpass.wiring import (
    bizfly_webhook,
    call_results,
    caresoft_webhook,
    deliveries,
    mcn_webhook,
    stack,
    tasks,
    voice_gateway_webhook,
    zalo_webhook,
)

if TYPE_CHECKING:
    from ringpass.oa.events.dispatcher import EventDispatcher
    from ringpass.verifications.advance import VerificationAdvancer


@cache
def worker() -> TaskWorker:
    """Returns the task worker."""
    repository, correlations = deliveries.repository(), deliveries.correlations()
    window = timedelta(seconds=stack.settings().join_window_seconds)
    is_own_call = partial(is_own, stack.settings().mcn_account_id)
    return TaskWorker(
        deliveries=repository,
        correlations=correlations,
        matchers={
            MCN.name: LateMatcher(
                repository, correlations, window, MCN.repeats_our_id, is_own_call
            ),
            CARESOFT.name: TicketMatcher(repository, correlations, window),
            ZALO.name: LateMatcher(repository, correlations, window, ZALO.repeats_our_id),
            VOICE_GATEWAY.name: LateMatcher(
                repository, correlations, window, VOICE_GATEWAY.repeats_our_id
            ),
        },
        simulations={
            TaskType.PLAY_CDR: partial(store_simulated_cdr, repository, correlations),
            TaskType.PLAY_RESULT: partial(store_simulated_result, call_results.call_results()),
            TaskType.PLAY_ARRIVAL: partial(store_simulated_arrival, repository, correlations),
            TaskType.PLAY_CALL: partial(store_simulated_call, repository, correlations),
        },
        advancer=_advancer,
        oa_events=_oa_event_dispatcher,
        payload_workers={
            MCN.name: mcn_webhook.receiver,
            BIZFLY.name: bizfly_webhook.receiver,
            VOICE_GATEWAY.name: voice_gateway_webhook.receiver,
            CARESOFT.name: caresoft_webhook.receiver,
            ZALO.name: zalo_webhook.receiver,
        },
        queue=tasks.queue(),
        clock=utc_now,
    )


# Imported when a task needs them: they load httpx, which most tasks do not need.


def _advancer() -> "VerificationAdvancer":
    from ringpass.wiring import verification_steps  # noqa: PLC0415

    return verification_steps.advancer()


def _oa_event_dispatcher() -> "EventDispatcher":
    from ringpass.wiring import oa_calls  # noqa: PLC0415

    return oa_calls.event_dispatcher()

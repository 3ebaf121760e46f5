"""Creates the task worker."""

from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

from ringpass.background.worker import TaskWorker
from ringpass.clock import utc_now
from ringpass.deliveries.receipts.late_matching import LateMatcher
from ringpass.deliveries.receipts.ticket_matching import TicketMatcher
from ringpass.wiring import (
    bizfly_webhook,
    call_results,
    caresoft_webhook,
    deliveries,
    mcn_webhook,
    stack,
    tasks,
    zalo_webhook,
)

if TYPE_CHECKING:
    from ringpass.oa.events.dispatcher import EventDispatcher
    from ringpass.verifications.advance import VerificationAdvancer


@cache
def worker() -> TaskWorker:
    """Returns the task worker."""
    window = timedelta(seconds=stack.settings().join_window_seconds)
    late_matcher = LateMatcher(
        deliveries.repository(), deliveries.correlations(), window, stack.settings().mcn_account_id
    )
    return TaskWorker(
        deliveries=deliveries.repository(),
        correlations=deliveries.correlations(),
        matchers={
            "mcn": late_matcher,
            "caresoft": TicketMatcher(deliveries.repository(), deliveries.correlations(), window),
            "zalo": late_matcher,
        },
        results=call_results.call_results(),
        advancer=_advancer,
        oa_events=_oa_event_dispatcher,
        payload_workers={
            "mcn": lambda: mcn_webhook.receiver().receiver,
            "bizfly": lambda: bizfly_webhook.receiver().receiver,
            "caresoft": lambda: caresoft_webhook.receiver().receiver,
            "zalo": lambda: zalo_webhook.receiver().receiver,
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

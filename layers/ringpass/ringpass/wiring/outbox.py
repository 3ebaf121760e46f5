"""Creates the outbox."""

from functools import cache

from ringpass.background.outbox import Outbox
from ringpass.clock import utc_now
from ringpass.config import TestNumbers
from ringpass.events.projector import EventProjector
from ringpass.reporting.projector import StatisticsProjector
from ringpass.wiring import deliveries, events, reporting, stack, tasks
from ringpass.wiring.provider_facts import PROVIDERS


@cache
def outbox() -> Outbox:
    """Returns the outbox."""
    return Outbox(
        deliveries.repository(),
        tasks.queue(),
        utc_now,
        (
            EventProjector(
                events.repository(),
                deliveries.repository(),
                {facts.name: facts.channel for facts in PROVIDERS},
                utc_now,
            ).project,
            StatisticsProjector(reporting.statistics(), deliveries.repository()).count,
        ),
        simulates_receipts=stack.settings().test_numbers is TestNumbers.ON,
        correlations=deliveries.correlations(),
    )

"""Creates the outbox."""

from functools import cache

from ringpass.background.outbox import Outbox
from ringpass.clock import utc_now
from ringpass.config import TestNumbers
from ringpass.deliveries.receipts.webhook_sightings import SightingProjector
from ringpass.events.projector import EventProjector
from ringpass.providers.zalo.facts import ZALO
from ringpass.reporting.projector import StatisticsProjector
from ringpass.wiring import deliveries, events, reporting, stack, tasks, webhook_sightings
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
            SightingProjector(webhook_sightings.sightings(), ZALO.name).project,
        ),
        simulates_receipts=stack.settings().test_numbers is TestNumbers.ON,
        correlations=deliveries.correlations(),
    )

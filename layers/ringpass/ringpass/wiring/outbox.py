"""Creates the outbox."""

from functools import cache

from ringpass.background.outbox import Outbox
from ringpass.clock import utc_now
from ringpass.config import TestNumbers
from ringpass.reporting.projector import StatisticsProjector
from ringpass.wiring import deliveries, reporting, stack, tasks


@cache
def outbox() -> Outbox:
    """Returns the outbox."""
    return Outbox(
        deliveries.repository(),
        tasks.queue(),
        utc_now,
        StatisticsProjector(reporting.statistics(), deliveries.repository()),
        simulates_receipts=stack.settings().test_numbers is TestNumbers.ON,
    )

"""Creates the repositories of deliveries and correlations."""

from functools import cache

from ringpass.deliveries.correlations_store import CorrelationRepository
from ringpass.deliveries.poll_schedule import PollSchedule
from ringpass.deliveries.store import DeliveryRepository
from ringpass.wiring import stack
from ringpass.wiring.provider_facts import PROVIDERS


@cache
def repository() -> DeliveryRepository:
    """Returns the repository of deliveries."""
    schedule = PollSchedule.of(PROVIDERS)
    return DeliveryRepository(stack.table(), stack.settings().retention_seconds, schedule)


@cache
def correlations() -> CorrelationRepository:
    """Returns the repository of correlations."""
    return CorrelationRepository(stack.table(), stack.settings().retention_seconds)

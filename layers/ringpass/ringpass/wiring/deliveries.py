"""Creates the repositories of deliveries and correlations."""

from functools import cache

from ringpass.deliveries.correlations_store import CorrelationRepository
from ringpass.deliveries.store import DeliveryRepository
from ringpass.wiring import stack


@cache
def repository() -> DeliveryRepository:
    """Returns the repository of deliveries."""
    return DeliveryRepository(stack.table(), stack.settings().retention_seconds)


@cache
def correlations() -> CorrelationRepository:
    """Returns the repository of correlations."""
    return CorrelationRepository(stack.table(), stack.settings().retention_seconds)

"""Creates the repository of the times at which providers called their webhooks."""

from functools import cache

from ringpass.deliveries.receipts.webhook_sightings import SightingRepository
from ringpass.wiring import stack


@cache
def sightings() -> SightingRepository:
    """Returns the repository."""
    return SightingRepository(stack.table())

"""Makes the repositories of deliveries and correlations."""

from functools import cache

from ringpass.deliveries.references_store import References
from ringpass.deliveries.store import Deliveries
from ringpass.wiring import stack


@cache
def repository() -> Deliveries:
    """The table's deliveries."""
    return Deliveries(stack.table(), stack.settings().retention_seconds)


@cache
def correlations() -> References:
    """The table's references."""
    return References(stack.table(), stack.settings().retention_seconds)

"""Creates the repository of ceilings, the operator's limits for clients."""

from functools import cache

from ringpass.clients.ceilings.store import CeilingRepository
from ringpass.wiring import stack


@cache
def repository() -> CeilingRepository:
    """Returns the repository of ceilings."""
    return CeilingRepository(stack.table())

"""Makes the repository of what the operator allows clients."""

from functools import cache

from ringpass.clients.ceilings.store import CeilingRepository
from ringpass.wiring import stack


@cache
def repository() -> CeilingRepository:
    """Reads what the operator allows clients."""
    return CeilingRepository(stack.table())

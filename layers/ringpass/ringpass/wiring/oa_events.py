"""Makes what knows whose the OA is, and the repository of its events."""

from functools import cache

from ringpass.oa.access import OaAccess
from ringpass.oa.events.store import OaEventRepository
from ringpass.wiring import stack


@cache
def access() -> OaAccess:
    """Who may use the OA."""
    return OaAccess(stack.settings().zalo_oa_id, stack.settings().zalo_oa_client)


@cache
def repository() -> OaEventRepository:
    """Repository of Zalo's events about the OA."""
    return OaEventRepository(stack.table())

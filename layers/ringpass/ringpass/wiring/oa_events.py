"""Creates the OA's access check and the repository of its events."""

from functools import cache

from ringpass.oa.access import OaAccess
from ringpass.oa.events.store import OaEventRepository
from ringpass.wiring import stack


@cache
def access() -> OaAccess:
    """Returns the access check of the OA."""
    return OaAccess(stack.settings().zalo_oa_id, stack.settings().zalo_oa_client)


@cache
def repository() -> OaEventRepository:
    """Returns the repository of the OA's events."""
    return OaEventRepository(stack.table())

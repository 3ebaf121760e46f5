"""Creates the repository and the service of API keys."""

from functools import cache

from ringpass.clients.api_keys.service import ApiKeyService
from ringpass.clients.api_keys.store import ApiKeyRepository
from ringpass.clock import utc_now
from ringpass.wiring import stack


@cache
def repository() -> ApiKeyRepository:
    """Returns the repository of API keys."""
    return ApiKeyRepository(stack.table())


@cache
def service() -> ApiKeyService:
    """Returns the service of API keys."""
    return ApiKeyService(stack.settings().stack, repository(), utc_now)

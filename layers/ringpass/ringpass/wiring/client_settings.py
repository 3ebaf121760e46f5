"""Creates the service of clients' settings."""

from functools import cache

from ringpass.clients.settings.service import ClientSettingsService
from ringpass.clients.settings.store import ClientSettingsRepository
from ringpass.clock import utc_now
from ringpass.wiring import stack


@cache
def repository() -> ClientSettingsRepository:
    """Returns the repository of clients' settings."""
    return ClientSettingsRepository(stack.table())


@cache
def service() -> ClientSettingsService:
    """Returns the service of clients' settings."""
    return ClientSettingsService(repository(), utc_now)

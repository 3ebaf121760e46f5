"""Creates the service of clients' settings."""

from functools import cache

from ringpass.clients.settings.service import ClientSettingsService
from ringpass.clients.settings.store import ClientSettingsRepository
from ringpass.clock import utc_now
from ringpass.wiring import stack


@cache
def service() -> ClientSettingsService:
    """Returns the service of clients' settings."""
    return ClientSettingsService(ClientSettingsRepository(stack.table()), stack.secrets(), utc_now)

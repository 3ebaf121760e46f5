"""Creates the service that replaces clients' settings."""

from functools import cache

from ringpass.clients.settings.edit import SettingsEditor
from ringpass.clock import utc_now
from ringpass.wiring import client_settings, stack


@cache
def editor() -> SettingsEditor:
    """Returns the service that replaces clients' settings."""
    return SettingsEditor(client_settings.repository(), stack.secrets(), utc_now)

"""Makes the service of clients' settings."""

from functools import cache

from ringpass.clients.settings.service import Preferences
from ringpass.clients.settings.store import Clients
from ringpass.clock import utc_now
from ringpass.wiring import stack


@cache
def service() -> Preferences:
    """Reads and writes clients' settings."""
    return Preferences(Clients(stack.table()), stack.secrets(), utc_now)

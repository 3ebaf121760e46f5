"""Makes what reads and manages API keys."""

from functools import cache

from ringpass.clients.api_keys.service import Keyring
from ringpass.clients.api_keys.store import Keys
from ringpass.clock import utc_now
from ringpass.wiring import stack


@cache
def repository() -> Keys:
    """The table's API keys."""
    return Keys(stack.table())


@cache
def service() -> Keyring:
    """Manages API keys."""
    return Keyring(stack.settings().stack, repository(), utc_now)

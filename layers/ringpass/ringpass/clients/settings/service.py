"""Service of clients' settings: reads them through a cache (``edit`` replaces them).

Sends read them from a cache: a change is in effect everywhere after a minute at most, the same time
that an API key works after its end.
"""

from dataclasses import dataclass, field
from typing import Final

from ringpass.aws.ttl_cache import TtlCache
from ringpass.clients.settings.model import ClientSettings
from ringpass.clients.settings.store import ClientSettingsRepository
from ringpass.clock import Clock
from ringpass.ids import list_key

CACHE_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class ClientSettingsService:
    """Reads clients' settings.

    Attributes:
        clients: Repository of settings.
        clock: Tells the time.
    """

    clients: ClientSettingsRepository
    clock: Clock
    _cache: TtlCache[str, ClientSettings] = field(
        default_factory=lambda: TtlCache(CACHE_SECONDS), repr=False
    )

    def get(self, client: str) -> ClientSettings:
        """Return the client's settings, at most a minute old.

        Raises:
            Unavailable: The table cannot be reached.
        """
        now = self.clock()
        cached = self._cache.get(client, now)
        return cached or self._cache.put(client, self.clients.get(client), now)

    def current(self, client: str) -> ClientSettings:
        """Read the client's current settings.

        Raises:
            Unavailable: The table cannot be reached.
        """
        now = self.clock()
        return self._cache.put(client, self.clients.get(client), now)

    def denies(self, client: str, e164: str, phone_key: str) -> bool:
        """Whether the client's current lists forbid a number.

        Args:
            client: Whose lists.
            e164: The number.
            phone_key: Its look-up key.

        Raises:
            Unavailable: The table cannot be reached.
        """
        return self.current(client).limits.denies(e164, list_key(phone_key, client))

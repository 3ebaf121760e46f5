"""Service of clients' settings: reads and replaces them.

Sends read them from a cache: a change is in effect everywhere after a minute at most, the same time
that an API key works after its end.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

from ringpass.aws.dynamodb import ConditionFailed
from ringpass.aws.secrets import Secrets
from ringpass.aws.ttl_cache import TtlCache
from ringpass.clients.settings.model import ClientSettings
from ringpass.clients.settings.store import ClientSettingsRepository
from ringpass.clients.zns_templates.model import Template
from ringpass.clock import Clock, to_text
from ringpass.errors import SettingsChanged
from ringpass.ids import list_key, phone_key
from ringpass.observability import logger

if TYPE_CHECKING:
    from ringpass.clients.settings.requests import ReplaceCauseTable, ReplaceSettings
    from ringpass.clients.zns_templates.cache import TemplateCache

CACHE_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class ClientSettingsService:
    """Reads and writes clients' settings.

    Attributes:
        clients: Repository of settings.
        secrets: The stack's secrets; needed only to write lists of numbers.
        clock: Tells the time.
    """

    clients: ClientSettingsRepository
    secrets: Secrets
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

    def replace_settings(
        self, client: str, command: "ReplaceSettings", templates: "TemplateCache"
    ) -> ClientSettings:
        """Replace all settings but the cause table; return the new settings.

        Raises:
            SettingsChanged: The change is based on another version.
            ValidationFailed: Two limits do not fit together, a limit is above the operator's
                ceiling, or a template is not registered or takes no code.
            Unavailable: The table or a secret cannot be reached.
        """
        new_settings, now = command.to_settings(partial(self._number_key, client)), self.clock()
        ceiling = self.clients.get(client).ceiling
        command.limits.check_ceiling(new_settings.limits, ceiling)
        for name, loc in new_settings.template_references():
            templates.check(client, name, Template.check_for_codes, loc)
        with _version_conflicts():
            settings = self.clients.replace_settings(
                client, new_settings, to_text(now), command.version
            )
        settings = settings.with_ceiling(ceiling)
        logger().info("settings replaced", client=client, version=settings.version)
        return self._cache.put(client, settings, now)

    def replace_cause_table(self, client: str, command: "ReplaceCauseTable") -> ClientSettings:
        """Replace the client's rows of the cause table; return the new settings.

        Raises:
            SettingsChanged: The change is based on another version.
            ValidationFailed: Two rows have the same key.
            Unavailable: The table cannot be reached.
        """
        rows, now = command.to_rows(), self.clock()
        ceiling = self.clients.get(client).ceiling
        with _version_conflicts():
            settings = self.clients.replace_cause_rows(client, rows, to_text(now), command.version)
        settings = settings.with_ceiling(ceiling)
        logger().info("cause table replaced", client=client, version=settings.version)
        return self._cache.put(client, settings, now)

    def _number_key(self, client: str, e164: str) -> str:
        return list_key(phone_key(self.secrets.value("lookup", "key"), e164), client)


@contextmanager
def _version_conflicts() -> Iterator[None]:
    try:
        yield
    except ConditionFailed:
        raise SettingsChanged("There is another version by now: read it first.") from None

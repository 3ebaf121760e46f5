"""A client's settings: read where they are needed, shown, and replaced.

Whoever sends reads them from a cache: what is changed holds everywhere a minute later at the
latest, as long as an API key lives after its end.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from ringpass.aws.dynamodb import ConditionFailed
from ringpass.aws.secrets import Secrets
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
# A function's instance holds no more clients than this.
_MOST_HELD: Final = 1_000


@dataclass(frozen=True, slots=True)
class ClientSettingsService:
    """Reads and writes clients' settings.

    Attributes:
        clients: The table's settings.
        secrets: The stack's secrets; only numbers that are written need one.
        clock: Tells the time.
    """

    clients: ClientSettingsRepository
    secrets: Secrets
    clock: Clock
    _held: dict[str, tuple[datetime, ClientSettings]] = field(default_factory=dict, repr=False)

    def of(self, client: str) -> ClientSettings:
        """The client's settings, as they were a minute ago at the most.

        Raises:
            Unavailable: The table cannot be reached.
        """
        now = self.clock()
        held = self._held.get(client)
        if held is not None and now - held[0] < timedelta(seconds=CACHE_SECONDS):
            return held[1]
        return self._hold(client, self.clients.get(client), now)

    def current(self, client: str) -> ClientSettings:
        """The client's settings as they are now.

        Raises:
            Unavailable: The table cannot be reached.
        """
        return self._hold(client, self.clients.get(client), self.clock())

    def denies(self, client: str, e164: str, phone_key: str) -> bool:
        """Whether the client's lists, as they are now, forbid to reach a number.

        Args:
            client: Whose lists.
            e164: The number.
            phone_key: Its look-up key.

        Raises:
            Unavailable: The table cannot be reached.
        """
        return self.current(client).limits.denies(e164, list_key(phone_key, client))

    def replace_settings(
        self, client: str, asked: "ReplaceSettings", templates: "TemplateCache"
    ) -> ClientSettings:
        """Replace all but the cause table, and give what holds then.

        Raises:
            SettingsChanged: It was a change of another version.
            ValidationFailed: Two limits do not fit together, a limit is above the operator's
                ceiling, or a template that is named is not registered or takes no code.
            Unavailable: The table or a secret cannot be reached.
        """
        settings, now = asked.settings(partial(self._number_key, client)), self.clock()
        ceiling = self.clients.get(client).ceiling
        asked.limits.check_ceiling(settings.limits, ceiling)
        for name, loc in settings.named_templates():
            templates.check(client, name, Template.check_for_codes, loc)
        with _version_held():
            made = self.clients.replace_settings(client, settings, to_text(now), asked.version)
        made = made.under(ceiling)
        logger().info("settings replaced", client=client, version=made.version)
        return self._hold(client, made, now)

    def replace_cause_table(self, client: str, asked: "ReplaceCauseTable") -> ClientSettings:
        """Replace the client's rows of the cause table, and give what holds then.

        Raises:
            SettingsChanged: It was a change of another version.
            ValidationFailed: Two rows are about the same.
            Unavailable: The table cannot be reached.
        """
        rows, now = asked.changes(), self.clock()
        ceiling = self.clients.get(client).ceiling
        with _version_held():
            made = self.clients.replace_cause_rows(client, rows, to_text(now), asked.version)
        made = made.under(ceiling)
        logger().info("cause table replaced", client=client, version=made.version)
        return self._hold(client, made, now)

    def _hold(self, client: str, settings: ClientSettings, now: datetime) -> ClientSettings:
        if len(self._held) >= _MOST_HELD:
            self._held.clear()
        self._held[client] = now, settings
        return settings

    def _number_key(self, client: str, e164: str) -> str:
        return list_key(phone_key(self.secrets.value("lookup", "key"), e164), client)


@contextmanager
def _version_held() -> Iterator[None]:
    try:
        yield
    except ConditionFailed:
        raise SettingsChanged("There is another version by now: read it first.") from None

"""Cache of scenarios, for calls.

A client's entries are read in one request. A change is in effect everywhere after a minute at most,
as with a client's settings. A refusal never comes from the cache: a scenario that was just
registered or activated can be used at once.
"""

from dataclasses import dataclass, field
from typing import Final

from ringpass.aws.ttl_cache import TtlCache
from ringpass.clients.scenarios.selection import Entry, ScenarioChoice, choose
from ringpass.clients.scenarios.store import ScenarioRepository
from ringpass.clock import Clock
from ringpass.errors import ValidationFailed

CACHE_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class ScenarioCache:
    """Chooses the scenario of a call.

    Attributes:
        scenarios: Repository of scenarios.
        stack_otp_id: OTP id of the stack's own scenario; may be empty.
        clock: Tells the time.
    """

    scenarios: ScenarioRepository
    stack_otp_id: str
    clock: Clock
    _cache: TtlCache[str, tuple[Entry, ...]] = field(
        default_factory=lambda: TtlCache(CACHE_SECONDS), repr=False
    )

    def choose(self, client: str, name: str | None, default: str | None) -> ScenarioChoice:
        """Choose the scenario of a call from the client's entries, at most a minute old.

        Args:
            client: Owner of the entries.
            name: The request's scenario: a registered name or an OTP id; None: none.
            default: The scenario of the client's settings, likewise.

        Raises:
            ValidationFailed: On ``scenario``: ``scenario_unknown``, ``scenario_inactive`` or
                ``scenario_required``.
            Unavailable: The table cannot be reached.
        """
        now = self.clock()
        cached = self._cache.get(client, now)
        if cached is not None:
            try:
                return choose(cached, name, default, self.stack_otp_id)
            except ValidationFailed:
                pass
        entries = self._cache.put(client, tuple(self.scenarios.entries(client)), now)
        return choose(entries, name, default, self.stack_otp_id)

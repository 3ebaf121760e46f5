"""Looks scenarios up for those who call.

A client's entries are read in one request and held: a change holds everywhere a minute later at
the latest, as one of a client's settings does. A refusal is never made from what is held: what has
just been registered or activated can be used at once.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from ringpass.clients.scenarios.selection import Entry, ScenarioChoice, choose
from ringpass.clients.scenarios.store import ScenarioRepository
from ringpass.clock import Clock
from ringpass.errors import ValidationFailed

CACHE_SECONDS: Final = 60
# A function's instance holds no more clients' entries than this.
_MOST_HELD: Final = 1_000


@dataclass(frozen=True, slots=True)
class ScenarioCache:
    """Chooses scenarios.

    Attributes:
        scenarios: The table's scenarios.
        own: OTP id of the stack's own scenario; may be empty.
        clock: Tells the time.
    """

    scenarios: ScenarioRepository
    own: str
    clock: Clock
    _held: dict[str, tuple[datetime, tuple[Entry, ...]]] = field(default_factory=dict, repr=False)

    def choose(self, client: str, name: str | None, default: str | None) -> ScenarioChoice:
        """The scenario of a call, by what the client had registered a minute ago at the most.

        Args:
            client: Who calls.
            name: What the request names: a registered name or an OTP id; None: nothing.
            default: What the client's settings name, likewise.

        Raises:
            ValidationFailed: On ``scenario``: ``scenario_unknown``, ``scenario_inactive`` or
                ``scenario_required``.
            Unavailable: The table cannot be reached.
        """
        now = self.clock()
        held = self._held.get(client)
        if held is not None and now - held[0] < timedelta(seconds=CACHE_SECONDS):
            try:
                return choose(held[1], name, default, self.own)
            except ValidationFailed:
                pass
        return choose(self._read(client, now), name, default, self.own)

    def _read(self, client: str, now: datetime) -> tuple[Entry, ...]:
        entries = tuple(self.scenarios.entries(client))
        if len(self._held) >= _MOST_HELD:
            self._held.clear()
        self._held[client] = now, entries
        return entries

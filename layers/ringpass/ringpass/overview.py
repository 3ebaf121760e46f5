"""How the providers are doing: ``GET /v1/providers``, and the end of a suspension by hand."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from ringpass.clock import Clock, to_text
from ringpass.errors import NotFound
from ringpass.store.suspensions import Suspensions
from ringpass.suspension import Trouble, Verdict, verdict

# Provider -> its channel.
PROVIDERS: Final = {"bizfly": "voice_otp", "mcn": "password_call", "caresoft": "zns"}


@dataclass(frozen=True, slots=True)
class Overview:
    """Reads and ends suspensions.

    Attributes:
        suspensions: The table's suspensions.
        clock: Tells the time.
    """

    suspensions: Suspensions
    clock: Clock

    def providers(self) -> Iterator[dict[str, Any]]:
        """Each provider with its channel and state."""
        for name, channel in PROVIDERS.items():
            trouble = self.suspensions.get(name)
            yield {"name": name, "channel": channel, **self._state(trouble)}

    def _state(self, trouble: Trouble | None) -> dict[str, Any]:
        """``active``; ``suspended`` (nobody asks it), or ``probing`` (the next request tries)."""
        if trouble is None:
            return {"status": "active", "reason": None, "suspended_until": None, "failures": 0}
        until = trouble.suspended_until
        status = "active" if until is None else "suspended"
        if verdict(trouble, self.clock()) is Verdict.PROBE or trouble.probe_until is not None:
            status = "probing"
        return {
            "status": status,
            "reason": trouble.reason,
            "suspended_until": until and to_text(until),
            "failures": len(trouble.failures),
        }

    def end_suspension(self, provider: str) -> None:
        """Forget a provider's failures; harmless if it has none.

        Raises:
            NotFound: There is no such provider.
        """
        if provider not in PROVIDERS:
            raise NotFound("There is no such provider.")
        self.suspensions.forget(provider)

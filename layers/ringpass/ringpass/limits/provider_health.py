"""How the providers are doing: ``GET /v1/providers``, and the end of a suspension by hand."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ringpass.clock import Clock, to_text
from ringpass.errors import Forbidden, NotFound
from ringpass.limits.circuit import Circuit, CircuitState, verdict
from ringpass.limits.circuit_store import CircuitRepository
from ringpass.observability import logger

if TYPE_CHECKING:
    from ringpass.limits import responses

# Provider -> its channel.
PROVIDERS: Final = {
    "bizfly": "voice_otp",
    "mcn": "password_call",
    "caresoft": "zns",
    "zalo": "zns",
}


@dataclass(frozen=True, slots=True)
class ProviderHealth:
    """Reads and ends suspensions.

    Attributes:
        suspensions: The table's suspensions.
        may_end_suspensions: Whether the operator allows that to this client.
        is_configured: Whether the provider of this name has been set up.
        clock: Tells the time.
    """

    suspensions: CircuitRepository
    may_end_suspensions: Callable[[str], bool]
    is_configured: Callable[[str], bool]
    clock: Clock

    def providers(self) -> Iterator["responses.Provider"]:
        """Each provider with its channel and state.

        Raises:
            Unavailable: The table or a secret cannot be read.
        """
        for name, channel in PROVIDERS.items():
            trouble = self.suspensions.get(name)
            until = trouble.suspended_until if trouble else None
            yield {
                "name": name,
                "channel": channel,
                "status": self._status(name, trouble),
                "reason": trouble.reason if trouble else None,
                "suspended_until": to_text(until) if until else None,
                "failures": len(trouble.failures) if trouble else 0,
            }

    def _status(self, name: str, trouble: CircuitState | None) -> str:
        """``active``, or why it is not asked as usual.

        ``not_configured``: it lacks its secret, and is never asked. ``suspended``: nobody asks it
        now. ``probing``: the next request tries it.
        """
        if not self.is_configured(name):
            return "not_configured"
        if trouble is None:
            return "active"
        if verdict(trouble, self.clock()) is Circuit.PROBE or trouble.probe_until is not None:
            return "probing"
        return "active" if trouble.suspended_until is None else "suspended"

    def end_suspension(self, provider: str, client: str) -> None:
        """Forget a provider's failures, for all clients; harmless if it has none.

        Args:
            provider: Its name.
            client: Who wants it, for the log.

        Raises:
            NotFound: There is no such provider.
            Forbidden: The operator does not allow it to this client.
        """
        if provider not in PROVIDERS:
            raise NotFound("There is no such provider.")
        if not self.may_end_suspensions(client):
            raise Forbidden("The operator of the stack does not allow this to the client.")
        self.suspensions.forget(provider)
        logger().info("suspension ended", provider=provider, client=client)

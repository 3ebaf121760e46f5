"""Health of providers: ``GET /v1/providers``, and ending a suspension by hand."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ringpass.audit.model import Action, Change, Resource
from ringpass.audit.store import audit_entry
from ringpass.aws.optimistic_lock import TRIES, attempts
from ringpass.clock import Clock, to_text
from ringpass.errors import Forbidden, NotFound, Unavailable
from ringpass.http.actor import Actor
from ringpass.limits.circuit import Circuit, CircuitState, circuit_of
from ringpass.limits.circuit_store import CircuitRepository
from ringpass.observability import logger

if TYPE_CHECKING:
    from ringpass.limits import responses


@dataclass(frozen=True, slots=True)
class ProviderHealth:
    """Reads and ends suspensions.

    Attributes:
        channels: Provider -> its channel.
        circuits: Repository of circuits.
        may_end_suspensions: Whether the operator allows this client to end suspensions.
        is_configured: Whether the provider of this name has been set up.
        webhook_seen_at: When the provider of this name called its webhook last; None: never.
        clock: Tells the time.
    """

    channels: Mapping[str, str]
    circuits: CircuitRepository
    may_end_suspensions: Callable[[str], bool]
    is_configured: Callable[[str], bool]
    webhook_seen_at: Callable[[str], str | None]
    clock: Clock

    def providers(self) -> Iterator["responses.ListedProvider"]:
        """Returns each provider with its channel, its status, and when it called its webhook.

        Raises:
            Unavailable: The table or a secret cannot be read.
        """
        for name, channel in self.channels.items():
            state = self.circuits.get(name)
            until = state.suspended_until
            yield {
                "name": name,
                "channel": channel,
                "status": self._status(name, state),
                "reason": state.reason,
                "suspended_until": to_text(until) if until else None,
                "failures": len(state.failures),
                "webhook_seen_at": self.webhook_seen_at(name),
            }

    def _status(self, name: str, state: CircuitState) -> str:
        """Returns ``active``, or why the provider gets no requests as usual.

        ``not_configured``: it lacks its secret, and never gets any. ``suspended``: the circuit is
        open. ``probing``: the next request is the probe, or one is in flight.
        """
        if not self.is_configured(name):
            return "not_configured"
        if circuit_of(state, self.clock()) is Circuit.HALF_OPEN or state.probe_until is not None:
            return "probing"
        return "active" if state.suspended_until is None else "suspended"

    def end_suspension(self, provider: str, actor: Actor) -> None:
        """Forget a provider's failures and suspension, for all clients; harmless if it has none.

        Args:
            provider: Its name.
            actor: Who ends it.

        Raises:
            NotFound: There is no such provider.
            Forbidden: The operator does not allow it to this client.
            Unavailable: The table cannot be reached, or is too busy.
        """
        if provider not in self.channels:
            raise NotFound("There is no such provider.")
        if not self.may_end_suspensions(actor.client):
            raise Forbidden("The operator of the stack does not allow this to the client.")
        change = Change(resource=Resource.PROVIDER, resource_id=provider, action=Action.RESUMED)
        for _ in attempts(TRIES):
            now, state = self.clock(), self.circuits.get(provider)
            entry = audit_entry(actor, change, to_text(now))
            if self.circuits.close(provider, state, now, entry):
                logger().info("suspension ended", provider=provider, client=actor.client)
                return
        raise Unavailable("The provider fails too often at once.")

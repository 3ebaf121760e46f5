"""Circuit breaker: admits sends to a provider, or refuses them while it is suspended."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ringpass.aws.optimistic_lock import attempts
from ringpass.clock import Clock
from ringpass.errors import ProviderSuspended, Unavailable
from ringpass.limits.circuit import (
    Circuit,
    Failure,
    after_failure,
    circuit_of,
    failure_reason,
    retry_after,
    with_probe,
)
from ringpass.limits.circuit_store import CircuitRepository
from ringpass.observability import logger
from ringpass.outcomes import Accepted, ProviderResponse

_TRIES: Final = 5


class Permit(StrEnum):
    """How a send was admitted."""

    UNCHECKED = "unchecked"
    """The provider had no failures when the delivery was reserved."""
    CHECKED = "checked"
    """The provider had failures, but the circuit was closed."""
    PROBE = "probe"
    """The circuit was half open."""


@dataclass(frozen=True, slots=True)
class CircuitBreaker:
    """Circuit breaker for one provider.

    Attributes:
        provider: The provider's name.
        circuits: Repository of circuits.
        clock: Tells the time.
    """

    provider: str
    circuits: CircuitRepository
    clock: Clock

    def acquire(self) -> Permit:
        """Check the circuit, and admit one request if it is not open.

        Raises:
            ProviderSuspended: The circuit is open.
        """
        for _ in attempts(_TRIES):
            now, state = self.clock(), self.circuits.get(self.provider)
            match circuit_of(state, now):
                case Circuit.CLOSED:
                    return Permit.CHECKED
                case Circuit.HALF_OPEN if self.circuits.replace(
                    self.provider, state, with_probe(state, now)
                ):
                    return Permit.PROBE
                case Circuit.OPEN:
                    raise ProviderSuspended(
                        f"The provider '{self.provider}' is suspended; nothing was sent.",
                        retry_after=retry_after(state, now),
                    )
        raise ProviderSuspended(f"The provider '{self.provider}' is suspended; nothing was sent.")

    def record_result(
        self, permit: Permit, outcome: ProviderResponse, client: str, phone_key: str
    ) -> None:
        """Record a success or a failure of a client's request for a number.

        An error here is only logged: the request has been sent.
        """
        reason = failure_reason(outcome)
        is_probe = permit is Permit.PROBE
        try:
            if reason is not None:
                self._record_failure(reason, client, phone_key, is_probe=is_probe)
            elif isinstance(outcome, Accepted) and permit is not Permit.UNCHECKED:
                self._record_success(is_probe=is_probe)
        except Unavailable:
            logger().exception("provider's trouble not recorded", provider=self.provider)

    def _record_success(self, *, is_probe: bool) -> None:
        for _ in attempts(_TRIES):
            state = self.circuits.get(self.provider)
            if state.suspended_until is not None and not is_probe:
                return  # Admitted before the suspension: it says nothing of the present state.
            if self.circuits.close(self.provider, state, self.clock()):
                if state.suspended_until is not None:
                    logger().info("provider recovered", provider=self.provider)
                return

    def _record_failure(self, reason: str, client: str, phone_key: str, *, is_probe: bool) -> None:
        for _ in attempts(_TRIES):
            old = self.circuits.get(self.provider)
            new = after_failure(
                old, Failure(self.clock(), client, phone_key), reason, is_probe=is_probe
            )
            if self.circuits.replace(self.provider, old, new):
                if new.suspended_until not in (None, old.suspended_until):
                    clients = sorted({failure.client for failure in new.failures})
                    logger().error(
                        "provider suspended",
                        provider=self.provider,
                        reason=reason,
                        clients=clients,
                    )
                return

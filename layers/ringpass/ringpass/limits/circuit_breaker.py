"""Lets a send through to its provider, or refuses it while the provider is suspended."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ringpass.clock import Clock
from ringpass.errors import ProviderSuspended, Unavailable
from ringpass.limits.circuit import Circuit, Failure, failed, failure, probing, retry_after, verdict
from ringpass.limits.circuit_store import CircuitRepository
from ringpass.observability import logger
from ringpass.outcomes import Accepted, ProviderResponse

_TRIES: Final = 5


class Permit(StrEnum):
    """How a send was let through."""

    FREELY = "freely"
    WATCHED = "watched"
    PROBE = "probe"


@dataclass(frozen=True, slots=True)
class CircuitBreaker:
    """Keeps count of one provider's failures.

    Attributes:
        provider: The provider's name.
        suspensions: The table's suspensions.
        clock: Tells the time.
    """

    provider: str
    suspensions: CircuitRepository
    clock: Clock

    def enter(self) -> Permit:
        """Pass although the provider is in trouble, if that is allowed now.

        Raises:
            ProviderSuspended: Nobody may ask it now.
        """
        for _ in range(_TRIES):
            now, trouble = self.clock(), self.suspensions.get(self.provider)
            match verdict(trouble, now):
                case Circuit.GO:
                    return Permit.WATCHED
                case Circuit.PROBE if trouble and self.suspensions.replace(
                    self.provider, trouble, probing(trouble, now)
                ):
                    return Permit.PROBE
                case Circuit.WAIT if trouble:
                    raise ProviderSuspended(
                        f"The provider '{self.provider}' is suspended; nothing was sent.",
                        headers={"Retry-After": str(retry_after(trouble, now))},
                    )
        raise ProviderSuspended(f"The provider '{self.provider}' is suspended; nothing was sent.")

    def leave(self, passed: Permit, outcome: ProviderResponse, client: str, number: str) -> None:
        """Count what came of a client's request for a number, which is named by its look-up key.

        An error here is only logged: the request has been sent.
        """
        reason = failure(outcome)
        try:
            if reason is not None:
                self._failed(reason, client, number, probe=passed is Permit.PROBE)
            elif isinstance(outcome, Accepted) and passed is not Permit.FREELY:
                self._well(probe=passed is Permit.PROBE)
        except Unavailable:
            logger().exception("provider's trouble not recorded", provider=self.provider)

    def _well(self, *, probe: bool) -> None:
        # Who was let through before a suspension began says nothing of what is now.
        trouble = None if probe else self.suspensions.get(self.provider)
        if trouble is None or trouble.suspended_until is None:
            self.suspensions.forget(self.provider)

    def _failed(self, reason: str, client: str, number: str, *, probe: bool) -> None:
        for _ in range(_TRIES):
            old = self.suspensions.get(self.provider)
            new = failed(old, Failure(self.clock(), client, number), reason, probe=probe)
            if self.suspensions.replace(self.provider, old, new):
                if new.suspended_until and not (old and old.suspended_until == new.suspended_until):
                    clients = sorted({one.client for one in new.failures})
                    logger().error(
                        "provider suspended",
                        provider=self.provider,
                        reason=reason,
                        clients=clients,
                    )
                return

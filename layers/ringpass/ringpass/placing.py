"""Asks a provider: once, and after a 401, which placed nothing, once more with a fresh secret."""

from collections.abc import Callable
from dataclasses import dataclass

from ringpass.commands import SendCommand
from ringpass.credentials import Secret, Secrets
from ringpass.errors import Unavailable
from ringpass.observe import logger
from ringpass.outcomes import UNAUTHORIZED, Outcome, Rejected
from ringpass.providers.wire import HttpAnswer, HttpRequest, NoAnswer, Provider, judge


@dataclass(frozen=True, slots=True)
class Placing[C: SendCommand]:
    """One provider, and the way to it.

    Attributes:
        provider: The provider.
        transmit: Sends one request; ``Transport.send``.
        secrets: The stack's secrets.
        rehearse: Answers for test numbers instead; None where they are sent as any other.
    """

    provider: Provider[C]
    transmit: Callable[[HttpRequest], HttpAnswer | NoAnswer]
    secrets: Secrets
    rehearse: Callable[[C, str], HttpAnswer | NoAnswer] | None = None

    def credential(self, *, refresh: bool = False) -> Secret:
        """The provider's secret.

        Raises:
            Unavailable: It cannot be read.
        """
        name, field = self.provider.name, self.provider.secret_field
        return self.secrets.value(name, field, refresh=refresh)

    def place(self, command: C, delivery_id: str, credential: Secret) -> Outcome:
        """Have a call or message placed, and say what the provider said."""
        outcome = self._ask(command, delivery_id, credential)
        if outcome == Rejected(UNAUTHORIZED):
            # The secret may have been rotated since it was fetched.
            try:
                fresh = self.credential(refresh=True)
            except Unavailable:
                logger().exception("secret not fetched anew", delivery=delivery_id)
            else:
                outcome = self._ask(command, delivery_id, fresh)
        return outcome

    def _ask(self, command: C, delivery_id: str, credential: Secret) -> Outcome:
        if command.phone.is_test and self.rehearse:
            answer = self.rehearse(command, delivery_id)
        else:
            answer = self.transmit(self.provider.request(command, delivery_id, credential))
        return judge(answer, lambda came: self.provider.outcome(command, came))

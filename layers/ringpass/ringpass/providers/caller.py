"""Asks a provider: once, and after a 401, which placed nothing, once more with a fresh secret."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ringpass.errors import Unavailable
from ringpass.observability import logger
from ringpass.outcomes import UNAUTHORIZED, ProviderResponse, Rejected
from ringpass.providers.base import HttpRequest, HttpResponse, NoResponse, Provider, judge
from ringpass.providers.orders import Order
from ringpass.redaction import Secret


class Credentials(Protocol):
    """Where a provider's credential comes from; the stack's secrets are such a place."""

    def value(self, name: str, field: str, *, refresh: bool = False) -> Secret:
        """The credential; with ``refresh``, looked up anew, as the one before was refused."""

    def find(self, name: str, field: str) -> Secret | None:
        """The credential, or None if nobody has put one in."""


@dataclass(frozen=True, slots=True)
class ProviderCaller[O: Order]:
    """One provider, and the way to it.

    Attributes:
        provider: The provider.
        transmit: Sends one request; ``Transport.send``.
        secrets: Where its credential comes from.
        rehearse: Answers for test numbers in the provider's place, given its name, the order and
            the delivery's id; None where they are sent as any other.
    """

    provider: Provider[O]
    transmit: Callable[[HttpRequest], HttpResponse | NoResponse]
    secrets: Credentials
    rehearse: Callable[[str, O, str], HttpResponse | NoResponse] | None = None

    def is_configured(self, order: O) -> bool:
        """Whether all has been set up that the provider needs for this order.

        Where the provider is played for test numbers it is not asked, and needs nothing.

        Raises:
            Unavailable: The secret cannot be read.
        """
        if self._plays(order):
            return True
        name, field = self.provider.secret_of(order)
        return self.provider.is_set_up and self.secrets.find(name, field) is not None

    def credential(self, order: O, *, refresh: bool = False) -> Secret:
        """What the provider knows us by.

        Raises:
            Unavailable: It cannot be read.
        """
        if self._plays(order):
            return Secret("")
        name, field = self.provider.secret_of(order)
        return self.secrets.value(name, field, refresh=refresh)

    def place(
        self,
        order: O,
        delivery_id: str,
        credential: Secret,
        may_ask_again: Callable[[], bool] = lambda: True,
    ) -> ProviderResponse:
        """Have a call or message placed, and say what the provider said.

        ``may_ask_again`` is asked before a second request, and may wait.
        """
        outcome = self._ask(order, delivery_id, credential)
        if outcome == Rejected(UNAUTHORIZED):
            # The secret may have been rotated since it was fetched.
            try:
                fresh = self.credential(order, refresh=True)
            except Unavailable:
                logger().exception("secret not fetched anew", delivery=delivery_id)
            else:
                if may_ask_again():
                    outcome = self._ask(order, delivery_id, fresh)
        return outcome

    def _plays(self, order: O) -> bool:
        return self.rehearse is not None and order.phone.is_test

    def _ask(self, order: O, delivery_id: str, credential: Secret) -> ProviderResponse:
        if self.rehearse and self._plays(order):
            answer = self.rehearse(self.provider.name, order, delivery_id)
        else:
            answer = self.transmit(self.provider.request(order, delivery_id, credential))
        return judge(answer, lambda came: self.provider.outcome(order, came))

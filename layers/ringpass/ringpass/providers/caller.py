"""Caller of a provider: one request, and one retry with a fresh secret after a 401.

A 401 placed nothing, so the second request cannot place a call twice.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from ringpass.errors import Unavailable
from ringpass.observability import logger
from ringpass.outcomes import UNAUTHORIZED, ProviderResponse, Rejected
from ringpass.providers.base import HttpRequest, HttpResponse, NoResponse, Provider, classify
from ringpass.providers.orders import Order
from ringpass.redaction import Secret


class Credentials(Protocol):
    """Source of a provider's credential, such as the stack's secrets."""

    def value(self, name: str, field: str, *, refresh: bool = False) -> Secret:
        """The credential; ``refresh`` reads it anew, after the provider refused the cached one."""

    def find(self, name: str, field: str) -> Secret | None:
        """The credential, or None if none is stored."""


@dataclass(frozen=True, slots=True)
class ProviderCaller[O: Order]:
    """Calls one provider.

    Attributes:
        provider: The provider.
        transmit: Sends one request; ``Transport.send``.
        secrets: Source of its credential.
        simulate: Responds in the provider's place to test numbers, by its name, the order and the
            delivery's id; None: test numbers are sent to the provider.
    """

    provider: Provider[O]
    transmit: Callable[[HttpRequest], HttpResponse | NoResponse]
    secrets: Credentials
    simulate: Callable[[str, O, str], HttpResponse | NoResponse] | None = None

    def is_configured(self, order: O) -> bool:
        """Whether the provider has all the configuration that this order needs.

        A simulated provider gets no request, so it needs none, unless the stack may be without it.

        Raises:
            Unavailable: The secret cannot be read.
        """
        if self._is_simulated(order):
            return self.provider.is_set_up or not self.provider.facts.is_optional
        name, field = self.provider.secret_of(order)
        return self.provider.is_set_up and self.secrets.find(name, field) is not None

    def credential(self, order: O, *, refresh: bool = False) -> Secret:
        """Returns our credential at the provider.

        Raises:
            Unavailable: It cannot be read.
        """
        if self._is_simulated(order):
            return Secret("")
        name, field = self.provider.secret_of(order)
        return self.secrets.value(name, field, refresh=refresh)

    def call(
        self,
        order: O,
        delivery_id: str,
        credential: Secret,
        may_retry: Callable[[], bool] = lambda: True,
    ) -> ProviderResponse:
        """Place a call or message, and return the outcome.

        ``may_retry`` is called before a second request, and may wait.
        """
        outcome = self._call_once(order, delivery_id, credential)
        if outcome == Rejected(UNAUTHORIZED):
            # The secret may have been rotated since it was fetched.
            try:
                fresh = self.credential(order, refresh=True)
            except Unavailable:
                logger().exception("secret not fetched anew", delivery=delivery_id)
            else:
                if may_retry():
                    outcome = self._call_once(order, delivery_id, fresh)
        return outcome

    def _is_simulated(self, order: O) -> bool:
        return self.simulate is not None and order.phone.is_test

    def _call_once(self, order: O, delivery_id: str, credential: Secret) -> ProviderResponse:
        if self.simulate and self._is_simulated(order):
            response = self.simulate(self.provider.facts.name, order, delivery_id)
        else:
            response = self.transmit(self.provider.request(order, delivery_id, credential))
        return classify(response, partial(self.provider.outcome, order))

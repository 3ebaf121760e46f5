"""Creates the HTTP client of providers and their simulator."""

from collections.abc import Callable
from functools import cache

from ringpass.config import PROVIDER_TIMEOUT_SECONDS, TestNumbers
from ringpass.providers.base import HttpResponse, NoResponse
from ringpass.providers.http_client import Transport
from ringpass.providers.orders import Order
from ringpass.wiring import stack


@cache
def transport() -> Transport:
    """Returns the HTTP client of all providers."""
    return Transport(PROVIDER_TIMEOUT_SECONDS)


def simulator() -> Callable[[str, Order, str], HttpResponse | NoResponse] | None:
    """Returns the simulator of replies for test numbers; None if it is not used."""
    if stack.settings().test_numbers is not TestNumbers.ON:
        return None
    from ringpass.providers.simulator.responder import ProviderSimulator  # noqa: PLC0415

    return ProviderSimulator(PROVIDER_TIMEOUT_SECONDS).respond

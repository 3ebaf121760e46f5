"""Makes what asks providers over HTTP."""

from collections.abc import Callable
from functools import cache

from ringpass.config import PROVIDER_TIMEOUT_SECONDS, TestNumbers
from ringpass.providers.base import HttpResponse, NoResponse
from ringpass.providers.http_client import Transport
from ringpass.providers.orders import Order
from ringpass.providers.simulator.responder import ProviderSimulator
from ringpass.wiring import stack


@cache
def transport() -> Transport:
    """The HTTP client of all providers."""
    return Transport(PROVIDER_TIMEOUT_SECONDS)


def simulator() -> Callable[[str, Order, str], HttpResponse | NoResponse] | None:
    """Answers for test numbers, where no sandbox does."""
    if stack.settings().test_numbers is not TestNumbers.ON:
        return None
    return ProviderSimulator(PROVIDER_TIMEOUT_SECONDS).respond

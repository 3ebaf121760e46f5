"""Creates channels and their routes."""

from typing import TYPE_CHECKING

from ringpass.clock import utc_now
from ringpass.config import TestNumbers
from ringpass.deliveries.channel import Channel
from ringpass.deliveries.order_builders import OrderBuilder
from ringpass.deliveries.route import Route
from ringpass.limits.circuit_breaker import CircuitBreaker
from ringpass.limits.rate_limiter import RateLimiter
from ringpass.providers.base import Provider
from ringpass.providers.caller import ProviderCaller
from ringpass.providers.facts import ChannelName
from ringpass.providers.orders import Order
from ringpass.wiring import deliveries, limits, parameters, providers, stack

if TYPE_CHECKING:
    from ringpass.deliveries.requests import SendCommand


def channel[C: SendCommand, O: Order](
    name: ChannelName, order_builder: OrderBuilder[C, O], *routes: Route[O]
) -> Channel[C, O]:
    """Returns a channel with its routes, in the order of fallback."""
    return Channel(
        name=name,
        order_builder=order_builder,
        routes=routes,
        prices=parameters.prices(),
        planner=limits.planner(),
        deliveries=deliveries.repository(),
        correlations=deliveries.correlations(),
        allow_test_numbers=stack.settings().test_numbers is not TestNumbers.OFF,
        clock=utc_now,
    )


def route[O: Order](provider: Provider[O], rate_limiter: RateLimiter | None = None) -> Route[O]:
    """Returns a route: a provider with its circuit breaker and rate limiter."""
    caller = ProviderCaller(
        provider, providers.transport().send, stack.secrets(), providers.simulator()
    )
    return Route(
        caller, CircuitBreaker(provider.facts.name, limits.circuits(), utc_now), rate_limiter
    )

"""Creates the channel of ZNS."""

from functools import cache
from typing import TYPE_CHECKING

from ringpass.clock import utc_now
from ringpass.deliveries.order_builders import MessageOrderBuilder
from ringpass.deliveries.route import Route
from ringpass.limits.circuit_breaker import CircuitBreaker
from ringpass.limits.rate import RateLimit
from ringpass.limits.rate_limiter import RateLimiter
from ringpass.providers.caller import ProviderCaller
from ringpass.providers.caresoft.client import Caresoft
from ringpass.providers.caresoft.facts import CARESOFT
from ringpass.providers.facts import ChannelName
from ringpass.providers.orders import MessageOrder
from ringpass.providers.zalo.zns_client import Zalo
from ringpass.wiring import (
    channels,
    limits,
    providers,
    stack,
    template_cache,
    zalo,
)

if TYPE_CHECKING:
    from ringpass.deliveries.channel import Channel
    from ringpass.deliveries.requests import Zns


@cache
def channel() -> "Channel[Zns, MessageOrder]":
    """Returns the channel of ZNS, through CareSoft or Zalo itself."""
    settings = stack.settings()
    caresoft = Caresoft(settings.caresoft_base_url, settings.caresoft_domain)
    messages = MessageOrderBuilder(template_cache.template_cache(), settings.zalo_oa_id)
    return channels.channel(
        ChannelName.ZNS, messages, channels.route(caresoft, _caresoft_rate_limiter()), _zalo_route()
    )


def _caresoft_rate_limiter() -> RateLimiter:
    settings = stack.settings()
    rate = RateLimit(settings.caresoft_per_second, settings.caresoft_per_hour)
    return RateLimiter(CARESOFT.name, rate, stack.table(), utc_now)


def _zalo_route() -> Route[MessageOrder]:
    provider = Zalo(stack.settings().zalo_base_url, stack.settings().zalo_oa_id)
    caller = ProviderCaller(
        provider, providers.transport().send, zalo.access_tokens(), providers.simulator()
    )
    return Route(
        caller,
        CircuitBreaker(provider.facts.name, limits.circuits(), utc_now),
        meter=zalo.quota_meter(),
    )

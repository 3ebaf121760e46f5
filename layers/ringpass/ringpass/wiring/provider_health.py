"""Creates the service that reads and ends suspensions of providers."""

from functools import cache
from typing import TYPE_CHECKING

from ringpass.clock import utc_now
from ringpass.limits.provider_health import ProviderHealth
from ringpass.providers.bizfly.facts import BIZFLY
from ringpass.providers.caresoft.facts import CARESOFT
from ringpass.providers.mcn.facts import MCN
from ringpass.providers.voice_gateway.facts import VOICE_GATEWAY
from ringpass.providers.zalo.facts import ZALO
from ringpass.wiring import ceilings, limits, stack, webhook_sightings, zalo
from ringpass.wiring.provider_facts import PROVIDERS

if TYPE_CHECKING:
    from collections.abc import Callable


@cache
def health() -> ProviderHealth:
    """Returns the service of providers' suspensions."""
    settings = stack.settings()
    configured: dict[str, Callable[[], bool]] = {
        BIZFLY.name: lambda: stack.secrets().find(BIZFLY.name, "api_key") is not None,
        VOICE_GATEWAY.name: lambda: (
            bool(settings.voice_gateway_url)
            and stack.secrets().find(VOICE_GATEWAY.name, "token") is not None
        ),
        MCN.name: lambda: stack.secrets().find(MCN.name, "token") is not None,
        CARESOFT.name: lambda: (
            bool(settings.caresoft_domain)
            and stack.secrets().find(CARESOFT.name, "token") is not None
        ),
        ZALO.name: lambda: bool(settings.zalo_oa_id) and zalo.access_tokens().find() is not None,
    }
    return ProviderHealth(
        channels={facts.name: facts.channel for facts in PROVIDERS},
        circuits=limits.circuits(),
        may_end_suspensions=lambda client: ceilings.repository().get(client).end_suspensions,
        is_configured=lambda name: configured[name](),
        webhook_seen_at=webhook_sightings.sightings().get,
        clock=utc_now,
    )

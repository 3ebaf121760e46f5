"""Creates the service that reads and ends suspensions of providers."""

from functools import cache
from typing import TYPE_CHECKING

from ringpass.clock import utc_now
from ringpass.limits.provider_health import ProviderHealth
from ringpass.wiring import ceilings, limits, stack, zalo

if TYPE_CHECKING:
    from collections.abc import Callable


@cache
def health() -> ProviderHealth:
    """Returns the service of providers' suspensions."""
    settings = stack.settings()
    configured: dict[str, Callable[[], bool]] = {
        "bizfly": lambda: stack.secrets().find("bizfly", "api_key") is not None,
        "mcn": lambda: stack.secrets().find("mcn", "token") is not None,
        "caresoft": lambda: (
            bool(settings.caresoft_domain) and stack.secrets().find("caresoft", "token") is not None
        ),
        "zalo": lambda: bool(settings.zalo_oa_id) and zalo.access_tokens().find() is not None,
    }
    return ProviderHealth(
        circuits=limits.circuits(),
        may_end_suspensions=lambda client: ceilings.repository().get(client).end_suspensions,
        is_configured=lambda name: configured[name](),
        clock=utc_now,
    )

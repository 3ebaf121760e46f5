"""Makes the service of scenarios and their guides."""

from functools import cache

from ringpass.clients.scenarios.api_guide import Guides
from ringpass.clients.scenarios.service import Registry
from ringpass.clients.scenarios.store import Scenarios
from ringpass.clock import utc_now
from ringpass.wiring import ceilings, stack


@cache
def service() -> Registry:
    """Manages scenarios."""
    return Registry(
        stack.settings().stack, Scenarios(stack.table()), ceilings.repository(), utc_now
    )


@cache
def api_guides() -> Guides:
    """Makes guides to scenarios."""
    return Guides(service(), stack.secrets(), stack.settings().bizfly_base_url)

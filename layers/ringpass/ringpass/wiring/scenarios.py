"""Creates the service of scenarios and their guides."""

from functools import cache

from ringpass.clients.scenarios.api_guide import ApiGuideService
from ringpass.clients.scenarios.service import ScenarioService
from ringpass.clients.scenarios.store import ScenarioRepository
from ringpass.clock import utc_now
from ringpass.providers.bizfly.client import Bizfly
from ringpass.wiring import ceilings, stack


@cache
def service() -> ScenarioService:
    """Returns the service of scenarios."""
    return ScenarioService(
        stack.settings().stack, ScenarioRepository(stack.table()), ceilings.repository(), utc_now
    )


@cache
def api_guides() -> ApiGuideService:
    """Returns the service of scenarios' API guides."""
    return ApiGuideService(service(), stack.secrets(), Bizfly(stack.settings().bizfly_base_url))

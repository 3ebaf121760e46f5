"""Creates the cache of ZNS templates."""

from functools import cache

from ringpass.clients.zns_templates.cache import TemplateCache
from ringpass.clients.zns_templates.store import TemplateRepository
from ringpass.clock import utc_now
from ringpass.wiring import stack


@cache
def repository() -> TemplateRepository:
    """Returns the repository of ZNS templates."""
    return TemplateRepository(stack.table())


@cache
def template_cache() -> TemplateCache:
    """Returns the cache of ZNS templates."""
    return TemplateCache(repository(), utc_now)

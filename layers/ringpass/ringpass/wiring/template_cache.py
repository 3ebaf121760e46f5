"""Makes the cache of ZNS templates."""

from functools import cache

from ringpass.clients.zns_templates.cache import TemplateBook
from ringpass.clients.zns_templates.store import Templates
from ringpass.clock import utc_now
from ringpass.wiring import stack


@cache
def repository() -> Templates:
    """The table's ZNS templates."""
    return Templates(stack.table())


@cache
def cached() -> TemplateBook:
    """Finds ZNS templates."""
    return TemplateBook(repository(), utc_now)

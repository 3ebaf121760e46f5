"""Makes the service of ZNS templates and their quotas."""

from functools import cache

from ringpass.clients.zns_templates.quotas import TemplateQuotas
from ringpass.clients.zns_templates.service import TemplateRegistry
from ringpass.clock import utc_now
from ringpass.providers.zalo.quota_store import SenderQuotas
from ringpass.wiring import stack, template_cache


@cache
def service() -> TemplateRegistry:
    """Manages ZNS templates."""
    return TemplateRegistry(stack.settings().stack, template_cache.repository(), utc_now)


@cache
def quotas() -> TemplateQuotas:
    """Reads the quotas of ZNS templates."""
    oa_id = stack.settings().zalo_oa_id
    return TemplateQuotas(SenderQuotas(stack.table(), "zalo", oa_id), oa_id, utc_now)

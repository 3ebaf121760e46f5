"""Creates the service of ZNS templates and their quotas."""

from functools import cache

from ringpass.clients.zns_templates.quotas import TemplateQuotas
from ringpass.clients.zns_templates.service import TemplateService
from ringpass.clock import utc_now
from ringpass.providers.quota_store import QuotaRepository
from ringpass.providers.zalo.facts import ZALO
from ringpass.wiring import stack, template_cache


@cache
def service() -> TemplateService:
    """Returns the service of ZNS templates."""
    return TemplateService(stack.settings().stack, template_cache.repository(), utc_now)


@cache
def quotas() -> TemplateQuotas:
    """Returns the service of ZNS templates' quotas."""
    oa_id = stack.settings().zalo_oa_id
    return TemplateQuotas(QuotaRepository(stack.table(), ZALO.name, oa_id), oa_id, utc_now)

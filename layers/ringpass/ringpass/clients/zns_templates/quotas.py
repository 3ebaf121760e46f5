"""Remaining daily quota of ZNS templates at Zalo, as Zalo reported it last."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from ringpass.clients.zns_templates.model import Template
from ringpass.clock import Clock
from ringpass.providers.quota_store import QuotaRepository, SenderQuota


@dataclass(frozen=True, slots=True)
class TemplateQuotas:
    """Reads the quotas of templates.

    Attributes:
        repository: Quotas of the stack's OA and its templates.
        oa_id: The stack's OA; empty: none, so no quota is known.
        clock: Tells the time.
    """

    repository: QuotaRepository
    oa_id: str
    clock: Clock

    def for_templates(self, templates: Iterable[Template]) -> Mapping[str, SenderQuota]:
        """Return the known quotas by template id.

        All templates of the OA share its numbers. ``used_up_until`` is the later one of the OA's
        and the template's, and None once it is over.

        Raises:
            Unavailable: The table cannot be reached.
        """
        zns_ids = {
            template.id: template.zns_id
            for template in templates
            if template.zns_id is not None and template.belongs_to(self.oa_id)
        }
        if not zns_ids or not self.oa_id:
            return {}
        quotas = self.repository.get(*dict.fromkeys(zns_ids.values()))
        by_template = {
            template_id: self._merge(quotas.get(None), quotas.get(zns_id))
            for template_id, zns_id in zns_ids.items()
        }
        return {template_id: quota for template_id, quota in by_template.items() if quota}

    def _merge(
        self, oa_quota: SenderQuota | None, template_quota: SenderQuota | None
    ) -> SenderQuota | None:
        shared_quota = oa_quota or template_quota
        if shared_quota is None:
            return None
        now = self.clock()
        ends = [
            quota.used_up_until
            for quota in (oa_quota, template_quota)
            if quota and quota.used_up_until and quota.used_up_until > now
        ]
        return replace(shared_quota, used_up_until=max(ends, default=None))

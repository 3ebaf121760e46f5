"""What Zalo may still be asked to send of a template today, as it was heard last."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from ringpass.clients.zns_templates.model import Template
from ringpass.clock import Clock
from ringpass.providers.zalo.quota_store import QuotaRepository, SenderQuota


@dataclass(frozen=True, slots=True)
class TemplateQuotas:
    """Reads the quotas of templates.

    Attributes:
        kept: What is known of the stack's OA and its templates.
        oa_id: The stack's OA; empty: none, and nothing is known.
        clock: Tells the time.
    """

    kept: QuotaRepository
    oa_id: str
    clock: Clock

    def of(self, templates: Iterable[Template]) -> Mapping[str, SenderQuota]:
        """Id of a template -> its quota, of those of which something is known.

        The numbers are the OA's, which all its templates share; ``used_up_until`` is the template's
        own, too, and None once it is over.

        Raises:
            Unavailable: The table cannot be reached.
        """
        zns_ids = {
            template.id: template.zns_id
            for template in templates
            if template.zns_id is not None and template.is_of(self.oa_id)
        }
        if not zns_ids or not self.oa_id:
            return {}
        known = self.kept.get(*dict.fromkeys(zns_ids.values()))
        found = {
            template_id: self._together(known.get(None), known.get(zns_id))
            for template_id, zns_id in zns_ids.items()
        }
        return {template_id: quota for template_id, quota in found.items() if quota}

    def _together(self, of_oa: SenderQuota | None, own: SenderQuota | None) -> SenderQuota | None:
        told = of_oa or own
        if told is None:
            return None
        now = self.clock()
        ends = [
            quota.used_up_until
            for quota in (of_oa, own)
            if quota and quota.used_up_until and quota.used_up_until > now
        ]
        return replace(told, used_up_until=max(ends, default=None))

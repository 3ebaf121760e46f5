"""Responses about ZNS templates."""

from typing import TYPE_CHECKING

from ringpass.clients.zns_templates.model import Param, Template
from ringpass.clock import to_text
from ringpass.http.idempotency import replay_headers
from ringpass.http.router import Response

if TYPE_CHECKING:
    from ringpass.clients.zns_templates import responses
    from ringpass.clients.zns_templates.quotas import TemplateQuotas
    from ringpass.http.idempotency import Result
    from ringpass.http.pagination import Page
    from ringpass.providers.quota_store import SenderQuota


def template_view(
    template: Template, quota: "SenderQuota | None"
) -> "responses.RegisteredTemplate":
    """Return the view of a template, with its remaining quota at Zalo."""
    return {
        "id": template.id,
        "name": template.name,
        "caresoft_id": template.caresoft_id,
        "zns_id": template.zns_id,
        "oa_id": template.oa_id,
        "approved": template.approved,
        "params": [_param(param) for param in template.params],
        "ticket": template.ticket,
        "code_param": template.code_param,
        "quota": _quota(quota) if quota else None,
        "version": template.version,
        "created_at": template.created_at,
        "updated_at": template.updated_at,
    }


def registered_response(result: "Result[Template]", quotas: "TemplateQuotas") -> Response:
    """Return the response to a registration, also if an earlier request made it."""
    return Response(_view(result.value, quotas), 201, replay_headers(replayed=result.replayed))


def template_response(template: Template, quotas: "TemplateQuotas") -> Response:
    """Return the response with one template."""
    return Response(_view(template, quotas))


def page_response(page: "Page[Template]", quotas: "TemplateQuotas") -> Response:
    """Return the response with a page of templates."""
    by_template = quotas.for_templates(page.items)
    items = [template_view(template, by_template.get(template.id)) for template in page.items]
    return Response({"items": items, "next_cursor": page.next_cursor})


def _view(template: Template, quotas: "TemplateQuotas") -> "responses.RegisteredTemplate":
    return template_view(template, quotas.for_templates([template]).get(template.id))


def _quota(quota: "SenderQuota") -> "responses.ZnsQuota":
    until = quota.used_up_until
    return {
        "daily": quota.daily,
        "remaining": quota.remaining,
        "used_up_until": to_text(until) if until else None,
        "heard_at": to_text(quota.heard_at),
    }


def _param(param: Param) -> "responses.RegisteredParam":
    view: responses.RegisteredParam = {
        "name": param.name,
        "type": param.type,
        "max_length": param.max_length,
        "required": param.required,
        "source": param.source,
    }
    # Only if the source has them, so that the parameter can be sent back as it is.
    if param.value is not None:
        view["value"] = param.value
    if param.key is not None:
        view["key"] = param.key
    return view

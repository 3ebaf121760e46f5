"""ZNS templates as the API answers them."""

from typing import TYPE_CHECKING

from ringpass.api import Response
from ringpass.zns_templates.template import Param, Template

if TYPE_CHECKING:
    from ringpass import answers
    from ringpass.zns_templates.registry import Registered


def template_view(template: Template) -> "answers.RegisteredTemplate":
    """A template as it is registered."""
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
        "version": template.version,
        "created_at": template.created_at,
        "updated_at": template.updated_at,
    }


def registered(result: "Registered") -> Response:
    """The answer to a new template, also where an earlier request registered it."""
    headers = {"Idempotent-Replayed": "true"} if result.replayed else {}
    return Response(template_view(result.template), 201, headers)


def _param(param: Param) -> "answers.RegisteredParam":
    view: answers.RegisteredParam = {
        "name": param.name,
        "type": param.type,
        "max_length": param.max_length,
        "required": param.required,
        "source": param.source,
    }
    # Answered only where the source has them: so a parameter can be sent back as it is.
    if param.value is not None:
        view["value"] = param.value
    if param.key is not None:
        view["key"] = param.key
    return view

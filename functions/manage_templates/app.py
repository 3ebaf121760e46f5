"""Manages a client's ZNS templates: their names and their parameters."""

from ringpass.clients.zns_templates.requests import RegisterTemplate, ReplaceTemplate
from ringpass.clients.zns_templates.views import (
    page_response,
    registered_response,
    template_response,
)
from ringpass.http.router import Api, Request, Response
from ringpass.wiring import zns_templates

api = Api()


@api.route("POST /v1/zns-templates", scope="admin", body=RegisterTemplate)
def register_template(request: Request) -> Response:
    """Register a template as it is at Zalo and at CareSoft."""
    actor, idempotency_key = request.actor, request.headers.get("idempotency-key")
    command = RegisterTemplate.from_json(request.bounded_body())
    result = zns_templates.service().register(command, actor, idempotency_key)
    return registered_response(result, zns_templates.quotas())


@api.route("GET /v1/zns-templates", scope="read")
def list_templates(request: Request) -> Response:
    """The client's templates, newest first."""
    page = zns_templates.service().page(request.client.client, request.query)
    return page_response(page, zns_templates.quotas())


@api.route("GET /v1/zns-templates/{id}", scope="read")
def read_template(request: Request) -> Response:
    """One template."""
    template = zns_templates.service().get(request.client.client, request.path["id"])
    return template_response(template, zns_templates.quotas())


@api.route("PUT /v1/zns-templates/{id}", scope="admin", body=ReplaceTemplate)
def replace_template(request: Request) -> Response:
    """Replace a template as a whole."""
    command = ReplaceTemplate.from_json(request.bounded_body())
    actor, template_id = request.actor, request.path["id"]
    template = zns_templates.service().replace(actor, template_id, command)
    return template_response(template, zns_templates.quotas())


@api.route("DELETE /v1/zns-templates/{id}", scope="admin")
def delete_template(request: Request) -> Response:
    """Delete a template; its name is free again."""
    template = zns_templates.service().delete(request.actor, request.path["id"])
    return template_response(template, zns_templates.quotas())


handler = api.handle

"""Manages a client's ZNS templates: what it calls them, and what their parameters take."""

from ringpass import wiring
from ringpass.api import Api, Request, Response
from ringpass.zns_templates.commands import RegisterTemplate, ReplaceTemplate
from ringpass.zns_templates.views import registered, template_view

api = Api()


@api.route("POST /v1/zns-templates", scope="admin", body=RegisterTemplate)
def register_template(request: Request) -> Response:
    """Register a template as it is at Zalo and at CareSoft."""
    client, key = request.client.client, request.headers.get("idempotency-key")
    asked = RegisterTemplate.from_json(request.bounded_body())
    return registered(wiring.template_registry().register(asked, client, key))


@api.route("GET /v1/zns-templates", scope="read")
def list_templates(request: Request) -> Response:
    """The client's templates, newest first."""
    page = wiring.template_registry().page(request.client.client, request.query)
    items = [template_view(template) for template in page.items]
    return Response({"items": items, "next_cursor": page.next_cursor})


@api.route("GET /v1/zns-templates/{id}", scope="read")
def read_template(request: Request) -> Response:
    """One template."""
    registry = wiring.template_registry()
    return Response(template_view(registry.one(request.client.client, request.path["id"])))


@api.route("PUT /v1/zns-templates/{id}", scope="admin", body=ReplaceTemplate)
def replace_template(request: Request) -> Response:
    """Replace a template as a whole."""
    asked = ReplaceTemplate.from_json(request.bounded_body())
    client, registry = request.client.client, wiring.template_registry()
    return Response(template_view(registry.replace(client, request.path["id"], asked)))


@api.route("DELETE /v1/zns-templates/{id}", scope="admin")
def delete_template(request: Request) -> Response:
    """Delete a template; its name is free again."""
    registry = wiring.template_registry()
    return Response(template_view(registry.delete(request.client.client, request.path["id"])))


handler = api.handle

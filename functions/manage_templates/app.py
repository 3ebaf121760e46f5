"""Manages a client's ZNS templates: what it calls them, and what their parameters take."""

from ringpass import wiring
from ringpass.clients.zns_templates.requests import RegisterTemplate, ReplaceTemplate
from ringpass.clients.zns_templates.views import one_template, page_of_templates, registered
from ringpass.http.router import Api, Request, Response

api = Api()


@api.route("POST /v1/zns-templates", scope="admin", body=RegisterTemplate)
def register_template(request: Request) -> Response:
    """Register a template as it is at Zalo and at CareSoft."""
    client, key = request.client.client, request.headers.get("idempotency-key")
    asked = RegisterTemplate.from_json(request.bounded_body())
    made = wiring.template_registry().register(asked, client, key)
    return registered(made, wiring.template_quotas())


@api.route("GET /v1/zns-templates", scope="read")
def list_templates(request: Request) -> Response:
    """The client's templates, newest first."""
    page = wiring.template_registry().page(request.client.client, request.query)
    return page_of_templates(page, wiring.template_quotas())


@api.route("GET /v1/zns-templates/{id}", scope="read")
def read_template(request: Request) -> Response:
    """One template."""
    one = wiring.template_registry().one(request.client.client, request.path["id"])
    return one_template(one, wiring.template_quotas())


@api.route("PUT /v1/zns-templates/{id}", scope="admin", body=ReplaceTemplate)
def replace_template(request: Request) -> Response:
    """Replace a template as a whole."""
    asked = ReplaceTemplate.from_json(request.bounded_body())
    client, template_id = request.client.client, request.path["id"]
    one = wiring.template_registry().replace(client, template_id, asked)
    return one_template(one, wiring.template_quotas())


@api.route("DELETE /v1/zns-templates/{id}", scope="admin")
def delete_template(request: Request) -> Response:
    """Delete a template; its name is free again."""
    one = wiring.template_registry().delete(request.client.client, request.path["id"])
    return one_template(one, wiring.template_quotas())


handler = api.handle

"""Registers, replaces, deletes and enables a client's webhook endpoints, rotates their secrets."""

from ringpass.http.router import Api, Request, Response
from ringpass.webhook_endpoints.requests import (
    RegisterEndpoint,
    ReplaceEndpoint,
    RotateEndpointSecret,
)
from ringpass.webhook_endpoints.views import endpoint_response, secret_response
from ringpass.wiring.webhook_endpoints import service

api = Api()
ONE = "/v1/webhook-endpoints/{id}"


@api.route("POST /v1/webhook-endpoints", scope="admin", body=RegisterEndpoint)
def register_webhook_endpoint(request: Request) -> Response:
    """Register where events are posted; this answer is the one time that its secret is seen."""
    key = request.headers.get("idempotency-key")
    command = RegisterEndpoint.from_json(request.bounded_body())
    result = service().register(command, request.actor, key)
    return secret_response(service(), result.value, 201, replayed=result.replayed)


@api.route(f"PUT {ONE}", scope="admin", body=ReplaceEndpoint)
def replace_webhook_endpoint(request: Request) -> Response:
    """Replace URL, types and description of an endpoint."""
    command = ReplaceEndpoint.from_json(request.bounded_body())
    return endpoint_response(service().replace(request.actor, request.path["id"], command))


@api.route(f"DELETE {ONE}", scope="admin")
def delete_webhook_endpoint(request: Request) -> Response:
    """Delete an endpoint; what is on its way may still arrive."""
    return endpoint_response(service().delete(request.actor, request.path["id"]))


@api.route(f"POST {ONE}/enable", scope="admin")
def enable_webhook_endpoint(request: Request) -> Response:
    """Deliver events again, from now on; earlier ones can be replayed."""
    return endpoint_response(service().enable(request.actor, request.path["id"]))


@api.route(f"POST {ONE}/rotate-secret", scope="admin", body=RotateEndpointSecret)
def rotate_webhook_secret(request: Request) -> Response:
    """Make a new secret; the old one signs as well, a day long without a body."""
    actor, id_ = request.actor, request.path["id"]
    command = RotateEndpointSecret.from_json(request.bounded_body() or b"{}")
    return secret_response(service(), service().rotate(actor, id_, command.overlap_seconds), 200)


handler = api.handle

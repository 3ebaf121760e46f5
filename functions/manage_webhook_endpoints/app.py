"""Manages a client's webhook endpoints, tests them, and sends events again."""

from ringpass.http.router import Api, Request, Response
from ringpass.webhook_endpoints.requests import (
    RegisterEndpoint,
    ReplaceEndpoint,
    ReplayEvents,
    RotateEndpointSecret,
)
from ringpass.webhook_endpoints.views import attempts_response, endpoint_view, secret_response
from ringpass.wiring import webhook_endpoints

api = Api()


@api.route("POST /v1/webhook-endpoints", scope="admin", body=RegisterEndpoint)
def register_webhook_endpoint(request: Request) -> Response:
    """Register where events are posted; this answer is the one time that its secret is seen."""
    client, idempotency_key = request.client.client, request.headers.get("idempotency-key")
    command = RegisterEndpoint.from_json(request.bounded_body())
    service = webhook_endpoints.service()
    result = service.register(command, client, idempotency_key)
    secret = service.secret(result.value)
    return secret_response(result.value, secret, 201, replayed=result.replayed)


@api.route("GET /v1/webhook-endpoints", scope="admin")
def list_webhook_endpoints(request: Request) -> Response:
    """The client's endpoints, newest first, without their secrets."""
    page = webhook_endpoints.service().page(request.client.client, request.query)
    items = [endpoint_view(one) for one in page.items]
    return Response({"items": items, "next_cursor": page.next_cursor})


@api.route("GET /v1/webhook-endpoints/{id}", scope="admin")
def read_webhook_endpoint(request: Request) -> Response:
    """One endpoint."""
    endpoint = webhook_endpoints.service().get(request.client.client, request.path["id"])
    return Response(endpoint_view(endpoint))


@api.route("PUT /v1/webhook-endpoints/{id}", scope="admin", body=ReplaceEndpoint)
def replace_webhook_endpoint(request: Request) -> Response:
    """Replace URL, types and description of an endpoint."""
    command = ReplaceEndpoint.from_json(request.bounded_body())
    client, endpoint_id = request.client.client, request.path["id"]
    return Response(
        endpoint_view(webhook_endpoints.service().replace(client, endpoint_id, command))
    )


@api.route("DELETE /v1/webhook-endpoints/{id}", scope="admin")
def delete_webhook_endpoint(request: Request) -> Response:
    """Delete an endpoint; what is on its way may still arrive."""
    client, endpoint_id = request.client.client, request.path["id"]
    return Response(endpoint_view(webhook_endpoints.service().delete(client, endpoint_id)))


@api.route(
    "POST /v1/webhook-endpoints/{id}/rotate-secret", scope="admin", body=RotateEndpointSecret
)
def rotate_webhook_secret(request: Request) -> Response:
    """Make a new secret; the old one signs as well, a day long without a body."""
    command = RotateEndpointSecret.from_json(request.bounded_body() or b"{}")
    client, endpoint_id = request.client.client, request.path["id"]
    service = webhook_endpoints.service()
    endpoint = service.rotate(client, endpoint_id, command.overlap_seconds)
    return secret_response(endpoint, service.secret(endpoint), 200)


@api.route("POST /v1/webhook-endpoints/{id}/enable", scope="admin")
def enable_webhook_endpoint(request: Request) -> Response:
    """Deliver events again, from now on; earlier ones can be replayed."""
    client, endpoint_id = request.client.client, request.path["id"]
    return Response(endpoint_view(webhook_endpoints.service().enable(client, endpoint_id)))


@api.route("POST /v1/webhook-endpoints/{id}/test", scope="admin")
def test_webhook_endpoint(request: Request) -> Response:
    """Send a `ping`, once, also to an endpoint that is disabled."""
    client, endpoint_id = request.client.client, request.path["id"]
    event = webhook_endpoints.redelivery().test(client, endpoint_id)
    return Response({"event_id": event.id}, 202)


@api.route("POST /v1/webhook-endpoints/{id}/replay", scope="admin", body=ReplayEvents)
def replay_events(request: Request) -> Response:
    """Send events again, each once, also to an endpoint that is disabled."""
    command = ReplayEvents.from_json(request.bounded_body())
    client, endpoint_id = request.client.client, request.path["id"]
    count = webhook_endpoints.redelivery().replay(client, endpoint_id, command)
    return Response({"events": count}, 202)


@api.route("GET /v1/webhook-endpoints/{id}/attempts", scope="admin")
def list_webhook_attempts(request: Request) -> Response:
    """The tries to deliver events to an endpoint, newest first."""
    endpoint = webhook_endpoints.service().get(request.client.client, request.path["id"])
    return attempts_response(webhook_endpoints.attempt_queries().page(endpoint.id, request.query))


handler = api.handle

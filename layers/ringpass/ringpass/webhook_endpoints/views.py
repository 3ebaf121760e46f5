"""Responses about webhook endpoints."""

from typing import TYPE_CHECKING

from ringpass.http.idempotency import replay_headers
from ringpass.http.router import Response

if TYPE_CHECKING:
    from ringpass.events.responses import WebhookEndpointData
    from ringpass.http.pagination import Page
    from ringpass.webhook_endpoints import responses
    from ringpass.webhook_endpoints.attempts_store import Attempt
    from ringpass.webhook_endpoints.model import Endpoint
    from ringpass.webhook_endpoints.service import EndpointService


def endpoint_view(endpoint: "Endpoint") -> "WebhookEndpointData":
    """Returns the view of an endpoint, without its secret."""
    return {
        "id": endpoint.id,
        "url": endpoint.url,
        "types": list(endpoint.types),
        "description": endpoint.description,
        "status": endpoint.status,
        "disabled_reason": endpoint.disabled_reason,
        "version": endpoint.version,
        "created_at": endpoint.created_at,
        "updated_at": endpoint.updated_at,
    }


def endpoint_response(endpoint: "Endpoint") -> Response:
    """Returns the response with one endpoint."""
    return Response(endpoint_view(endpoint))


def page_response(page: "Page[Endpoint]") -> Response:
    """Returns the response with a page of endpoints."""
    items = [endpoint_view(endpoint) for endpoint in page.items]
    return Response({"items": items, "next_cursor": page.next_cursor})


def secret_response(
    service: "EndpointService", endpoint: "Endpoint", status: int, *, replayed: bool = False
) -> Response:
    """Returns a response with the secret: to a registration or a rotation."""
    secret = service.secret(endpoint).reveal()
    body: responses.NewWebhookEndpoint = {**endpoint_view(endpoint), "secret": secret}
    return Response(body, status, replay_headers(replayed=replayed))


def attempt_view(attempt: "Attempt") -> "responses.WebhookAttempt":
    """Returns the view of a try."""
    return {
        "event_id": attempt.event_id,
        "attempt": attempt.attempt,
        "at": attempt.at,
        "http_status": attempt.http_status,
        "error": attempt.error,
        "duration_ms": attempt.duration_ms,
        "next_at": attempt.next_at,
        "replay": attempt.replay,
    }


def attempts_response(page: "Page[Attempt]") -> Response:
    """Returns the response with a page of tries."""
    return Response(
        {"items": [attempt_view(one) for one in page.items], "next_cursor": page.next_cursor}
    )

"""Tests webhook endpoints, and sends events again."""

from ringpass.http.router import Api, Request, Response
from ringpass.webhook_endpoints.requests import ReplayEvents
from ringpass.wiring.webhook_replay import redelivery

api = Api()


@api.route("POST /v1/webhook-endpoints/{id}/test", scope="admin")
def test_webhook_endpoint(request: Request) -> Response:
    """Send a `ping`, once, also to an endpoint that is disabled."""
    event = redelivery().test(request.client.client, request.path["id"])
    return Response({"event_id": event.id}, 202)


@api.route("POST /v1/webhook-endpoints/{id}/replay", scope="admin", body=ReplayEvents)
def replay_events(request: Request) -> Response:
    """Send events again, each once, also to an endpoint that is disabled."""
    client, command = request.client.client, ReplayEvents.from_json(request.bounded_body())
    count = redelivery().replay(client, request.path["id"], command)
    return Response({"events": count}, 202)


handler = api.handle

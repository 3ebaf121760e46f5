"""Manages a client's API keys, for those of its keys that have the scope admin."""

from ringpass.clients.api_keys.requests import CreateKey, RotateKey
from ringpass.clients.api_keys.views import created_response, key_view
from ringpass.http.router import Api, Request, Response
from ringpass.wiring import api_keys

api = Api()
IDEMPOTENCY_KEY = "idempotency-key"


@api.route("POST /v1/keys", scope="admin", body=CreateKey)
def create_key(request: Request) -> Response:
    """Make another key; this answer is the one time that it is seen."""
    actor, idempotency_key = request.actor, request.headers.get(IDEMPOTENCY_KEY)
    command = CreateKey.from_json(request.bounded_body())
    return created_response(
        api_keys.service().create(actor, command.scopes, command.label, idempotency_key)
    )


@api.route("GET /v1/keys", scope="admin")
def list_keys(request: Request) -> Response:
    """The client's keys, newest first, without their secrets."""
    page = api_keys.service().page(request.client.client, request.query)
    return Response(
        {"items": [key_view(key) for key in page.items], "next_cursor": page.next_cursor}
    )


@api.route("DELETE /v1/keys/{id}", scope="admin")
def revoke_key(request: Request) -> Response:
    """End a key; API Gateway remembers it for 60 seconds at most."""
    record = api_keys.service().revoke(request.actor, request.path["id"])
    return Response(key_view(record))


@api.route("POST /v1/keys/{id}/rotate", scope="admin", body=RotateKey)
def rotate_key(request: Request) -> Response:
    """Make a key like this one, which ends; without a body it ends at once."""
    actor, idempotency_key = request.actor, request.headers.get(IDEMPOTENCY_KEY)
    command = RotateKey.from_json(request.bounded_body() or b"{}")
    return created_response(
        api_keys.service().rotate(
            actor, request.path["id"], command.overlap_seconds, idempotency_key
        )
    )


handler = api.handle

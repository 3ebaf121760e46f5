"""Responses about API keys."""

from typing import TYPE_CHECKING

from ringpass.http.idempotency import replay_headers
from ringpass.http.router import Response

if TYPE_CHECKING:
    from ringpass.clients.api_keys import responses
    from ringpass.clients.api_keys.service import CreatedKey
    from ringpass.clients.api_keys.store import KeyRecord


def key_view(record: "KeyRecord") -> "responses.Key":
    """Return the view of an API key, without its secret."""
    return {
        "id": record.id,
        "client": record.client,
        "scopes": list(record.scopes),
        "label": record.label,
        "created_at": record.created_at,
        "valid_until": record.valid_until,
        "revoked_at": record.revoked_at,
        "replaced_by": record.replaced_by,
    }


def created_response(result: "CreatedKey") -> Response:
    """Return the response to a new key, the only one that shows its secret."""
    view = key_view(result.record)
    if result.key is None:
        return Response(view, 201, replay_headers(replayed=True))
    body: responses.NewKey = {**view, "key": result.key}
    return Response(body, 201)

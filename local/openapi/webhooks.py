"""The events as requests to a client's endpoint: the headers, and OpenAPI's ``webhooks``."""

from typing import Any, Final

from local.openapi.event_schemas import schema_name, sentence
from ringpass.events.model import EventType

HEADERS: Final[dict[str, dict[str, Any]]] = {
    "webhook-id": {
        "description": "The event's `id`: the same for every try and every replay.",
        "schema": {"type": "string", "pattern": "^evt_[a-z2-7]{32}$"},
    },
    "webhook-timestamp": {
        "description": "When this request was made: seconds since 1970. It is signed, too.",
        "schema": {"type": "string", "pattern": "^[0-9]+$"},
    },
    "webhook-signature": {
        "description": (
            "`v1,` and the Base64 of the HMAC-SHA256 of `<id>.<timestamp>.<body>` under the "
            "endpoint's secret. While an old secret is valid too there are several, with a space "
            "between them."
        ),
        "schema": {"type": "string", "pattern": "^v1,[^ ]+( v1,[^ ]+)*$"},
    },
    "ringpass-replay": {
        "description": "`true` if the event was asked for again; else it is left out.",
        "schema": {"type": "string", "const": "true"},
    },
}
"""Of Standard Webhooks 1.0, and one of our own."""
OPTIONAL: Final = frozenset({"ringpass-replay"})

_PARAMETERS: Final = {
    "WebhookId": "webhook-id",
    "WebhookTimestamp": "webhook-timestamp",
    "WebhookSignature": "webhook-signature",
    "WebhookReplay": "ringpass-replay",
}
_RESPONSES: Final = {
    "2XX": {"description": "The endpoint has the event."},
    "410": {"description": "The endpoint wants no events any more: it is disabled at once."},
    "default": {
        "description": (
            "Also a redirection, and no response within 15 seconds: the event is sent again, for "
            "three days at most. `Retry-After` is kept."
        )
    },
}


def parameters() -> dict[str, Any]:
    """The headers as ``components.parameters``."""
    return {
        name: {"name": header, "in": "header", "required": header not in OPTIONAL} | HEADERS[header]
        for name, header in _PARAMETERS.items()
    }


def webhooks() -> dict[str, Any]:
    """The object ``webhooks``, one a type of event."""
    return {
        type_: {
            "post": {
                "operationId": f"on{schema_name(type_)}",
                "summary": sentence(type_),
                "tags": ["Events"],
                "security": [],
                "parameters": [{"$ref": f"#/components/parameters/{name}"} for name in _PARAMETERS],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {"$ref": f"#/components/schemas/{schema_name(type_)}"}
                        }
                    },
                },
                "responses": _RESPONSES,
            }
        }
        for type_ in EventType
    }

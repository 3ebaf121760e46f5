"""The events in AsyncAPI 3.0: as requests to a client's endpoint, and on an EventBridge bus.

The schemas are those of docs/schemas. They use of JSON Schema what draft 7, which AsyncAPI builds
on, and the draft of the files understand alike.
"""

from collections.abc import Mapping
from typing import Any, Final

from local.openapi.event_schemas import event_schemas, referred, schema_name, sentence
from local.openapi.webhooks import HEADERS, OPTIONAL
from ringpass import __version__
from ringpass.events.model import EventType

_DESCRIPTION: Final = """\
What has happened, each fact once by its `id`, numbered for each subject from 1 without gaps.

Data may get further fields, words further values, and there may be further types: pass over those \
that you do not know."""
_WEBHOOKS: Final = {
    "title": "Webhooks",
    "description": (
        "A client's endpoint, an https URL that it registers with `POST /v1/webhook-endpoints`. "
        "Requests follow Standard Webhooks 1.0. A 2xx takes the event; anything else is tried "
        "again for three days, 410 disables the endpoint."
    ),
}
_BUS: Final = {
    "title": "Event bus",
    "description": (
        "The stack's EventBridge bus, if its parameter `EventBus` is on: all clients' events. "
        "The source is `ringpass.` and the stage, the detail type the event's type, the detail "
        "the event."
    ),
}
_ENVELOPE: Final[dict[str, Any]] = {
    "description": "An event as EventBridge delivers it; AWS documents the other fields.",
    "type": "object",
    "properties": {
        "id": {"type": "string", "description": "EventBridge's own; the event's is in `detail`."},
        "source": {"type": "string", "pattern": "^ringpass\\."},
        "detail-type": {"type": "string", "description": "The event's type."},
        "account": {"type": "string"},
        "time": {"type": "string", "format": "date-time"},
        "region": {"type": "string"},
        "detail": {"type": "object", "description": "The event."},
    },
    "required": ["id", "source", "detail-type", "account", "time", "region", "detail"],
}


def asyncapi(schemas: Mapping[str, Any]) -> dict[str, Any]:
    """The whole document.

    Args:
        schemas: The schemas of the API, by their names.
    """
    events = event_schemas(schemas)
    messages: dict[str, Any] = {str(type_): _message(type_) for type_ in EventType}
    bus_messages = {f"{type_}.on_bus": _message_on_bus(type_) for type_ in EventType}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Ringpass events",
            "version": __version__,
            "description": _DESCRIPTION,
        },
        "defaultContentType": "application/json",
        "channels": {
            "webhooks": _channel(_WEBHOOKS, messages),
            "eventBus": _channel(_BUS, bus_messages),
        },
        "operations": {
            "sendWebhook": {
                "action": "send",
                "channel": {"$ref": "#/channels/webhooks"},
                "summary": "Send an event to an endpoint that wants its type",
                "bindings": {"http": {"method": "POST", "bindingVersion": "0.3.0"}},
                "messages": list(_references("channels/webhooks/messages", messages).values()),
            },
            "putOnEventBus": {
                "action": "send",
                "channel": {"$ref": "#/channels/eventBus"},
                "summary": "Put an event on the bus",
                "messages": list(_references("channels/eventBus/messages", bus_messages).values()),
            },
        },
        "components": {
            "messages": messages | bus_messages,
            "schemas": {
                **referred(events, schemas),
                **events,
                "EventBridgeEnvelope": _ENVELOPE,
                "WebhookHeaders": {
                    "type": "object",
                    "properties": {
                        name: {"description": header["description"], **header["schema"]}
                        for name, header in HEADERS.items()
                    },
                    "required": [name for name in HEADERS if name not in OPTIONAL],
                },
            },
        },
    }


def _channel(texts: Mapping[str, str], messages: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "address": None,
        **texts,
        "messages": _references("components/messages", messages),
    }


def _references(where: str, named: Mapping[str, Any]) -> dict[str, Any]:
    return {name: {"$ref": f"#/{where}/{name}"} for name in named}


def _message(type_: EventType) -> dict[str, Any]:
    return {
        "name": type_,
        "title": type_,
        "summary": sentence(type_),
        "headers": {"$ref": "#/components/schemas/WebhookHeaders"},
        "payload": {"$ref": f"#/components/schemas/{schema_name(type_)}"},
    }


def _message_on_bus(type_: EventType) -> dict[str, Any]:
    return {
        "name": type_,
        "title": type_,
        "summary": sentence(type_),
        "payload": {
            "allOf": [{"$ref": "#/components/schemas/EventBridgeEnvelope"}],
            "properties": {
                "detail-type": {"const": type_},
                "detail": {"$ref": f"#/components/schemas/{schema_name(type_)}"},
            },
        },
    }

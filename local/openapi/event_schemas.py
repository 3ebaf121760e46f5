"""Schemas of the events, one a type: docs/schemas/<type>.json, and the same in both documents."""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from local.openapi.names import reference
from local.paths import ROOT
from ringpass.events.model import EventType
from ringpass.events.responses import (
    ConsentData,
    DeliveryData,
    OaCallData,
    RefusalData,
    VerificationData,
    WebhookEndpointData,
)
from ringpass.limits.responses import Provider

_FOLDER: Final = ROOT / "docs" / "schemas"
_PAGE: Final = ROOT / "docs" / "events.md"
_DATA: Final[Mapping[str, type]] = {
    "verification": VerificationData,
    "delivery": DeliveryData,
    "consent": ConsentData,
    "oa_call": OaCallData,
    "provider": Provider,
    "limit": RefusalData,
    "webhook_endpoint": WebhookEndpointData,
    "ping": WebhookEndpointData,
}
"""The data of events, by the word before the dot."""
_REF: Final = "#/components/schemas/"
_ROW: Final = re.compile(r"^\| `([a-z_.]+)` \| (.+?) \| .+ \|$", re.MULTILINE)
_LINK: Final = re.compile(r"\[([^]]+)\]\([^)]+\)")


def event_files(schemas: Mapping[str, Any]) -> dict[Path, str]:
    """What belongs into which file.

    Args:
        schemas: The schemas of the API, by their names.
    """
    return {
        _FOLDER / f"{type_}.json": json.dumps(
            _whole(type_, event_schema(type_, schemas), schemas), ensure_ascii=False, indent=2
        )
        + "\n"
        for type_ in EventType
    }


def event_schemas(schemas: Mapping[str, Any]) -> dict[str, Any]:
    """The schemas of all types by their names; they refer to those of the API."""
    return {schema_name(type_): event_schema(type_, schemas) for type_ in EventType}


def schema_name(type_: EventType) -> str:
    """Names the schema of a type: ``VerificationStepTakenEvent``."""
    return "".join(word.title() for word in re.split(r"[._]", type_)) + "Event"


def event_schema(type_: EventType, schemas: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the schema of one type; it refers to those of the API."""
    event = schemas["Event"]
    data = reference(_DATA[type_.partition(".")[0]].__name__)
    return {
        "description": f"{sentence(type_)}.",
        "type": "object",
        "properties": {
            **event["properties"],
            "type": {"type": "string", "const": type_},
            "data": data,
        },
        "required": event["required"],
    }


def sentence(type_: EventType) -> str:
    """When there is such an event, as docs/events.md says it."""
    when = _sentences()[type_]
    return when[0].upper() + when[1:]


@cache
def _sentences() -> Mapping[str, str]:
    rows = _ROW.findall(_PAGE.read_text(encoding="utf-8"))
    return {type_: _LINK.sub(r"\1", when) for type_, when in rows}


def _whole(
    type_: EventType, schema: Mapping[str, Any], schemas: Mapping[str, Any]
) -> dict[str, Any]:
    """Returns a schema that refers to nothing outside of itself."""
    text = json.dumps(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": type_,
            **schema,
            "$defs": referred(schema, schemas),
        }
    )
    whole: dict[str, Any] = json.loads(text.replace(_REF, "#/$defs/"))
    return whole


def referred(part: Any, schemas: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Returns all schemas that a part refers to, and those that these refer to."""
    names: set[str] = set()
    waiting = [part]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting += one
        elif isinstance(one, Mapping):
            waiting += one.values()
            name = str(one.get("$ref", "")).removeprefix(_REF)
            if name in schemas and name not in names:
                names.add(name)
                waiting.append(schemas[name])
    return {name: schemas[name] for name in sorted(names)}

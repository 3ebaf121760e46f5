"""JSON Schemas of the events, one file a type: docs/schemas/<type>.json."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from local.paths import ROOT
from ringpass.events.model import EventType
from ringpass.events.responses import (
    ConsentData,
    DeliveryData,
    OaCallData,
    RefusalData,
    VerificationData,
)
from ringpass.limits.responses import Provider

_FOLDER: Final = ROOT / "docs" / "schemas"
_DATA: Final[Mapping[str, type]] = {
    "verification": VerificationData,
    "delivery": DeliveryData,
    "consent": ConsentData,
    "oa_call": OaCallData,
    "provider": Provider,
    "limit": RefusalData,
}
"""The data of events, by the word before the dot."""
_REF: Final = "#/components/schemas/"


def event_files(schemas: Mapping[str, Any]) -> dict[Path, str]:
    """What belongs into which file.

    Args:
        schemas: The schemas of the API, by their names.
    """
    return {
        _FOLDER / f"{type_}.json": json.dumps(_schema(type_, schemas), ensure_ascii=False, indent=2)
        + "\n"
        for type_ in EventType
    }


def _schema(type_: EventType, schemas: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the schema of one type; it refers to nothing outside of itself."""
    event = schemas["Event"]
    data = f"{_REF}{_DATA[type_.partition('.')[0]].__name__}"
    properties = {**event["properties"], "type": {"const": type_}, "data": {"$ref": data}}
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": type_,
        "description": event["description"],
        "type": "object",
        "properties": properties,
        "required": event["required"],
    }
    definitions = {name: schemas[name] for name in sorted(_names_in(schema, schemas))}
    whole: dict[str, Any] = json.loads(
        json.dumps(schema | {"$defs": definitions}).replace(_REF, "#/$defs/")
    )
    return whole


def _names_in(part: Any, schemas: Mapping[str, Any]) -> set[str]:  # noqa: ANN401 - JSON
    """Returns the names of all schemas that a part refers to, and those that these refer to."""
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
    return names

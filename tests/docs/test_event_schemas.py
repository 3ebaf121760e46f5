"""docs/schemas: one file a type of event, valid, and as strict as the types of the code."""

import json
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ringpass.events.model import EventType
from tests.template import ROOT

FOLDER = ROOT / "docs" / "schemas"


@cache
def schema_of(type_: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((FOLDER / f"{type_}.json").read_text(encoding="utf-8"))
    return schema


@cache
def validator_of(type_: str) -> Draft202012Validator:
    return Draft202012Validator(
        schema_of(type_), format_checker=Draft202012Validator.FORMAT_CHECKER
    )


def faults(event: dict[str, Any]) -> list[str]:
    """What an event has that the schema of its type does not allow."""
    return [error.message for error in validator_of(event["type"]).iter_errors(event)]


def test_each_type_has_a_file_and_no_other_is_there() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == set(EventType)


@pytest.mark.parametrize("type_", EventType)
def test_it_is_valid_and_refers_to_nothing_outside(type_: EventType) -> None:
    schema = schema_of(type_)
    Draft202012Validator.check_schema(schema)
    assert schema["properties"]["type"] == {"type": "string", "const": type_}
    references = [one for one in _values(schema, "$ref") if not one.startswith("#/$defs/")]
    assert references == []
    assert {one.removeprefix("#/$defs/") for one in _values(schema, "$ref")} == set(schema["$defs"])


def test_what_lacks_or_has_the_wrong_form_is_a_fault() -> None:
    event: dict[str, Any] = {"type": EventType.LIMIT_REFUSED, "data": {}}
    assert "'id' is a required property" in faults(event)
    assert "'phone_hash' is a required property" in faults(event)


def _values(part: Any, name: str) -> list[str]:  # noqa: ANN401 - JSON
    if isinstance(part, list):
        return [value for one in part for value in _values(one, name)]
    if not isinstance(part, dict):
        return []
    own = [part[name]] if isinstance(part.get(name), str) else []
    return own + [value for one in part.values() for value in _values(one, name)]

"""docs/asyncapi.json and OpenAPI's webhooks: valid, and of the same schemas as docs/schemas."""

import json
import re
from functools import cache
from typing import Any, Final

import pytest
from jsonschema import Draft7Validator, Draft202012Validator
from jsonschema.protocols import Validator

from local.openapi.event_schemas import schema_name
from local.openapi.webhooks import HEADERS
from ringpass.events.model import EventType
from tests.described import description
from tests.docs.test_event_schemas import schema_of
from tests.template import ROOT

_OFFICIAL: Final = ROOT / "tests" / "docs" / "asyncapi-3.0.0.json"
"""AsyncAPI's own schema of its documents: 3.0.0-without-$id.json of @asyncapi/specs 6.11.1."""
COMPONENTS: Final = "#/components/schemas/"


@cache
def asyncapi() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(
        (ROOT / "docs" / "asyncapi.json").read_text(encoding="utf-8")
    )
    return document


def at(pointer: str) -> Any:  # noqa: ANN401 - JSON
    """What a reference within the document refers to."""
    part: Any = asyncapi()
    for name in pointer.removeprefix("#/").split("/"):
        part = part[name]
    return part


def test_it_is_valid() -> None:
    official = json.loads(_OFFICIAL.read_text(encoding="utf-8"))
    assert [error.message for error in Draft7Validator(official).iter_errors(asyncapi())] == []
    # The official schema does refuse.
    wrong = asyncapi() | {"operations": {"sendWebhook": {"action": "push"}}}
    assert not Draft7Validator(official).is_valid(wrong)


def test_all_references_are_there_and_all_components_are_referred_to() -> None:
    references = set(re.findall(r'"\$ref": "(#/[^"]+)"', json.dumps(asyncapi())))
    assert all(at(reference) for reference in references)
    there = {
        f"#/components/{kind}/{name}"
        for kind, of_kind in asyncapi()["components"].items()
        for name in of_kind
    }
    assert {one for one in references if one.startswith("#/components/")} == there


@pytest.mark.parametrize("channel", ["webhooks", "eventBus"])
def test_each_type_is_a_message_of_both_channels(channel: str) -> None:
    messages = [at(one["$ref"]) for one in asyncapi()["channels"][channel]["messages"].values()]
    assert [one["name"] for one in messages] == list(EventType)
    [operation] = [
        one
        for one in asyncapi()["operations"].values()
        if one["channel"]["$ref"] == f"#/channels/{channel}"
    ]
    sent = [at(at(one["$ref"])["$ref"])["name"] for one in operation["messages"]]
    assert sent == list(EventType)


def test_each_type_is_a_webhook_with_its_headers() -> None:
    webhooks = description()["webhooks"]
    assert list(webhooks) == list(EventType)
    for type_, webhook in webhooks.items():
        operation = webhook["post"]
        assert operation["operationId"] == f"on{schema_name(type_)}"
        names = [
            description()["components"]["parameters"][one["$ref"].rpartition("/")[2]]["name"]
            for one in operation["parameters"]
        ]
        assert names == list(HEADERS)
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        assert schema == {"$ref": f"{COMPONENTS}{schema_name(type_)}"}


def bundled(name: str, components: dict[str, Any]) -> dict[str, Any]:
    """A schema of a document as a file of docs/schemas has it."""
    text = json.dumps({**components[name], "$defs": components}).replace(COMPONENTS, "#/$defs/")
    whole: dict[str, Any] = json.loads(text)
    return whole


@pytest.mark.parametrize("type_", EventType)
def test_both_documents_have_the_schema_of_the_file(type_: EventType) -> None:
    file = schema_of(type_)
    for components in (
        asyncapi()["components"]["schemas"],
        description()["components"]["schemas"],
    ):
        schema = bundled(schema_name(type_), components)
        definitions = schema.pop("$defs")
        names = file["$defs"]
        assert {**schema, "$defs": {name: definitions[name] for name in names}} == {
            name: part for name, part in file.items() if name not in ("$schema", "title")
        }


@pytest.mark.parametrize("kind", [Draft7Validator, Draft202012Validator])
def test_an_event_is_valid_on_both_channels_in_both_drafts(kind: type[Validator]) -> None:
    """AsyncAPI builds on draft 7 of JSON Schema, OpenAPI and the files on draft 2020-12."""
    event = description()["components"]["schemas"]["Event"]["examples"][0]
    envelope = {
        "id": "17793124-05d4-b198-2fde-7ededc63b103",
        "source": "ringpass.prod",
        "detail-type": event["type"],
        "account": "123456789012",
        "time": "2026-11-29T20:16:20Z",
        "region": "ap-southeast-1",
        "detail": event,
    }
    wrong = event | {"data": event["data"] | {"status": 1}}
    components = asyncapi()["components"]
    on_webhook, on_bus = (
        kind({"allOf": [components["messages"][name]["payload"]], "components": components})
        for name in (event["type"], f"{event['type']}.on_bus")
    )
    assert list(on_webhook.iter_errors(event)) == []
    assert list(on_bus.iter_errors(envelope)) == []
    assert not on_webhook.is_valid(wrong)
    assert not on_bus.is_valid(envelope | {"detail": wrong})
    assert not on_bus.is_valid(envelope | {"detail-type": "ping"})

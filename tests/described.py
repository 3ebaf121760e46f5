"""Holds real answers against docs/openapi.json, more strictly than a client should."""

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from jsonschema import Draft202012Validator

from tests.template import ROOT

PROBLEM: Final = "application/problem+json"
# As the validator of a whole document needs them.
_DOCUMENT: Final = "urn:ringpass:openapi"


@cache
def description() -> dict[str, Any]:
    """The committed document."""
    document: dict[str, Any] = json.loads(
        (ROOT / "docs" / "openapi.json").read_text(encoding="utf-8")
    )
    return document


def resolved(part: dict[str, Any]) -> dict[str, Any]:
    """What a reference leads to."""
    while "$ref" in part and set(part) == {"$ref"}:
        value: Any = description()
        for name in part["$ref"].removeprefix("#/").split("/"):
            value = value[name]
        part = value
    return part


def operations() -> dict[str, dict[str, Any]]:
    """Route key -> operation."""
    return {
        f"{method.upper()} {path}": operation
        for path, methods in description()["paths"].items()
        for method, operation in methods.items()
    }


ANY_TEXT: Final[dict[str, Any]] = {"type": "string"}
KNOWN: Final = "#/components/schemas/Known"
ANY_OBJECT: Final[dict[str, Any]] = {"type": "object", "additionalProperties": True}
_NO_JSON = ("text/", "image/", "application/jsonl", "application/x-ndjson")


def route_of(method: str, path: str) -> str:
    """The route key that API Gateway would choose."""
    for key in sorted(operations(), key=lambda key: key.count("{")):
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(key.partition(" ")[2]))
        if key.startswith(f"{method} ") and re.fullmatch(pattern, path):
            return key
    raise LookupError(f"no such route: {method} {path}")


def errors_of(value: object, schema: dict[str, Any], *, strict: bool) -> list[str]:
    """What a value has that its schema does not allow; strictly also a field that it lacks."""
    whole = {"components": _closed(description()["components"]) if strict else _components()}
    validator = Draft202012Validator(
        {"$id": _DOCUMENT, **whole, "allOf": [schema]},
        format_checker=Draft202012Validator.FORMAT_CHECKER,
    )
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]


def expect_described(
    route: str, status: int, headers: Mapping[str, str], body: str
) -> dict[str, Any]:
    """Fail unless the document has this answer of this route. Gives the answer's description."""
    responses = operations()[route]["responses"]
    assert str(status) in responses, f"{route} does not say {status}: {body}"
    response = resolved(responses[str(status)])
    lower_headers = {name.lower(): value for name, value in headers.items()}
    for name, header in response.get("headers", {}).items():
        if name.lower() in lower_headers:
            assert errors_of(lower_headers[name.lower()], header["schema"], strict=True) == []
    for name in ("retry-after", "idempotent-replayed", "etag"):
        assert name not in lower_headers or name in {
            one.lower() for one in response.get("headers", {})
        }
    if "content" not in response:
        assert body == ""
        return response
    kind = lower_headers["content-type"].partition(";")[0]
    assert kind in response["content"], f"{route} {status} does not say {kind}"
    schema = response["content"][kind]["schema"]
    content: Any = body if kind.startswith(_NO_JSON) else json.loads(body)
    assert errors_of(content, schema, strict=True) == []
    if kind == PROBLEM:
        assert content["status"] == status
        assert content["code"] in response["content"][kind]["examples"], f"{route} {status}"
    return response


def _components() -> Any:  # noqa: ANN401 - JSON
    return description()["components"]


def _closed(part: Any) -> Any:  # noqa: ANN401 - JSON
    """The same, where an object has only the fields and words that are described."""
    if isinstance(part, list):
        return [_closed(one) for one in part]
    if not isinstance(part, dict):
        return part
    alternatives: list[Any] = part.get("anyOf", [])
    if alternatives[1:] == [ANY_TEXT] and KNOWN in alternatives[0].get("$ref", ""):
        return alternatives[0]
    if ANY_OBJECT in alternatives:
        part = part | {"anyOf": [one for one in alternatives if one != ANY_OBJECT]}
    closed = {name: _closed(value) for name, value in part.items()}
    if part.get("type") == "object" and "properties" in part:
        closed.setdefault("additionalProperties", False)
    return closed

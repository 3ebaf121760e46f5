"""docs/openapi.json: made from the code, whole, valid, and such as a client can use."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

import pytest
from openapi_spec_validator import validate

from local.openapi import files
from local.openapi.routes import routes
from ringpass.clients.api_keys.key import SCOPES
from ringpass.clock import utc_now
from ringpass.deliveries import queries
from ringpass.deliveries.requests import PasswordCall, SendCommand, VoiceOtp, Zns
from ringpass.errors import ValidationFailed
from tests.described import (
    ANY_TEXT,
    KNOWN,
    PROBLEM,
    description,
    errors_of,
    expect_described,
    operations,
    resolved,
)
from tests.docs import test_docs
from tests.template import ROOT

OPERATIONS: Final = sorted(operations())
# Those of the providers' own documentation.
DOCUMENTED_PHONES: Final = {"84389801371", "79777777777", "84983912148"}
JSON: Final = "application/json"
HEALTHY: Final = '{"status": "ok", "version": "1"}'
DOCUMENTED_CODES: Final = {"12345", "1234", "4821", "482119"}
_PHONE: Final = re.compile(r"(?<![\w.])\+?((?:84|7)\d{9,10})(?!\w)")
_TEST_NUMBER: Final = re.compile(r"840000000\d\d|70000000\d{3}")

# Alternatives of an answer; their examples are those of the codes.
PROBLEMS: Final = sorted(
    name for name in description()["components"]["schemas"] if name.endswith("Problem")
)

every_operation = pytest.mark.parametrize("key", OPERATIONS)


def within(part: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - JSON
    """Every object in a part of the document."""
    if isinstance(part, dict):
        yield part
    for one in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from within(one)


def test_it_is_what_the_code_makes() -> None:
    made = {str(path.relative_to(ROOT)): (path, text) for path, text in files().items()}
    stale = [name for name, (path, text) in made.items() if path.read_text("utf-8") != text]
    assert stale == [], "the API has changed: run `make openapi`"


def test_it_is_valid() -> None:
    validate(description())
    assert description()["openapi"].startswith("3.1.")


# Of JSON Schema (draft 2020-12) and OpenAPI 3.1, those that the document uses.
_KEYWORDS: Final = frozenset(
    re.findall(
        r"\S+",
        "$ref additionalProperties allOf anyOf const contains default description enum examples "
        "exclusiveMaximum exclusiveMinimum format items maxItems maxLength maxProperties maximum "
        "minItems minLength minProperties minimum multipleOf oneOf pattern patternProperties "
        "prefixItems properties propertyNames required type uniqueItems writeOnly",
    )
)


def schemas_within(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A schema and every one in it; what is data (``default``, ``examples``) is none."""
    yield schema
    members = [
        one
        for keyword in ("properties", "patternProperties")
        for one in schema.get(keyword, {}).values()
    ]
    alternatives = [
        one for keyword in ("allOf", "anyOf", "oneOf") for one in schema.get(keyword, ())
    ]
    single = [schema.get(keyword) for keyword in ("items", "additionalProperties", "propertyNames")]
    for one in [*members, *alternatives, *single]:
        if isinstance(one, dict):
            yield from schemas_within(one)


def every_schema() -> Iterator[dict[str, Any]]:
    document = description()
    for one in [
        *document["components"]["schemas"].values(),
        *(part["schema"] for part in within(document["paths"]) if "schema" in part),
        *(part["schema"] for part in document["components"]["parameters"].values()),
        *(
            part["schema"]
            for part in within(document["components"]["responses"])
            if "schema" in part
        ),
    ]:
        yield from schemas_within(one)


def test_a_schema_has_keywords_that_there_are() -> None:
    unknown = {keyword for schema in every_schema() for keyword in schema} - _KEYWORDS
    assert unknown == set()


def words_of(name: str) -> set[str]:
    """The known words of an answer's field."""
    return set(description()["components"]["schemas"][f"Known{name}"]["enum"])


def part_refers_to(part: Any) -> set[str]:  # noqa: ANN401 - JSON
    """Names of all schemas that a part of the document refers to, at first or second hand."""
    schemas = description()["components"]["schemas"]
    names: set[str] = set()
    waiting = [part]
    while waiting:
        references = re.findall(r'"#/components/schemas/(\w+)"', json.dumps(waiting.pop()))
        waiting += [schemas[name] for name in references if name not in names]
        names.update(references)
    return names


def of_requests() -> set[str]:
    """Names of the schemas of clients' requests; what providers and sign-in servers send is not."""
    return part_refers_to(
        [
            operation.get("requestBody", {})
            for operation in operations().values()
            if any("apiKey" in one for one in operation["security"])
        ]
    )


def test_a_request_s_field_has_no_default() -> None:
    """Generators require such a field, or send it: then the server cannot change it."""
    schemas = description()["components"]["schemas"]
    assert len(of_requests()) > 40
    with_default = [
        name
        for name in of_requests()
        for schema in schemas_within(schemas[name])
        if "default" in schema
    ]
    assert with_default == []
    smallest = schemas["SendVoiceOtp"]
    assert smallest["required"] == ["phone", "otp"]
    assert "`25` if left out" in smallest["properties"]["ring_timeout"]["description"]


def test_no_default_is_null() -> None:
    assert [schema for schema in every_schema() if schema.get("default", 0) is None] == []


def test_a_schema_is_of_requests_or_of_answers() -> None:
    answers = part_refers_to([one["responses"] for one in operations().values()])
    assert len(answers) > 90
    assert of_requests() & answers == set()


def test_an_answer_s_words_are_open_and_have_a_name() -> None:
    """A newer server may have more of them; a program that was made before must live on."""
    schemas = description()["components"]["schemas"]
    answers = part_refers_to(
        [[one["responses"] for one in operations().values()], description()["webhooks"]]
    )
    known = {name for name in answers if name.startswith("Known")}
    assert len(known) > 25
    used = [
        schema["anyOf"]
        for name in answers
        for schema in schemas_within(schemas[name])
        if any(KNOWN in one.get("$ref", "") for one in schema.get("anyOf", []))
    ]
    assert [one for one in used if one[1:] != [ANY_TEXT]] == []
    assert len(used) == len(known)
    closed = [
        name
        for name in answers - known
        for schema in schemas_within(schemas[name])
        if {"enum", "const"} & set(schema)
    ]
    # An event of a type is what it is; others have another schema.
    assert [name for name in closed if not name.endswith("Event")] == []


def test_a_request_s_words_are_closed() -> None:
    schemas = description()["components"]["schemas"]
    words = [
        (schema, name)
        for name in of_requests()
        for schema in schemas_within(schemas[name])
        if "enum" in schema
    ]
    assert len(words) > 10
    assert [name for _, name in words if name.startswith("Known")] == []


def test_a_name_stands_alone() -> None:
    """A generator makes types of the names of schemas, functions of those of operations."""
    document = description()
    names = [*document["components"]["schemas"]]
    ids = [one["operationId"] for one in operations().values()]
    ids += [one["post"]["operationId"] for one in document["webhooks"].values()]
    assert len(set(ids)) == len(ids)
    lower = [name.lower() for name in names]
    # What is said in one word says it to those alone who know the module.
    single = [name for name in names if len(re.findall("[A-Z][a-z]+", name)) == 1]
    assert set(single) == _SINGLE_WORDS
    assert len(set(lower)) == len(lower)


_SINGLE_WORDS: Final = {
    *("Channel", "Delivery", "Event", "Instant", "Problem", "Provider", "Scenario", "Statistics"),
    "Verification",
}


def test_an_answer_says_its_content_and_its_headers() -> None:
    qr = operations()["GET /o/{token}/qr"]["responses"]["200"]
    assert set(qr["content"]) == {"image/svg+xml", "image/png"}
    assert qr["content"]["image/png"]["schema"]["format"] == "binary"
    assert {"Blurred-Because", "Referrer-Policy"} <= set(qr["headers"])
    for key, operation in operations().items():
        for status, response in operation["responses"].items():
            content = resolved(response).get("content", {})
            assert content or status in ("302", "304"), key
            for kind, media in content.items():
                assert media["schema"], (key, status, kind)
                assert media["schema"] != {"type": "object"} or key.endswith("api.json"), key


def test_an_array_says_what_is_in_it() -> None:
    arrays = [schema for schema in every_schema() if "array" in schema.get("type", "")]
    assert arrays
    assert [schema for schema in arrays if not {"items", "prefixItems"} & set(schema)] == []


def test_two_fields_of_a_schema_have_two_descriptions() -> None:
    for name, schema in description()["components"]["schemas"].items():
        descriptions = [
            field["description"]
            for field in schema.get("properties", {}).values()
            if "description" in field
        ]
        assert len(descriptions) == len(set(descriptions)), name


def test_it_has_the_routes_of_the_template_and_no_other() -> None:
    assert set(operations()) == test_docs.routes()


@every_operation
def test_an_operation_says_what_it_is(key: str) -> None:
    operation = operations()[key]
    assert re.fullmatch(r"[a-z]+([A-Z][a-z]+)+", operation["operationId"])
    assert len(operation["summary"]) > 10
    assert not operation["summary"].endswith(".")
    [tag] = operation["tags"]
    assert tag in [one["name"] for one in description()["tags"]]
    names = re.findall(r"\{(\w+)\}", key)
    parameters = operation.get("parameters", [])
    assert [one["name"] for one in parameters if one["in"] == "path"] == names
    assert all(one["description"] and one["schema"] for one in parameters)


def test_no_two_operations_have_one_name() -> None:
    names = [operation["operationId"] for operation in operations().values()]
    assert len(names) == len(set(names))


@every_operation
def test_an_operation_asks_for_the_scope_that_its_function_checks(key: str) -> None:
    [route] = [route for route in routes() if route.key == key]
    scope, security = route.registered.scope, operations()[key]["security"]
    if scope is None:
        assert [name for one in security for name in one if name == "apiKey"] == []
    else:
        assert scope in SCOPES
        assert security == [{"apiKey": [scope]}]


@every_operation
def test_an_operation_says_how_it_refuses(key: str) -> None:
    operation = operations()[key]
    responses = {status: resolved(one) for status, one in operation["responses"].items()}
    assert all(one["description"] for one in responses.values())
    assert [status for status in responses if status.startswith(("2", "302"))]
    problems = {status for status, one in responses.items() if PROBLEM in one.get("content", {})}
    assert "500" in problems
    refuses = operation["security"] or "requestBody" in operation or "{" in key
    # There is a page only where the stack has Zalo's tag.
    refuses = refuses or key == "GET /"
    assert bool({status for status in problems if status.startswith("4")}) == bool(refuses)
    for status in problems:
        schema = responses[status]["content"][PROBLEM]["schema"]
        alternatives = [one["$ref"].rpartition("/")[2] for one in schema.get("anyOf", [schema])]
        assert [one for one in alternatives if not one.endswith("Problem")] == []
        assert "Problem" not in alternatives[:-1], "the widest is tried last"
    for status, one in responses.items():
        if status.startswith(("4", "5")):
            assert set(one["content"]) <= {PROBLEM, "application/json", "text/html"}


def test_every_error_is_one_of_some_operation_and_has_an_example() -> None:
    codes = {error.code for error in test_docs.all_errors() if error.is_for_http}
    answer_codes = {
        code
        for response in description()["components"]["responses"].values()
        for code in response["content"].get(PROBLEM, {}).get("examples", {})
    }
    assert answer_codes == codes == set(description()["components"]["examples"])
    assert words_of("ProblemCode") == codes


def test_what_is_referred_to_is_there_and_what_is_there_is_referred_to() -> None:
    text = json.dumps(description())
    references = set(re.findall(r'"#/components/(\w+)/([\w.]+)"', text))
    kinds = ("schemas", "responses", "examples", "parameters")
    there = {(kind, name) for kind in kinds for name in description()["components"][kind]}
    assert references == there


def test_examples_are_valid() -> None:
    schemas = description()["components"]["schemas"]
    examples_of = {
        name: schema["examples"] for name, schema in schemas.items() if "examples" in schema
    }
    # What is answered or sent as it is, has one.
    pattern = re.compile(r'"schema": {"\$ref": "#/components/schemas/(\w+)"}')
    bodies = set(pattern.findall(json.dumps(list(operations().values()))))
    assert bodies - set(PROBLEMS) <= set(examples_of)
    for name, examples in examples_of.items():
        for example in examples:
            ref = {"$ref": f"#/components/schemas/{name}"}
            assert errors_of(example, ref, strict=True) == []
    for name, example in description()["components"]["examples"].items():
        problem = {"anyOf": [{"$ref": f"#/components/schemas/{kind}"} for kind in PROBLEMS]}
        assert errors_of(example["value"], problem, strict=True) == []
        assert example["value"]["code"] == name


def test_no_phone_and_no_code_is_anybody_s() -> None:
    phones = set(_PHONE.findall(json.dumps(description())))
    assert phones
    assert {one for one in phones if not _TEST_NUMBER.fullmatch(one)} <= DOCUMENTED_PHONES
    codes = {
        str(part[name])
        for part in within(description())
        for name in ("otp", "code")
        if isinstance(part.get(name), str) and part[name].isdigit()
    }
    assert codes <= DOCUMENTED_CODES


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": "ok", "version": "1", "more": 1},
        {"status": "ok"},
        {"status": "bad", "version": "1"},
        {"status": "ok", "version": 1},
    ],
)
def test_an_answer_that_is_not_described_would_be_noticed(wrong: dict[str, Any]) -> None:
    with pytest.raises(AssertionError):
        expect_described("GET /v1/health", 200, {"Content-Type": JSON}, json.dumps(wrong))
    late = {**description()["components"]["schemas"]["Delivery"]["examples"][0], "created_at": "x"}
    assert errors_of(late, {"$ref": "#/components/schemas/Delivery"}, strict=True)


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (404, {"Content-Type": PROBLEM}, "{}"),
        (200, {"Content-Type": "text/plain"}, "{}"),
        (200, {"Content-Type": JSON, "Retry-After": "1"}, HEALTHY),
    ],
)
def test_nor_any_other_status_type_or_header(
    status: int, headers: dict[str, str], body: str
) -> None:
    with pytest.raises(AssertionError):
        expect_described("GET /v1/health", status, headers, body)
    expect_described("GET /v1/health", 200, {"Content-Type": JSON}, HEALTHY)


def test_every_type_of_answer_is_described() -> None:
    for name, schema in description()["components"]["schemas"].items():
        assert schema.get("description") or "enum" in schema, name


# --------------------------------------------------------------------------- what commands take

BODIES: Final[list[tuple[type[SendCommand], dict[str, Any]]]] = [
    (VoiceOtp, {"otp": "1234"}),
    (VoiceOtp, {"otp": "12345", "scenario": "OTP-1", "ring_timeout": 10, "metadata": {"a.b": "c"}}),
    (VoiceOtp, {"otp": "12345", "scenario": None, "region": "VN"}),
    (VoiceOtp, {"otp": "123"}),
    (VoiceOtp, {"otp": "12345678901"}),
    (VoiceOtp, {"otp": 12345}),
    (VoiceOtp, {"otp": "1234", "scenario": "OTP-x"}),
    (VoiceOtp, {"otp": "1234", "ring_timeout": 9}),
    (VoiceOtp, {"otp": "1234", "ring_timeout": "25"}),
    (VoiceOtp, {"otp": "1234", "region": "Vietnam"}),
    (VoiceOtp, {"otp": "1234", "metadata": {"a": 1}}),
    (VoiceOtp, {"otp": "1234", "metadata": {"a b": "c"}}),
    (VoiceOtp, {"otp": "1234", "metadata": {str(n): "" for n in range(17)}}),
    (VoiceOtp, {"otp": "1234", "metadata": {"a": "x" * 257}}),
    (VoiceOtp, {"otp": "1234", "more": 1}),
    (VoiceOtp, {}),
    (PasswordCall, {}),
    (PasswordCall, {"code": "1234", "detect_redirect": True}),
    (PasswordCall, {"code": "12345"}),
    (PasswordCall, {"code": "12a4"}),
    (PasswordCall, {"detect_redirect": "yes"}),
    (Zns, {"template": 366}),
    (Zns, {"template": "366", "ticket_id": 1, "params": {"a": "b"}}),
    (Zns, {"template": 0}),
    (Zns, {"template": True}),
    (Zns, {"template": ""}),
    (Zns, {"template": "x" * 65}),
    (Zns, {"template": 2**53}),
    (Zns, {"template": 1, "ticket_id": 0}),
    (Zns, {"template": 1, "ticket_id": "1"}),
    (Zns, {"template": 1, "params": {"": "b"}}),
    (Zns, {"template": 1, "params": {"a": "x" * 501}}),
    (Zns, {"template": 1, "params": {str(n): "" for n in range(51)}}),
    (Zns, {"template": 1, "params": []}),
]


@pytest.mark.parametrize(("command", "fields"), BODIES, ids=str)
def test_a_body_is_valid_where_the_command_takes_it(
    command: type[SendCommand], fields: dict[str, Any]
) -> None:
    body = {"phone": "+84000000099", **fields}
    try:
        command.from_json(json.dumps(body).encode())
        is_valid = True
    except ValidationFailed:
        is_valid = False
    schema = {"$ref": f"#/components/schemas/Send{command.__name__}"}
    assert (errors_of(body, schema, strict=False) == []) == is_valid


def test_a_body_must_be_sent_where_the_function_takes_none_else() -> None:
    optional = {
        key
        for key, operation in operations().items()
        if not operation.get("requestBody", {"required": True}).get("required", False)
    }
    webhooks = {key for key in operations() if key.startswith("POST /v1/webhooks/")}
    assert optional == webhooks | {
        "POST /v1/keys/{id}/rotate",
        "POST /v1/webhook-endpoints/{id}/rotate-secret",
        "POST /v1/scenarios/{id}/copy",
    }


def test_the_parameters_of_the_list_are_those_that_are_read() -> None:
    parameters = {one["name"]: one for one in operations()["GET /v1/deliveries"]["parameters"]}
    assert set(parameters) == queries._FIELDS
    limit = parameters["limit"]["schema"]
    for value in (limit["minimum"], limit["maximum"]):
        assert queries.parse_filter({"limit": str(value)}, utc_now()).limit == value
    for value in (limit["minimum"] - 1, limit["maximum"] + 1):
        with pytest.raises(ValidationFailed):
            queries.parse_filter({"limit": str(value)}, utc_now())
    assert queries.parse_filter({}, utc_now()).limit == limit["default"]
    for status in parameters["status"]["schema"]["enum"]:
        assert queries.parse_filter({"status": status}, utc_now()).status == status

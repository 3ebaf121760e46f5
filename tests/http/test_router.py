"""The one way in: routes, scopes, bodies, direct invocations, and the one error shape."""

import json
from base64 import b64encode
from types import SimpleNamespace
from typing import Any

import pytest

from ringpass.deliveries.requests import VoiceOtp
from ringpass.errors import ApiError, InvalidJson, LimitReached, Unavailable, ValidationFailed
from ringpass.http.router import Api, Caller, Request, Response

CONTEXT: Any = SimpleNamespace(aws_request_id="request-1")
BODY = {"phone": "+84389801371", "otp": "12345"}
OF_EVERY_ANSWER = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
}


def event(
    route: str = "POST /v1/x", body: str | None = None, scopes: str = "send", **more: object
) -> dict[str, Any]:
    return {
        "routeKey": route,
        "headers": {"Idempotency-Key": "key"},
        "rawQueryString": "a=1&b=%2B2",
        "pathParameters": {"id": "7"},
        "requestContext": {"authorizer": {"lambda": {"client": "acme", "scopes": scopes}}},
        "body": json.dumps(BODY) if body is None else body,
        **more,
    }


def an_api() -> Api:
    api = Api()

    @api.command("POST /v1/x", VoiceOtp, scope="send")
    def send(command: VoiceOtp, caller: Caller, key: str | None) -> Response:
        body = {"phone": command.phone.e164, "client": caller.client, "key": key}
        return Response(body, 202, {"X": "1"})

    @api.route("GET /v1/y/{id}")
    def read(request: Request) -> Response:
        return Response({"id": request.path["id"], "b": request.query["b"]})

    @api.route("GET /v1/picture")
    def picture(_: Request) -> Response:
        return Response({}, 200, {"Content-Type": "image/png"}, binary=b"\x89PNG\xff")

    @api.route("GET /v1/page")
    def page(_: Request) -> Response:
        return Response({}, 410, {"Content-Type": "text/html; charset=utf-8"}, text="<p>\u0111</p>")

    @api.route("GET /v1/domain")
    def domain(request: Request) -> Response:
        return Response({"domain": request.domain})

    @api.route("GET /v1/bug")
    def bug(_: Request) -> Response:
        raise KeyError("+84389801371")

    @api.route("GET /v1/down")
    def down(_: Request) -> Response:
        raise Unavailable("The table cannot be reached.")

    @api.route("GET /v1/busy")
    def busy(_: Request) -> Response:
        raise LimitReached("The limit is reached.", retry_after=30)

    return api


def ask(**fields: Any) -> tuple[int, dict[str, Any], dict[str, str]]:  # noqa: ANN401 - an event's
    answer = an_api().handle(event(**fields), CONTEXT)
    return answer["statusCode"], json.loads(answer["body"]), answer["headers"]


def test_a_command_over_http() -> None:
    status, body, headers = ask()
    assert (status, headers["X"]) == (202, "1")
    assert headers["Content-Type"] == "application/json"
    assert body == {"phone": "+84389801371", "client": "acme", "key": "key"}


def test_a_refusal_that_ends_says_after_how_many_seconds() -> None:
    status, body, headers = ask(route="GET /v1/busy")
    assert (status, headers["Retry-After"]) == (429, "30")
    assert headers["Content-Type"] == "application/problem+json"
    assert "retry_after" not in body
    assert "Retry-After" not in ask(route="GET /v1/down")[2]


def test_a_body_in_base64() -> None:
    text = b64encode(json.dumps(BODY).encode()).decode()
    assert ask(body=text, isBase64Encoded=True)[0] == 202


def test_a_command_invoked_directly() -> None:
    direct = BODY | {"client": "acme", "idempotency_key": "key"}
    assert an_api().handle(direct, CONTEXT)["key"] == "key"


@pytest.mark.parametrize(
    ("fields", "loc"),
    [
        ({"idempotency_key": "key"}, "client"),
        ({"client": "", "idempotency_key": "key"}, "client"),
        ({"client": "acme"}, "idempotency_key"),
        ({"client": 5, "idempotency_key": "key"}, "client"),
        ({"client": "A#", "idempotency_key": "key"}, "client"),
        ({"client": "acme", "idempotency_key": "key", "colour": "red"}, "colour"),
    ],
)
def test_a_direct_refusal_is_an_exception_whose_text_is_the_problem(
    fields: dict[str, Any], loc: str
) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        an_api().handle(BODY | fields, CONTEXT)
    problem = json.loads(str(refusal.value))
    assert problem["code"] == "validation_failed"
    assert problem["errors"][0]["loc"] == [loc]


def test_a_function_without_a_command_is_not_invoked_directly() -> None:
    with pytest.raises(ApiError):
        Api().handle(BODY, CONTEXT)


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"scopes": "read phones:read"}, 403, "missing_scope"),
        ({"scopes": ""}, 403, "missing_scope"),
        ({"requestContext": {}}, 401, "unauthorized"),
        ({"route": "GET /v1/z"}, 404, "not_found"),
        ({"route": "$default"}, 404, "not_found"),
        ({"body": ""}, 400, "invalid_json"),
        ({"body": "{"}, 400, "invalid_json"),
        ({"body": "a", "isBase64Encoded": True}, 400, "invalid_json"),
        ({"body": "\u00ff", "isBase64Encoded": True}, 400, "invalid_json"),
        ({"body": '{"a": "\ud800"}'}, 400, "invalid_json"),
        ({"body": json.dumps(BODY)[:-1] + ', "otp": "54321"}'}, 400, "invalid_json"),
        ({"requestContext": {"authorizer": {"lambda": {}}}}, 401, "unauthorized"),
        ({"body": "{}"}, 422, "validation_failed"),
        ({"body": "x" * 65_537}, 413, "body_too_large"),
        ({"route": "GET /v1/bug"}, 500, "internal_error"),
        ({"route": "GET /v1/down"}, 503, "unavailable"),
    ],
)
def test_every_refusal_has_the_one_shape(fields: dict[str, Any], status: int, code: str) -> None:
    answer_status, body, headers = ask(**fields)
    assert answer_status == status
    assert headers["Content-Type"] == "application/problem+json"
    expected = {"type", "title", "status", "code", "detail", "instance"}
    assert set(body) - {"errors"} == expected
    assert (body["status"], body["code"]) == (status, code)
    assert body["type"] == f"urn:ringpass:problem:{code}"
    assert body["instance"] == "urn:ringpass:request:request-1"


def test_a_bug_s_values_stay_inside() -> None:
    assert "84389801371" not in json.dumps(ask(route="GET /v1/bug")[1])


def test_a_route_gets_path_and_query() -> None:
    assert ask(route="GET /v1/y/{id}")[1] == {"id": "7", "b": "+2"}


def test_what_is_json_already_is_sent_as_it_is() -> None:
    api = Api()
    api.route("GET /v1/x")(lambda _: Response({}, 304, {"Cache-Control": "public"}, text=""))
    answer = api.handle(event("GET /v1/x"), CONTEXT)
    assert (answer["statusCode"], answer["body"]) == (304, "")
    assert answer["headers"]["Cache-Control"] == "public"


def test_it_tells_what_was_registered() -> None:
    routes = an_api().routes
    assert (routes["POST /v1/x"].command, routes["POST /v1/x"].scope) == (VoiceOtp, "send")
    assert routes["POST /v1/x"].function.__name__ == "send"
    assert (routes["GET /v1/bug"].command, routes["GET /v1/bug"].scope) == (None, None)


def test_a_parameter_given_twice_is_one_value() -> None:
    assert ask(route="GET /v1/y/{id}", rawQueryString="b=1&a=2&b=3")[1]["b"] == "1,3"


@pytest.mark.parametrize(("authorizer_fields", "key_id"), [({"key_id": "k1"}, "k1"), ({}, "")])
def test_a_caller_is_known_by_its_key(authorizer_fields: dict[str, str], key_id: str) -> None:
    api = Api()
    callers: list[Caller] = []

    @api.route("GET /v1/x", scope="read")
    def read(request: Request) -> Response:
        callers.append(request.client)
        return Response({})

    payload = event("GET /v1/x", scopes="read phones:read")
    payload["requestContext"]["authorizer"]["lambda"] |= authorizer_fields
    assert api.handle(payload, CONTEXT)["statusCode"] == 200
    assert callers == [Caller("acme", frozenset({"read", "phones:read"}), key_id)]


def test_a_request_does_not_print_what_it_holds() -> None:
    request = Request({"token": "secret"}, {"phone": "1"}, "phone=1", {}, b"body", None)
    assert repr(request) == "Request(caller=None)"


def test_every_error_has_a_code_of_its_own() -> None:
    def all_of(kind: type[ApiError]) -> list[type[ApiError]]:
        return [kind, *(deeper for sub in kind.__subclasses__() for deeper in all_of(sub))]

    kinds = all_of(ApiError)
    own = [kind.code for kind in kinds if "code" in vars(kind)]
    assert len(own) == len(set(own))
    assert InvalidJson in kinds


@pytest.mark.parametrize(
    ("payload", "content_type"),
    [
        (event(), "application/json"),
        (event(body="{"), "application/problem+json"),
        (event("GET /v1/unknown"), "application/problem+json"),
    ],
)
def test_no_browser_keeps_or_mistakes_an_answer(payload: dict[str, Any], content_type: str) -> None:
    headers = an_api().handle(payload, CONTEXT)["headers"]
    assert headers == headers | OF_EVERY_ANSWER | {"Content-Type": content_type}


def test_a_picture_goes_out_as_bytes() -> None:
    answer = an_api().handle(event("GET /v1/picture"), CONTEXT)
    assert (answer["isBase64Encoded"], answer["body"]) == (True, b64encode(b"\x89PNG\xff").decode())
    assert answer["headers"] == {**OF_EVERY_ANSWER, "Content-Type": "image/png"}


def test_a_page_goes_out_as_text() -> None:
    answer = an_api().handle(event("GET /v1/page"), CONTEXT)
    assert (answer["isBase64Encoded"], answer["body"]) == (False, "<p>\u0111</p>")
    assert answer["statusCode"] == 410
    assert answer["headers"]["Content-Type"] == "text/html; charset=utf-8"


def test_a_request_knows_the_domain_that_was_asked() -> None:
    context = {"domainName": "api.example.test"}
    assert ask(route="GET /v1/domain", requestContext=context)[1] == {"domain": "api.example.test"}
    assert ask(route="GET /v1/domain", requestContext={})[1] == {"domain": ""}


@pytest.mark.parametrize(
    ("route", "slash", "status"),
    [
        ("GET /v1/down/{slash+}", "", 503),
        ("GET /v1/down/{slash+}", "/", 503),
        ("GET /v1/down/{slash+}", "x", 404),
        ("GET /v1/y/{id+}", None, 200),
    ],
)
def test_a_route_may_be_asked_for_with_a_slash_at_its_end(
    route: str, slash: str | None, status: int
) -> None:
    parameters = {"id": "7"} if slash is None else {"slash": slash}
    answer = an_api().handle(event(route, pathParameters=parameters), CONTEXT)
    assert answer["statusCode"] == status

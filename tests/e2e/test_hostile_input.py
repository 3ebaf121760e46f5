"""Input that is meant to do harm: one error shape, nothing of it repeated, no provider asked."""

import base64
import importlib.util
import json
import socket
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import pytest

from local.deploy import describe
from local.routes import routes_of
from local.seeding import create_key
from local.stack import Stack
from ringpass.clients.api_keys.key import SCOPES
from tests.e2e.conftest import Api, Sandbox, fresh_code, fresh_phone, invoke, recording_client
from tests.e2e.test_bad_input import CALL, MESSAGE, VOICE, is_problem, request_count
from tests.template import ROOT

OTP, CODE = fresh_code(10), fresh_code()
VN, RU = fresh_phone("VN"), fresh_phone("RU")
GOOD: Final[Mapping[str, dict[str, Any]]] = {
    VOICE: {"phone": VN, "otp": OTP},
    CALL: {"phone": RU, "code": CODE},
    MESSAGE: {"phone": VN, "template": 366},
}
FUNCTIONS: Final = {
    VOICE: "SendVoiceOtpFunction",
    CALL: "SendPasswordCallFunction",
    MESSAGE: "SendZnsFunction",
}
EVERYWHERE: Final = pytest.mark.parametrize("path", GOOD)
# Bodies, headers and events are read by one router: one of the senders shows it.
AT_ONE_SENDER: Final = pytest.mark.parametrize("path", [VOICE])


@pytest.fixture(autouse=True)
def no_provider_is_asked(sandbox: Sandbox) -> Iterator[None]:
    before = request_count(sandbox)
    yield
    assert request_count(sandbox) == before


def post(
    api: Api, path: str, body: bytes, content_type: str = "application/json"
) -> httpx.Response:
    return api.http.post(api.url + path, content=body, headers={"Content-Type": content_type})


def with_member(path: str, member: str) -> bytes:
    """A command that would be good but for one more member, given as JSON text."""
    return f"{json.dumps(GOOD[path])[:-1]}, {member}}}".encode()


# ----------------------------------------------------------------------------------- bodies


@AT_ONE_SENDER
def test_a_megabyte(api: Api, path: str) -> None:
    metadata = f'"metadata": {{"a": "{"x" * 1_000_000}"}}'
    for body in (b"x" * 1_000_000, b"[" * 1_000_000, with_member(path, metadata)):
        is_problem(post(api, path, body), 413, "body_too_large")


@AT_ONE_SENDER
@pytest.mark.parametrize(
    ("member", "status", "code"),
    [
        ('"phone": "+84389801371"', 400, "invalid_json"),  # the second of two
        ('"metadata": {"a": "1", "a": "2"}', 400, "invalid_json"),
        ('"metadata": {"a": "\\ud800"}', 422, "validation_failed"),  # half of a surrogate pair
        ('"\\udc00": 1', 422, "validation_failed"),
        ('"metadata": {"a": NaN}', 422, "validation_failed"),
        ('"metadata": {"a": -Infinity}', 422, "validation_failed"),
        ('"metadata": {"a": 1e999}', 422, "validation_failed"),
        ('"metadata": 1' + "0" * 5_000, 400, "invalid_json"),
        ('"metadata": ' + "[" * 5_000 + "]" * 5_000, 400, "invalid_json"),
        ('"metadata": ' + '{"a":' * 5_000 + "1" + "}" * 5_000, 400, "invalid_json"),
        ('"metadata": {"__proto__": {"a": "1"}}', 422, "validation_failed"),
        ('"metadata": {"a\\u0000": "1"}', 422, "validation_failed"),
        ('"Phone": "+84389801371"', 422, "validation_failed"),
        ('"region": "RUS"', 422, "validation_failed"),
        ('"client": "another"', 422, "validation_failed"),
        ('"idempotency_key": "another"', 422, "validation_failed"),
        ('"test": true', 422, "validation_failed"),
        ("", 400, "invalid_json"),
    ],
    ids=lambda value: value[:24] if isinstance(value, str) else None,
)
def test_a_member_that_does_harm(api: Api, path: str, member: str, status: int, code: str) -> None:
    problem = is_problem(post(api, path, with_member(path, member)), status, code)
    assert "another" not in json.dumps(problem)


def test_numbers_without_end(api: Api) -> None:
    for number in ("NaN", "Infinity", "1e999", "25.5", "-1", "9" * 4_000, "1" + "0" * 400):
        for path, field in ((VOICE, "ring_timeout"), (MESSAGE, "ticket_id")):
            answer = post(api, path, with_member(path, f'"{field}": {number}'))
            assert answer.status_code in (400, 422)
            is_problem(answer, answer.status_code, answer.json()["code"])


@AT_ONE_SENDER
def test_json_in_other_clothes(api: Api, path: str) -> None:
    text = json.dumps(GOOD[path])
    bodies = [
        text.encode("utf-16"),
        text.encode("utf-32"),
        b"\xef\xbb\xbf" + text.encode(),
        text.encode() + b"\x00",
        text.encode() + text.encode(),
        f"[{text}]".encode(),
        json.dumps(text).encode(),
        f"/* */{text}".encode(),
        text.replace('"', "'").encode(),
        text[:-1].encode() + b',"metadata":{"a":"\xed\xa0\x80"}}',  # a surrogate in UTF-8
        text[:-1].encode() + b',"metadata":{"a":"\xc0\xaf"}}',  # an overlong slash
    ]
    # As bytes: the gateway repairs a body that is declared as text before a function sees it.
    for body in bodies:
        answer = post(api, path, body, "application/octet-stream")
        assert answer.status_code in (400, 422)
        is_problem(answer, answer.status_code, answer.json()["code"])


@AT_ONE_SENDER
@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/x-www-form-urlencoded", b"phone=%2B84389801371&otp=1"),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="phone"'),
        ("application/xml", b"<phone/>"),
        ("text/plain", b"phone"),
        ("application/json; charset=utf-16", b"\xff\xfe{\x00}\x00"),
        ("", b"phone"),
    ],
)
def test_another_content_type(api: Api, path: str, content_type: str, body: bytes) -> None:
    is_problem(post(api, path, body, content_type), 400, "invalid_json")


@AT_ONE_SENDER
def test_what_is_json_is_judged_as_json_whatever_it_is_called(api: Api, path: str) -> None:
    for content_type in ("text/plain", "application/octet-stream", "image/png"):
        problem = is_problem(post(api, path, b"{}", content_type), 422, "validation_failed")
        assert ["phone"] in [error["loc"] for error in problem["errors"]]


# ------------------------------------------------------------------- events as a gateway's are


def event(path: str, **changes: Any) -> bytes:  # noqa: ANN401 - any JSON
    """What API Gateway gives a function, of a client that may send."""
    caller = {"client": "hostile", "scopes": "send"}
    return json.dumps(
        {
            "version": "2.0",
            "routeKey": f"POST {path}",
            "rawPath": path,
            "rawQueryString": "",
            "headers": {"content-type": "application/json"},
            "requestContext": {"authorizer": {"lambda": caller}, "http": {"sourceIp": "::1"}},
            "body": json.dumps(GOOD[path]) if path in GOOD else "[]",
            "isBase64Encoded": False,
            **changes,
        }
    ).encode()


def refused(stack: Stack, function: str, payload: bytes) -> tuple[int, str]:
    """Status and code with which a function refuses an event."""
    failed, answer = invoke(stack, function, payload)
    assert not failed, answer
    problem = json.loads(answer["body"])
    assert set(problem) - {"errors"} == {"type", "title", "status", "code", "detail", "instance"}
    assert answer["headers"]["Content-Type"] == "application/problem+json"
    assert problem["status"] == answer["statusCode"]
    return answer["statusCode"], problem["code"]


@AT_ONE_SENDER
@pytest.mark.parametrize("body", ["!", "a", "=", "eyJ9\n", "ÿ", "e30=\x00"])
def test_base64_that_is_none(stack: Stack, path: str, body: str) -> None:
    payload = event(path, body=body, isBase64Encoded=True)
    assert refused(stack, FUNCTIONS[path], payload) == (400, "invalid_json")


def test_base64_that_is_none_at_the_webhook(stack: Stack) -> None:
    token = stack.mcn_webhook_url.rpartition("/")[2]
    route = "/v1/webhooks/mcn/{token}"
    payload = event(route, body="!", isBase64Encoded=True, pathParameters={"token": token})
    assert refused(stack, "ReceiveCdrFunction", payload) == (400, "invalid_json")


@AT_ONE_SENDER
def test_half_a_surrogate_pair_in_the_body(stack: Stack, path: str) -> None:
    body = with_member(path, '"metadata": {"a": "\ud800"}'.encode("utf-8", "replace").decode())
    broken = body.decode().replace("?", "\ud800")
    payload = event(path, body=broken)
    assert refused(stack, FUNCTIONS[path], payload) == (400, "invalid_json")


def test_half_a_surrogate_pair_at_the_webhook(stack: Stack) -> None:
    route = "/v1/webhooks/mcn/{token}"
    payload = event(route, pathParameters={"token": "\ud800"})
    assert refused(stack, "ReceiveCdrFunction", payload) == (401, "unauthorized")
    token = stack.mcn_webhook_url.rpartition("/")[2]
    payload = event(route, pathParameters={"token": token}, body="\ud800")
    failed, answer = invoke(stack, "ReceiveCdrFunction", payload)
    assert (failed, answer["statusCode"]) == (False, 200)


@AT_ONE_SENDER
@pytest.mark.parametrize(
    "key",
    [
        "a\r\nX-Evil: 1",
        "a\nb",
        "a\rb",
        "a\x00b",
        " a",
        "a ",
        "",
        "é",
        "\u202e",
        "x" * 256,
        "x" * 9_000,
    ],
    ids=ascii,
)
def test_an_idempotency_key_that_breaks_out(stack: Stack, path: str, key: str) -> None:
    payload = event(path, headers={"idempotency-key": key})
    assert refused(stack, FUNCTIONS[path], payload) == (400, "invalid_header")


@EVERYWHERE
def test_the_client_is_the_authorizer_s_word_alone(stack: Stack, path: str) -> None:
    contexts: list[dict[str, Any]] = [{}, {"authorizer": {}}, {"authorizer": {"lambda": {}}}]
    for context in contexts:
        headers = {"x-client": "local", "authorization": f"Bearer {stack.admin_key}"}
        payload = event(path, requestContext=context, headers=headers)
        assert refused(stack, FUNCTIONS[path], payload) == (401, "unauthorized")


@EVERYWHERE
def test_a_direct_command_with_half_a_surrogate_pair(stack: Stack, path: str) -> None:
    command = GOOD[path] | {"client": "hostile", "idempotency_key": f"surrogate-{path}"}
    for extra in (
        {"metadata": {"a": "\ud800"}},
        {"metadata": {"\ud800": "a"}},
        {"\ud800": 1},
        {"region": "\ud800"},
        {"idempotency_key": "\ud800"},
    ):
        failed, answer = invoke(stack, FUNCTIONS[path], json.dumps(command | extra))
        assert failed
        problem = json.loads(answer["errorMessage"])
        assert problem["code"] in ("validation_failed", "invalid_header")


# --------------------------------------------------------------------------------- raw requests


def raw(stack: Stack, head: str, *headers: str, body: bytes = b"{}") -> tuple[int, bytes]:
    """Send bytes that no HTTP library would: the status, and all that came."""
    url = urlsplit(stack.api_url)
    lines = [
        head.replace("/v1", f"{url.path}/v1", 1),
        f"Host: {url.netloc}",
        "Connection: close",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        f"Authorization: Bearer {stack.api_key}",
        *headers,
    ]
    with socket.create_connection((url.hostname, url.port), timeout=60) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
        data = b""
        while part := connection.recv(65_536):
            data += part
    return int(data.split(b" ", 2)[1]), data


@pytest.mark.parametrize(
    "header",
    [
        "Idempotency-Key: a\nX-Evil: 1",
        "Idempotency-Key: a\rX-Evil: 1",
        "Idempotency-Key: a\x00b",
        "Idempotency-Key : a",
        "Transfer-Encoding: chunked",
        "Content-Length: 5",
        "X: " + "x" * 100_000,
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_a_request_that_is_two_to_some(stack: Stack, header: str) -> None:
    # An empty object for who reads chunks, no JSON for who counts bytes.
    body = b"2\r\n{}\r\n0\r\n\r\n" if "chunked" in header else b"{}"
    status, data = raw(stack, f"POST {VOICE} HTTP/1.1", header, body=body)
    # The gateway refuses it, or it is one request and the function refuses its empty object.
    assert 400 <= status < 500
    assert data.count(b"HTTP/1.1 ") == 1


def test_headers_given_twice_are_one_value(stack: Stack) -> None:
    long = "x" * 200
    status, data = raw(
        stack,
        f"POST {VOICE} HTTP/1.1",
        f"Idempotency-Key: {long}",
        f"Idempotency-Key: {long}",
        body=json.dumps(GOOD[VOICE]).encode(),
    )
    # API Gateway joins them with a comma. Joined, these two are too long for a key.
    assert status == 400
    assert b"invalid_header" in data


def test_two_api_keys_are_none(stack: Stack) -> None:
    header = f"Authorization: Bearer {stack.admin_key}"
    body = json.dumps(GOOD[VOICE]).encode()
    assert raw(stack, f"POST {VOICE} HTTP/1.1", header, body=body)[0] in (401, 403)


# ----------------------------------------------------------------------------------- queries


@pytest.mark.parametrize(
    "query",
    [
        "limit=1&limit=100",
        "status=busy&status=answered",
        "phone=%2B84389801371&phone=%2B84389801372",
        "limit=1%26status=busy",
        "limit=1;status=busy",
        "limit[]=1",
        "limit%00=1",
        "limit=1%00",
        "limit=%0d%0aSet-Cookie:x=1",
        "limit=0100999",
        "limit=" + "1" * 5_000,
        "limit=-1",
        "limit=1e1",
        "limit=%EF%BC%91",
        "from=0001-01-01T00:00:00%2B14:00",
        "to=9999-12-31T23:59:59-14:00",
        "from=2026-11-22",
        "cursor=%FF%FF",
        "cursor=Li4vLi4v",
        "cursor=" + "A" * 5_000,
        "phone=%F0%9F%92%A3",
        "client=another",
        "scopes=admin",
        "__proto__=1",
        "x" * 2_000 + "=1",
    ],
    ids=lambda query: query[:30],
)
def test_a_query_that_says_two_things(api: Api, query: str) -> None:
    answer = api.http.get(f"{api.url}/v1/deliveries?{query}")
    problem = is_problem(answer, 422, "validation_failed")
    assert len(json.dumps(problem)) < 2_000
    assert "Set-Cookie" not in answer.headers


@EVERYWHERE
def test_a_query_is_no_body(api: Api, path: str) -> None:
    fields = {name: str(value) for name, value in GOOD[path].items()}
    answer = api.http.post(api.url + path, params=fields)
    is_problem(answer, 400, "invalid_json")


# ------------------------------------------------------------------------------ routes and keys


@pytest.mark.parametrize(
    "path",
    [
        f"/v1/deliveries/{'x' * 3_000}",
        f"/v1/deliveries/dlv_{'a' * 33}",
        "/v1/deliveries/%00",
        "/v1/deliveries/DLV%23dlv_x",
        "/v1/deliveries/%FF",
        "/v1/deliveries/dlv_%0a",
    ],
    ids=lambda path: path[:24],
)
def test_an_id_that_cannot_be_one(api: Api, path: str) -> None:
    is_problem(api.get(path), 404, "not_found")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/nothing"),
        ("POST", "/v1"),
        ("POST", "/"),
        ("POST", "/v2/voice-otp"),
        ("POST", "/V1/VOICE-OTP"),
        ("POST", "/v1/voice-otp/"),
        ("POST", "/v1/voice-otp/x"),
        ("POST", "/v1/voice-otp%2f"),
        ("POST", "/v1/deliveries/../voice-otp"),
        ("POST", "/v1/deliveries/..%2fvoice-otp"),
        ("GET", "/v1/voice-otp"),
        ("PUT", "/v1/voice-otp"),
        ("PATCH", "/v1/password-calls"),
        ("DELETE", "/v1/zns"),
        ("POST", "/v1/deliveries"),
        ("DELETE", "/v1/deliveries/x"),
        ("PUT", "/v1/webhooks/mcn/x"),
        ("OPTIONS", "/v1/voice-otp"),
        ("TRACE", "/v1/voice-otp"),
        ("QUERY", "/v1/voice-otp"),
    ],
)
def test_what_is_no_route_the_gateway_refuses(stack: Stack, method: str, path: str) -> None:
    # Written by hand, so that no library tidies the path up.
    url = urlsplit(stack.api_url)
    body = json.dumps(GOOD[VOICE]).encode()
    request = [
        f"{method} {url.path}{path} HTTP/1.1",
        f"Host: {url.netloc}",
        "Connection: close",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        f"Authorization: Bearer {stack.api_key}",
        "X-HTTP-Method-Override: POST",
        "X-Original-URL: /v1/voice-otp",
    ]
    with socket.create_connection((url.hostname, url.port), timeout=60) as connection:
        connection.sendall("\r\n".join([*request, "", ""]).encode() + body)
        status = int(connection.recv(65_536).split(b" ", 2)[1])
    # A preflight the gateway answers itself: no origin may.
    assert status in ((204, 403, 404) if method == "OPTIONS" else (404, 405))


def scopes_of_routes() -> dict[str, str]:
    """Route -> the scope that it asks for, as the functions themselves say."""
    scopes: dict[str, str] = {}
    for file in sorted((ROOT / "functions").glob("*/app.py")):
        spec = importlib.util.spec_from_file_location(f"app_of_{file.parent.name}", file)
        assert spec
        assert spec.loader
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        routes = module.api.routes if hasattr(module, "api") else {}
        scopes |= {key: route.scope for key, route in routes.items() if route.scope is not None}
    return scopes


ROUTES: Final = scopes_of_routes()


@pytest.fixture(scope="module")
def lacking(stack: Stack) -> Iterator[dict[str, Api]]:
    """For each scope a client of the API whose key has every other one."""
    deployed = describe(stack.aws_endpoint_url)
    keys = {scope: create_key(deployed, ",".join({*SCOPES} - {scope})) for scope in SCOPES}
    clients = {
        scope: recording_client(stack, Authorization=f"Bearer {key}") for scope, key in keys.items()
    }
    yield {scope: Api(client, stack.api_url) for scope, client in clients.items()}
    for client in clients.values():
        client.close()


@pytest.mark.parametrize("route", ROUTES)
def test_a_key_without_the_scope(lacking: dict[str, Api], route: str) -> None:
    method, path = route.split(" ")
    api = lacking[ROUTES[route]]
    url = api.url + path.replace("{", "").replace("}", "")
    content = json.dumps(GOOD.get(path, {})).encode() if method != "GET" else None
    problem = is_problem(api.http.request(method, url, content=content), 403, "missing_scope")
    assert "errors" not in problem


def test_every_route_asks_for_a_key_or_for_a_secret_of_its_own(stack: Stack) -> None:
    body = describe(stack.aws_endpoint_url).template["Resources"]["Api"]["Properties"]["Body"]
    for route in routes_of(body):
        # `Api` asks for a scope exactly where the gateway asks for a key.
        assert (route.authorizer is not None) == (route.key in ROUTES), route.key


def test_a_key_in_another_place_is_none(stack: Stack, sandbox: Sandbox) -> None:
    basic = base64.b64encode(f"{stack.admin_key}:".encode()).decode()
    for headers in (
        {"X-Api-Key": stack.admin_key},
        {"Cookie": f"Authorization={stack.admin_key}"},
        {"Authorization": f"Basic {basic}"},
        {"Authorization": stack.admin_key},
        {"Authorization": f"Bearer {stack.admin_key}x"},
        {"Authorization": f"Bearer {stack.admin_key[:-1]}"},
        {"Authorization": f"Bearer {stack.admin_key},{stack.admin_key}"},
    ):
        url = f"{stack.api_url}{VOICE}?authorization={stack.admin_key}"
        answer = sandbox.http.post(url, json=GOOD[VOICE], headers=headers)
        assert answer.status_code in (401, 403)

"""Bad input gets one error shape that names the field, and reaches no provider."""

import json
from typing import Any

import httpx
import pytest

from local.stack import Stack
from tests.e2e.conftest import Api, Sandbox, fresh_code, fresh_phone
from tests.e2e.secrecy import RECORD

VOICE, CALL, MESSAGE = "/v1/voice-otp", "/v1/password-calls", "/v1/zns"
START = "/v1/verifications"
LANDLINE = RECORD.add_phone("+842438221221")
VN, RU = RECORD.add_phone("+84981234567"), RECORD.add_phone("+79161234567")
OTP, CODE, LONG = fresh_code(10), fresh_code(4), fresh_code(5)


def request_count(sandbox: Sandbox) -> int:
    answer = sandbox.http.get(f"{sandbox.url}/_sandbox/requests")
    return len(answer.json()["items"])


def is_problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert set(problem) - {"errors"} == {"type", "title", "status", "code", "detail", "instance"}
    assert (problem["status"], problem["code"]) == (status, code)
    return problem


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        (VOICE, {"otp": OTP}, "phone"),
        (VOICE, {"phone": VN}, "otp"),
        (VOICE, {"phone": VN, "otp": int(OTP)}, "otp"),
        (VOICE, {"phone": VN, "otp": "12"}, "otp"),
        (VOICE, {"phone": "0981234567", "otp": OTP}, "phone"),
        (VOICE, {"phone": "+849812345", "otp": OTP}, "phone"),
        (VOICE, {"phone": RU, "otp": OTP}, "phone"),
        (VOICE, {"phone": LANDLINE, "otp": OTP}, "phone"),
        (VOICE, {"phone": "1900 1234", "region": "VN", "otp": OTP}, "phone"),
        (VOICE, {"phone": f"{VN} ext. 2", "otp": OTP}, "phone"),
        (VOICE, {"phone": VN, "otp": OTP, "colour": "red"}, "colour"),
        (VOICE, {"phone": VN, "otp": OTP, "metadata": {"a": 1}}, "metadata"),
        (CALL, {"code": CODE}, "phone"),
        (CALL, {"phone": RU, "code": int(CODE)}, "code"),
        (CALL, {"phone": RU, "code": LONG}, "code"),
        (CALL, {"phone": "+12025550123", "code": CODE}, "phone"),
        (CALL, {"phone": "+78091234529", "code": CODE}, "phone"),
        (CALL, {"phone": "8 800 555-35-35", "region": "RU", "code": CODE}, "phone"),
        (CALL, {"phone": RU, "otp": OTP}, "otp"),
        (MESSAGE, {"phone": VN}, "template"),
        (MESSAGE, {"phone": RU, "template": 366}, "phone"),
        (MESSAGE, {"phone": LANDLINE, "template": 366}, "phone"),
        (START, {"phone": "+447911123456"}, "phone"),
        (START, {"phone": "+447911123456", "workflow": [{"channel": "voice_otp"}]}, "phone"),
        (START, {"phone": LANDLINE, "workflow": [{"channel": "voice_otp"}]}, "phone"),
        (START, {"phone": "+78091234529"}, "phone"),
        (MESSAGE, {"phone": VN, "template": "no-such"}, "template"),
        (MESSAGE, {"phone": VN, "template": 366, "ticket_id": "x"}, "ticket_id"),
        (MESSAGE, {"phone": VN, "template": 366, "params": []}, "params"),
    ],
)
def test_a_field_at_fault_is_named(
    api: Api, sandbox: Sandbox, path: str, body: dict[str, object], field: str
) -> None:
    before = request_count(sandbox)
    problem = is_problem(api.post(path, body), 422, "validation_failed")
    assert [error["loc"][0] for error in problem["errors"]] == [field]
    for value in body.values():
        assert not isinstance(value, str) or len(value) < 4 or value not in json.dumps(problem)
    assert request_count(sandbox) == before


@pytest.mark.parametrize("body", [b"", b"{", b"phone=1", b"\xff\xfe", b"nul"])
def test_what_is_not_json(api: Api, sandbox: Sandbox, body: bytes) -> None:
    before = request_count(sandbox)
    for path in (VOICE, CALL, MESSAGE):
        is_problem(api.http.post(api.url + path, content=body), 400, "invalid_json")
    assert request_count(sandbox) == before


@pytest.mark.parametrize("key", ["x" * 256, "\x7f"])
def test_an_idempotency_key_that_cannot_be_one(api: Api, key: str) -> None:
    answer = api.post(VOICE, {"phone": VN, "otp": OTP}, key=key)
    is_problem(answer, 400, "invalid_header")


def test_a_body_larger_than_any_valid_one(api: Api) -> None:
    answer = api.post(VOICE, {"phone": VN, "otp": OTP, "metadata": {"a": "x" * 70_000}})
    is_problem(answer, 413, "body_too_large")


@pytest.mark.parametrize("query", [{"limit": "0"}, {"status": "x"}, {"phone": "1"}, {"a": "b"}])
def test_a_query_at_fault(api: Api, query: dict[str, str]) -> None:
    problem = is_problem(api.get("/v1/deliveries", **query), 422, "validation_failed")
    assert problem["errors"][0]["loc"] == ["query", next(iter(query))]


def test_a_cursor_of_another_time_is_named(api: Api) -> None:
    for _ in range(2):
        assert api.post(MESSAGE, {"phone": fresh_phone("VN"), "template": 366}).status_code == 202
    cursor = api.get("/v1/deliveries", limit="1").json()["next_cursor"]
    later = {"from": "2100-01-01T00:00:00Z", "to": "2100-01-02T00:00:00Z"}
    answers = [
        api.get("/v1/deliveries", cursor=cursor, **query)
        for query in (later, {"to": "2020-01-01T00:00:00Z"})
    ]
    # It holds an id of a delivery: no other list has such a place.
    lists = ("/v1/verifications", "/v1/decisions", "/v1/scenarios", "/v1/zns-templates")
    for answer in [*answers, *(api.get(path, cursor=cursor) for path in lists)]:
        problem = is_problem(answer, 422, "validation_failed")
        assert [error["loc"] for error in problem["errors"]] == [["query", "cursor"]]


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer x", "Basic dXNlcjpwYXNz"])
def test_without_a_valid_key_nothing_is_done(
    stack: Stack, sandbox: Sandbox, authorization: str | None
) -> None:
    before = request_count(sandbox)
    headers = {} if authorization is None else {"Authorization": authorization}
    answer = sandbox.http.post(
        stack.api_url + VOICE, json={"phone": VN, "otp": OTP}, headers=headers
    )
    assert answer.status_code in (401, 403)
    assert request_count(sandbox) == before

"""What each provider takes, and what it refuses in its own form; all of it is in the ledger."""

import re
from typing import Any

import httpx
import pytest

from tests.sandbox.driver import AUTHORIZATION, PATHS, PROVIDERS, Driver

PHONE = "+84389801371"
GONE = object()


def _is_failure(provider: str, reply: dict[str, Any]) -> bool:
    match provider:
        case "bizfly":
            return set(reply) == {"message", "status"} and reply["status"] is False
        case "voice_gateway":
            return set(reply) == {"accepted", "reason", "message"} and reply["accepted"] is False
        case "mcn":
            return set(reply) == {"ok", "error"} and reply["ok"] is False
        case _:
            return set(reply) == {"code", "message"} and reply["code"] == "errors"


def _check_refused(driver: Driver, provider: str, answer: httpx.Response, why: str) -> None:
    assert 400 <= answer.status_code < 500
    assert _is_failure(provider, answer.json())
    [item] = driver.requests(provider=provider)
    assert item["placed"] is False
    assert re.search(why, item["refused"])
    assert driver.code(PHONE) is None
    assert driver.cdrs() == []


@pytest.mark.parametrize(
    ("provider", "changes", "why"),
    [
        ("bizfly", {"callee": GONE}, "callee is missing"),
        ("bizfly", {"callee_timeout": GONE}, "callee_timeout is missing"),
        ("bizfly", {"otp": GONE}, "otp is missing"),
        ("bizfly", {"otp_id": GONE}, "otp_id is missing"),
        ("bizfly", {"request_id": GONE}, "request_id is missing"),
        ("bizfly", {"callee_timeout": 25}, "callee_timeout must be a string"),
        ("bizfly", {"otp": 12345}, "otp must be a string"),
        ("bizfly", {"request_id": 123}, "request_id must be a string"),
        ("bizfly", {"request_id": None}, "request_id must be a string"),
        ("bizfly", {"request_id": ""}, "request_id is empty"),
        ("bizfly", {"otp": "12a45"}, "otp must be digits"),
        ("bizfly", {"otp": "١٢٣٤"}, "otp must be digits"),
        ("bizfly", {"callee_timeout": "25s"}, "callee_timeout must be digits"),
        ("bizfly", {"otp_id": "975705"}, "otp_id must be"),
        ("bizfly", {"otp_id": "OTP-"}, "otp_id must be"),
        ("bizfly", {"callee": "+84389801371"}, "callee must be a national number"),
        ("bizfly", {"callee": "84389801371"}, "callee must be a national number"),
        ("bizfly", {"callee": "389801371"}, "callee must be a national number"),
        ("bizfly", {"callee": "03898013710"}, "callee must be a national number"),
        ("bizfly", {"callee": "0389801371\n"}, "callee must be a national number"),
        ("bizfly", {"scenario": "x"}, 'unknown field "scenario"'),
        ("voice_gateway", {"delivery_id": GONE}, "delivery_id is missing"),
        ("voice_gateway", {"delivery_id": ""}, "delivery_id must be a string"),
        ("voice_gateway", {"phone": "0389801371"}, "phone must be E.164"),
        ("voice_gateway", {"code": 4821}, "code must be a string of 4 to 10 digits"),
        ("voice_gateway", {"code": "123"}, "code must be a string of 4 to 10 digits"),
        ("voice_gateway", {"language": "en"}, "language must be one of vi, ru"),
        ("voice_gateway", {"ring_timeout": "25"}, "ring_timeout must be 10 to 120"),
        ("voice_gateway", {"ring_timeout": True}, "ring_timeout must be 10 to 120"),
        ("voice_gateway", {"ring_timeout": 9}, "ring_timeout must be 10 to 120"),
        ("voice_gateway", {"scenario": "x"}, 'unknown field "scenario"'),
        ("mcn", {"phone_number": GONE}, "phone_number is missing"),
        ("mcn", {"phone_number": 84389801371}, "phone_number must be a string"),
        ("mcn", {"phone_number": "+84389801371"}, "without plus"),
        ("mcn", {"phone_number": "0389801371"}, "with the country code"),
        ("mcn", {"phone_number": "89777777777"}, "with the country code"),
        ("mcn", {"phone_number": "9777777777x"}, "must be digits"),
        ("mcn", {"phone_number": "797777777"}, "with the country code"),
        ("mcn", {"phone_number": ""}, "must be digits"),
        ("mcn", {"verification_code": 1234}, "verification_code must be a string"),
        ("mcn", {"verification_code": "123"}, "must be 4 digits"),
        ("mcn", {"verification_code": "12345"}, "must be 4 digits"),
        ("mcn", {"verification_code": "12a4"}, "must be 4 digits"),
        ("mcn", {"verification_code": None}, "verification_code must be a string"),
        ("mcn", {"is_with_redirect": "true"}, "is_with_redirect must be a boolean"),
        ("mcn", {"is_with_redirect": 1}, "is_with_redirect must be a boolean"),
        ("mcn", {"code": "1234"}, 'unknown field "code"'),
        ("caresoft", {"phone": GONE}, "phone is missing"),
        ("caresoft", {"template_id": GONE}, "template_id is missing"),
        ("caresoft", {"phone": "+84389801371"}, "phone must be a national number"),
        ("caresoft", {"phone": "84389801371"}, "phone must be a national number"),
        ("caresoft", {"phone": 389801371}, "phone must be a national number"),
        ("caresoft", {"template_id": "366"}, "template_id must be a positive integer"),
        ("caresoft", {"template_id": True}, "template_id must be a positive integer"),
        ("caresoft", {"template_id": 366.0}, "template_id must be a positive integer"),
        ("caresoft", {"ticket_id": "297005"}, "ticket_id must be a positive integer"),
        ("caresoft", {"ticket_id": 0}, "ticket_id must be a positive integer"),
        ("caresoft", {"params": [["otp", "1234"]]}, "params must be an object"),
        ("caresoft", {"params": {"otp": 1234}}, "params must hold strings"),
        ("caresoft", {"otp": "1234"}, 'unknown field "otp"'),
    ],
)
def test_wrong_field(driver: Driver, provider: str, changes: dict[str, Any], why: str) -> None:
    body = driver.body(provider, PHONE)
    fields = body["zns"] if provider == "caresoft" else body
    for name, value in changes.items():
        if value is GONE:
            del fields[name]
        else:
            fields[name] = value
    answer = driver.post(provider, body)
    assert answer.status_code == 400
    _check_refused(driver, provider, answer, why)


@pytest.mark.parametrize("body", [{}, {"zns": None}, {"zns": []}, {"phone": "0389801371"}])
def test_caresoft_wants_its_object(driver: Driver, body: object) -> None:
    _check_refused(driver, "caresoft", driver.post("caresoft", body), "zns")


@pytest.mark.parametrize(
    ("provider", "authorization", "why"),
    [
        ("bizfly", None, "missing"),
        ("bizfly", "Bearer sandbox-bizfly-key", "without Bearer"),
        ("bizfly", "bearer sandbox-bizfly-key", "without Bearer"),
        ("bizfly", "other-key", "not the account's"),
        ("voice_gateway", None, "missing"),
        ("voice_gateway", "sandbox-voice-gateway-token", "must be 'Bearer <token>'"),
        ("voice_gateway", "Bearer other", "not the account's"),
        ("mcn", None, "missing"),
        ("mcn", "sandbox-mcn-token", "must be 'Bearer <token>'"),
        ("mcn", "Token sandbox-mcn-token", "must be 'Bearer <token>'"),
        ("mcn", "Bearer other", "not the account's"),
        ("mcn", "Bearer", "not the account's"),
        ("caresoft", None, "missing"),
        ("caresoft", "sandbox-caresoft-token", "must be 'Bearer <token>'"),
        ("caresoft", "Bearer sandbox-mcn-token", "not the account's"),
    ],
)
def test_wrong_credentials(
    driver: Driver, provider: str, authorization: str | None, why: str
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    answer = driver.post(provider, driver.body(provider, PHONE), headers=headers)
    assert answer.status_code == 401
    _check_refused(driver, provider, answer, why)
    assert driver.requests()[0]["phone"] == PHONE


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(
    "content", [b"", b"{", b"callee=0389801371", b'{"otp": NaN}', b"\xff\xfe{}", b"[" * 100_000]
)
def test_bad_json(driver: Driver, provider: str, content: bytes) -> None:
    answer = driver.http.post(
        driver.url + PATHS[provider],
        content=content,
        headers={"Authorization": AUTHORIZATION[provider], "Content-Type": "application/json"},
    )
    assert answer.status_code == 400
    _check_refused(driver, provider, answer, "the body is not JSON")


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("content", ["[]", '"text"', "1", "null"])
def test_json_that_is_no_object(driver: Driver, provider: str, content: str) -> None:
    answer = driver.http.post(
        driver.url + PATHS[provider],
        content=content,
        headers={"Authorization": AUTHORIZATION[provider], "Content-Type": "application/json"},
    )
    _check_refused(driver, provider, answer, "must be a JSON object")


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("content_type", [None, "text/plain", "application/x-www-form-urlencoded"])
def test_wrong_content_type(driver: Driver, provider: str, content_type: str | None) -> None:
    headers = {"Authorization": AUTHORIZATION[provider]}
    if content_type is not None:
        headers["Content-Type"] = content_type
    right = httpx.Request("POST", "http://x", json=driver.body(provider, PHONE)).content
    answer = driver.http.post(driver.url + PATHS[provider], content=right, headers=headers)
    assert answer.status_code == 415
    _check_refused(driver, provider, answer, "Content-Type")


@pytest.mark.parametrize("provider", PROVIDERS)
def test_content_type_with_a_charset_is_json(driver: Driver, provider: str) -> None:
    right = httpx.Request("POST", "http://x", json=driver.body(provider, PHONE)).content
    answer = driver.http.post(
        driver.url + PATHS[provider],
        content=right,
        headers={
            "Authorization": AUTHORIZATION[provider],
            "Content-Type": "Application/JSON; charset=utf-8",
        },
    )
    assert answer.status_code == 200


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_wrong_method(driver: Driver, provider: str, method: str) -> None:
    answer = driver.http.request(
        method,
        driver.url + PATHS[provider],
        json=driver.body(provider, PHONE),
        headers={"Authorization": AUTHORIZATION[provider]},
    )
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
    _check_refused(driver, provider, answer, "only POST")


@pytest.mark.parametrize(
    ("provider", "path", "why"),
    [
        ("bizfly", "/bizfly/api/otp_calls", "no such route"),
        ("bizfly", "/bizfly/v4/api/otp_calls/", "no such route"),
        ("mcn", "/mcn/api/auth/passwordcall", "no such route"),
        ("caresoft", "/caresoft/api/v1/zalo/zns", "no such route"),
        ("caresoft", "/caresoft/other/api/v1/zalo/zns", "Domain incorrect"),
    ],
)
def test_wrong_path(driver: Driver, provider: str, path: str, why: str) -> None:
    answer = driver.post(provider, driver.body(provider, PHONE), path=path)
    assert answer.status_code == 404
    _check_refused(driver, provider, answer, why)


def test_credentials_are_settings(driver: Driver) -> None:
    driver.settings(
        bizfly_key="k1",
        mcn_token="t2",
        caresoft_token="t3",
        caresoft_slug="shop",
        mcn_account="42",
        voice_gateway_token="t4",
    )
    for provider in PROVIDERS:
        assert driver.order(provider, PHONE).status_code >= 400
    bodies = {provider: driver.body(provider, PHONE) for provider in PROVIDERS}
    answers = [
        driver.post("bizfly", bodies["bizfly"], headers={"Authorization": "k1"}),
        driver.post("mcn", bodies["mcn"], headers={"Authorization": "Bearer t2"}),
        driver.post(
            "caresoft",
            bodies["caresoft"],
            path="/caresoft/shop/api/v1/zalo/zns",
            headers={"Authorization": "Bearer t3"},
        ),
        driver.post(
            "voice_gateway", bodies["voice_gateway"], headers={"Authorization": "Bearer t4"}
        ),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200]
    assert answers[1].json()["verification_uuid"].endswith("_42")


def test_mcn_without_a_code_chooses_one(driver: Driver) -> None:
    reply = driver.post("mcn", {"phone_number": "79777777777"}).json()
    assert re.fullmatch(r"7495[0-9]{7}", reply["caller_number"])
    assert reply["verification_code"] == reply["caller_number"][-4:]
    assert driver.code("+79777777777") == reply["verification_code"]


@pytest.mark.parametrize(
    ("phone", "caller"), [("79777777777", "7495"), ("84389801371", "361"), ("77012345678", "361")]
)
def test_mcn_calls_russians_from_a_russian_number(driver: Driver, phone: str, caller: str) -> None:
    reply = driver.post("mcn", {"phone_number": phone, "verification_code": "0042"}).json()
    assert reply["caller_number"].startswith(caller)
    assert reply["caller_number"].endswith("0042")
    assert len(reply["caller_number"]) == (11 if caller == "7495" else 10)
    assert reply["verification_code"] == "0042"


def test_mcn_references_are_never_repeated(driver: Driver) -> None:
    replies = [driver.order("mcn", PHONE).json()["verification_uuid"] for _ in range(20)]
    assert len(set(replies)) == 20


def test_mcn_reply_under_the_other_name(driver: Driver) -> None:
    driver.settings(mcn_reply_form="verification_call_uuid")
    reply = driver.order("mcn", PHONE).json()
    assert re.fullmatch(r"[0-9a-f]{12}_117793", reply["verification_call_uuid"])
    assert "verification_uuid" not in reply


def test_mcn_reply_in_the_siblings_envelope(driver: Driver) -> None:
    driver.settings(mcn_reply_form="envelope")
    reply = driver.order("mcn", PHONE).json()
    assert (reply["status"], reply["code"]) == ("success", 200)
    assert list(reply["object"]) == ["login_did", "code", "account_id", "verification_call_uuid"]
    assert reply["object"]["login_did"].endswith("4821")
    assert reply["object"]["verification_call_uuid"] == driver.requests()[0]["reference"]


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"otp": "1234"}, "1234"),
        ({"OTP_value": "1234567890"}, "1234567890"),
        ({"name": "9999", "verifyCode": "0042"}, "0042"),
        ({"otp_note": "hello", "code": "7777"}, "7777"),
        ({"masoDatve": "098733"}, None),
        ({"code": "123"}, None),
        ({"code": "12345678901"}, None),
        ({}, None),
        (None, None),
    ],
)
def test_the_code_in_a_zns(driver: Driver, params: dict[str, str] | None, code: str | None) -> None:
    zns: dict[str, Any] = {"phone": "0389801371", "template_id": 366}
    if params is not None:
        zns["params"] = params
    assert driver.post("caresoft", {"zns": zns}).status_code == 200
    assert driver.code(PHONE) == code

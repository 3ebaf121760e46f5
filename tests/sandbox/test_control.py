"""The control routes."""

import json
import time
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlencode

import httpx
import pytest

from tests.sandbox.driver import PROVIDERS, Driver, Webhook

PHONE = "+84389801371"
OTHER = "+84912345678"


def test_health(driver: Driver) -> None:
    answer = driver.control("GET", "/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_requests_in_order_and_by_filter(driver: Driver) -> None:
    for provider in PROVIDERS:
        for phone in (PHONE, OTHER):
            driver.order(provider, phone)
    expected = [(provider, phone) for provider in PROVIDERS for phone in (PHONE, OTHER)]
    assert [(one["provider"], one["phone"]) for one in driver.requests()] == expected
    assert [one["phone"] for one in driver.requests(provider="mcn")] == [PHONE, OTHER]
    assert [one["provider"] for one in driver.requests(phone=OTHER)] == list(PROVIDERS)
    assert len(driver.requests(provider="bizfly", phone=PHONE)) == 1
    assert driver.requests(phone="+84999999999") == []
    times = [one["at"] for one in driver.requests()]
    assert times == sorted(times)
    assert datetime.fromisoformat(times[0]).utcoffset() is not None


def test_a_requests_fields(driver: Driver) -> None:
    driver.order("bizfly", PHONE)
    [item] = driver.requests()
    assert set(item) == {
        "at",
        "provider",
        "path",
        "phone",
        "headers",
        "body",
        "placed",
        "refused",
        "reference",
    }
    assert item["path"] == "/bizfly/v4/api/otp_calls"
    assert item["headers"]["authorization"] == "sandbox-bizfly-key"
    assert item["headers"]["content-type"] == "application/json"
    assert item["body"] == driver.body("bizfly", PHONE)
    assert item["reference"] is None


@pytest.mark.parametrize("spelling", ["%2B84389801371", "+84389801371", "%2084389801371"])
def test_a_leading_blank_reads_as_plus(driver: Driver, spelling: str) -> None:
    driver.order("bizfly", PHONE, "7263")
    answer = driver.http.get(f"{driver.url}/_sandbox/requests?phone={spelling}")
    assert len(answer.json()["items"]) == 1
    answer = driver.http.get(f"{driver.url}/_sandbox/code?phone={spelling}")
    assert answer.json() == {"code": "7263"}


def test_code_is_the_last_one(driver: Driver) -> None:
    assert driver.code(PHONE) is None
    for provider, code in (("bizfly", "1111"), ("mcn", "2222"), ("caresoft", "3333")):
        driver.order(provider, PHONE, code)
        assert driver.code(PHONE) == code
    driver.control("POST", "/script", {"phone": PHONE, "provider": "mcn", "digits": "06"})
    driver.order("mcn", PHONE, "4444")
    assert driver.code(PHONE) == "3333"


def test_script_is_for_one_provider_and_phone_until_reset(driver: Driver) -> None:
    script = {"phone": PHONE, "provider": "bizfly", "digits": "06"}
    answer = driver.control("POST", "/script", script)
    assert (answer.status_code, answer.json()) == (200, script)

    def statuses() -> list[int]:
        return [
            driver.order(provider, phone).status_code
            for provider, phone in (("bizfly", PHONE), ("mcn", PHONE), ("bizfly", OTHER))
        ]

    assert statuses() == [500, 200, 200]
    assert statuses() == [500, 200, 200]
    driver.control("POST", "/script", script | {"digits": "13"})
    assert statuses() == [429, 200, 200]
    driver.control("POST", "/reset")
    assert statuses() == [200, 200, 200]


def test_script_can_let_a_test_number_end_well(driver: Driver) -> None:
    phone = "+84000000006"
    driver.control("POST", "/script", {"phone": phone, "provider": "mcn", "digits": "00"})
    assert driver.order("mcn", phone).status_code == 200


def test_reset_forgets_everything_but_settings(driver: Driver, cdr_webhook: Webhook) -> None:
    driver.settings(cdr_delay_seconds=0.6)
    driver.order("mcn", PHONE)
    driver.control("POST", "/cdr", {"phone": PHONE})
    assert len(driver.cdrs()) == 1
    assert driver.control("POST", "/reset").json() == {"status": "ok"}
    assert (driver.requests(), driver.cdrs(), driver.code(PHONE)) == ([], [], None)
    time.sleep(0.7)
    assert len(cdr_webhook.received) == 1
    assert driver.control("GET", "/settings").json()["mcn_webhook_url"] == cdr_webhook.url
    assert driver.control("POST", "/cdr", {"phone": PHONE}).status_code == 404


def test_settings_are_shown_and_changed(driver: Driver) -> None:
    before = driver.control("GET", "/settings").json()
    answer = driver.control("POST", "/settings", {"cdr_form": "object", "mcn_webhook_url": None})
    assert answer.json() == before | {"cdr_form": "object", "mcn_webhook_url": None}
    assert driver.control("GET", "/settings").json() == answer.json()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("no_such", 1),
        ("mcn_webhook_url", "ftp://127.0.0.1/"),
        ("mcn_webhook_url", "127.0.0.1:80/x"),
        ("mcn_webhook_url", "http://127.0.0.1:port/x"),
        ("mcn_webhook_url", "http:///x"),
        ("mcn_webhook_url", 5),
        ("bizfly_key", ""),
        ("mcn_token", None),
        ("caresoft_token", "a\nb"),
        ("cdr_delay_seconds", -1),
        ("cdr_delay_seconds", "1"),
        ("cdr_delay_seconds", True),
        ("slow_reply_seconds", 1e300),
        ("cdr_retry_seconds", 1),
        ("cdr_retry_seconds", ["1"]),
        ("cdr_form", "xml"),
        ("mcn_reply_form", None),
    ],
)
def test_bad_settings_change_nothing(driver: Driver, name: str, value: object) -> None:
    before = driver.control("GET", "/settings").json()
    answer = driver.control("POST", "/settings", {"mcn_account": "1", name: value})
    _check_problem(answer, name)
    assert driver.control("GET", "/settings").json() == before


def _check_problem(answer: httpx.Response, where: str) -> None:
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == 400
    assert problem["detail"].startswith(where)
    assert [error["loc"] for error in problem["errors"]] == [[where]]


@pytest.mark.parametrize(
    ("method", "path", "body", "where"),
    [
        ("GET", "/requests?phone=84389801371", None, "phone"),
        ("GET", "/requests?phone=", None, "phone"),
        ("GET", "/requests?provider=viber", None, "provider"),
        ("GET", "/requests?phon=1", None, "phon"),
        ("GET", "/code", None, "phone"),
        ("GET", "/code?phone=abc", None, "phone"),
        ("POST", "/script", {}, "phone"),
        ("POST", "/script", {"phone": PHONE, "provider": "mcn"}, "digits"),
        ("POST", "/script", {"phone": "0389", "provider": "mcn", "digits": "01"}, "phone"),
        ("POST", "/script", {"phone": PHONE, "provider": "x", "digits": "01"}, "provider"),
        ("POST", "/script", {"phone": PHONE, "provider": [], "digits": "01"}, "provider"),
        ("POST", "/script", {"phone": PHONE, "provider": "mcn", "digits": "1"}, "digits"),
        ("POST", "/script", {"phone": PHONE, "provider": "mcn", "digits": 10}, "digits"),
        ("POST", "/script", {"phone": PHONE, "provider": "mcn", "digits": "01", "x": 1}, "x"),
        ("POST", "/script", [], "body"),
        ("POST", "/cdr", {}, "phone"),
        ("POST", "/cdr", {"phone": 5}, "phone"),
        ("POST", "/cdr", {"phone": PHONE, "form": "xml"}, "form"),
        ("POST", "/cdr", {"phone": PHONE, "times": 0}, "times"),
        ("POST", "/cdr", {"phone": PHONE, "times": True}, "times"),
        ("POST", "/cdr", {"phone": PHONE, "path": "x"}, "path"),
        ("POST", "/cdr", {"phone": PHONE, "path": "/x y"}, "path"),
        ("POST", "/cdr", {"phone": PHONE, "headers": {"X": 1}}, "headers"),
        ("POST", "/cdr", {"phone": PHONE, "headers": {"X": "a\r\nY: b"}}, "headers"),
        ("POST", "/cdr", {"phone": PHONE, "content_type": 1}, "content_type"),
        ("POST", "/cdr", {"phone": PHONE, "uuid": "x"}, "uuid"),
        ("POST", "/reset", {"all": True}, "all"),
    ],
)
def test_bad_input_names_the_field(
    driver: Driver, method: str, path: str, body: object, where: str
) -> None:
    driver.order("mcn", PHONE)
    url = f"{driver.url}/_sandbox{path}"
    _check_problem(driver.http.request(method, url, json=body), where)


def test_control_reads_json_under_any_content_type(driver: Driver) -> None:
    url = f"{driver.url}/_sandbox/settings"
    assert driver.http.post(url, content='{"mcn_account": "7"}').json()["mcn_account"] == "7"
    _check_problem(driver.http.post(url, content="{"), "body")


@pytest.mark.parametrize("path", ["/", "/favicon.ico", "/_sandbox", "/_sandbox/", "/_sandbox/no"])
def test_unknown_route(driver: Driver, path: str) -> None:
    answer = driver.http.get(driver.url + path)
    assert answer.status_code == 404
    assert answer.json()["status"] == 404
    assert driver.requests() == []


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [("POST", "/requests", "GET"), ("GET", "/reset", "POST"), ("PUT", "/settings", "GET, POST")],
)
def test_wrong_method(driver: Driver, method: str, path: str, allow: str) -> None:
    answer = driver.control(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allow)
    assert answer.json()["status"] == 405


# ------------------------------------------------------------------ POST /_sandbox/cdr


def _fields(uuid: str, **changes: object) -> dict[str, Any]:
    return {
        "verification_call_uuid": uuid,
        "q931_status": 16,
        "final_status": "ANSWER",
        "called_number": PHONE[1:],
    } | changes


@pytest.fixture
def placed_uuid(driver: Driver, cdr_webhook: Webhook) -> str:
    """A Password Call to PHONE that gets no CDR by itself."""
    driver.settings(cdr_delay_seconds=60)
    uuid: str = driver.order("mcn", PHONE).json()["verification_uuid"]
    assert cdr_webhook.received == []
    return uuid


def test_cdr_for_the_last_call_to_a_phone(
    driver: Driver, cdr_webhook: Webhook, placed_uuid: str
) -> None:
    later = driver.order("mcn", PHONE).json()["verification_uuid"]
    assert later != placed_uuid
    answer = driver.control("POST", "/cdr", {"phone": PHONE})
    assert answer.json() == {"deliveries": [{"status": 200, "body": "ok", "error": None}]}
    assert json.loads(cdr_webhook.received[0].body) == [_fields(later)]


@pytest.mark.parametrize("field", ["body", "query"])
@pytest.mark.parametrize(
    "form", ["object", "array", "pairs", "name_value", "form", "get", "text", None]
)
def test_cdr_forms(
    driver: Driver, cdr_webhook: Webhook, placed_uuid: str, form: str | None, field: str
) -> None:
    """By the route (field "body" of the parameters) and by the setting, both give the same."""
    if field == "body" or form is None:
        body = {"phone": PHONE} | ({"form": form} if form else {})
    else:
        driver.settings(cdr_form=form)
        body = {"phone": PHONE}
    assert driver.control("POST", "/cdr", body).status_code == 200
    [delivery] = cdr_webhook.received
    fields = _fields(placed_uuid)
    content_type = delivery.headers.get("content-type")
    assert (delivery.method, delivery.path) == ("GET" if form == "get" else "POST", "/hooks/secret")
    match form:
        case "get":
            assert (delivery.body, delivery.query, content_type) == ("", urlencode(fields), None)
        case "form":
            assert content_type == "application/x-www-form-urlencoded"
            assert parse_qs(delivery.body) == {name: [str(fields[name])] for name in fields}
        case "text":
            assert content_type == "text/plain; charset=utf-8"
            assert json.loads(delivery.body) == [fields]
        case "object":
            assert (content_type, json.loads(delivery.body)) == ("application/json", fields)
        case "pairs":
            assert json.loads(delivery.body) == [{name: fields[name]} for name in fields]
        case "name_value":
            assert json.loads(delivery.body) == [{"name": n, "value": fields[n]} for n in fields]
        case _:
            assert (content_type, json.loads(delivery.body)) == ("application/json", [fields])


@pytest.mark.parametrize(
    ("fields", "row"),
    [
        ({"q931_status": 17}, {"q931_status": 17, "final_status": "CANCEL"}),
        ({"q931_status": "16"}, {"q931_status": "16", "final_status": "ANSWER"}),
        ({"final_status": "CANCEL"}, {"final_status": "CANCEL"}),
        ({"q931_status": 17, "final_status": "ANSWER"}, {"q931_status": 17}),
        ({"called_number": "70000000000"}, {"called_number": "70000000000"}),
        ({"final_status": None}, {"final_status": None}),
        ({"called_number": None}, {"called_number": None}),
        ({"verification_call_uuid": "fa278be48dc2_117793"}, None),
    ],
)
def test_cdr_fields_can_be_given(
    driver: Driver,
    cdr_webhook: Webhook,
    placed_uuid: str,
    fields: dict[str, Any],
    row: dict[str, Any] | None,
) -> None:
    driver.control("POST", "/cdr", {"phone": PHONE} | fields)
    expected = _fields(placed_uuid) | (fields if row is None else row)
    expected = {name: value for name, value in expected.items() if value is not None}
    assert json.loads(cdr_webhook.received[0].body) == [expected]


def test_cdr_follows_the_calls_own_ending(driver: Driver, cdr_webhook: Webhook) -> None:
    driver.settings(cdr_delay_seconds=60)
    uuid = driver.order("mcn", "+84389801301").json()["verification_uuid"]
    driver.control("POST", "/cdr", {"verification_call_uuid": uuid})
    expected = _fields(uuid, q931_status=17, final_status="CANCEL", called_number="84389801301")
    assert json.loads(cdr_webhook.received[0].body) == [expected]


def test_cdr_for_a_call_that_was_never_made(driver: Driver, cdr_webhook: Webhook) -> None:
    uuid = "fa278be48dc2_117793"
    driver.control("POST", "/cdr", {"verification_call_uuid": uuid})
    driver.control("POST", "/cdr", {"called_number": "79777777777"})
    first, second = (json.loads(one.body)[0] for one in cdr_webhook.received)
    assert first == {
        "verification_call_uuid": uuid,
        "q931_status": 16,
        "final_status": "ANSWER",
    }
    assert second == {"q931_status": 16, "final_status": "ANSWER", "called_number": "79777777777"}


def test_cdr_several_times_and_the_webhooks_answers(
    driver: Driver, cdr_webhook: Webhook, placed_uuid: str
) -> None:
    cdr_webhook.answers.extend([200, 500, 200])
    answer = driver.control("POST", "/cdr", {"phone": PHONE, "times": 3})
    assert [one["status"] for one in answer.json()["deliveries"]] == [200, 500, 200]
    assert [one["statuses"] for one in driver.cdrs()] == [[200], [500], [200]]
    assert placed_uuid in driver.cdrs()[0]["body"]
    assert driver.cdrs()[0]["phone"] == PHONE


def test_cdr_raw(driver: Driver, cdr_webhook: Webhook) -> None:
    driver.control(
        "POST",
        "/cdr",
        {
            "body": "not json",
            "content_type": "application/xml",
            "path": "/elsewhere?a=b",
            "headers": {"X-Webhook-Token": "s"},
        },
    )
    driver.control("POST", "/cdr", {"body": {"a": 1}, "form": "object"})
    driver.control("POST", "/cdr", {"body": "a=1", "form": "get"})
    first, second, third = cdr_webhook.received
    assert (first.path, first.query, first.body) == ("/elsewhere", "a=b", "not json")
    assert first.headers["content-type"] == "application/xml"
    assert first.headers["x-webhook-token"] == "s"
    assert second.body == '{"a":1}'
    assert (third.method, third.query, third.body) == ("GET", "a=1", "")


def test_cdr_without_a_call_or_a_webhook(driver: Driver) -> None:
    assert driver.control("POST", "/cdr", {"phone": PHONE}).status_code == 404
    driver.order("bizfly", PHONE)
    assert driver.control("POST", "/cdr", {"phone": PHONE}).status_code == 404
    driver.settings(mcn_webhook_url=None)
    assert driver.control("POST", "/cdr", {"body": "x"}).status_code == 409


def test_cdr_to_nobody(driver: Driver) -> None:
    driver.settings(mcn_webhook_url="http://127.0.0.1:9/")
    [delivery] = driver.control("POST", "/cdr", {"body": "x"}).json()["deliveries"]
    assert (delivery["status"], delivery["body"]) == (None, "")
    assert "ConnectionRefusedError" in delivery["error"]


def test_cdr_keeps_the_query_of_the_webhook(driver: Driver, cdr_webhook: Webhook) -> None:
    driver.settings(mcn_webhook_url=cdr_webhook.url + "?k=v")
    driver.control("POST", "/cdr", {"called_number": "7", "form": "get"})
    assert cdr_webhook.received[0].query.startswith("k=v&q931_status=16")

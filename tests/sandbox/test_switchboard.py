"""Bizfly's side beyond the reply: call results by its webhook and by its log."""

import json
import time
from typing import Any

import httpx
import pytest

from tests.sandbox.driver import Driver, Webhook

PHONE = "+84389801399"
QUIET_SECONDS = 0.15
KEY = {"Authorization": "sandbox-bizfly-key"}


@pytest.fixture
def webhook(driver: Driver, cdr_webhook: Webhook) -> Webhook:
    assert register(driver, cdr_webhook.url).status_code == 200
    return cdr_webhook


def register(driver: Driver, url: str) -> httpx.Response:
    body = {"url": url, "token": "the-token"}
    return driver.http.put(f"{driver.url}/bizfly/v1/api/webhooks", json=body, headers=KEY)


def reports(driver: Driver, **query: object) -> dict[str, Any]:
    parameters = {name: str(value) for name, value in query.items()}
    answer = driver.http.get(f"{driver.url}/bizfly/v1/api/reports", params=parameters, headers=KEY)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_a_call_is_followed_by_its_result_with_the_registered_token(
    driver: Driver, webhook: Webhook
) -> None:
    driver.order("bizfly", PHONE)
    [result] = webhook.wait_for(1)
    assert result.headers["authorization"] == "the-token"
    assert (result.method, result.headers["content-type"]) == ("POST", "application/json")
    row = json.loads(result.body)
    assert (row["callee"], row["state"], row["direct"]) == ("0389801399", "ANSWERED", "outbound")
    assert abs(row["start_time"] - time.time()) < 5
    assert "request_id" not in row
    assert reports(driver)["data"] == [row]


@pytest.mark.parametrize(
    ("digits", "state"),
    [("01", "BUSY"), ("02", "NO ANSWER"), ("03", "FAILED"), ("05", "FAILED"), ("17", "FAILED")],
)
def test_its_state_is_that_of_the_number_s_ending(
    driver: Driver, webhook: Webhook, digits: str, state: str
) -> None:
    driver.order("bizfly", PHONE[:-2] + digits)
    [result] = webhook.wait_for(1)
    assert json.loads(result.body)["state"] == state


@pytest.mark.parametrize(("digits", "times"), [("09", 3), ("10", 0), ("12", 0), ("08", 1)])
def test_results_come_when_and_as_often_as_cdrs_would(
    driver: Driver, webhook: Webhook, digits: str, times: int
) -> None:
    driver.settings(cdr_delay_seconds=60 if digits == "08" else 0.01)
    driver.order("bizfly", PHONE[:-2] + digits)
    if times:
        webhook.wait_for(times)
    time.sleep(QUIET_SECONDS)
    assert len(webhook.received) == times
    assert reports(driver)["total"] == min(times, 1)


@pytest.mark.parametrize(
    ("witness", "by_webhook", "by_log"),
    [("both", 1, 1), ("webhook", 1, 0), ("log", 0, 1), ("nobody", 0, 0)],
)
def test_either_witness_can_be_held_back(
    driver: Driver, webhook: Webhook, witness: str, by_webhook: int, by_log: int
) -> None:
    driver.settings(bizfly_witness=witness, cdr_delay_seconds=0.01)
    driver.order("bizfly", PHONE)
    time.sleep(QUIET_SECONDS)
    assert (len(webhook.received), reports(driver)["total"]) == (by_webhook, by_log)


def test_a_request_id_is_repeated_only_if_that_is_set(driver: Driver, webhook: Webhook) -> None:
    driver.settings(bizfly_repeats_request_id=True)
    driver.order("bizfly", PHONE)
    [result] = webhook.wait_for(1)
    assert json.loads(result.body)["request_id"] == "123123123"


def test_the_log_has_pages_and_times_and_the_newest_first(driver: Driver) -> None:
    driver.settings(cdr_delay_seconds=0)
    for number in range(5):
        row = {"phone": PHONE, "witness": "log", "start_time": 1000 + number}
        assert driver.control("POST", "/call-result", row).status_code == 200
    times = [row["start_time"] for row in reports(driver, offset=1, limit=2)["data"]]
    assert (times, reports(driver)["total"]) == ([1004, 1003], 5)
    assert [row["start_time"] for row in reports(driver, offset=3, limit=2)["data"]] == [1000]
    assert reports(driver, offset=4, limit=2)["data"] == []
    some = reports(driver, from_time=1001, to_time=1002)
    assert ([row["start_time"] for row in some["data"]], some["total"]) == ([1002, 1001], 2)


def test_one_call_of_the_log(driver: Driver) -> None:
    driver.control("POST", "/call-result", {"phone": PHONE, "witness": "log", "call_id": "c-1"})
    url = f"{driver.url}/bizfly/v1/api/reports/"
    assert driver.http.get(f"{url}c-1", headers=KEY).json()["data"]["call_id"] == "c-1"
    assert driver.http.get(f"{url}c-2", headers=KEY).status_code == 404


def test_a_webhook_is_removed(driver: Driver, webhook: Webhook) -> None:
    url = f"{driver.url}/bizfly/v1/api/webhooks"
    assert driver.http.delete(url, headers=KEY).status_code == 200
    assert driver.http.delete(url, headers=KEY).status_code == 404
    driver.order("bizfly", PHONE)
    time.sleep(QUIET_SECONDS)
    assert webhook.received == []


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status"),
    [
        ("PUT", "webhooks", {"url": "https://example.test"}, {}, 401),
        ("PUT", "webhooks", {"url": "https://example.test"}, {"Authorization": "no"}, 401),
        ("PUT", "webhooks", {"url": "no address"}, KEY, 400),
        ("PUT", "webhooks", {"url": None}, KEY, 400),
        ("PUT", "webhooks", {}, KEY, 400),
        ("POST", "webhooks", {"url": "https://example.test"}, KEY, 405),
        ("GET", "reports?offset=0", None, KEY, 400),
        ("GET", "reports?limit=1000", None, KEY, 400),
        ("GET", "reports?page=1", None, KEY, 400),
        ("GET", "reports?offset=one", None, KEY, 400),
        ("POST", "reports", {}, KEY, 405),
        ("GET", "elsewhere", None, KEY, 404),
        ("GET", "reports", None, {}, 401),
    ],
)
def test_what_is_wrong_is_refused(
    driver: Driver,
    method: str,
    path: str,
    body: object,
    headers: dict[str, str],
    status: int,
) -> None:
    url = f"{driver.url}/bizfly/v1/api/{path}"
    answer = driver.http.request(method, url, json=body, headers=headers)
    assert (answer.status_code, answer.json()["status"]) == (status, False)


def test_a_result_of_one_s_own_making(driver: Driver, webhook: Webhook) -> None:
    answer = driver.control(
        "POST",
        "/call-result",
        {"phone": PHONE, "state": "BUSY", "start_time": None, "witness": "both", "times": 2},
    )
    assert [each["status"] for each in answer.json()["deliveries"]] == [200, 200]
    row = json.loads(webhook.received[0].body)
    assert row["state"] == "BUSY"
    assert "start_time" not in row
    driver.control(
        "POST", "/call-result", {"body": "no JSON", "headers": {"Authorization": "another"}}
    )
    assert webhook.received[2].body == "no JSON"
    assert webhook.received[2].headers["authorization"] == "another"


@pytest.mark.parametrize(
    ("body", "status"), [({}, 400), ({"phone": PHONE, "witness": "me"}, 400), ({"phone": "1"}, 400)]
)
def test_what_cannot_be_sent(driver: Driver, body: object, status: int) -> None:
    assert driver.control("POST", "/call-result", body).status_code == status


def test_without_a_webhook_nothing_can_be_sent(driver: Driver) -> None:
    assert driver.control("POST", "/call-result", {"phone": PHONE}).status_code == 409


def test_a_reset_forgets_calls_and_settings_hide_the_token(
    driver: Driver, webhook: Webhook
) -> None:
    driver.settings(cdr_delay_seconds=0)
    driver.order("bizfly", PHONE)
    webhook.wait_for(1)
    driver.control("POST", "/reset")
    assert reports(driver)["total"] == 0
    assert driver.control("GET", "/settings").json()["bizfly_webhook_token"] == "***"

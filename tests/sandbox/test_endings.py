"""Every row of the table of test numbers, for every provider."""

import json
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.sandbox.driver import PROVIDERS, Driver, Webhook, wait_until

# Longer than the driver's delay of a CDR: what has not come by then does not come.
QUIET_SECONDS = 0.05
ANSWERED = (16, "ANSWER")
# Digits -> the CDR of a Password Call, for those that are placed.
PLACED: dict[str, tuple[int, str] | None] = {
    "00": ANSWERED,
    "01": (17, "CANCEL"),
    "02": (16, "CANCEL"),
    "03": (31, "CANCEL"),
    "04": (41, "CANCEL"),
    "05": (20, "CANCEL"),
    "07": ANSWERED,
    "08": ANSWERED,
    "09": ANSWERED,
    "10": None,
    "11": ANSWERED,
    "15": ANSWERED,
    "17": (1, "CANCEL"),
    "18": ANSWERED,
    "71": ANSWERED,
    "99": ANSWERED,
}
NOT_PLACED = {"06": 500, "12": 200, "13": 429, "14": 401, "16": 502}
type Check = Callable[[dict[str, Any]], bool]
SUCCESS: dict[str, Check] = {
    "bizfly": lambda reply: reply == {"message": "thành công", "status": True},
    "voice_gateway": lambda reply: reply["accepted"] is True and "call_id" in reply,
    "mcn": lambda reply: reply["ok"] is True,
    "caresoft": lambda reply: reply["status"] == "OK",
}
FAILURE: dict[str, Check] = {
    "bizfly": lambda reply: reply["status"] is False and "message" in reply,
    "voice_gateway": lambda reply: reply["accepted"] is False and "reason" in reply,
    "mcn": lambda reply: reply["ok"] is False,
    "caresoft": lambda reply: reply["code"] == "errors" and "message" in reply,
}


def _order(driver: Driver, provider: str, phone: str) -> httpx.Response | None:
    """Give the reply, or None for a cut connection."""
    try:
        return driver.order(provider, phone)
    except httpx.RemoteProtocolError:
        return None


@pytest.mark.parametrize("digits", PLACED)
@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("number", ["+843898013", "+840000000"], ids=["any", "test"])
def test_placed(
    driver: Driver, cdr_webhook: Webhook, provider: str, digits: str, number: str
) -> None:
    if digits == "11":
        driver.settings(slow_reply_seconds=0.15)
    phone = number + digits
    reply = _order(driver, provider, phone)
    if digits == "07":
        assert reply is None
    else:
        assert reply is not None
        assert reply.status_code == 200
        assert SUCCESS[provider](reply.json())
    [item] = driver.requests()
    assert (item["provider"], item["phone"]) == (provider, phone)
    assert (item["placed"], item["refused"]) == (True, None)
    assert driver.code(phone) == "4821"
    if provider != "mcn":
        return
    cdr = PLACED[digits]
    if cdr is None:
        time.sleep(QUIET_SECONDS)
        assert cdr_webhook.received == []
        return
    times = 3 if digits == "09" else 1
    callbacks = cdr_webhook.wait_for(times)
    time.sleep(QUIET_SECONDS)
    assert len(cdr_webhook.received) == times
    for one in callbacks:
        assert json.loads(one.body) == [
            {
                "verification_call_uuid": item["reference"],
                "q931_status": cdr[0],
                "final_status": cdr[1],
                "called_number": phone[1:],
            }
        ]


@pytest.mark.parametrize("digits", NOT_PLACED)
@pytest.mark.parametrize("provider", PROVIDERS)
def test_not_placed(driver: Driver, cdr_webhook: Webhook, provider: str, digits: str) -> None:
    phone = "+843898013" + digits
    reply = driver.order(provider, phone)
    if (provider, digits) == ("caresoft", "13"):
        assert reply.status_code == 404
        assert reply.json() == {
            "code": "errors",
            "message": "Domain incorrect too many times , retry after 15 minutes ",
        }
    elif digits == "16":
        assert reply.status_code == 502
        assert reply.headers["content-type"].startswith("text/html")
        assert reply.text.startswith("<html>")
    else:
        assert reply.status_code == NOT_PLACED[digits]
        assert FAILURE[provider](reply.json())
    [item] = driver.requests()
    assert (item["placed"], item["refused"], item["phone"]) == (False, None, phone)
    assert driver.code(phone) is None
    time.sleep(QUIET_SECONDS)
    assert cdr_webhook.received == []


@pytest.mark.parametrize("provider", ["bizfly", "caresoft"])
def test_only_mcn_sends_cdrs(driver: Driver, cdr_webhook: Webhook, provider: str) -> None:
    for digits in PLACED:
        if digits not in ("07", "11"):
            driver.order(provider, "+843898013" + digits)
    time.sleep(QUIET_SECONDS)
    assert (driver.cdrs(), cdr_webhook.received) == ([], [])


@pytest.mark.parametrize("provider", PROVIDERS)
def test_401_each_time(driver: Driver, provider: str) -> None:
    assert [driver.order(provider, "+84389801314").status_code for _ in range(2)] == [401, 401]
    assert [item["headers"]["authorization"] != "" for item in driver.requests()] == [True, True]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_cut_after_the_whole_request_was_read(driver: Driver, provider: str) -> None:
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        driver.order(provider, "+84389801307")
    [item] = driver.requests()
    assert item["body"] == driver.body(provider, "+84389801307")


def test_cdr_comes_after_its_delay(driver: Driver, cdr_webhook: Webhook) -> None:
    driver.settings(cdr_delay_seconds=0.4)
    driver.order("mcn", "+84389801300")
    replied = time.monotonic()
    assert cdr_webhook.received == []
    assert 0.3 < cdr_webhook.wait_for(1)[0].at - replied < 1.5


def test_cdr_before_the_reply(driver: Driver, cdr_webhook: Webhook) -> None:
    driver.settings(cdr_delay_seconds=30)
    driver.order("mcn", "+84389801308")
    reply_at = time.monotonic()
    assert [callback.at < reply_at for callback in cdr_webhook.received] == [True]
    assert driver.cdrs()[0]["statuses"] == [200]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_slow_reply_comes_after_the_cdr(
    driver: Driver, cdr_webhook: Webhook, provider: str
) -> None:
    began = time.monotonic()
    assert driver.order(provider, "+84389801311").status_code == 200
    replied = time.monotonic()
    assert replied - began >= 0.5
    if provider == "mcn":
        assert cdr_webhook.wait_for(1)[0].at < replied


def test_redirect_is_seen_only_when_asked_for(driver: Driver) -> None:
    body = driver.body("mcn", "+84389801315")
    replies = [
        driver.post("mcn", body | extra).json()["is_redirect"]
        for extra in ({"is_with_redirect": True}, {"is_with_redirect": False}, {})
    ]
    assert replies == [True, False, False]
    other = driver.body("mcn", "+84389801300") | {"is_with_redirect": True}
    assert driver.post("mcn", other).json()["is_redirect"] is False


def test_defaults_are_those_of_the_table(driver: Driver) -> None:
    from sandbox.settings import Settings

    assert (Settings().cdr_delay_seconds, Settings().slow_reply_seconds) == (1.0, 30.0)


@pytest.mark.parametrize("answers", [[500], [404, 302]])
def test_cdr_is_sent_again_until_it_is_taken(
    driver: Driver, cdr_webhook: Webhook, answers: list[int]
) -> None:
    cdr_webhook.answers.extend(answers)
    driver.order("mcn", "+84389801300")
    callbacks = cdr_webhook.wait_for(len(answers) + 1)
    wait_until(lambda: driver.cdrs()[0]["statuses"] == [*answers, 200])
    assert len({one.body for one in callbacks}) == 1
    time.sleep(0.15)
    assert len(cdr_webhook.received) == len(answers) + 1


def test_cdr_is_given_up_after_a_few_times(driver: Driver, cdr_webhook: Webhook) -> None:
    cdr_webhook.answers.extend([503] * 5)
    driver.order("mcn", "+84389801300")
    wait_until(lambda: bool(driver.cdrs()) and driver.cdrs()[0]["statuses"] == [503] * 3)
    time.sleep(0.15)
    assert len(cdr_webhook.received) == 3


def test_a_call_without_a_webhook_is_still_answered(driver: Driver) -> None:
    driver.settings(mcn_webhook_url=None)
    assert driver.order("mcn", "+84389801308").status_code == 200
    assert driver.cdrs()[0]["statuses"] == [None]

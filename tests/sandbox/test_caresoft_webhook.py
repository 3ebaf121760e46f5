"""CareSoft's side beyond the reply: events, signed, and its limits with their lock."""

import hmac
import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from sandbox.caresoft_rate import LOCKED, TOO_MANY, Turnstile
from sandbox.settings import Settings
from tests.sandbox.driver import Driver, Received, Webhook

PHONE = "+84389801399"
QUIET_SECONDS = 0.15


@pytest.fixture
def webhook(driver: Driver, cdr_webhook: Webhook) -> Webhook:
    driver.settings(caresoft_webhook_url=cdr_webhook.url, caresoft_webhook_secret="CS123")
    return cdr_webhook


def is_signed(letter: Received) -> bool:
    expected = hmac.new(b"CS123", letter.body.encode(), "sha1").hexdigest().upper()
    return letter.headers["x-hub-signature"] == expected


# ----------------------------------------------------------------------------------------- events


def test_a_message_is_followed_by_an_event_of_its_ticket(driver: Driver, webhook: Webhook) -> None:
    ticket = driver.order("caresoft", PHONE).json()["ticket"]["ticketId"]
    [event] = webhook.wait_for(1)
    assert is_signed(event)
    assert (event.method, event.headers["content-type"]) == ("POST", "application/json")
    assert event.headers["user-agent"] == "sandbox-caresoft"
    body = json.loads(event.body)
    assert (body["object"], str(body["ticket"]["ticket_id"])) == ("ticket", ticket)
    assert body["ticket"]["requester"] == {"phone_no": "0389801399"}
    assert "delivery_status" not in body["ticket"]


def test_without_a_webhook_there_are_no_events(driver: Driver, cdr_webhook: Webhook) -> None:
    driver.order("caresoft", PHONE)
    time.sleep(QUIET_SECONDS)
    assert (cdr_webhook.received, driver.cdrs()) == ([], [])


@pytest.mark.parametrize(("digits", "times"), [("08", 1), ("09", 3), ("10", 0), ("07", 1)])
def test_events_come_when_and_as_often_as_cdrs_would(
    driver: Driver, webhook: Webhook, digits: str, times: int
) -> None:
    driver.settings(cdr_delay_seconds=60 if digits == "08" else 0.01)
    if digits != "07":
        driver.order("caresoft", PHONE[:-2] + digits)
        assert digits != "08" or len(webhook.received) == 1
    else:
        with pytest.raises(Exception, match="disconnected"):
            driver.order("caresoft", PHONE[:-2] + digits)
    webhook.wait_for(times)
    time.sleep(QUIET_SECONDS)
    assert len(webhook.received) == times


def test_an_event_that_is_not_taken_comes_again(driver: Driver, webhook: Webhook) -> None:
    webhook.answers = [500, 500]
    driver.order("caresoft", PHONE)
    assert len({event.body for event in webhook.wait_for(3)}) == 1
    [letter] = driver.control("GET", "/cdrs", provider="caresoft").json()["items"]
    assert (letter["provider"], letter["phone"]) == ("caresoft", PHONE)


def test_events_may_say_what_became_of_the_message(driver: Driver, webhook: Webhook) -> None:
    driver.settings(caresoft_event_status="delivered")
    driver.order("caresoft", PHONE)
    [event] = webhook.wait_for(1)
    assert json.loads(event.body)["ticket"]["delivery_status"] == "delivered"


def test_an_event_is_sent_now(driver: Driver, webhook: Webhook) -> None:
    driver.settings(cdr_delay_seconds=60)
    ticket = driver.order("caresoft", PHONE).json()["ticket"]["ticketId"]
    answer = driver.control("POST", "/zns-event", {"phone": PHONE, "status": "failed", "times": 2})
    assert answer.json() == {"deliveries": [{"status": 200, "body": "ok", "error": None}] * 2}
    for event in webhook.received:
        assert is_signed(event)
        fields = json.loads(event.body)["ticket"]
        assert (str(fields["ticket_id"]), fields["delivery_status"]) == (ticket, "failed")
    assert len(webhook.received) == 2


def test_any_ticket_body_and_header_may_be_sent(driver: Driver, webhook: Webhook) -> None:
    driver.control("POST", "/zns-event", {"ticket_id": "297005"})
    driver.control("POST", "/zns-event", {"body": "Mã, no JSON", "path": "/other"})
    forged = {"ticket_id": "1", "headers": {"X-Hub-Signature": "0"}}
    driver.control("POST", "/zns-event", forged)
    own_ticket, text, wrong = webhook.received
    assert json.loads(own_ticket.body)["ticket"]["ticket_id"] == 297005
    assert is_signed(own_ticket)
    assert (text.body, text.path) == ("Mã, no JSON", "/other")
    assert is_signed(text)
    assert wrong.headers["x-hub-signature"] == "0"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"phone": "0389801399"}, 400),
        ({"phone": PHONE}, 404),
        ({"ticket_id": "1", "status": 5}, 400),
        ({"ticket_id": "1", "times": 0}, 400),
        ({"ticket_id": "1", "x": 1}, 400),
    ],
)
def test_what_cannot_be_sent_is_refused(
    driver: Driver, webhook: Webhook, body: dict[str, object], status: int
) -> None:
    assert driver.control("POST", "/zns-event", body).status_code == status
    assert webhook.received == []


def test_an_event_needs_a_webhook(driver: Driver) -> None:
    assert driver.control("POST", "/zns-event", {"ticket_id": "1"}).status_code == 409


# ------------------------------------------------------------------------------------------ limits


class Clock:
    """A clock that is set."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_fifteen_pass_in_any_second() -> None:
    clock = Clock()
    turnstile, settings = Turnstile(clock), Settings()
    for _ in range(15):
        assert turnstile.pass_one(settings) is None
        clock.now += 0.06
    assert turnstile.pass_one(settings) == (429, TOO_MANY)
    clock.now = 1_001.001
    assert turnstile.pass_one(settings) is None
    assert turnstile.pass_one(settings) == (429, TOO_MANY)


def test_the_hour_counts_too() -> None:
    clock = Clock()
    turnstile, settings = Turnstile(clock), Settings(caresoft_per_hour=3)
    for _ in range(3):
        assert turnstile.pass_one(settings) is None
        clock.now += 10
    assert turnstile.pass_one(settings) == (429, TOO_MANY)
    clock.now += 3_571
    assert turnstile.pass_one(settings) is None


def test_after_twenty_refusals_in_a_row_comes_the_lock() -> None:
    clock = Clock()
    turnstile, settings = Turnstile(clock), Settings(caresoft_per_second=1)
    assert turnstile.pass_one(settings) is None
    replies = [turnstile.pass_one(settings) for _ in range(22)]
    assert replies == [(429, TOO_MANY)] * 20 + [(404, LOCKED)] * 2
    clock.now += 899
    assert turnstile.pass_one(settings) == (404, LOCKED)
    clock.now += 2
    assert turnstile.pass_one(settings) is None


def test_one_that_passes_in_between_begins_the_count_anew() -> None:
    clock = Clock()
    turnstile, settings = Turnstile(clock), Settings(caresoft_per_second=1)
    for _ in range(3):
        clock.now += 2
        replies = [turnstile.pass_one(settings) for _ in range(20)]
        assert replies == [None] + [(429, TOO_MANY)] * 19


def test_the_sandbox_refuses_and_locks_as_caresoft_does(driver: Driver) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: driver.order("caresoft", PHONE), range(16)))
    assert sorted(answer.status_code for answer in answers).count(429) >= 1
    driver.control("POST", "/reset")
    driver.settings(caresoft_per_hour=1)
    assert driver.order("caresoft", PHONE).status_code == 200
    refusals = [driver.order("caresoft", PHONE) for _ in range(21)]
    assert {answer.status_code for answer in refusals[:20]} == {429}
    assert refusals[0].json() == {"code": "errors", "message": TOO_MANY}
    assert (refusals[20].status_code, refusals[20].json()["message"]) == (404, LOCKED)
    assert [each["refused"] for each in driver.requests()][-1] == LOCKED


def test_numbers_of_nobody_are_not_counted(driver: Driver) -> None:
    driver.settings(caresoft_per_hour=1)
    driver.control("POST", "/lock")
    assert driver.order("caresoft", "+84000000000").status_code == 200
    assert driver.order("caresoft", PHONE).status_code == 404


def test_a_reset_ends_the_lock(driver: Driver) -> None:
    driver.control("POST", "/lock")
    assert driver.order("caresoft", PHONE).status_code == 404
    driver.control("POST", "/reset")
    assert driver.order("caresoft", PHONE).status_code == 200

"""The sandbox's Zalo: what it takes, its tokens, its quota, its signed events, its status."""

import hashlib
import json
from typing import Any

import httpx
import pytest

from tests.sandbox.driver import Driver, Received, Webhook

PHONE = "+84389801300"
TRACKING = "dlv_" + "a" * 32
PLACED = ["00", "01", "02", "03", "04", "05", "08", "09", "10", "11", "15", "17", "99"]


@pytest.fixture
def zalo(driver: Driver, cdr_webhook: Webhook) -> "Zalo":
    driver.settings(zalo_webhook_url=cdr_webhook.url)
    new_office = Zalo(driver)
    # The one before may have made others.
    driver.control(
        "POST", "/zalo-tokens", {"access_token": new_office.token, "refresh_token": "first"}
    )
    return new_office


class Zalo:
    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.token = "access"

    def body(self, phone: str = PHONE, **fields: object) -> dict[str, Any]:
        data = {"name": "Nguyễn Hải Hà", "otp": "4821"}
        message = {"phone": phone[1:], "template_id": "7895417", "template_data": data}
        return message | {"tracking_id": TRACKING} | fields

    def send(self, phone: str = PHONE, token: str | None = None, **fields: object) -> Any:  # noqa: ANN401
        return self.post(self.body(phone, **fields), token).json()

    def post(self, body: object, token: str | None = None) -> httpx.Response:
        headers = {"access_token": token or self.token}
        return self.driver.post("zalo", body, path="/zalo/message/template", headers=headers)

    def get(self, path: str, **query: str) -> Any:  # noqa: ANN401
        url = f"{self.driver.url}/zalo/message/{path}"
        headers = {"access_token": self.token}
        return self.driver.http.get(url, params=query, headers=headers).json()

    def refresh(self, token: str = "first", **headers: str) -> Any:  # noqa: ANN401, S107
        form = {
            "refresh_token": token,
            "app_id": "1234567890123456789",
            "grant_type": "refresh_token",
        }
        return self.driver.http.post(
            f"{self.driver.url}/zalo/v4/oa/access_token",
            data=form | {name: headers.pop(name) for name in [*form] if name in headers},
            headers={"secret_key": "sandbox-zalo-app-secret"} | headers,
        ).json()

    def office(self) -> dict[str, Any]:
        state: dict[str, Any] = self.driver.control("GET", "/zalo").json()
        return state


def is_signed(letter: Received, key: str = "sandbox-zalo-oa-secret-key") -> bool:
    timestamp = json.loads(letter.body)["timestamp"]
    text = "1234567890123456789" + letter.body + timestamp + key
    mac = hashlib.sha256(text.encode()).hexdigest()
    return letter.headers["x-zevent-signature"] == f"mac={mac}"


@pytest.mark.parametrize("digits", PLACED)
def test_a_message_that_is_taken(zalo: Zalo, digits: str) -> None:
    zalo.driver.settings(slow_reply_seconds=0.05)
    phone = "+843898013" + digits
    reply = zalo.send(phone)
    assert (reply["error"], reply["message"]) == (0, "Success")
    assert reply["data"].keys() == {"msg_id", "sent_time", "quota"}
    [item] = zalo.driver.requests(provider="zalo")
    assert (item["phone"], item["placed"]) == (phone, True)
    assert item["reference"] == reply["data"]["msg_id"]
    assert zalo.driver.code(phone) == "4821"


@pytest.mark.parametrize(
    ("digits", "status", "error"),
    [("06", 500, -100), ("12", 200, -118), ("13", 429, -100), ("14", 200, -124)],
)
def test_a_message_that_is_not_taken(zalo: Zalo, digits: str, status: int, error: int) -> None:
    reply = zalo.post(zalo.body("+843898013" + digits))
    assert (reply.status_code, reply.json()["error"]) == (status, error)
    assert zalo.driver.code("+843898013" + digits) is None


@pytest.mark.parametrize("error", [-110, -132, -137, -999])
def test_a_message_is_refused_with_any_number_that_was_scripted(zalo: Zalo, error: int) -> None:
    script = {"phone": "+84389801300", "provider": "zalo", "error": error}
    assert zalo.driver.control("POST", "/script", script).json() == script
    reply = zalo.post(zalo.body("+84389801300"))
    assert (reply.status_code, reply.json()["error"]) == (200, error)
    [item] = zalo.driver.requests(provider="zalo")
    assert (item["placed"], item["refused"]) == (False, f"error {error}")
    assert zalo.send("+84389801301")["error"] == 0


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"error": 0}, "error"),
        ({"error": "-110"}, "error"),
        ({"error": True}, "error"),
        ({"error": -110, "provider": "mcn"}, "error"),
        ({}, "digits"),
    ],
)
def test_what_cannot_be_scripted_is_named(
    zalo: Zalo, fields: dict[str, object], field: str
) -> None:
    reply = zalo.driver.control(
        "POST", "/script", {"phone": "+84389801300", "provider": "zalo", **fields}
    )
    assert reply.status_code == 400
    assert field in reply.text


def test_html_and_a_cut_connection(zalo: Zalo) -> None:
    assert zalo.post(zalo.body("+84389801316")).status_code == 502
    with pytest.raises(httpx.RemoteProtocolError):
        zalo.post(zalo.body("+84389801307"))


@pytest.mark.parametrize(
    "fields",
    [
        {"phone": "0389801300"},
        {"phone": "+84389801300"},
        {"phone": 84389801300},
        {"template_id": 7895417},
        {"template_id": "welcome"},
        {"template_data": None},
        {"template_data": {"otp": 4821}},
        {"tracking_id": "a" * 49},
        {"unknown": 1},
    ],
)
def test_what_zalo_would_not_take_is_refused(zalo: Zalo, fields: dict[str, object]) -> None:
    reply = zalo.post(zalo.body() | fields)
    assert (reply.status_code, reply.json()["error"]) == (200, -132)
    [item] = zalo.driver.requests()
    assert item["refused"]


def test_the_token_stands_alone_in_its_header(zalo: Zalo) -> None:
    assert zalo.send(token="another")["error"] == -124
    reply = zalo.driver.post(
        "zalo",
        zalo.body(),
        path="/zalo/message/template",
        headers={"Authorization": "Bearer access"},
    )
    assert reply.json()["error"] == -124
    assert zalo.get("quota")["error"] == 0
    zalo.token = "another"
    assert (zalo.get("quota")["error"], zalo.get("status")["error"]) == (-124, -124)


def test_a_refresh_token_gets_one_pair(zalo: Zalo) -> None:
    before = zalo.office()
    pair = zalo.refresh()
    assert pair["expires_in"] == "90000"
    assert zalo.refresh()["error"] == -14020
    # The old access token goes on, unless Zalo is told otherwise.
    assert zalo.send()["error"] == 0
    assert zalo.send(token=pair["access_token"])["error"] == 0
    zalo.driver.settings(zalo_ends_old_tokens=True)
    next_one = zalo.refresh(pair["refresh_token"])
    assert zalo.send()["error"] == -124
    assert zalo.send(token=pair["access_token"])["error"] == -124
    assert zalo.send(token=next_one["access_token"])["error"] == 0
    after = zalo.office()
    assert after["refreshes"] - before["refreshes"] == 2
    assert after["refused_refreshes"] - before["refused_refreshes"] == 1


@pytest.mark.parametrize(
    "wrong", [{"secret_key": "x"}, {"app_id": "1"}, {"grant_type": "authorization_code"}]
)
def test_a_wrong_refresh_uses_nothing_up(zalo: Zalo, wrong: dict[str, str]) -> None:
    assert zalo.refresh(**wrong)["error"] < 0
    assert "access_token" in zalo.refresh()


def test_tokens_can_be_ended(zalo: Zalo) -> None:
    pair = zalo.refresh()
    zalo.driver.control("POST", "/zalo-tokens", {"access": True})
    assert zalo.send()["error"] == -124
    assert zalo.send(token=pair["access_token"])["error"] == 0
    zalo.driver.control("POST", "/zalo-tokens", {"refresh": True})
    assert zalo.refresh(pair["refresh_token"])["error"] == -14020


def test_the_quota_is_counted(zalo: Zalo) -> None:
    zalo.driver.settings(zalo_daily_quota=2)
    assert zalo.get("quota")["data"] == {"dailyQuota": "2", "remainingQuota": "2"}
    assert zalo.send()["data"]["quota"] == {"dailyQuota": "2", "remainingQuota": "1"}
    assert zalo.send()["data"]["quota"]["remainingQuota"] == "0"
    assert zalo.send()["error"] == -144
    zalo.driver.control("POST", "/zalo-quota", {"remaining": 1})
    assert zalo.send()["error"] == 0
    zalo.driver.control("POST", "/zalo-quota", {"remaining": 9, "template": "7895417"})
    assert zalo.send()["error"] == -147
    assert zalo.send(template_id="1")["error"] == 0
    zalo.driver.control("POST", "/reset", {})
    assert zalo.send()["error"] == 0


@pytest.mark.parametrize(("digits", "times"), [("00", 1), ("08", 1), ("09", 3), ("01", 1)])
def test_a_message_s_arrival_is_told_and_signed(
    zalo: Zalo, cdr_webhook: Webhook, digits: str, times: int
) -> None:
    msg_id = zalo.send("+843898013" + digits)["data"]["msg_id"]
    if digits == "08":
        assert len(cdr_webhook.received) == 1
    for event_letter in cdr_webhook.wait_for(times):
        assert is_signed(event_letter)
        assert event_letter.headers["x-zevent-server"] == "ZNS"
        event = json.loads(event_letter.body)
        assert event["event_name"] == "user_received_message"
        assert (event["message"]["msg_id"], event["message"]["tracking_id"]) == (msg_id, TRACKING)
        assert event["timestamp"] == event["message"]["delivery_time"]
    [letter] = {item["provider"] for item in zalo.driver.cdrs()}
    assert letter == "zalo"


def test_the_status_of_a_message(zalo: Zalo) -> None:
    arrived = zalo.send()["data"]["msg_id"]
    never = zalo.send("+84389801310")["data"]["msg_id"]
    status = zalo.get("status", message_id=arrived, phone="84389801300")["data"]
    assert (status["status"], status["delivery_time"].isdecimal()) == (1, True)
    assert zalo.get("status", message_id=never)["data"]["status"] == 0
    assert zalo.get("status", message_id="no-such-message")["data"]["status"] == -1
    assert zalo.get("status", message_id=arrived, phone="84389801301")["data"]["status"] == -1
    zalo.driver.settings(zalo_tells_status=False)
    assert zalo.get("status", message_id=arrived)["data"]["status"] == 0


def test_an_event_can_be_sent_now(zalo: Zalo, cdr_webhook: Webhook) -> None:
    msg_id = zalo.send("+84389801310")["data"]["msg_id"]

    def send_event(**body: object) -> Received:
        cdr_webhook.clear()
        answer = zalo.driver.control("POST", "/zalo-event", body)
        assert answer.status_code == 200, answer.text
        assert [one["status"] for one in answer.json()["deliveries"]] == [200]
        return cdr_webhook.received[0]

    event = json.loads(send_event(phone="+84389801310").body)
    assert event["message"]["msg_id"] == msg_id
    assert event["message"]["tracking_id"] == TRACKING
    event = json.loads(send_event(phone="+84389801310", tracking_id=None).body)
    assert "tracking_id" not in event["message"]
    assert json.loads(send_event(msg_id="other").body)["message"]["msg_id"] == "other"
    consent = send_event(event_name="oa_send_consent", fields={"phone": "84389801310"})
    assert is_signed(consent)
    assert json.loads(consent.body)["phone"] == "84389801310"
    raw = ' {"timestamp": 1, "text": "Xin ch\\u00e0o"}'
    assert send_event(body=raw).body == raw
    assert is_signed(send_event(msg_id="m", secret_key="new"), "new")
    assert (
        send_event(msg_id="m", headers={"X-ZEvent-Signature": "mac=0"}).headers[
            "x-zevent-signature"
        ]
        == "mac=0"
    )


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"phone": "+84389801399"}, 404),
        ({"phone": "x"}, 400),
        ({"unknown": 1}, 400),
    ],
)
def test_an_event_about_nothing_is_refused(
    zalo: Zalo, body: dict[str, object], status: int
) -> None:
    assert zalo.driver.control("POST", "/zalo-event", body).status_code == status


def test_without_a_webhook_events_go_nowhere(zalo: Zalo) -> None:
    zalo.driver.settings(zalo_webhook_url=None)
    assert zalo.send()["error"] == 0
    assert zalo.driver.cdrs() == []
    assert zalo.driver.control("POST", "/zalo-event", {"msg_id": "m"}).status_code == 409


def test_another_method_or_route_is_refused(zalo: Zalo) -> None:
    assert zalo.driver.http.post(f"{zalo.driver.url}/zalo/message/quota").status_code == 405
    assert zalo.driver.http.get(f"{zalo.driver.url}/zalo/message/template").status_code == 405
    assert zalo.driver.http.post(f"{zalo.driver.url}/zalo/v3/other").status_code == 404

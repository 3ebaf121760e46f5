"""The sandbox's Zalo: consents, call links, calls and texts, and the signed events of them."""

import json
import time
from typing import Any

import httpx
import pytest

from sandbox.zalo_endings import CONSENTS, MESSAGES
from tests.sandbox.driver import Driver, Received, Webhook
from tests.sandbox.test_zalo import is_signed

PHONE = "+84389801300"
AGENT = "5931518706854365424"
TOKEN = "calls-access"
SENT = ["00", "01", "02", "03", "08", "09", "10", "11", "15", "17", "99"]
DAYS_30 = 30 * 86_400_000


class Calls:
    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.headers = {"access_token": TOKEN}

    def post(self, path: str, body: object) -> httpx.Response:
        url = f"{self.driver.url}/zalo/{path}"
        return self.driver.http.post(url, json=body, headers=self.headers)

    def get(self, path: str, **query: str) -> Any:  # noqa: ANN401
        url = f"{self.driver.url}/zalo/{path}"
        return self.driver.http.get(url, params=query, headers=self.headers).json()

    def request(self, phone: str = PHONE, **fields: object) -> httpx.Response:
        body = {"phone": phone[1:], "call_type": "audio", "reason_code": 101} | fields
        return self.post("v2.0/oa/call/requestconsent", body)

    def check(self, phone: str = PHONE) -> Any:  # noqa: ANN401
        return self.get("v2.0/oa/call/checkconsent", data=json.dumps({"phone": phone[1:]}))

    def link(self, user_id: str, **fields: object) -> httpx.Response:
        return self.post(
            "v3.0/oa/call/outbound", {"user_id": user_id, "call_type": "audio"} | fields
        )

    def say(self, user_id: str, text: str = "Xin chào") -> httpx.Response:
        body = {"recipient": {"user_id": user_id}, "message": {"text": text}}
        return self.post("v3.0/oa/message/cs", body)

    def user(self, phone: str = PHONE) -> str:
        user_id: str = self.driver.control("GET", "/zalo/user", phone=phone).json()["user_id"]
        return user_id

    def play(self, what: str, **fields: object) -> list[int]:
        answer = self.driver.control("POST", f"/zalo/{what}", fields)
        assert answer.status_code == 200, answer.text
        return [one["status"] for one in answer.json()["deliveries"]]


@pytest.fixture
def calls(driver: Driver, cdr_webhook: Webhook) -> Calls:
    driver.settings(zalo_webhook_url=cdr_webhook.url)
    driver.control("POST", "/zalo-tokens", {"access_token": TOKEN, "refresh_token": "r"})
    return Calls(driver)


def event_of(letter: Received) -> dict[str, Any]:
    assert is_signed_with_any_time(letter)
    fields: dict[str, Any] = json.loads(letter.body)
    return fields


def is_signed_with_any_time(letter: Received) -> bool:
    if isinstance(json.loads(letter.body)["timestamp"], str):
        return is_signed(letter)
    return letter.headers["x-zevent-signature"].startswith("mac=")


# ------------------------------------------------------------------------------------ consents


@pytest.mark.parametrize("digits", SENT)
def test_a_request_that_is_sent(calls: Calls, digits: str) -> None:
    calls.driver.settings(slow_reply_seconds=0.05)
    phone = "+843898013" + digits
    assert calls.request(phone).json() == {"error": 0, "message": "Success"}
    [item] = calls.driver.requests(provider="zalo")
    assert (item["phone"], item["placed"]) == (phone, True)
    assert item["path"] == "/zalo/v2.0/oa/call/requestconsent"
    assert item["body"]["reason_code"] == 101


@pytest.mark.parametrize(
    ("digits", "status", "error"),
    [
        ("04", 200, 6),
        ("05", 200, 9),
        ("06", 500, -100),
        ("12", 200, 14),
        ("13", 200, 5),
        ("14", 200, -216),
    ],
)
def test_a_request_that_is_not_sent(calls: Calls, digits: str, status: int, error: int) -> None:
    phone = "+843898013" + digits
    reply = calls.request(phone)
    assert (reply.status_code, reply.json()["error"]) == (status, error)
    assert calls.check(phone)["error"] == 20
    assert [item["placed"] for item in calls.driver.requests()] == [False, False]
    assert calls.driver.cdrs() == []


def test_html_and_a_cut_connection(calls: Calls, cdr_webhook: Webhook) -> None:
    reply = calls.request("+84389801316")
    assert (reply.status_code, reply.headers["content-type"]) == (502, "text/html")
    with pytest.raises(httpx.RemoteProtocolError):
        calls.request("+84389801307")
    names = {event_of(one)["event_name"] for one in cdr_webhook.wait_for(2)}
    assert names == {"oa_send_consent", "user_reply_consent"}


@pytest.mark.parametrize(
    ("digits", "answer", "number"),
    [
        ("00", "ALLOW", 0),
        ("01", "DENY", 3),
        ("02", "EXPIRED", 16),
        ("03", "USER_BLOCKED", 4),
        ("08", "ALLOW", 0),
        ("15", "ALLOW", 0),
        ("17", "ALLOW", 0),
    ],
)
def test_what_the_user_says_is_told_and_checked(
    calls: Calls, cdr_webhook: Webhook, digits: str, answer: str, number: int
) -> None:
    phone = "+843898013" + digits
    calls.request(phone)
    if digits == "08":
        assert len(cdr_webhook.received) == 2
    events = {
        event_of(one).get("user_consent", event_of(one).get("request_type")): event_of(one)
        for one in cdr_webhook.wait_for(2)
    }
    request_event, reply_event = events["SENT"], events[answer]
    assert request_event["event_name"] == "oa_send_consent"
    assert request_event["phone"] == reply_event["phone"] == phone[1:]
    assert int(request_event["expired_time"]) - int(request_event["create_time"]) == 86_400_000
    assert request_event["oa_id"] == reply_event["oa_id"] == "2867735993958514567"
    check = calls.check(phone)
    assert check["error"] == number
    expires = {"15": "0", "17": None}
    if answer == "ALLOW" and digits not in expires:
        assert int(reply_event["expired_time"]) - int(reply_event["confirmed_time"]) == DAYS_30
        assert check["expired_time"] == int(reply_event["expired_time"])
    if digits in expires:
        assert reply_event.get("expired_time") == expires[digits]
        assert check.get("expired_time") == (0 if digits == "15" else None)


def test_no_event_of_ours_is_a_zns_event(calls: Calls, cdr_webhook: Webhook) -> None:
    calls.request()
    assert "x-zevent-server" not in cdr_webhook.wait_for(1)[0].headers


def test_each_event_three_times(calls: Calls, cdr_webhook: Webhook) -> None:
    calls.request("+84389801309")
    events = [event_of(one) for one in cdr_webhook.wait_for(6)]
    assert sorted(event.get("num_retry", 0) for event in events) == [0, 0, 1, 1, 2, 2]


def test_no_event_ever(calls: Calls) -> None:
    calls.request("+84389801310")
    assert calls.check("+84389801310")["error"] == 2
    time.sleep(0.05)
    assert calls.driver.cdrs() == []


def test_as_long_as_nothing_is_said_the_user_is_waited_for(calls: Calls) -> None:
    calls.driver.settings(cdr_delay_seconds=60)
    calls.request()
    assert calls.check()["error"] == 8
    assert calls.request().json() == {"error": 8, "message": "Waiting for user approval"}
    assert [item["placed"] for item in calls.driver.requests()] == [True, False, False]


@pytest.mark.parametrize(
    ("reply", "again"), [("ALLOW", 1), ("USER_BLOCKED", 4), ("DENY", 0), ("EXPIRED", 0)]
)
def test_asked_again(calls: Calls, reply: str, again: int) -> None:
    calls.play("consent", phone=PHONE, reply=reply)
    assert calls.request().json()["error"] == again


def test_a_permission_ends(calls: Calls) -> None:
    calls.play("consent", phone=PHONE, reply="ALLOW", expired_time=1)
    assert calls.check()["error"] == 16
    assert calls.request().json()["error"] == 0


def test_nobody_asked(calls: Calls) -> None:
    assert calls.check() == {"error": 20, "message": "Consent was never requested"}


@pytest.mark.parametrize("error", [number for number in MESSAGES if number])
def test_every_number_of_zalo_s_can_be_played(calls: Calls, error: int) -> None:
    calls.play("consent", phone=PHONE, error=error)
    assert calls.check() == {"error": error, "message": MESSAGES[error]}
    assert calls.request().json() == {"error": error, "message": MESSAGES[error]}
    calls.play("consent", phone=PHONE, error=None)
    assert calls.request().json()["error"] == 0


@pytest.mark.parametrize(
    ("digits", "status", "error"),
    [("06", 500, -100), ("12", 200, 14), ("13", 200, 5), ("14", 200, -216), ("11", 200, 0)],
)
def test_a_check_can_go_wrong(calls: Calls, digits: str, status: int, error: int) -> None:
    calls.driver.settings(slow_reply_seconds=0.05)
    calls.play("consent", phone=PHONE, reply="ALLOW", times=0)
    calls.play("consent", phone=PHONE, check=digits)
    url = f"{calls.driver.url}/zalo/v2.0/oa/call/checkconsent"
    query = {"data": json.dumps({"phone": PHONE[1:]})}
    reply = calls.driver.http.get(url, params=query, headers=calls.headers)
    assert (reply.status_code, reply.json()["error"]) == (status, error)
    calls.play("consent", phone=PHONE, check="07")
    with pytest.raises(httpx.RemoteProtocolError):
        calls.check()


def test_a_reply_can_be_played(calls: Calls, cdr_webhook: Webhook) -> None:
    assert calls.play("consent", phone=PHONE, reply="ALLOW", expired_time=5, user_id="1") == [200]
    event = event_of(cdr_webhook.received[0])
    assert (event["user_consent"], event["expired_time"], event["user_id"]) == ("ALLOW", "5", "1")
    assert calls.play("consent", phone=PHONE, reply="ALLOW", times=2, types="number") == [200, 200]
    event = event_of(cdr_webhook.received[-1])
    assert isinstance(event["expired_time"], int)
    assert (event["num_retry"], isinstance(event["timestamp"], int)) == (1, True)
    assert calls.play("consent", phone=PHONE, reply="ALLOW", expired_time=None) == [200]
    assert "expired_time" not in event_of(cdr_webhook.received[-1])
    assert calls.play("consent", phone=PHONE, reply="SENT") == [200]
    assert event_of(cdr_webhook.received[-1])["request_type"] == "SENT"
    assert calls.play("consent", phone=PHONE, reply="DENY", times=0) == []
    assert calls.check()["error"] == 3


# ------------------------------------------------------------------------------------ calls


def test_a_phone_s_user_is_always_the_same(calls: Calls) -> None:
    user_id = calls.user()
    calls.driver.control("POST", "/reset")
    assert calls.user() == user_id
    assert (len(user_id), user_id.isdecimal()) == (19, True)
    assert calls.user("+84389801399") != user_id


@pytest.mark.parametrize(
    ("digits", "talk", "waiting", "code", "times"),
    [
        ("00", "21000", "4", 0, 1),
        ("01", "0", "2", 1, 1),
        ("02", "0", "30", 2, 1),
        ("09", "21000", "4", 0, 3),
    ],
)
def test_whoever_opens_the_link_calls(
    calls: Calls, cdr_webhook: Webhook, digits: str, talk: str, waiting: str, code: int, times: int
) -> None:
    user_id = calls.user("+843898013" + digits)
    data = calls.link(user_id, agent_id=AGENT, call_type="video").json()["data"]
    assert data["ttl"] == 172_800
    assert calls.driver.http.get(data["call_link"]).status_code == 200
    events = [event_of(one) for one in cdr_webhook.wait_for(times)]
    assert len({event["call_id"] for event in events}) == 1
    event = events[0]
    assert (event["event_name"], event["user_id"]) == ("oa_call_user", user_id)
    assert "phone" not in event
    assert (event["talk_time"], event["waiting_time"]) == (talk, waiting)
    assert (event["status_code"], event["call_type"]) == (code, "VIDEO")
    assert int(event["call_duration"]) == int(talk) + int(waiting) * 1000
    [item] = calls.driver.requests()
    assert (item["path"], item["placed"]) == ("/zalo/v3.0/oa/call/outbound", True)
    assert item["body"]["agent_id"] == AGENT


def test_a_link_by_phone_names_both(calls: Calls, cdr_webhook: Webhook) -> None:
    link = calls.link(PHONE[1:]).json()["data"]["call_link"]
    calls.driver.http.get(link)
    event = event_of(cdr_webhook.wait_for(1)[0])
    assert (event["phone"], event["user_id"]) == (PHONE[1:], calls.user())


@pytest.mark.parametrize(
    ("digits", "status", "error"),
    [("06", 500, -100), ("12", 200, 14), ("13", 200, 5), ("14", 200, -216)],
)
def test_no_link(calls: Calls, digits: str, status: int, error: int) -> None:
    reply = calls.link(calls.user("+843898013" + digits))
    assert (reply.status_code, reply.json()["error"]) == (status, error)
    assert "data" not in reply.json()


def test_a_link_that_nobody_made(calls: Calls) -> None:
    assert calls.driver.http.get(f"{calls.driver.url}/zalo/call/none").status_code == 404
    link = calls.link(calls.user()).json()["data"]["call_link"]
    assert calls.driver.http.post(link).status_code == 404
    calls.driver.control("POST", "/reset")
    assert calls.driver.http.get(link).status_code == 404


@pytest.mark.parametrize(
    ("types", "kinds"), [("number", {int}), ("text", {str}), ("mixed", {int, str})]
)
def test_a_call_can_be_played(
    calls: Calls, cdr_webhook: Webhook, types: str, kinds: set[type]
) -> None:
    fields = {"direction": "in", "talk_time": 1500, "status_code": -7, "call_id": "mine"}
    assert calls.play("call", phone=PHONE, types=types, **fields) == [200]
    event = event_of(cdr_webhook.received[0])
    assert (event["event_name"], event["user_id"]) == ("user_call_oa", calls.user())
    assert (str(event["talk_time"]), str(event["status_code"])) == ("1500", "-7")
    assert event["call_id"] == "mine"
    names = ("init_time", "waiting_time", "talk_time", "call_duration", "status_code")
    assert {type(event[name]) for name in names} == kinds


def test_who_is_named_in_a_call(calls: Calls, cdr_webhook: Webhook) -> None:
    calls.play("call", phone=PHONE, named_by="phone")
    calls.play("call", phone=PHONE, named_by="both", times=2)
    calls.play("call", user_id="17", waiting_time=None)
    events = [event_of(one) for one in cdr_webhook.received]
    customers = [(event.get("user_id"), event.get("phone")) for event in events]
    both = (calls.user(), PHONE[1:])
    assert customers == [(None, PHONE[1:]), both, both, ("17", None)]
    assert "waiting_time" not in events[-1]
    assert events[1]["call_id"] == events[2]["call_id"]


# ------------------------------------------------------------------------------------ messages


def test_texts_are_kept(calls: Calls) -> None:
    data = calls.say(calls.user()).json()["data"]
    calls.say("17", "elsewhere")
    items = calls.driver.control("GET", "/zalo/messages", phone=PHONE).json()["items"]
    assert [(item["text"], item["phone"]) for item in items] == [("Xin chào", PHONE)]
    assert items[0]["message_id"] == data["message_id"]
    items = calls.driver.control("GET", "/zalo/messages", user_id="17").json()["items"]
    assert [item["text"] for item in items] == ["elsewhere"]
    assert len(calls.driver.control("GET", "/zalo/messages").json()["items"]) == 2


@pytest.mark.parametrize(("digits", "error"), [("12", -230), ("13", -32), ("14", -216)])
def test_a_text_that_is_refused(calls: Calls, digits: str, error: int) -> None:
    assert calls.say(calls.user("+843898013" + digits)).json()["error"] == error
    assert calls.driver.control("GET", "/zalo/messages").json()["items"] == []


def test_a_text_that_was_taken_though_its_reply_is_lost(calls: Calls) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        calls.say(calls.user("+84389801307"))
    assert len(calls.driver.control("GET", "/zalo/messages").json()["items"]) == 1


# ------------------------------------------------------------------------------------ what is wrong


def test_the_agents(calls: Calls) -> None:
    data = calls.get("v3.0/oa/call/getmccinfo")["data"]
    assert data["agents"][0]["agent_id"] == AGENT
    assert data["branches"][0]["status"] == "on"


@pytest.mark.parametrize(
    "fields",
    [
        {"phone": "0389801300"},
        {"phone": "+84389801300"},
        {"phone": 84389801300},
        {"call_type": "AUDIO"},
        {"call_type": 1},
        {"reason_code": 102},
        {"reason_code": "101"},
        {"reason_code": True},
        {"unknown": 1},
    ],
)
def test_a_wrong_request_for_a_consent(calls: Calls, fields: dict[str, object]) -> None:
    body = {"phone": PHONE[1:], "call_type": "audio", "reason_code": 101} | fields
    reply = calls.post("v2.0/oa/call/requestconsent", body)
    assert (reply.status_code, reply.json()["error"]) == (200, 13)
    assert calls.driver.requests()[0]["refused"]


@pytest.mark.parametrize(
    ("path", "body", "error"),
    [
        ("v3.0/oa/call/outbound", {"user_id": "x", "call_type": "audio"}, 13),
        ("v3.0/oa/call/outbound", {"user_id": "1", "call_type": "audio_and_video"}, 13),
        ("v3.0/oa/call/outbound", {"user_id": "1", "call_type": "audio", "agent_id": "x"}, 13),
        ("v3.0/oa/call/outbound", {"user_id": 1, "call_type": "audio"}, 13),
        ("v3.0/oa/message/cs", {"recipient": {}, "message": {"text": "x"}}, -201),
        ("v3.0/oa/message/cs", {"recipient": {"user_id": "1"}, "message": {"text": ""}}, -201),
        ("v3.0/oa/message/cs", {"recipient": "1", "message": {"text": "x"}}, -201),
        (
            "v3.0/oa/message/cs",
            {"recipient": {"user_id": "1"}, "message": {"text": "x" * 2001}},
            -201,
        ),
        ("v3.0/oa/message/cs", [], -201),
    ],
)
def test_what_zalo_would_not_take(calls: Calls, path: str, body: object, error: int) -> None:
    assert calls.post(path, body).json()["error"] == error
    assert calls.driver.requests()[0]["refused"]


@pytest.mark.parametrize("data", ["", "x", "[]", "{}", '{"phone": "0389801300"}'])
def test_a_check_about_nothing(calls: Calls, data: str) -> None:
    assert calls.get("v2.0/oa/call/checkconsent", data=data)["error"] == 13


def test_the_token_stands_alone_in_its_header(calls: Calls) -> None:
    for headers in ({"access_token": "foreign"}, {"Authorization": f"Bearer {TOKEN}"}, {}):
        calls.headers = headers
        assert calls.request().json() == {"error": -216, "message": "Access token is invalid"}
        assert calls.check()["error"] == -216
        assert calls.link("1").json()["error"] == -216
        assert calls.say("1").json()["error"] == -216
        assert calls.get("v3.0/oa/call/getmccinfo")["error"] == -216
    assert {item["placed"] for item in calls.driver.requests()} == {False}


def test_another_method(calls: Calls) -> None:
    assert calls.driver.http.get(f"{calls.driver.url}/zalo/v3.0/oa/message/cs").status_code == 405


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("consent", {}),
        ("consent", {"phone": "x"}),
        ("consent", {"phone": PHONE, "reply": 1}),
        ("consent", {"phone": PHONE, "error": "6"}),
        ("consent", {"phone": PHONE, "check": 6}),
        ("consent", {"phone": PHONE, "reply": "ALLOW", "expired_time": "x"}),
        ("consent", {"phone": PHONE, "types": "x"}),
        ("call", {}),
        ("call", {"user_id": 17}),
        ("call", {"phone": PHONE, "direction": "up"}),
        ("call", {"phone": PHONE, "named_by": "name"}),
        ("call", {"phone": PHONE, "times": 0}),
    ],
)
def test_what_a_control_route_cannot_use(calls: Calls, what: str, body: object) -> None:
    assert calls.driver.control("POST", f"/zalo/{what}", body).status_code == 400


def test_without_a_webhook_events_go_nowhere(calls: Calls) -> None:
    calls.driver.settings(zalo_webhook_url=None)
    calls.request("+84389801308")
    calls.driver.http.get(calls.link(PHONE[1:]).json()["data"]["call_link"])
    assert calls.driver.cdrs() == []
    assert calls.check("+84389801308")["error"] == 0
    body = {"phone": PHONE, "reply": "ALLOW"}
    assert calls.driver.control("POST", "/zalo/consent", body).status_code == 409
    assert calls.driver.control("POST", "/zalo/call", {"phone": PHONE}).status_code == 409


def test_a_script_goes_before_the_number(calls: Calls) -> None:
    script = {"phone": PHONE, "provider": "zalo", "digits": "05"}
    calls.driver.control("POST", "/script", script)
    assert calls.request().json()["error"] == 9
    assert CONSENTS["05"].error == 9


def test_a_reset_forgets_consents(calls: Calls) -> None:
    calls.play("consent", phone=PHONE, reply="ALLOW", error=7)
    calls.driver.control("POST", "/reset")
    assert calls.check()["error"] == 20

"""Events over HTTP: what happens to a verification and its calls is told once, in its order."""

from typing import Any

import pytest

from local.seeding import EVERYTHING
from local.stack import Stack
from tests.e2e.conftest import Api, Sandbox, fresh_code, fresh_phone, new_key, until, with_key
from tests.e2e.test_limits import limited

type EventBody = dict[str, Any]


def events(api: Api, **query: str) -> list[EventBody]:
    """A page of events, the oldest first."""
    answer = api.get("/v1/events", **query)
    assert answer.status_code == 200, answer.text
    items: list[EventBody] = answer.json()["items"]
    return items[::-1]


def events_of(api: Api, subject: str, count: int) -> list[EventBody]:
    """A record's events, once there are so many."""
    return until(lambda: events(api, subject=subject), lambda items: len(items) >= count)


def test_a_verification_in_two_steps(api: Api, rival: Api, sandbox: Sandbox) -> None:
    phone = fresh_phone("VN", "01")
    for provider, digits in (("mcn", "01"), ("bizfly", "99")):
        sandbox.control("script", phone=phone, provider=provider, digits=digits)
    code = fresh_code()
    workflow = [{"channel": "password_call"}, {"channel": "voice_otp"}]
    body = {"phone": phone, "workflow": workflow, "code": code, "metadata": {"order": "17"}}
    answer = api.post("/v1/verifications", body)
    assert answer.status_code == 201, answer.text
    verification = answer.json()["id"]
    events_of(api, verification, 3)
    assert api.post(f"/v1/verifications/{verification}/check", {"code": code}).status_code == 200
    story = events_of(api, verification, 4)
    assert [event["type"] for event in story] == [
        "verification.started",
        "verification.step_taken",
        "verification.step_taken",
        "verification.approved",
    ]
    assert [event["sequence"] for event in story] == [1, 2, 3, 4]
    record = api.get(f"/v1/verifications/{verification}").json()
    data = story[-1]["data"]
    for name in ("id", "status", "reason", "phone", "step", "ended_at", "metadata", "test"):
        assert data[name] == record[name]
    assert "history" not in data
    first, second = [delivery["id"] for delivery in record["deliveries"]]
    call = events_of(api, first, 2)
    assert [event["type"] for event in call] == ["delivery.accepted", "delivery.settled"]
    assert call[1]["data"]["status"] == "busy"
    assert call[1]["data"]["cost"]["kind"] == "settled"
    assert call[1]["data"]["phone_hash"] == data["phone_hash"]
    assert events_of(api, second, 1)[0]["type"] == "delivery.accepted"
    one = api.get(f"/v1/events/{story[0]['id']}")
    assert one.json() == story[0]
    # Nobody else learns of them.
    assert events(rival, subject=verification) == []
    assert rival.get(f"/v1/events/{story[0]['id']}").status_code == 404


def test_a_refused_request_is_settled_at_once(api: Api) -> None:
    body = {"phone": fresh_phone("RU", "12"), "code": fresh_code()}
    delivery = api.post("/v1/password-calls", body).json()
    assert delivery["status"] == "rejected"
    [event] = events_of(api, delivery["id"], 1)
    assert (event["type"], event["sequence"]) == ("delivery.settled", 1)
    assert event["data"]["status"] == "rejected"


def test_a_refusal_by_a_limit(stack: Stack) -> None:
    body = {"phone": fresh_phone("RU"), "code": fresh_code()}
    with with_key(stack, new_key(stack, "one-call-each", EVERYTHING)) as api:
        # Before any function could keep the settings of nobody.
        limited(api, phone={"cap": 1, "seconds": 600})
        assert api.post("/v1/password-calls", body).status_code == 202
        assert api.post("/v1/password-calls", body).status_code == 429
        [refusal] = api.get("/v1/decisions").json()["items"]
        [event] = events_of(api, refusal["id"], 1)
    assert event["type"] == "limit.refused"
    hashed = event["data"].pop("phone_hash")
    # The key of this client sees numbers in clear; an event never does.
    assert refusal["phone"] == body["phone"]
    masked = f"+7*******{body['phone'][-3:]}"
    assert event["data"] == {**refusal, "phone": masked}
    assert len(hashed) == 64


@pytest.mark.parametrize("type_", ["verification.*", "delivery.settled"])
def test_a_list_by_type(api: Api, type_: str) -> None:
    items = events(api, type=type_, limit="50")
    assert {event["type"].startswith(type_.removesuffix("*")) for event in items} <= {True}
    timestamps = [event["timestamp"] for event in items]
    assert timestamps == sorted(timestamps)

"""Webhooks out, over HTTP: a receiver on this machine gets what happens, signed and in order."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

from local.seeding import EVERYTHING
from local.stack import Stack
from local.webhook_receiver import Answer, Received, WebhookReceiver, webhook_receiver
from ringpass.clock import to_text
from tests.e2e.conftest import (
    Api,
    Sandbox,
    fresh_code,
    fresh_phone,
    invoke,
    new_key,
    until,
    with_key,
)
from tests.e2e.test_event_list import events_of

PATH = "/v1/webhook-endpoints"


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    with webhook_receiver() as one:
        yield one


def register(admin: Api, receiver: WebhookReceiver, *types: str) -> dict[str, Any]:
    answer = admin.post(PATH, {"url": receiver.url, "types": list(types)})
    assert answer.status_code == 201, answer.text
    endpoint: dict[str, Any] = answer.json()
    return endpoint


def remove(admin: Api, endpoint: dict[str, Any]) -> None:
    answer = admin.http.delete(f"{admin.url}{PATH}/{endpoint['id']}")
    assert answer.status_code == 200, answer.text


def about(receiver: WebhookReceiver, subject: str) -> list[Received]:
    return [one for one in receiver.received if json.loads(one.body)["subject"] == subject]


def tries(admin: Api, endpoint: dict[str, Any], **query: str) -> list[dict[str, Any]]:
    answer = admin.get(f"{PATH}/{endpoint['id']}/attempts", **query)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def test_a_verification_s_events_arrive_signed_in_order_and_equal_to_the_list(
    admin: Api, receiver: WebhookReceiver, sandbox: Sandbox
) -> None:
    endpoint = register(admin, receiver, "verification.*")
    phone, code = fresh_phone("RU", "00"), fresh_code()
    body = {"phone": phone, "workflow": [{"channel": "password_call"}], "code": code}
    verification = admin.post("/v1/verifications", body).json()["id"]
    assert len(sandbox.requests(phone, least=1)) == 1
    check = admin.post(f"/v1/verifications/{verification}/check", {"code": code})
    assert check.status_code == 200, check.text
    received = until(lambda: about(receiver, verification), lambda got: len(got) >= 3)
    bodies = [json.loads(one.body) for one in received]
    assert [one["sequence"] for one in bodies] == [1, 2, 3]
    assert bodies == events_of(admin, verification, 3)
    for one in received:
        assert Webhook(endpoint["secret"]).verify(one.body, dict(one.headers))
        assert phone[1:].encode() not in one.body
    first, *_ = received
    until(lambda: tries(admin, endpoint, event=first.headers["webhook-id"]), bool)
    [attempt] = tries(admin, endpoint, event=first.headers["webhook-id"])
    assert (attempt["http_status"], attempt["error"], attempt["attempt"]) == (204, None, 1)
    # Again, as the client asks: the same id, another time, and a mark.
    replay = admin.post(f"{PATH}/{endpoint['id']}/replay", {"subject": verification})
    assert (replay.status_code, replay.json()) == (202, {"events": 3})
    again = until(lambda: about(receiver, verification)[3:], lambda got: len(got) >= 3)
    assert [one.headers["webhook-id"] for one in again] == [
        one.headers["webhook-id"] for one in received
    ]
    assert {one.headers.get("ringpass-replay") for one in received} == {None}
    assert {one.headers["ringpass-replay"] for one in again} == {"true"}
    assert Webhook(endpoint["secret"]).verify(again[0].body, dict(again[0].headers))
    remove(admin, endpoint)


def test_a_test_arrives_and_a_rotated_secret_signs_as_well(
    admin: Api, receiver: WebhookReceiver
) -> None:
    endpoint = register(admin, receiver, "webhook_endpoint.disabled")
    one = f"{PATH}/{endpoint['id']}"
    rotated = admin.post(f"{one}/rotate-secret", {"overlap_seconds": 3600}).json()
    assert rotated["secret"] != endpoint["secret"]
    answer = admin.post(f"{one}/test", {})
    assert answer.status_code == 202, answer.text
    [ping] = until(lambda: receiver.received, bool)
    assert ping.headers["webhook-id"] == answer.json()["event_id"]
    for secret in (endpoint["secret"], rotated["secret"]):
        event = Webhook(secret).verify(ping.body, dict(ping.headers))
        assert (event["type"], event["subject"]) == ("ping", endpoint["id"])
    assert "secret" not in admin.get(one).json()
    assert event["data"] == admin.get(one).json()
    remove(admin, endpoint)


def test_410_disables_an_endpoint_and_the_others_are_told(
    admin: Api, receiver: WebhookReceiver
) -> None:
    watching = register(admin, receiver, "webhook_endpoint.*")
    with webhook_receiver(lambda _: Answer(410)) as gone:
        endpoint = register(admin, gone, "delivery.*")
        answer = admin.post("/v1/password-calls", {"phone": fresh_phone("RU", "00")})
        assert answer.status_code == 202, answer.text
        one = f"{PATH}/{endpoint['id']}"
        disabled = until(lambda: admin.get(one).json(), lambda got: got["status"] == "disabled")
        assert disabled["disabled_reason"] == "gone"
        [event] = until(lambda: about(receiver, endpoint["id"]), bool)
        body = json.loads(event.body)
        assert (body["type"], body["sequence"]) == ("webhook_endpoint.disabled", 1)
        assert body["data"]["status"] == "disabled"
        assert len(gone.received) == 1
    enabled = admin.post(f"{one}/enable", {}).json()
    assert (enabled["status"], enabled["disabled_reason"]) == ("enabled", None)
    remove(admin, endpoint)
    remove(admin, watching)


@pytest.fixture
def alone(stack: Stack) -> Iterator[Api]:
    """Of a client whose events are those of one test alone."""
    with with_key(stack, new_key(stack, "one-receiver", EVERYTHING)) as api:
        yield api


def test_a_failed_event_waits_and_the_schedule_and_the_sweeper_find_it(
    stack: Stack, alone: Api
) -> None:
    answers = [Answer(500)]
    with webhook_receiver(lambda _: answers.pop() if answers else Answer()) as receiver:
        endpoint = register(alone, receiver, "delivery.accepted")
        delivery = alone.post("/v1/password-calls", {"phone": fresh_phone("RU", "00")}).json()
        [failed] = until(lambda: tries(alone, endpoint, status="failed"), bool)
        assert (failed["http_status"], failed["error"], failed["attempt"]) == (500, "http_500", 1)
        assert failed["next_at"] > failed["at"]
        # As if it were due later than a message can be delayed, and as if the message were lost.
        for function, bucket, minutes in (("Schedule", "later#0", 5), ("Sweep", "due#0", -10)):
            lane = until(lambda: lane_of(stack, endpoint), lambda item: "leased_until" not in item)
            at = to_text(datetime.now(UTC) + timedelta(minutes=minutes))
            stack.dynamodb().update_item(
                TableName=stack.table,
                Key={name: lane[name] for name in ("PK", "SK")},
                UpdateExpression="SET due_bucket = :bucket, due_at = :at",
                ExpressionAttributeValues={":bucket": {"S": bucket}, ":at": {"S": at}},
            )
            has_failed, _ = invoke(stack, f"{function}Function", json.dumps({}))
            assert not has_failed
        received = until(lambda: about(receiver, delivery["id"]), lambda got: len(got) >= 2)
        assert len({one.headers["webhook-id"] for one in received}) == 1
        period = {"from": delivery["created_at"]}
        replay = alone.post(f"{PATH}/{endpoint['id']}/replay", period)
        assert (replay.status_code, replay.json()["events"]) == (202, 1)
        remove(alone, endpoint)


def lane_of(stack: Stack, endpoint: dict[str, Any]) -> dict[str, Any]:
    """The lane of an endpoint that has one subject."""
    for name in range(8):
        key = {"PK": {"S": f"LANE#{endpoint['id']}#{name}"}, "SK": {"S": "LANE"}}
        item = stack.dynamodb().get_item(TableName=stack.table, Key=key, ConsistentRead=True)
        if "Item" in item:
            return item["Item"]
    raise LookupError(endpoint["id"])


def test_a_repeated_registration_makes_no_second_endpoint(
    admin: Api, receiver: WebhookReceiver
) -> None:
    body, key = {"url": receiver.url}, "hooks-once"
    first, second = (admin.post(PATH, body, key=key) for _ in range(2))
    assert first.json() == second.json()
    assert second.headers["Idempotent-Replayed"] == "true"
    remove(admin, first.json())

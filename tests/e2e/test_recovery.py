"""What is left half done is done by somebody else; who failed is well again after a success."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.stack import Stack
from tests.e2e.conftest import Api, Sandbox, fresh_code, fresh_phone, invoke, until
from tests.e2e.verification_races import LONG_AGO, age, deliver_timer

BODIES: dict[str, tuple[str, str, dict[str, object]]] = {
    "bizfly": ("/v1/voice-otp", "VN", {"otp": fresh_code(10)}),
    "mcn": ("/v1/password-calls", "RU", {"code": fresh_code()}),
    "caresoft": ("/v1/zns", "VN", {"template": 366}),
}


def send(api: Api, provider: str, digits: str) -> dict[str, Any]:
    path, country, body = BODIES[provider]
    answer = api.post(path, body | {"phone": fresh_phone(country, digits)})
    assert answer.status_code == 202, answer.text
    delivery: dict[str, Any] = answer.json()
    return delivery


@pytest.mark.parametrize("provider", BODIES)
def test_a_failure_is_forgotten_after_a_success(api: Api, stack: Stack, provider: str) -> None:
    def marked() -> bool:
        key = {"PK": {"S": f"PRV#{provider}#0"}, "SK": {"S": "MARK"}}
        return "Item" in stack.dynamodb().get_item(TableName=stack.table, Key=key)

    assert send(api, provider, "06")["status"] == "unknown"
    assert marked()
    assert send(api, provider, "99")["status"] == "accepted"
    assert not marked()


def test_a_verification_makes_a_failure_forgotten_too(api: Api, stack: Stack) -> None:
    def marked() -> bool:
        key = {"PK": {"S": "PRV#bizfly#0"}, "SK": {"S": "MARK"}}
        return "Item" in stack.dynamodb().get_item(TableName=stack.table, Key=key)

    voice = {"channel": "voice_otp", "timeout_seconds": 900}
    call = {"channel": "password_call", "timeout_seconds": 900}
    assert send(api, "bizfly", "06")["status"] == "unknown"
    assert marked()
    body = {"phone": fresh_phone("VN"), "workflow": [voice]}
    assert api.post("/v1/verifications", body).status_code == 201
    assert not marked()
    body = {"phone": fresh_phone("VN", "10"), "workflow": [call, voice]}
    verification = api.post("/v1/verifications", body).json()
    assert send(api, "bizfly", "06")["status"] == "unknown"
    assert marked()
    age(stack, verification["id"], step_due_at=LONG_AGO)
    deliver_timer(stack, verification["id"])
    assert api.get(f"/v1/verifications/{verification['id']}").json()["step"] == 2
    # The stream has seen the timer, too: whoever was first may still wait for the reply.
    until(marked, lambda there: not there)


def test_the_stream_finishes_what_a_function_left_half_done(api: Api, stack: Stack) -> None:
    delivery = send(api, "mcn", "10")
    # As the webhook leaves it that ends between its two writes.
    cdr = {
        "at": {"S": delivery["updated_at"]},
        "outcome": {"S": "refused"},
        "reason": {"S": "q850_31"},
        "digest": {"S": "0" * 64},
        "raw": {"S": "{}"},
        "callee_keys": {"L": []},
    }
    stack.dynamodb().update_item(
        TableName=stack.table,
        Key={"PK": {"S": f"REF#mcn#{delivery['provider_ref']}"}, "SK": {"S": "REF"}},
        UpdateExpression="SET cdrs = :cdrs, cdr_count = :one",
        ExpressionAttributeValues={":cdrs": {"L": [{"M": cdr}]}, ":one": {"N": "1"}},
    )
    settled = api.settled(delivery["id"], "refused")
    assert (settled["reason"], settled["history"][-1]["source"]) == ("q850_31", "cdr")


def unjoined_call(
    stack: Stack, sandbox: Sandbox, ref: str
) -> tuple[dict[str, Any], Callable[[], dict[str, Any]]]:
    """A CDR that was joined to no delivery: the key of its reference, and a reader of the item."""
    sandbox.control("cdr", verification_call_uuid=ref, q931_status=16, final_status="ANSWER")
    key = {"PK": {"S": f"REF#mcn#{ref}"}, "SK": {"S": "REF"}}

    def read() -> dict[str, Any]:
        answer = stack.dynamodb().get_item(TableName=stack.table, Key=key, ConsistentRead=True)
        return dict(answer.get("Item", {}))

    until(read, lambda item: "unjoined" in item and "due_at" not in item)
    return key, read


def test_the_sweep_finds_what_stream_and_queue_have_lost(stack: Stack, sandbox: Sandbox) -> None:
    key, item = unjoined_call(stack, sandbox, "0badcafe0bad_117793")
    long_ago = (datetime.now(UTC) - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    stack.dynamodb().update_item(
        TableName=stack.table,
        Key=key,
        UpdateExpression="SET due_bucket = :bucket, due_at = :at",
        ExpressionAttributeValues={":bucket": {"S": "due#0"}, ":at": {"S": long_ago}},
    )
    assert invoke(stack, "SweepFunction", json.dumps({})) == (False, {"overdue": 1})
    until(item, lambda current: "due_at" not in current)
    assert invoke(stack, "SweepFunction", json.dumps({})) == (False, {"overdue": 0})


def test_a_verification_of_24_hours_waits_in_the_index_and_ends_in_time(
    api: Api, stack: Stack
) -> None:
    call = {"channel": "voice_otp", "timeout_seconds": 900}
    body = {"phone": fresh_phone("VN", "10"), "workflow": [call], "expires_in": 86_400}
    verification = api.post("/v1/verifications", body).json()
    key = {"PK": {"S": f"VER#{verification['id']}"}, "SK": {"S": "VER"}}

    def bucket() -> str:
        response = stack.dynamodb().get_item(TableName=stack.table, Key=key, ConsistentRead=True)
        return response["Item"].get("due_bucket", {"S": ""})["S"].partition("#")[0]

    def scheduled() -> None:
        failed, answer = invoke(stack, "ScheduleFunction", json.dumps({}))
        assert not failed, answer

    # Its step is over; its code is still accepted for a day.
    age(stack, verification["id"], step_due_at=LONG_AGO)
    until(bucket, lambda there: there == "later")
    scheduled()
    assert bucket() == "later"
    soon = (datetime.now(UTC) + timedelta(minutes=10)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    age(stack, verification["id"], due_at=soon)
    scheduled()
    assert bucket() == "due"
    # A day later.
    stack.dynamodb().update_item(
        TableName=stack.table,
        Key=key,
        UpdateExpression="SET ends_at = :ago, due_at = :ago, due_bucket = :later",
        ExpressionAttributeValues={":ago": {"S": LONG_AGO}, ":later": {"S": "later#0"}},
    )
    scheduled()
    current = until(
        lambda: api.get(f"/v1/verifications/{verification['id']}").json(),
        lambda current: bool(current["history"][-1]["event"] == "ended"),
    )
    assert current["status"] == "expired"
    until(bucket, lambda there: there == "")


def test_the_scheduler_queues_a_join_that_was_left_to_it(stack: Stack, sandbox: Sandbox) -> None:
    key, item = unjoined_call(stack, sandbox, "0badcafe1bad_117793")
    soon = (datetime.now(UTC) + timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    stack.dynamodb().update_item(
        TableName=stack.table,
        Key=key,
        UpdateExpression="SET due_bucket = :bucket, due_at = :at",
        ExpressionAttributeValues={":bucket": {"S": "later#0"}, ":at": {"S": soon}},
    )
    failed, answer = invoke(stack, "ScheduleFunction", json.dumps({}))
    assert not failed
    assert answer["queued"] >= 1
    until(item, lambda current: "due_at" not in current)

"""What is left half done is done by somebody else; who failed is well again after a success."""

import json
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
    started = api.post("/v1/verifications", body).json()
    assert send(api, "bizfly", "06")["status"] == "unknown"
    assert marked()
    age(stack, started["id"], step_due_at=LONG_AGO)
    deliver_timer(stack, started["id"])
    assert api.get(f"/v1/verifications/{started['id']}").json()["step"] == 2
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


def test_the_sweep_finds_what_stream_and_queue_have_lost(stack: Stack, sandbox: Sandbox) -> None:
    ref = "0badcafe0bad_117793"
    sandbox.control("cdr", verification_call_uuid=ref, q931_status=16, final_status="ANSWER")
    key = {"PK": {"S": f"REF#mcn#{ref}"}, "SK": {"S": "REF"}}

    def item() -> dict[str, Any]:
        found = stack.dynamodb().get_item(TableName=stack.table, Key=key, ConsistentRead=True)
        return dict(found.get("Item", {}))

    until(item, lambda found: "unjoined" in found and "due_at" not in found)
    long_ago = (datetime.now(UTC) - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    stack.dynamodb().update_item(
        TableName=stack.table,
        Key=key,
        UpdateExpression="SET due_bucket = :bucket, due_at = :at",
        ExpressionAttributeValues={":bucket": {"S": "due#0"}, ":at": {"S": long_ago}},
    )
    assert invoke(stack, "SweepFunction", json.dumps({})) == (False, {"overdue": 1})
    until(item, lambda found: "due_at" not in found)
    assert invoke(stack, "SweepFunction", json.dumps({})) == (False, {"overdue": 0})

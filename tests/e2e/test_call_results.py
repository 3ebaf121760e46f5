"""What became of Bizfly's calls: by its webhook, by its log, by both, and where nobody can tell."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from local.environment import STACK_NAME, for_ours
from local.stack import Stack
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
from tests.plain_http import NO_AUTHORITIES

LONG_AGO = timedelta(minutes=3)


def send(api: Api, phone: str) -> dict[str, Any]:
    answer = api.post("/v1/voice-otp", {"phone": phone, "otp": fresh_code(10)})
    assert answer.status_code == 202, answer.text
    delivery: dict[str, Any] = answer.json()
    return delivery


def national(phone: str) -> str:
    return "0" + phone.removeprefix("+84")


def statuses(delivery: dict[str, Any]) -> list[str]:
    return [entry["status"] for entry in delivery["history"]]


@pytest.fixture
def held_back(sandbox: Sandbox) -> Iterator[None]:
    """Bizfly's webhook tells nothing; its log does."""
    sandbox.control("settings", bizfly_witness="log")
    yield
    sandbox.control("settings", bizfly_witness="both")


@pytest.fixture
def silent(sandbox: Sandbox) -> Iterator[None]:
    """Bizfly tells nothing by itself."""
    sandbox.control("settings", bizfly_witness="nobody")
    yield
    sandbox.control("settings", bizfly_witness="both")


@pytest.fixture
def aged(stack: Stack) -> Iterator[Api]:
    """A client of its own: what is older than it is would stand in another day's figures."""
    with with_key(stack, new_key(stack, "aged")) as api:
        yield api


def make_due(stack: Stack, delivery_id: str, age: timedelta = LONG_AGO) -> None:
    """Let a delivery wait to be asked about since some time ago, and be as old."""
    then = (datetime.now(UTC) - age).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    stack.dynamodb().update_item(
        TableName=stack.table,
        Key={"PK": {"S": f"DLV#{delivery_id}"}, "SK": {"S": "DLV"}},
        UpdateExpression="SET due_at = :due" + (", created_at = :due" if age > LONG_AGO else ""),
        ConditionExpression="begins_with(due_bucket, :asked)",
        ExpressionAttributeValues={":due": {"S": then}, ":asked": {"S": "ask#bizfly#"}},
    )


def waits(stack: Stack, delivery_id: str) -> dict[str, Any]:
    """Where a delivery waits to be asked about, and since when."""
    response = stack.dynamodb().get_item(
        TableName=stack.table,
        Key={"PK": {"S": f"DLV#{delivery_id}"}, "SK": {"S": "DLV"}},
        ConsistentRead=True,
    )
    return {
        name: response["Item"][name]
        for name in ("due_bucket", "due_at")
        if name in response["Item"]
    }


def reconcile(stack: Stack) -> None:
    failed, answer = invoke(stack, "ReconcileFunction", json.dumps({}))
    assert not failed, answer


def webhook(stack: Stack, body: object, token: str | None = None) -> httpx.Response:
    """A delivery to the webhook, as Bizfly would make it."""
    authorization = stack.mcn_webhook_url.rsplit("/", 1)[1] if token is None else token
    return httpx.post(
        f"{stack.api_url}/v1/webhooks/bizfly",
        content=body if isinstance(body, bytes) else json.dumps(body).encode(),
        headers={"Authorization": authorization, "Content-Type": "application/json"}
        if authorization
        else {},
        timeout=60,
        trust_env=False,
        verify=NO_AUTHORITIES,
    )


# -------------------------------------------------------------------------------- the two witnesses


def test_the_webhook_settles(api: Api, stack: Stack) -> None:
    delivery = send(api, fresh_phone("VN", "01"))
    assert delivery["status"] == "accepted"
    settled = api.settled(delivery["id"], "busy")
    assert statuses(settled) == ["reserved", "accepted", "busy"]
    assert (settled["reason"], settled["history"][-1]["source"]) == (None, "cdr")
    # Nobody asks about what is settled.
    assert waits(stack, delivery["id"]) == {}


def test_what_is_not_settled_waits_to_be_asked_about(api: Api, stack: Stack) -> None:
    delivery = send(api, fresh_phone("VN", "10"))
    waiting = waits(stack, delivery["id"])
    assert waiting["due_bucket"]["S"].startswith("ask#bizfly#")
    assert waiting["due_at"]["S"] > delivery["created_at"]


def test_a_failure_says_in_what_word(api: Api) -> None:
    delivery = send(api, fresh_phone("VN", "17"))
    assert api.settled(delivery["id"], "failed")["reason"] == "state_failed"


@pytest.mark.usefixtures("held_back")
def test_where_the_webhook_never_comes_the_log_settles(api: Api, stack: Stack) -> None:
    delivery = send(api, fresh_phone("VN", "02"))
    reconcile(stack)
    assert api.delivery(delivery["id"])["status"] == "accepted"  # Not due yet.
    time.sleep(1.2)  # The log has a call once it is over.
    make_due(stack, delivery["id"])
    reconcile(stack)
    settled = api.delivery(delivery["id"])
    assert statuses(settled) == ["reserved", "accepted", "no_answer"]
    assert waits(stack, delivery["id"]) == {}


@pytest.mark.usefixtures("held_back")
def test_a_call_whose_reply_was_cut_is_settled_by_the_log(api: Api, stack: Stack) -> None:
    delivery = send(api, fresh_phone("VN", "07"))
    assert delivery["status"] == "unknown"
    time.sleep(1.2)
    make_due(stack, delivery["id"])
    reconcile(stack)
    assert statuses(api.delivery(delivery["id"])) == ["reserved", "unknown", "answered"]


def test_a_call_whose_reply_was_cut_is_settled_by_the_webhook(api: Api) -> None:
    delivery = send(api, fresh_phone("VN", "07"))
    assert delivery["status"] == "unknown"
    assert statuses(api.settled(delivery["id"], "answered")) == ["reserved", "unknown", "answered"]


def test_where_both_come_a_call_is_settled_once_and_no_other_by_it(
    api: Api, stack: Stack, sandbox: Sandbox
) -> None:
    phone = fresh_phone("VN", "01")
    first = send(api, phone)
    settled = api.settled(first["id"], "busy")
    sandbox.control("settings", bizfly_witness="nobody")
    try:
        second = send(api, phone)
    finally:
        sandbox.control("settings", bizfly_witness="both")
    make_due(stack, second["id"])
    reconcile(stack)
    # The log has one row, the first one's: it says nothing new of it, and nothing of the second.
    assert api.delivery(first["id"]) == settled
    assert api.delivery(second["id"])["status"] == "accepted"


def test_a_result_before_the_reply(api: Api) -> None:
    delivery = send(api, fresh_phone("VN", "08"))
    assert delivery["status"] == "answered"
    assert delivery["history"][-1]["reason"] == "later_reply_accepted"


def test_a_result_three_times_settles_once(api: Api, sandbox: Sandbox) -> None:
    phone = fresh_phone("VN", "09")
    delivery = send(api, phone)
    settled = api.settled(delivery["id"], "answered")

    def sent() -> int:
        letters = sandbox.http.get(f"{sandbox.url}/_sandbox/cdrs?provider=bizfly").json()["items"]
        return sum(one["phone"] == phone and one["statuses"] == [200] for one in letters)

    until(sent, lambda count: count == 3)
    assert api.delivery(delivery["id"]) == settled
    assert len(settled["history"]) == 3


# ----------------------------------------------------------------------- two calls to one callee


@pytest.mark.usefixtures("silent")
def test_two_calls_within_a_minute_are_not_confused(
    api: Api, stack: Stack, sandbox: Sandbox
) -> None:
    phone = fresh_phone("VN")
    deliveries = [send(api, phone) for _ in range(2)]
    # Half a minute apart, as the table has it; the rows come in the other order.
    instants = [datetime.fromisoformat(one["created_at"]) for one in deliveries]
    set_made(stack, phone, instants[1] - timedelta(seconds=30), instants[1])
    for number, state in ((1, "BUSY"), (0, "NO ANSWER")):
        began = instants[1] - timedelta(seconds=30 * (1 - number)) + timedelta(seconds=3)
        sandbox.control("call-result", phone=phone, state=state, start_time=began.timestamp())
    assert api.delivery(deliveries[0]["id"])["status"] == "no_answer"
    assert api.delivery(deliveries[1]["id"])["status"] == "busy"


@pytest.mark.usefixtures("held_back")
def test_two_calls_at_once_are_left_open_with_that_reason(api: Api, stack: Stack) -> None:
    phone = fresh_phone("VN", "01")
    deliveries = [send(api, phone) for _ in range(2)]
    time.sleep(1.2)
    for one in deliveries:
        make_due(stack, one["id"])
    reconcile(stack)
    for one in deliveries:
        current = api.delivery(one["id"])
        assert current["status"] == "accepted"
        assert current["history"][-1]["reason"] == "later_cdr_unknown:ambiguous_result"
        # It is asked about again, but not at once.
        assert waits(stack, one["id"])["due_at"]["S"] > current["updated_at"]


@pytest.mark.usefixtures("silent")
def test_a_refused_call_takes_no_other_s_result(api: Api, sandbox: Sandbox) -> None:
    phone = fresh_phone("VN")
    sandbox.control("script", phone=phone, provider="bizfly", digits="12")
    rejection = send(api, phone)
    sandbox.control("script", phone=phone, provider="bizfly", digits="99")
    acceptance = send(api, phone)
    assert rejection["status"] == "rejected"
    sandbox.control("call-result", phone=phone, state="BUSY")
    assert api.delivery(acceptance["id"])["status"] == "busy"
    assert api.delivery(rejection["id"]) == rejection


def test_calls_that_say_whose_they_are_are_never_in_doubt(api: Api, sandbox: Sandbox) -> None:
    phone = fresh_phone("VN", "01")
    sandbox.control("settings", bizfly_repeats_request_id=True)
    try:
        deliveries = [send(api, phone) for _ in range(2)]
        for one in deliveries:
            api.settled(one["id"], "busy")
    finally:
        sandbox.control("settings", bizfly_repeats_request_id=False)


# ------------------------------------------------------------------------------ nothing is known


@pytest.mark.usefixtures("silent")
def test_a_state_that_nobody_knows_is_kept_and_settles_nothing(
    api: Api, stack: Stack, sandbox: Sandbox
) -> None:
    phone = fresh_phone("VN")
    delivery = send(api, phone)
    sandbox.control("call-result", phone=phone, state="Cúp máy", call_id="one")
    current = api.delivery(delivery["id"])
    assert (current["status"], current["history"][-1]["reason"]) == (
        "accepted",
        "later_cdr_unknown:state_cúp_máy",
    )
    assert waits(stack, delivery["id"])  # It is still asked about.
    sandbox.control("call-result", phone=phone, state="BUSY", call_id="one")
    assert api.delivery(delivery["id"])["status"] == "busy"


@pytest.mark.usefixtures("silent")
def test_after_a_day_nobody_asks_any_more(aged: Api, stack: Stack) -> None:
    api, delivery = aged, send(aged, fresh_phone("VN"))
    make_due(stack, delivery["id"], timedelta(hours=25))
    reconcile(stack)
    given_up = api.delivery(delivery["id"])
    assert given_up["status"] == "accepted"
    assert given_up["history"][-1]["reason"] == "later_cdr_unknown:no_result"
    assert waits(stack, delivery["id"]) == {}


@pytest.mark.usefixtures("silent")
def test_where_the_log_refuses_the_key_nothing_is_lost(
    api: Api, stack: Stack, sandbox: Sandbox
) -> None:
    delivery = send(api, fresh_phone("VN"))
    make_due(stack, delivery["id"])
    due = waits(stack, delivery["id"])
    sandbox.control("settings", bizfly_key="another-key")
    try:
        reconcile(stack)
    finally:
        sandbox.control("settings", bizfly_key="sandbox-bizfly-key")
    assert waits(stack, delivery["id"]) == due
    reconcile(stack)
    assert waits(stack, delivery["id"])["due_at"]["S"] > due["due_at"]["S"]


def test_the_stream_tells_what_a_function_wrote_and_did_not_tell(
    api: Api, stack: Stack, sandbox: Sandbox
) -> None:
    phone = fresh_phone("VN", "10")
    delivery = send(api, phone)
    [item] = [one for one in callees(stack) if holds(one, delivery["id"])]
    row = {
        "witness": {"S": "webhook"},
        "key": {"S": "id:1"},
        "came_at": {"S": delivery["updated_at"]},
        "outcome": {"S": "busy"},
        "raw": {"S": "{}"},
        "delivery_id": {"S": delivery["id"]},
    }
    stack.dynamodb().update_item(
        TableName=stack.table,
        Key={"PK": item["PK"], "SK": item["SK"]},
        UpdateExpression="SET #rows = :rows, told = :told ADD version :one",
        ExpressionAttributeNames={"#rows": "rows"},
        ExpressionAttributeValues={
            ":rows": {"L": [{"M": row}]},
            ":told": {"S": "yes"},
            ":one": {"N": "1"},
        },
    )
    api.settled(delivery["id"], "busy")


# --------------------------------------------------------------------------------- the registration


def command(stack: Stack, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """The command that tells Bizfly where call results go, as an operator runs it."""
    return subprocess.run(  # noqa: S603 - our own program
        [
            sys.executable,
            "-m",
            "ringpass.providers.bizfly.webhook_cli",
            *arguments,
            "--stack",
            STACK_NAME,
        ],
        env=for_ours(stack.aws_endpoint_url),
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_webhook_is_removed_and_registered_by_a_command(
    api: Api, stack: Stack, sandbox: Sandbox
) -> None:
    url = f"{stack.api_url}/v1/webhooks/bizfly"

    def registered() -> object:
        return sandbox.http.get(f"{sandbox.url}/_sandbox/settings").json()["bizfly_webhook_url"]

    try:
        removed = command(stack, "remove")
        assert removed.returncode == 0, removed.stderr
        assert registered() is None
        again = command(stack, "remove")
        assert again.returncode == 1
        assert "HTTP 404" in again.stderr
    finally:
        process = command(stack, "register", "--url", url)
    assert process.returncode == 0, process.stderr
    assert registered() == url
    delivery = send(api, fresh_phone("VN", "01"))
    api.settled(delivery["id"], "busy")
    refusal = command(stack, "register", "--key", "there_is_none")
    assert (refusal.returncode, refusal.stderr[:18]) == (1, "Nothing was done: ")


# ------------------------------------------------------------------------------------- the token


@pytest.fixture(scope="module")
def open_call(api: Api) -> dict[str, Any]:
    """A call of which nothing is told."""
    return send(api, fresh_phone("VN", "10"))


@pytest.mark.parametrize("token", ["", "wrong", "local-webhook-toke", "Bearer local-webhook-token"])
def test_without_the_token_nothing_is_taken(
    api: Api, stack: Stack, open_call: dict[str, Any], token: str
) -> None:
    answer = webhook(stack, {"callee": "0980000010", "state": "BUSY"}, token)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert api.delivery(open_call["id"])["status"] == "accepted"


@pytest.mark.parametrize("token", [None, "local-webhook-token"])
def test_an_old_token_is_valid_beside_the_new_one(stack: Stack, token: str | None) -> None:
    answer = webhook(stack, [], token)
    assert (answer.status_code, answer.json()) == (200, {"received": 0})


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"hello", b"\xff\xfe", b"[" * 5_000, b"1" * 70_000, b'{"a":1}', b'{"to":"9"}'],
)
def test_whatever_comes_with_the_token_is_taken(stack: Stack, body: bytes) -> None:
    assert webhook(stack, body).status_code == 200


def test_a_result_for_nobody_we_called_is_kept(stack: Stack) -> None:
    phone = fresh_phone("VN")
    answer = webhook(stack, {"callee": national(phone), "state": "BUSY", "id": "nobody-s"})
    assert (answer.status_code, answer.json()) == (200, {"received": 1})
    assert any("deliveries" not in one or not one["deliveries"]["L"] for one in callees(stack))
    assert all(national(phone)[1:] not in json.dumps(one) for one in callees(stack))


def callees(stack: Stack) -> list[dict[str, Any]]:
    pages = (
        stack.dynamodb()
        .get_paginator("scan")
        .paginate(
            TableName=stack.table,
            FilterExpression="begins_with(PK, :kind)",
            ExpressionAttributeValues={":kind": {"S": "CAL#"}},
        )
    )
    return [dict(item) for page in pages for item in page["Items"]]


def holds(item: dict[str, Any], delivery_id: str) -> bool:
    deliveries = item.get("deliveries", {"L": []})["L"]
    return any(one["M"]["id"]["S"] == delivery_id for one in deliveries)


def set_made(stack: Stack, phone: str, *instants: datetime) -> None:
    """Let the last calls to a callee have been made at other times."""
    matching = [
        one for one in callees(stack) if len(one.get("deliveries", {"L": []})["L"]) == len(instants)
    ]
    newest = max(matching, key=lambda one: one["deliveries"]["L"][-1]["M"]["created_at"]["S"])
    times = [
        at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        for at in instants
    ]
    entries = [
        {"M": {"id": one["M"]["id"], "created_at": {"S": at}}}
        for one, at in zip(newest["deliveries"]["L"], times, strict=True)
    ]
    stack.dynamodb().update_item(
        TableName=stack.table,
        Key={"PK": newest["PK"], "SK": newest["SK"]},
        UpdateExpression="SET deliveries = :called",
        ExpressionAttributeValues={":called": {"L": entries}},
    )

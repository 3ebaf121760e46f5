"""Limits over HTTP: what is refused, by which name and until when, and what a step makes of it."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, Final

import httpx
import pytest

from local.environment import for_ours
from local.seeding import EVERYTHING
from local.stack import Stack
from ringpass.clock import to_text, utc_now
from tests.e2e.conftest import Api, Sandbox, fresh_code, fresh_phone, new_key, until, with_key
from tests.e2e.verification_races import LONG_AGO, age, deliver_timer

CLIENT: Final = "frugal"
CALL: Final = {"channel": "password_call", "timeout_seconds": 900}
VOICE: Final = {"channel": "voice_otp", "timeout_seconds": 900}
SHARDS: Final = 8


@pytest.fixture(scope="module")
def frugal(stack: Stack) -> Iterator[Api]:
    """With every scope, of a client that only this module uses."""
    with with_key(stack, new_key(stack, CLIENT, EVERYTHING)) as api:
        yield api


def limited(api: Api, **limits: object) -> None:
    """Set the client's limits. Every function that has read the old ones is told anew."""
    off: dict[str, Any] = {"phone": None, "phone_all_clients": None, "prefix": None, "pauses": None}
    off |= {"fraud_budget": {"mode": "off"}, "daily_money": {}, "daily_sends": None}
    settings = {"limits": off | limits, "countries": {"password_call": ["RU", "VN"]}}
    answer = api.http.put(f"{api.url}/v1/settings", json=settings)
    assert answer.status_code == 200, answer.text


@pytest.fixture(scope="module", autouse=True)
def _all_limits_at_once(frugal: Api) -> None:
    """Before any function could keep the limits of nobody for a minute."""
    limited(
        frugal,
        phone={"cap": 5, "seconds": 600},
        phone_all_clients={"cap": 10, "seconds": 600},
        prefix={"cap": 800, "seconds": 3600},
        pauses=[30, 60],
        daily_sends=800,
    )


def is_reached(answer: httpx.Response, limit: str) -> int:
    """A refusal of this limit; gives the seconds after which it is worth another try."""
    assert (answer.status_code, answer.json()["code"]) == (429, "limit_reached"), answer.text
    assert answer.json()["limit"] == limit
    return int(answer.headers["Retry-After"])


def test_the_sixth_send_to_a_phone(frugal: Api, sandbox: Sandbox) -> None:
    body = {"phone": fresh_phone("RU"), "code": fresh_code()}

    def post(number: int) -> httpx.Response:
        return frugal.post("/v1/password-calls", body, key=f"sixth-{number}")

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(post, range(8)))
    assert sorted(answer.status_code for answer in answers) == [202] * 5 + [429] * 3
    refusals = [answer for answer in answers if answer.status_code == 429]
    assert all(0 < is_reached(answer, "phone") <= 600 for answer in refusals)
    assert len(sandbox.requests(body["phone"], least=5)) == 5
    # A repetition of one that was sent is no send.
    success = next(n for n, answer in enumerate(answers) if answer.status_code == 202)
    assert post(success).headers["Idempotent-Replayed"] == "true"
    [first, *_] = frugal.get("/v1/decisions").json()["items"]
    assert (first["limit"], first["channel"]) == ("phone", "password_call")


def test_ten_calls_of_one_client_do_not_shut_another_out(stack: Stack, frugal: Api) -> None:
    body = {"phone": fresh_phone("RU"), "code": fresh_code()}
    with with_key(stack, new_key(stack, "loud", EVERYTHING)) as loud:
        limited(loud, phone_all_clients={"cap": 10, "seconds": 600})
        for _ in range(10):
            assert loud.post("/v1/password-calls", body).status_code == 202
        is_reached(loud.post("/v1/password-calls", body), "phone_all_clients")
    assert frugal.post("/v1/password-calls", body).status_code == 202


def test_starts_keep_their_pauses_and_steps_need_none(frugal: Api, sandbox: Sandbox) -> None:
    phone = fresh_phone("VN", "12")
    body = {"phone": phone, "workflow": [CALL, VOICE]}
    assert frugal.post("/v1/verifications", body).status_code == 201
    assert 0 < is_reached(frugal.post("/v1/verifications", body), "pauses") <= 30
    # The second one never came to be, so its refusal names no verification. Both steps were
    # refused by the same limit: that is one refusal, of the first step.
    [refusal] = until(
        lambda: frugal.get("/v1/decisions", phone=phone).json()["items"],
        lambda items: len(items) > 0,
    )
    assert (refusal["limit"], refusal["verification_id"], refusal["step"]) == ("pauses", None, 1)
    deadline = time.monotonic() + 30
    while len(sandbox.requests(phone)) < 2:
        assert time.monotonic() < deadline, "a step waited for a pause"
        time.sleep(0.2)
    sandbox.control("reset")


def test_codes_of_ones_own_that_are_checked_at_once_give_nothing_back(stack: Stack) -> None:
    key = new_key(stack, "pumped", EVERYTHING)
    with with_key(stack, key) as api:
        limited(api, fraud_budget={"country_least": 3})
        # A minute after the call a person can have read the code: this one is given back.
        approve_own_code(api, stack, timedelta(minutes=-1))
        until(lambda: approved_today(api), lambda approved: approved == 1)
        for _ in range(3):
            # However slow this machine is, the code is checked before anybody can have read it.
            approve_own_code(api, stack, timedelta(minutes=1))
        # All are counted, so whatever they gave back is there.
        until(lambda: approved_today(api), lambda approved: approved == 4)
        body = {"phone": fresh_phone("RU"), "code": fresh_code(), "workflow": [CALL]}
        refusal = api.post("/v1/verifications", body)
        assert is_reached(refusal, "fraud_budget_country") <= 86_400
        single = {"phone": fresh_phone("RU"), "code": fresh_code()}
        is_reached(api.post("/v1/password-calls", single), "fraud_budget_country")


def approve_own_code(api: Api, stack: Stack, later: timedelta) -> None:
    """Start with a code of one's own and check it, as if its call had been so much later."""
    code = fresh_code()
    body = {"phone": fresh_phone("RU"), "code": code, "workflow": [CALL]}
    answer = api.post("/v1/verifications", body)
    assert answer.status_code == 201, answer.text
    delivery_id = answer.json()["deliveries"][0]["id"]
    stack.dynamodb().update_item(
        TableName=stack.table,
        Key={"PK": {"S": f"DLV#{delivery_id}"}, "SK": {"S": "DLV"}},
        UpdateExpression="SET created_at = :at",
        ExpressionAttributeValues={":at": {"S": to_text(utc_now() + later)}},
    )
    path = f"/v1/verifications/{answer.json()['id']}/check"
    assert api.post(path, {"code": code}).json()["status"] == "approved"


def approved_today(api: Api) -> int:
    approved: int = api.get("/v1/statistics").json()["total"]["approved"]
    return approved


def test_single_sends_count_in_the_fraud_budget(stack: Stack) -> None:
    key = new_key(stack, "blaster", EVERYTHING)
    with with_key(stack, key) as api:
        limited(api, fraud_budget={"country_least": 3})
        paths = ["/v1/voice-otp", "/v1/zns", "/v1/voice-otp"]
        fields: dict[str, dict[str, Any]] = {
            "/v1/voice-otp": {"otp": fresh_code()},
            "/v1/zns": {"template": 366},
        }
        for path in paths:
            answer = api.post(path, {"phone": fresh_phone("VN"), **fields[path]})
            assert answer.status_code == 202, answer.text
        for path, its_fields in fields.items():
            refusal = api.post(path, {"phone": fresh_phone("VN"), **its_fields})
            is_reached(refusal, "fraud_budget_country")
        body = {"phone": fresh_phone("VN"), "workflow": [VOICE]}
        is_reached(api.post("/v1/verifications", body), "fraud_budget_country")


def test_no_admin_key_lifts_the_operators_ceiling(stack: Stack) -> None:
    key = new_key(stack, "capped", EVERYTHING)
    document = json.dumps({"limits": {"daily_sends": 1}, "end_suspensions": False})
    set_ceiling(stack, "capped", document)
    with with_key(stack, key) as api:
        settings = {"limits": {"daily_sends": 2, "phone": None}}
        refusal = api.http.put(f"{api.url}/v1/settings", json=settings)
        assert (refusal.status_code, refusal.json()["code"]) == (422, "validation_failed")
        [error] = refusal.json()["errors"]
        assert (error["loc"], error["type"]) == (["limits", "daily_sends"], "above_ceiling")
        assert api.get("/v1/settings").json()["limits"]["daily_sends"] == 1
        body = {"phone": fresh_phone("RU"), "code": fresh_code()}
        assert api.post("/v1/password-calls", body).status_code == 202
        is_reached(api.post("/v1/password-calls", body), "daily_sends")
        answer = api.http.delete(f"{api.url}/v1/providers/mcn/suspension")
        assert answer.status_code == 403


def set_ceiling(stack: Stack, client: str, document: str) -> None:
    """With AWS credentials, as an operator does."""
    command = [sys.executable, "-m", "ringpass.clients.ceilings", "set", client, document]
    subprocess.run(  # noqa: S603 - our own program
        [*command, "--table", stack.table],
        env=for_ours(stack.aws_endpoint_url),
        capture_output=True,
        check=True,
    )


SENDS: Final[dict[str, tuple[str, str, dict[str, Any]]]] = {
    "voice_otp": ("/v1/voice-otp", "VN", {"otp": fresh_code(10)}),
    "password_call": ("/v1/password-calls", "VN", {"code": fresh_code()}),
    "zns": ("/v1/zns", "VN", {"template": 366}),
    "verification": ("/v1/verifications", "VN", {"workflow": [VOICE]}),
}


def everywhere(api: Api) -> Iterator[httpx.Response]:
    """The same request through every function that sends."""
    for path, country, fields in SENDS.values():
        yield api.post(path, {"phone": fresh_phone(country), **fields})


def begin(api: Api) -> str:
    """A verification with a step to come; gives its id."""
    phone = fresh_phone("VN", "10")
    answer = api.post("/v1/verifications", {"phone": phone, "workflow": [CALL, VOICE]})
    assert answer.status_code == 201, answer.text
    verification_id: str = answer.json()["id"]
    return verification_id


def skipped(api: Api, stack: Stack, verification_id: str) -> list[str]:
    """Why steps were left out once the first one's time is over."""
    age(stack, verification_id, step_due_at=LONG_AGO)
    deliver_timer(stack, verification_id)
    verification = api.get(f"/v1/verifications/{verification_id}").json()
    return [line["reason"] for line in verification["history"] if line["event"] == "skipped"]


def fill(stack: Stack, prefix: str, update: str, values: dict[str, Any]) -> list[dict[str, Any]]:
    """Fill all parts of a counter; gives the keys that were filled."""
    table, dynamodb = stack.table, stack.dynamodb()
    pages = dynamodb.get_paginator("scan").paginate(TableName=table)
    partition_keys = [item["PK"]["S"] for page in pages for item in page["Items"]]
    of_counter = {key.rpartition("#")[0] for key in partition_keys if key.startswith(prefix)}
    keys = [
        {"PK": {"S": f"{name}#{shard}"}, "SK": {"S": prefix[:3]}}
        for name in of_counter
        for shard in range(SHARDS)
    ]
    for key in keys:
        dynamodb.update_item(
            TableName=table,
            Key=key,
            UpdateExpression=f"{update}, entity = :entity",
            ExpressionAttributeValues=values | {":entity": {"S": "counter"}},
        )
    return keys


def test_a_prefix_that_is_full(frugal: Api, stack: Stack) -> None:
    verification_id = begin(frugal)
    now = int(time.time() * 1000)
    times = [{"N": str(now)} for _ in range(100)]
    keys = fill(stack, f"LIM#PREFIX#{CLIENT}#", "SET sent_at = :sent", {":sent": {"L": times}})
    # The numbers of this run are of the same prefix or of one that nothing was sent to yet.
    answers = list(everywhere(frugal))
    assert {answer.status_code for answer in answers} <= {201, 202, 429}
    refusals = [answer for answer in answers if answer.status_code == 429]
    assert refusals
    assert all(3500 < is_reached(answer, "prefix") <= 3600 for answer in refusals)
    assert skipped(frugal, stack, verification_id) == ["limit_reached"]
    for key in keys:
        stack.dynamodb().delete_item(TableName=stack.table, Key=key)


def test_a_day_that_is_full(frugal: Api, stack: Stack) -> None:
    verification_id = begin(frugal)
    keys = fill(stack, f"LED#{CLIENT}#", "SET sends = :full", {":full": {"N": "100"}})
    try:
        for answer in everywhere(frugal):
            assert 0 < is_reached(answer, "daily_sends") <= 86_400
        assert skipped(frugal, stack, verification_id) == ["limit_reached"]
        decision = frugal.get("/v1/decisions", limit="1").json()["items"][0]
        assert (decision["limit"], decision["verification_id"]) == ("daily_sends", verification_id)
        assert decision["step"] == 2
    finally:
        for key in keys:
            stack.dynamodb().update_item(
                TableName=stack.table,
                Key=key,
                UpdateExpression="SET sends = :none",
                ExpressionAttributeValues={":none": {"N": "0"}},
            )

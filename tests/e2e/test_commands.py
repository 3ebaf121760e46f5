"""Commands over SQS and over the event bus: carried out once, or refused with a dead letter."""

import json
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from local.providers import ZALO_OA_ID
from local.seeding import EVERYTHING
from local.stack import Stack
from tests.e2e.conftest import (
    Api,
    Sandbox,
    fresh_code,
    fresh_phone,
    new_key,
    start_anew,
    until,
    with_key,
)
from tests.e2e.test_limits import fill
from tests.e2e.test_scenarios import act, active
from tests.e2e.test_zalo import register

CLIENT: Final = "orders"
OFF: Final = {"phone": None, "phone_all_clients": None, "prefix": None, "pauses": None}
CALL: Final = [{"channel": "password_call", "timeout_seconds": 900}]

type Letter = dict[str, Any]


@dataclass
class Queues:
    """The queue of commands, and the letters in that of the dead letters."""

    stack: Stack
    taken: list[Letter] = field(default_factory=list)

    def put(self, command: object) -> str:
        """Put a command, or any text; the message's id."""
        body = command if isinstance(command, str) else json.dumps(command)
        url = self.stack.outputs["CommandQueueUrl"]
        return self.stack.queues().send_message(QueueUrl=url, MessageBody=body)["MessageId"]

    def letters(self) -> list[Letter]:
        """All dead letters so far; they are taken out of their queue."""
        queues, url = self.stack.queues(), self.stack.outputs["CommandDeadLetterQueueUrl"]
        answer = queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        for message in answer.get("Messages", []):
            self.taken.append(json.loads(message["Body"]))
            queues.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return self.taken

    def letter(self, message_id: str) -> Letter:
        """The dead letter of a message, once it is there."""
        letters = until(
            lambda: [one for one in self.letters() if one["message_id"] == message_id], bool
        )
        assert len(letters) == 1
        return letters[0]


@pytest.fixture(scope="module")
def queues(stack: Stack) -> Queues:
    return Queues(stack)


@pytest.fixture(scope="module")
def orders(stack: Stack) -> Iterator[Api]:
    """With every scope, of a client that only this module uses."""
    with with_key(stack, new_key(stack, CLIENT, EVERYTHING)) as api:
        limited(api)
        yield api


def limited(api: Api, **limits: object) -> None:
    settings = {
        "limits": OFF | {"fraud_budget": {"mode": "off"}, "daily_money": {"RUB": "900"}} | limits,
        "providers": {"zns": ["zalo", "caresoft"]},
        "countries": {"password_call": ["RU", "VN"]},
    }
    answer = api.http.put(f"{api.url}/v1/settings", json=settings)
    assert answer.status_code == 200, answer.text


def command(name: str, phone: str, **fields: object) -> dict[str, Any]:
    key = f"order-{secrets.token_hex(6)}"
    return {"command": name, "client": CLIENT, "idempotency_key": key, "phone": phone} | fields


def test_each_command_is_carried_out_once_however_often_it_comes(
    orders: Api, queues: Queues, sandbox: Sandbox
) -> None:
    scenario = active(orders, name=f"s-{secrets.token_hex(4)}", otp_id="OTP-770001")
    of_failing_provider, again = fresh_phone("RU", "06"), fresh_phone("RU")
    commands = [
        command("send_password_call", of_failing_provider, code=fresh_code()),
        command("send_password_call", fresh_phone("RU"), code=fresh_code(), metadata={"n": "1"}),
        command("start_verification", again, workflow=CALL),
        command("send_voice_otp", fresh_phone("VN"), otp=fresh_code(10), scenario=scenario["name"]),
        command(
            "send_zns",
            fresh_phone("VN"),
            template=register(orders, oa_id=ZALO_OA_ID),
            params={"otp": fresh_code()},
        ),
    ]
    for one in commands:
        queues.put(one)
        sandbox.requests(one["phone"], least=1)
        queues.put(one)
    # It replaces the open verification of its phone.
    queues.put(command("start_verification", again, workflow=CALL))
    sandbox.requests(again, least=2)
    # One more behind each repetition: when it is done, they are.
    for _ in range(3):
        last = command("send_password_call", fresh_phone("RU"), code=fresh_code())
        queues.put(last)
        sandbox.requests(last["phone"], least=1)
    act(orders, scenario["id"], "deactivate")
    expected = [1, 1, 2, 1, 1]
    requests = [
        sandbox.requests(one["phone"], least=least)
        for one, least in zip(commands, expected, strict=True)
    ]
    assert [len(each) for each in requests] == expected
    # The record is the client's own, and the key is the same as over HTTP.
    body = {name: commands[1][name] for name in ("phone", "code", "metadata")}
    answer = orders.post("/v1/password-calls", body, key=commands[1]["idempotency_key"])
    assert (answer.status_code, answer.headers["Idempotent-Replayed"]) == (202, "true")
    assert len(sandbox.requests(commands[1]["phone"], least=1)) == 1


def test_a_bad_command_is_a_dead_letter_without_phone_and_code(
    orders: Api, queues: Queues, sandbox: Sandbox
) -> None:
    phone, code = fresh_phone("RU"), fresh_code(8)
    good = command("send_password_call", phone, code=code[:4])
    elsewhere = command("send_voice_otp", phone, otp=code)
    first = command("start_verification", fresh_phone("RU"), workflow=CALL)
    queues.put(first)
    sandbox.requests(first["phone"], least=1)
    bad: dict[str, list[object]] = {
        "validation_failed": [
            {**good, "note": f"{phone} {code}"},
            {**good, "metadata": {"to": [phone, code]}},
            {**good, "code": code},
            elsewhere,
            {**first, "idempotency_key": ""},
        ],
        "idempotency_key_reused": [{**first, "phone": phone}],
        "invalid_json": [json.dumps(good)[:-1], f"{phone}&{code}"],
    }
    ids = {error: [queues.put(one) for one in commands] for error, commands in bad.items()}
    for error, messages in ids.items():
        for message in messages:
            letter = queues.letter(message)
            assert letter["error"]["code"] == error
            assert "sealed" not in letter
            for secret in (phone[1:], phone[2:], code[:4]):
                assert secret not in json.dumps(letter)
    assert sandbox.requests(phone) == []
    refused = queues.letter(ids["validation_failed"][0])
    assert refused["idempotency_key"] == good["idempotency_key"]
    assert refused["error"]["errors"][0]["loc"] == ["note"]
    # Moved back it is refused again: there is nothing to send. Its sender sends it, corrected.
    again = queues.letter(queues.put(refused))
    assert again["idempotency_key"] == good["idempotency_key"]
    queues.put(good)
    assert len(sandbox.requests(phone, least=1)) == 1


def test_a_command_that_a_limit_refused_runs_when_its_dead_letter_is_moved_back(
    orders: Api, stack: Stack, queues: Queues, sandbox: Sandbox
) -> None:
    limited(orders, phone={"cap": 1, "seconds": 7200})
    start_anew(stack, "RunCommandsFunction")
    phone = fresh_phone("RU")
    queues.put(command("send_password_call", phone, code=fresh_code()))
    sandbox.requests(phone, least=1)
    letter = queues.letter(queues.put(command("start_verification", phone, workflow=CALL)))
    assert letter["error"]["code"] == "limit_reached"
    assert letter["error"]["limit"] == "phone"
    assert phone[1:] not in json.dumps(letter)
    limited(orders)
    start_anew(stack, "RunCommandsFunction")
    for _ in range(2):
        queues.put(letter)
    until(lambda: sandbox.requests(phone), lambda requests: len(requests) == 2)
    last = command("send_password_call", fresh_phone("RU"), code=fresh_code())
    queues.put(last)
    sandbox.requests(last["phone"], least=1)
    assert len(sandbox.requests(phone)) == 2


def test_a_command_that_finds_a_counter_full_is_not_sent(
    orders: Api, stack: Stack, queues: Queues, sandbox: Sandbox
) -> None:
    limited(orders, prefix={"cap": 800, "seconds": 7200}, daily_sends=800)
    start_anew(stack, "RunCommandsFunction")
    phone = fresh_phone("RU")
    queues.put(command("send_password_call", phone, code=fresh_code()))
    sandbox.requests(phone, least=1)
    sent_at = {":sent": {"L": [{"N": str(int(time.time() * 1000))}] * 100}}
    of_prefix = fill(stack, f"LIM#PREFIX#{CLIENT}#", "SET sent_at = :sent", sent_at)
    letter = queues.letter(queues.put(command("start_verification", phone, workflow=CALL)))
    assert letter["error"]["limit"] == "prefix"
    for key in of_prefix:
        stack.dynamodb().delete_item(TableName=stack.table, Key=key)
    # Until midnight: it is tried again, unless midnight is more than an hour away.
    of_day = fill(stack, f"LED#{CLIENT}#", "SET sends = :full", {":full": {"N": "100"}})
    queues.put(command("start_verification", phone, workflow=CALL))
    until(
        lambda: [one["limit"] for one in orders.get("/v1/decisions").json()["items"]],
        lambda limits: "daily_sends" in limits,
    )
    for key in of_day:
        stack.dynamodb().delete_item(TableName=stack.table, Key=key)
    assert len(sandbox.requests(phone, least=1)) == 1
    # A limit that ends within the hour, at whatever time of the day: it is tried again.
    limited(orders, phone={"cap": 1, "seconds": 600})
    start_anew(stack, "RunCommandsFunction")
    phone, before = fresh_phone("RU"), refusals_by(orders, "phone")
    queues.put(command("send_password_call", phone, code=fresh_code()))
    sandbox.requests(phone, least=1)
    queues.put(command("start_verification", phone, workflow=CALL))
    until(lambda: refusals_by(orders, "phone"), lambda count: count > before)
    assert len(sandbox.requests(phone, least=1)) == 1
    limited(orders)
    start_anew(stack, "RunCommandsFunction")


def refusals_by(orders: Api, limit: str) -> int:
    """How many sends a limit has refused."""
    return [one["limit"] for one in orders.get("/v1/decisions").json()["items"]].count(limit)


def test_a_command_of_the_event_bus(
    orders: Api, stack: Stack, queues: Queues, sandbox: Sandbox
) -> None:
    start = command("start_verification", fresh_phone("RU"), workflow=CALL)
    with_code = command("send_password_call", fresh_phone("RU"), code=fresh_code())
    entries = [
        {
            "EventBusName": stack.outputs["EventBusName"],
            "Source": "shop.sign-up",
            "DetailType": "ringpass.command",
            "Detail": json.dumps(detail),
        }
        for detail in (start, with_code)
    ]
    assert stack.client("events").put_events(Entries=entries)["FailedEntryCount"] == 0
    assert len(sandbox.requests(start["phone"], least=1)) == 1
    key = with_code["idempotency_key"]
    [letter] = until(
        lambda: [one for one in queues.letters() if one["idempotency_key"] == key], bool
    )
    assert letter["error"]["errors"][0] == {
        "loc": ["code"],
        "type": "code_on_event_bus",
        "msg": "a code, or like one",
    }
    assert with_code["phone"][1:] not in json.dumps(letter)
    assert sandbox.requests(with_code["phone"]) == []

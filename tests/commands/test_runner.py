"""Commands of the queue: run once, tried again, or refused with a dead letter without secrets."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringpass.clock import to_text
from ringpass.commands.dead_letter import DeadLetterQueue
from ringpass.commands.message import CommandName, Message
from ringpass.commands.runner import LIFETIME, MOST_RECEIVES, CommandRunner, UseCase
from ringpass.deliveries.requests import PasswordCall, VoiceOtp, Zns
from ringpass.errors import ApiError, LimitReached, NotAllowed, ProviderSuspended, Unavailable
from ringpass.providers.base import NoResponse
from ringpass.redaction import Secret
from ringpass.verifications.requests import StartVerification
from tests.template import ROOT
from tests.world import Clock, World

PHONE, CODE = "+79777777777", "4821"
LETTERS = "https://queue.example.com/1/letters"
COMMANDS = "https://queue.example.com/1/commands"
CALL = {
    "command": "send_password_call",
    "client": "shop",
    "idempotency_key": "order-17",
    "phone": PHONE,
    "code": CODE,
}
START = {
    "command": "start_verification",
    "client": "shop",
    "idempotency_key": "order-17",
    "phone": PHONE,
    "workflow": [{"channel": "password_call"}],
}


class Sqs:
    """Stands for SQS: keeps what is sent, and when messages come again."""

    def __init__(self) -> None:
        self.bodies: list[str] = []
        self.delays: list[int] = []
        self.failing = False

    def send_message(self, *, QueueUrl: str, MessageBody: str) -> None:  # noqa: N803 - SQS's names
        assert QueueUrl == LETTERS
        if self.failing:
            raise ConnectionError
        self.bodies.append(MessageBody)

    def change_message_visibility(
        self,
        *,
        QueueUrl: str,  # noqa: N803
        ReceiptHandle: str,  # noqa: N803
        VisibilityTimeout: int,  # noqa: N803
    ) -> None:
        assert (QueueUrl, ReceiptHandle) == (COMMANDS, "handle")
        self.delays.append(VisibilityTimeout)

    @property
    def letters(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body in self.bodies]


@dataclass
class Stack:
    """A runner, its queues and its clock."""

    runner: CommandRunner
    sqs: Sqs
    clock: Clock

    def deliver(self, command: object, *, receives: int = 1, age: float = 0) -> bool:
        """Deliver a message; whether it is done with."""
        body = command if isinstance(command, str) else json.dumps(command)
        sent_at = self.clock() - timedelta(seconds=age)
        return self.runner.handle(Message("m-1", body, receives, sent_at, "handle"), "request-1")

    @property
    def letter(self) -> dict[str, Any]:
        [letter] = self.sqs.letters
        return letter


def make_stack(use_cases: dict[CommandName, UseCase], clock: Clock) -> Stack:
    sqs: Any = Sqs()
    letters = DeadLetterQueue(sqs, LETTERS, lambda: Secret("sealing"))
    return Stack(CommandRunner(use_cases, letters, sqs, COMMANDS, clock), sqs, clock)


@pytest.fixture
def stack(world: World) -> Stack:
    """Runs commands on the table."""
    return make_stack(
        {
            CommandName.START_VERIFICATION: UseCase(
                StartVerification, lambda *args: world.starts.start(*args).verification.id
            ),
            CommandName.SEND_PASSWORD_CALL: UseCase(
                PasswordCall, lambda *args: world.calls.send(*args).delivery.id
            ),
        },
        world.clock,
    )


def failing_with(error: Exception) -> Stack:
    """Every command fails so, once it was read."""

    def run(*_: object) -> str:
        raise error

    models: tuple[type[Any], ...] = (StartVerification, VoiceOtp, PasswordCall, Zns)
    return make_stack(
        {name: UseCase(model, run) for name, model in zip(CommandName, models, strict=True)},
        Clock(),
    )


def test_a_command_is_run_once_however_often_it_comes(stack: Stack, world: World) -> None:
    for command in (CALL, CALL, START, START):
        assert stack.deliver(command)
    assert len(world.wire.requests) == 2
    assert stack.sqs.letters == []


def test_a_command_of_a_function_that_died_is_not_sent_again(stack: Stack, world: World) -> None:
    world.wire.answers = [NoResponse("connection_cut")]
    assert stack.deliver(CALL)
    assert stack.deliver(CALL, receives=2, age=180)
    assert len(world.wire.requests) == 1


def test_the_record_of_a_request_over_http_is_found(stack: Stack, world: World) -> None:
    command = PasswordCall.from_mapping({"phone": PHONE, "code": CODE})
    world.calls.send(command, "shop", "order-17")
    assert stack.deliver(CALL)
    assert len(world.wire.requests) == 1


TYPES = {
    "command": "command_unknown",
    "detail-type": "event_type",
    "sealed": "not_genuine",
    "code": None,
}
"""Field -> the type of its error, where this module decides it."""

REFUSED: list[tuple[object, str, list[str]]] = [
    ({**CALL, "command": "send_fax"}, "validation_failed", ["command"]),
    ({**CALL, "command": ["send_zns"]}, "validation_failed", ["command"]),
    ({name: CALL[name] for name in CALL if name != "command"}, "validation_failed", ["command"]),
    ({**CALL, "idempotency_key": None}, "validation_failed", ["idempotency_key"]),
    ({**CALL, "idempotency_key": "é" * 3}, "invalid_header", ["Idempotency-Key"]),
    ({**CALL, "client": "A shop"}, "validation_failed", ["client"]),
    ({**CALL, "phone": "+7977777777"}, "validation_failed", ["phone"]),
    ({**CALL, "pin": CODE}, "validation_failed", ["pin"]),
    ({**CALL, "metadata": {PHONE: CODE}}, "validation_failed", ["metadata"]),
    ({**CALL, "code": 4821}, "validation_failed", ["code"]),
    ({**CALL, "sealed": "x"}, "validation_failed", ["sealed"]),
    ({"detail-type": "ringpass.command", "detail": CALL}, "validation_failed", ["code"]),
    ({"detail-type": "other", "detail": START}, "validation_failed", ["detail-type"]),
    ({**CALL, "detail": "a field"}, "validation_failed", ["detail"]),
    ("null", "invalid_json", []),
    ('""', "invalid_json", []),
    ([CALL], "invalid_json", []),
    (f'{{"phone": "{PHONE}", "code": "{CODE}"', "invalid_json", []),
    (f'{{"phone": "{PHONE}", "phone": "{PHONE}"}}', "invalid_json", []),
    ("[" * 60_000, "invalid_json", []),
    ("\ud800", "invalid_json", []),
    ({**CALL, "note": "x" * 70_000}, "body_too_large", []),
]


@pytest.mark.parametrize(("command", "code", "loc"), REFUSED)
def test_what_is_refused_for_good_is_a_dead_letter_at_once(
    stack: Stack, world: World, command: object, code: str, loc: list[str]
) -> None:
    assert stack.deliver(command)
    assert world.wire.requests == []
    error = stack.letter["error"]
    assert error["code"] == code
    assert error["instance"] == "urn:ringpass:request:request-1"
    assert [one["loc"][0] for one in error.get("errors", [])] == loc
    for one in error.get("errors", []):
        assert one["type"] == (TYPES.get(one["loc"][0]) or one["type"])
        assert one["msg"]
    assert stack.letter["message_id"] == "m-1"
    assert "sealed" not in stack.letter
    expect_private(stack)


def expect_private(stack: Stack, *more: str) -> None:
    """No dead letter holds the phone, its local form, or a code."""
    for body in stack.sqs.bodies:
        for text in (PHONE[1:], PHONE[2:], PHONE[-7:], CODE, *more):
            assert text not in body


def test_a_sender_finds_its_command_by_what_a_dead_letter_keeps(stack: Stack) -> None:
    stack.deliver({**CALL, "pin": CODE})
    kept = {name: stack.letter[name] for name in ("command", "client", "idempotency_key")}
    assert kept == {name: CALL[name] for name in kept}
    assert stack.letter["receives"] == 1
    assert stack.letter["sent_at"] == to_text(stack.clock())
    assert stack.letter["bytes"] == len(json.dumps({**CALL, "pin": CODE}))


@pytest.mark.parametrize(
    "key",
    [
        PHONE,
        "login-9777777777-1",
        "8 (977) 777-77-77",
        f"code:{CODE}",
        "٩٧٧٧٧٧٧٧٧٧",
        "login-84389801371",
    ],
)
def test_a_key_that_is_a_phone_or_a_code_is_masked(stack: Stack, key: str) -> None:
    stack.deliver({**CALL, "idempotency_key": key, "pin": 1})
    assert not re.search(r"\d{4}", stack.letter["idempotency_key"])
    expect_private(stack, "84389801371")


def test_digits_of_the_client_s_name_do_not_mask_the_key(stack: Stack) -> None:
    stack.deliver({**CALL, "client": "shop2026", "idempotency_key": "order-2026", "pin": 1})
    letter = stack.letter
    assert (letter["client"], letter["idempotency_key"]) == ("shop2026", "order-2026")


def test_another_key_is_kept_whole(stack: Stack) -> None:
    for key in ("550e8400-e29b-41d4-a716-446655440000", "order-20261130-99", "poison-0001"):
        stack.deliver({**CALL, "idempotency_key": key, "pin": 1})
        assert stack.sqs.letters[-1]["idempotency_key"] == key


@settings(max_examples=300)
@given(
    command=st.recursive(
        st.sampled_from([PHONE, CODE, "send_zns", "shop", int(PHONE[1:]), int(CODE), None, 7.5]),
        lambda nodes: (
            st.lists(nodes, max_size=3)
            | st.dictionaries(
                st.sampled_from([*CALL, "metadata", "params", "detail", "sealed", PHONE, CODE]),
                nodes,
                max_size=5,
            )
        ),
        max_leaves=12,
    ),
    cut=st.integers(min_value=0, max_value=3),
)
def test_no_dead_letter_holds_a_phone_or_a_code(command: object, cut: int) -> None:
    stack = failing_with(NotAllowed("The number is on a list."))
    body = json.dumps(command)
    assert stack.deliver(body[: len(body) - cut])
    assert stack.sqs.bodies
    expect_private(stack)


TEMPORARY: list[ApiError] = [
    LimitReached("A limit."),
    ProviderSuspended("Suspended."),
    Unavailable("Not now."),
]


@pytest.mark.parametrize(
    "error", [*TEMPORARY, ValueError(PHONE)], ids=lambda one: type(one).__name__
)
def test_what_is_not_possible_now_is_tried_five_times(error: Exception) -> None:
    stack = failing_with(error)
    age = 0
    for receives in range(1, MOST_RECEIVES):
        assert not stack.deliver(CALL, receives=receives, age=age)
        age += stack.sqs.delays[-1]
    assert stack.sqs.delays == [5, 25, 125, 625]
    assert stack.deliver(CALL, receives=MOST_RECEIVES, age=age)
    code = error.code if isinstance(error, ApiError) else "internal_error"
    assert stack.letter["error"]["code"] == code
    assert stack.letter["receives"] == MOST_RECEIVES
    expect_private(stack)


def test_an_error_s_own_time_is_kept() -> None:
    stack = failing_with(LimitReached("A limit.", retry_after=600))
    assert not stack.deliver(CALL)
    assert stack.sqs.delays == [600]


def test_a_command_that_would_run_too_late_is_refused_at_once() -> None:
    stack = failing_with(LimitReached("A limit.", limit="phone", retry_after=3600))
    assert stack.deliver(CALL)
    assert stack.sqs.delays == []
    assert stack.letter["error"]["limit"] == "phone"


def test_a_command_that_waited_too_long_is_not_run(stack: Stack, world: World) -> None:
    assert stack.deliver(CALL, age=LIFETIME.total_seconds() + 1)
    assert stack.letter["error"]["code"] == "command_expired"
    assert stack.deliver({**CALL, "idempotency_key": "2"}, age=LIFETIME.total_seconds() - 1)
    assert len(world.wire.requests) == 1


def test_a_command_that_kills_its_function_each_time_is_given_up(
    stack: Stack, world: World
) -> None:
    assert stack.deliver(START, receives=MOST_RECEIVES + 1)
    assert world.wire.requests == []
    assert stack.letter["error"]["code"] == "internal_error"
    assert f"{MOST_RECEIVES} times" in stack.letter["error"]["detail"]


def test_a_message_stays_in_the_queue_until_there_is_its_dead_letter(stack: Stack) -> None:
    stack.sqs.failing = True
    assert not stack.deliver({**CALL, "pin": CODE})
    stack.sqs.failing = False
    assert stack.deliver({**CALL, "pin": CODE}, receives=2)
    assert len(stack.sqs.letters) == 1


# Moved back


def test_a_command_without_a_code_runs_when_its_dead_letter_is_moved_back(
    stack: Stack, world: World
) -> None:
    failing = failing_with(Unavailable("Not now."))
    assert failing.deliver(START, receives=MOST_RECEIVES)
    letter = failing.letter
    expect_private(failing)
    assert not re.search(r"\d", letter["sealed"])
    assert stack.deliver(letter)
    assert len(world.wire.requests) == 1
    # Again, or as the sender sends it again: the key is the same.
    assert stack.deliver(letter)
    assert stack.deliver(START)
    assert len(world.wire.requests) == 1


def test_a_dead_letter_that_fails_again_can_be_moved_again() -> None:
    stack = failing_with(Unavailable("Not now."))
    stack.deliver(START, receives=MOST_RECEIVES)
    stack.deliver(stack.sqs.letters[-1], receives=MOST_RECEIVES)
    first, second = stack.sqs.letters
    assert second["client"] == "shop"
    assert second["sealed"]
    assert {**second, "sealed": "", "bytes": 0} == {**first, "sealed": "", "bytes": 0}


@pytest.mark.parametrize(
    "command",
    [
        CALL,
        {**START, "code": CODE},
        {**CALL, "command": "send_voice_otp", "otp": CODE},
        {**START, "command": "send_zns", "template": 366, "params": {"otp": f" {CODE}"}},
    ],
)
def test_a_code_is_not_kept_even_sealed(command: dict[str, Any]) -> None:
    command = {name: command[name] for name in command if name != "workflow" or "code" in command}
    if "otp" in command:
        del command["code"]
    stack = failing_with(Unavailable("Not now."))
    stack.deliver(command, receives=MOST_RECEIVES)
    assert stack.letter["error"]["code"] == "unavailable"
    assert "sealed" not in stack.letter


def test_what_was_refused_for_good_is_refused_again_when_it_is_moved_back(
    stack: Stack, world: World
) -> None:
    stack.deliver({**CALL, "phone": "+7"})
    stack.deliver(stack.sqs.letters[-1])
    assert world.wire.requests == []
    first, second = stack.sqs.letters
    assert second["error"]["code"] == "validation_failed"
    assert second["idempotency_key"] == first["idempotency_key"] == "order-17"


# Over the event bus


def from_bus(command: dict[str, Any]) -> dict[str, Any]:
    return {"version": "0", "id": "1", "detail-type": "ringpass.command", "detail": command}


def test_a_command_of_the_event_bus_is_run(stack: Stack, world: World) -> None:
    assert stack.deliver(from_bus(START))
    assert stack.deliver(START)
    assert len(world.wire.requests) == 1
    assert stack.sqs.letters == []


@pytest.mark.parametrize(
    ("fields", "loc"),
    [
        ({"command": "send_password_call", "code": CODE}, ["code"]),
        ({"command": "start_verification", "code": CODE}, ["code"]),
        ({"command": "send_voice_otp", "otp": CODE}, ["otp"]),
        ({"command": "send_zns", "template": 1, "params": {"c": "48 21"}}, ["params", "c"]),
        ({"command": "send_zns", "template": 1, "params": {"c": "4821482148"}}, ["params", "c"]),
    ],
)
def test_a_command_with_a_code_may_not_come_over_the_bus(
    stack: Stack, fields: dict[str, Any], loc: list[str]
) -> None:
    assert stack.deliver(from_bus({**START, **fields}))
    [error] = stack.letter["error"]["errors"]
    assert (error["type"], error["loc"]) == ("code_on_event_bus", loc)
    assert stack.letter["client"] == "shop"
    expect_private(stack)


def test_parameters_that_are_no_code_may_come_over_the_bus() -> None:
    stack = failing_with(Unavailable("Not now."))
    params = {"name": "Minh Anh", "day": "482", "order": "48214821482", "price": "5000 VND"}
    command = {**START, "command": "send_zns", "template": 1, "params": params}
    del command["workflow"]
    assert not stack.deliver(from_bus(command))  # It was run.


def messages() -> Iterator[Message]:
    for path in sorted((ROOT / "events" / "run_commands").glob("*.json")):
        for record in json.loads(path.read_text("utf-8"))["Records"]:
            yield Message.from_record(record)


def test_a_message_is_read_from_lambda_s_record() -> None:
    for message in messages():
        assert message.id
        assert message.body.startswith("{")
        assert message.receives == 1
        assert message.sent_at.year == 2026
        assert message.sent_at.utcoffset() == timedelta(0)
        assert message.receipt_handle
        assert "+7" not in repr(message)

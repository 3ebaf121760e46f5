"""Commands through SQS while their function is killed at random: one request each, or a letter."""

import json
import secrets
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import batched
from typing import Any, Final

import pytest

from local.progress import Progress
from local.stack import Stack
from tests.e2e.conftest import Api, Sandbox, fresh_phone
from tests.proof.rounds import COMMANDS, until
from tests.proof.workers import CAN_BE_FOUND, end, workers

FUNCTION: Final = "RunCommandsFunction"
VISIBILITY_SECONDS: Final = 40
"""Longer than the function may run, and shorter than on AWS: its messages come again sooner."""
EACH_SECONDS: Final = 3.0
"""A process is killed so often, give or take half of it."""
PATIENCE_SECONDS: Final = 300 + COMMANDS * 3.0
RANDOM: Final = secrets.SystemRandom()


@pytest.mark.skipif(not CAN_BE_FOUND, reason="finds processes by their environment, in /proc")
def test_commands_of_a_function_that_dies(stack: Stack, api: Api, sandbox: Sandbox) -> None:
    progress = Progress()
    queue, letters_url = (
        stack.outputs[name] for name in ("CommandQueueUrl", "CommandDeadLetterQueueUrl")
    )
    stack.queues().set_queue_attributes(
        QueueUrl=queue, Attributes={"VisibilityTimeout": str(VISIBILITY_SECONDS)}
    )
    sandbox.control("settings", slow_reply_seconds=0.2)
    bad = [poison(number) for number in range(COMMANDS // 20)]
    good = [command(number) for number in range(COMMANDS - len(bad))]
    repeated = RANDOM.sample(good, len(good) // 20)
    bodies = [json.dumps(one) for one in good + repeated] + bad
    RANDOM.shuffle(bodies)
    deaths: list[int] = []
    with progress.step(f"{COMMANDS} commands, {len(bad)} of them bad, {len(repeated)} twice"):
        bad_ids, good_ids = put_all(stack, queue, bodies, set(bad))
        with killed_at_random(stack, deaths):
            until(lambda: waiting(stack, queue), lambda left: left == 0, PATIENCE_SECONDS, 2)
    progress.say(f"processes killed: {len(deaths)}")
    assert deaths

    letters = take_all(stack, letters_url)
    refused = {letter["message_id"] for letter in letters}
    assert refused == bad_ids
    assert refused.isdisjoint(good_ids)
    text = json.dumps(letters)
    assert not any(one["phone"][2:] in text for one in good)
    assert "4821" not in text

    requests = Counter(request["phone"] for request in sandbox.all_requests())
    assert set(requests) <= {one["phone"] for one in good}
    assert set(requests.values()) == {1}
    # Its function died after it had reserved and before it asked: nobody knows that it did not.
    unasked = [one for one in good if one["phone"] not in requests]
    for one in unasked:
        [delivery] = api.get("/v1/deliveries", phone=one["phone"]).json()["items"]
        assert delivery["status"] == "unknown"
    progress.say(f"asked for once: {len(requests)}; died before the request: {len(unasked)}")
    assert len(unasked) <= len(deaths)


def command(number: int) -> dict[str, Any]:
    phone, key = fresh_phone("RU", "11"), f"proof-{secrets.token_hex(8)}"
    fields: dict[str, Any] = {"client": "local", "idempotency_key": key, "phone": phone}
    if number % 2:
        step = {"channel": "password_call", "timeout_seconds": 900}
        return {"command": "start_verification", "workflow": [step], **fields}
    return {"command": "send_password_call", "code": "4821", **fields}


def poison(number: int) -> str:
    """A command that cannot be carried out, each for another reason."""
    good = {**command(0), "idempotency_key": f"poison-{number}-{secrets.token_hex(4)}"}
    return [
        json.dumps({**good, "phone": good["phone"][:-3]}),
        json.dumps(good)[:-2],
        json.dumps({**good, "command": "send_fax"}),
        json.dumps({**good, "client": "No such name"}),
        json.dumps({**good, "metadata": {"n": [good["phone"]]}}),
        json.dumps({**good, "code": "4821" * 3}),
        json.dumps({"detail-type": "ringpass.command", "detail": good}),
        f"{good['phone']} 4821 {number}",
    ][number % 8]


def put_all(
    stack: Stack, queue: str, bodies: list[str], bad: set[str]
) -> tuple[set[str], set[str]]:
    """Put all messages; the ids of the bad ones and of the good ones."""
    ids: dict[bool, set[str]] = {True: set(), False: set()}
    for chunk in batched(bodies, 10, strict=False):
        entries = [{"Id": str(n), "MessageBody": body} for n, body in enumerate(chunk)]
        answer = stack.queues().send_message_batch(QueueUrl=queue, Entries=entries)  # type: ignore[arg-type]
        assert not answer.get("Failed")
        for one in answer["Successful"]:
            ids[chunk[int(one["Id"])] in bad].add(one["MessageId"])
    return ids[True], ids[False]


def waiting(stack: Stack, queue: str) -> int:
    """How many messages are in the queue, visible or not."""
    attributes = stack.queues().get_queue_attributes(
        QueueUrl=queue,
        AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
    )["Attributes"]
    return sum(map(int, attributes.values()))


def take_all(stack: Stack, queue: str) -> list[dict[str, Any]]:
    letters = []
    while (
        messages := stack.queues()
        .receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
        .get("Messages")
    ):
        for message in messages:
            letters.append(json.loads(message["Body"]))
            stack.queues().delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return letters


@contextmanager
def killed_at_random(stack: Stack, deaths: list[int]) -> Iterator[None]:
    """Kill a process of the function again and again."""
    over = threading.Event()

    def kill() -> None:
        while not over.wait(RANDOM.uniform(0.5, 1.5) * EACH_SECONDS):
            if processes := workers(stack, FUNCTION):
                deaths.append(RANDOM.choice(processes))
                end(deaths[-1])

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        yield
    finally:
        over.set()
        killer.join()

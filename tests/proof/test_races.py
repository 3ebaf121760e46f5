"""Requests that come at once: one call for one key, one end for one call."""

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import groupby
from typing import Any

from local.stack import Stack
from tests.e2e.conftest import Api, Sandbox, fresh_phone

POSTS = 40
CALLS = 12
FINAL = {"answered", "busy", "no_answer", "refused", "billing_failed", "unreachable", "failed"}
STREAM_SECONDS = 2.5
"""The local cloud looks at a stream four times a second."""
# Cause and final status of ten CDRs that cannot all be true.
CDRS = [
    *[(16, "ANSWER"), (17, "CANCEL"), (16, "CANCEL"), (31, "CANCEL"), (41, "CANCEL")],
    *[(20, "CANCEL"), (1, "CANCEL"), (21, "CANCEL"), (28, "CANCEL"), (34, "CANCEL")],
]
CHANNELS: list[tuple[str, str, dict[str, object]]] = [
    ("/v1/password-calls", "RU", {"code": "1234"}),
    ("/v1/voice-otp", "VN", {"otp": "1234"}),
    ("/v1/zns", "VN", {"template": 366}),
]


def at_once[T](calls: list[Callable[[], T]]) -> list[T]:
    """Start all calls at the same moment, in a thread each; gives what they return."""
    gate = threading.Barrier(len(calls))

    def run(call: Callable[[], T]) -> T:
        gate.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_forty_posts_with_one_key(
    api: Api, sandbox: Sandbox, rounds: Callable[[], Iterator[int]]
) -> None:
    for number in rounds():
        path, country, fields = CHANNELS[number % len(CHANNELS)]
        phone, key = fresh_phone(country), secrets.token_hex(8)
        post = partial(api.post, path, {"phone": phone, **fields}, key=key)
        answers = at_once([post] * POSTS)
        assert {answer.status_code for answer in answers} <= {202, 409}
        accepted = [answer for answer in answers if answer.status_code == 202]
        assert len({answer.json()["id"] for answer in accepted}) == 1
        assert sum("Idempotent-Replayed" not in answer.headers for answer in accepted) == 1
        codes = {answer.json()["code"] for answer in answers if answer.status_code == 409}
        assert codes <= {"in_progress"}
        assert len(sandbox.requests(phone)) == 1
        assert post().headers["Idempotent-Replayed"] == "true"
        assert len(sandbox.requests(phone)) == 1


def start_processes(api: Api, sandbox: Sandbox) -> None:
    """Have as many processes of sender and webhook as there will be calls at once.

    The provider waits with its reply until its CDR is taken. If a dozen processes had to be started
    for that first, the sender would give up, and rightly: its reply took ten seconds.
    """
    bodies = [{"phone": fresh_phone("RU", "10"), "code": "1234"} for _ in range(CALLS)]
    calls = at_once([partial(api.post, "/v1/password-calls", body) for body in bodies])
    refs = [call.json()["provider_ref"] for call in calls]
    cdr = partial(sandbox.control, "cdr", q931_status=17, final_status="CANCEL")
    at_once([partial(cdr, verification_call_uuid=ref) for ref in refs])


def test_cdrs_that_come_before_their_replies(
    api: Api, stack: Stack, sandbox: Sandbox, rounds: Callable[[], Iterator[int]]
) -> None:
    start_processes(api, sandbox)
    for _ in rounds():
        phones = [fresh_phone("RU", "08") for _ in range(CALLS)]
        bodies = [{"phone": phone, "code": "1234"} for phone in phones]
        answers = at_once([partial(api.post, "/v1/password-calls", body) for body in bodies])
        for phone, answer in zip(phones, answers, strict=True):
            assert answer.status_code == 202, answer.text
            delivery = answer.json()
            # Both halves had come when it was answered.
            assert delivery["status"] == "answered"
            statuses = [entry["status"] for entry in delivery["history"]]
            assert statuses == ["reserved", "accepted", "answered"]
            assert reference(stack, delivery)["cdr_count"] == {"N": "1"}
            assert len(sandbox.requests(phone)) == 1
            assert api.delivery(delivery["id"]) == delivery


def test_ten_cdrs_that_contradict_each_other(
    api: Api, stack: Stack, sandbox: Sandbox, rounds: Callable[[], Iterator[int]]
) -> None:
    for _ in rounds():
        body = {"phone": fresh_phone("RU", "10"), "code": "1234"}
        delivery = api.post("/v1/password-calls", body).json()
        cdr = partial(sandbox.control, "cdr", verification_call_uuid=delivery["provider_ref"])
        with watching(api, delivery["id"]) as statuses_over_time:
            results = at_once(
                [
                    partial(cdr, q931_status=cause, final_status=final_status)
                    for cause, final_status in CDRS
                ]
            )
        assert [answer["deliveries"][0]["status"] for answer in results] == [200] * len(CDRS)
        after = api.delivery(delivery["id"])
        assert after["status"] in FINAL
        # The first definite one stands: no reader saw another, or one that was taken back.
        assert [status for status, _ in groupby([*statuses_over_time, after["status"]])] in (
            ["accepted", after["status"]],
            [after["status"]],
        )
        statuses = [entry["status"] for entry in after["history"]]
        assert statuses[:2] == ["reserved", "accepted"]
        assert set(statuses[2:]) == {after["status"]}
        first, *later = [str(entry["reason"]) for entry in after["history"][2:]]
        assert first == after["reason"]
        assert all(reason.startswith("later_cdr_") for reason in later)
        assert reference(stack, after)["cdr_count"] == {"N": str(len(CDRS))}
        # The stream sees all of it too, and changes nothing.
        time.sleep(STREAM_SECONDS)
        assert api.delivery(delivery["id"]) == after


@contextmanager
def watching(api: Api, delivery_id: str) -> Iterator[list[str]]:
    """The statuses that a reader sees, one after the other, while the block runs."""
    statuses: list[str] = []
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            statuses.append(api.delivery(delivery_id)["status"])

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield statuses
    finally:
        over.set()
        watcher.join()


def reference(stack: Stack, delivery: dict[str, Any]) -> dict[str, Any]:
    """The item in which the reply and the CDRs of a call meet."""
    key = {"PK": {"S": f"REF#mcn#{delivery['provider_ref']}"}, "SK": {"S": "REF"}}
    response = stack.dynamodb().get_item(TableName=stack.table, Key=key, ConsistentRead=True)
    item: dict[str, Any] = response["Item"]
    return item

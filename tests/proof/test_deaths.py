"""The sender is ended while it sends: whatever the moment, no second call, and the right end."""

import secrets
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from local.stack import Stack
from tests.e2e.conftest import Api, Sandbox, fresh_phone
from tests.proof.rounds import until
from tests.proof.workers import CAN_BE_FOUND, end, workers

CALLS = 6
REPLY_SECONDS = 1.0
"""How long the provider's reply takes, so that a moment is found between reserve and finish."""
START_SECONDS = 30.0
"""How long a first request may take until the provider is asked, on a busy machine."""
PATIENCE_SECONDS = 120.0
"""A delivery is given up after 29 s; then its CDR is joined by the called number."""
MADE = {202, 409}


@pytest.mark.skipif(not CAN_BE_FOUND, reason="finds processes by their environment, in /proc")
def test_a_sender_that_is_ended_at_any_moment(
    api: Api, stack: Stack, sandbox: Sandbox, rounds: Callable[[], Iterator[int]]
) -> None:
    sandbox.control("settings", slow_reply_seconds=REPLY_SECONDS)
    moments = secrets.SystemRandom()
    deaths = 0
    for number in rounds():
        calls = [
            ({"phone": fresh_phone("RU", "11"), "code": "1234"}, secrets.token_hex(8))
            for _ in range(CALLS)
        ]

        def post(call: tuple[dict[str, str], str]) -> int:
            body, key = call
            return api.post("/v1/password-calls", body, key=key).status_code

        with ThreadPoolExecutor(CALLS) as pool:
            answers = pool.map(post, calls)
            if number == 1:  # This once, surely between reserve and finish.
                until(partial(has_request, sandbox, calls), bool, START_SECONDS)
            else:
                time.sleep(moments.uniform(0, 1.5 * REPLY_SECONDS))
            for worker in workers(stack, "SendPasswordCallFunction"):
                end(worker)
            first = list(answers)
        deaths += sum(status not in MADE for status in first)
        # A client that saw its request fail asks again at once: at most it is told to wait.
        with ThreadPoolExecutor(CALLS) as pool:
            assert set(pool.map(post, calls)) <= MADE
        for call in calls:
            check_end(api, sandbox, *call)
    assert deaths, "no sender was ended while it was at work"


def has_request(sandbox: Sandbox, calls: list[tuple[dict[str, str], str]]) -> bool:
    """Whether the provider was asked for one of these calls."""
    return any(sandbox.requests(body["phone"]) for body, _ in calls)


def check_end(api: Api, sandbox: Sandbox, body: dict[str, str], key: str) -> None:
    """One request at the most; `answered` if there was one, by its CDR, else `unknown`."""

    def replay() -> dict[str, Any]:
        answer = api.post("/v1/password-calls", body, key=key)
        assert answer.status_code in MADE, answer.text
        if answer.status_code == 202:
            assert answer.headers["Idempotent-Replayed"] == "true"
        delivery: dict[str, Any] = answer.json()
        return delivery

    def expected() -> str:
        return "answered" if sandbox.requests(body["phone"]) else "unknown"

    delivery = until(replay, lambda current: current.get("status") == expected(), PATIENCE_SECONDS)
    assert len(sandbox.requests(body["phone"])) <= 1
    statuses = [entry["status"] for entry in delivery["history"]]
    assert statuses[0] == "reserved"
    assert statuses[-1] == expected()
    assert len(api.get("/v1/deliveries", phone=body["phone"]).json()["items"]) == 1

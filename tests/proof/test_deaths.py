"""The sender is ended while it sends: whatever the moment, no second call, and the right end."""

import secrets
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from local.stack import Stack
from tests.e2e.conftest import Api, Sandbox, fresh_phone
from tests.proof.rounds import until
from tests.proof.workers import end, workers

CALLS = 6
REPLY_SECONDS = 1.0
"""How long the provider's reply takes, so that a moment is found between reserve and finish."""
PATIENCE_SECONDS = 120.0
"""A delivery is given up after 29 s; then its CDR is joined by the called number."""
MADE = {202, 409}


def test_a_sender_that_is_ended_at_any_moment(
    api: Api, stack: Stack, sandbox: Sandbox, rounds: Callable[[], Iterator[int]]
) -> None:
    sandbox.control("settings", slow_reply_seconds=REPLY_SECONDS)
    moments = secrets.SystemRandom()
    ended = 0
    for _ in rounds():
        calls = [
            ({"phone": fresh_phone("RU", "11"), "code": "1234"}, secrets.token_hex(8))
            for _ in range(CALLS)
        ]

        def post(call: tuple[dict[str, str], str]) -> int:
            body, key = call
            return api.post("/v1/password-calls", body, key=key).status_code

        with ThreadPoolExecutor(CALLS) as pool:
            answers = pool.map(post, calls)
            time.sleep(moments.uniform(0, 1.5 * REPLY_SECONDS))
            for worker in workers(stack, "SendPasswordCallFunction"):
                end(worker)
            first = list(answers)
        ended += sum(status not in MADE for status in first)
        # A client that saw its request fail asks again at once: at most it is told to wait.
        with ThreadPoolExecutor(CALLS) as pool:
            assert set(pool.map(post, calls)) <= MADE
        for call in calls:
            check_end(api, sandbox, *call)
    assert ended, "no sender was ended while it was at work"


def check_end(api: Api, sandbox: Sandbox, body: dict[str, str], key: str) -> None:
    """One request at the most; `answered` if there was one, by its CDR, else `unknown`."""

    def replay() -> dict[str, Any]:
        answer = api.post("/v1/password-calls", body, key=key)
        assert answer.status_code in MADE, answer.text
        if answer.status_code == 202:
            assert answer.headers["Idempotent-Replayed"] == "true"
        found: dict[str, Any] = answer.json()
        return found

    requests = sandbox.requests(body["phone"])
    assert len(requests) <= 1
    expected = "answered" if requests else "unknown"
    delivery = until(replay, lambda seen: seen.get("status") == expected, PATIENCE_SECONDS)
    assert len(sandbox.requests(body["phone"])) == len(requests)
    told = [entry["status"] for entry in delivery["history"]]
    assert told[0] == "reserved"
    assert told[-1] == expected
    assert len(api.get("/v1/deliveries", phone=body["phone"]).json()["items"]) == 1

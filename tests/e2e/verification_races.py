"""What may happen to a verification at the same moment, two causes at a time.

Each race is one round on the deployed stack; the sandbox's ledger is the witness. A few rounds are
in every run of the tests, many in ``make proof``.
"""

import json
import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import httpx

from local.stack import Stack
from tests.e2e.conftest import Api, Sandbox, fresh_phone, invoke

LONG_AGO: Final = "2020-01-01T00:00:00.000Z"
WORKFLOW: Final = [
    {"channel": "password_call", "timeout_seconds": 900},
    {"channel": "voice_otp", "timeout_seconds": 900},
    {"channel": "password_call", "timeout_seconds": 900},
]
# The local cloud looks at a stream four times a second, and a message wakes a function.
_STILL_SECONDS: Final = 1.25
_PATIENCE_SECONDS: Final = 30.0


def age(stack: Stack, verification_id: str, **instants: str) -> None:
    """Set instants of a verification back."""
    stack.dynamodb().update_item(
        TableName=stack.table,
        Key={"PK": {"S": f"VER#{verification_id}"}, "SK": {"S": "VER"}},
        UpdateExpression="SET " + ", ".join(f"{name} = :{name}" for name in instants),
        ExpressionAttributeValues={f":{name}": {"S": text} for name, text in instants.items()},
    )


def deliver_timer(stack: Stack, verification_id: str) -> None:
    """A timer's message comes to `advance`."""
    task = {"do": "move", "due_at": LONG_AGO, "verification_id": verification_id}
    record = {
        "messageId": secrets.token_hex(8),
        "body": json.dumps(task),
        "eventSource": "aws:sqs",
        "attributes": {},
        "messageAttributes": {},
    }
    failed, answer = invoke(stack, "AdvanceFunction", json.dumps({"Records": [record]}))
    assert not failed, answer
    assert answer == {"batchItemFailures": []}


@dataclass(frozen=True)
class Round:
    """A verification whose first call nobody has answered yet, and those who act on it."""

    api: Api
    stack: Stack
    sandbox: Sandbox
    id: str
    phone: str
    ref: str

    @classmethod
    def begin(cls, api: Api, stack: Stack, sandbox: Sandbox) -> "Round":
        """Start one; its CDRs come when this says so."""
        phone = fresh_phone("VN", "10")
        answer = api.post("/v1/verifications", {"phone": phone, "workflow": WORKFLOW})
        assert answer.status_code == 201, answer.text
        verification = answer.json()
        return cls(
            api,
            stack,
            sandbox,
            verification["id"],
            phone,
            verification["deliveries"][0]["provider_ref"],
        )

    def path(self, action: str) -> str:
        """The path of an action."""
        return f"/v1/verifications/{self.id}/{action}"

    def read(self) -> dict[str, Any]:
        """The verification as it is."""
        verification: dict[str, Any] = self.api.get(f"/v1/verifications/{self.id}").json()
        return verification

    def timer(self) -> None:
        """The step's time is over."""
        deliver_timer(self.stack, self.id)

    def cdr(self) -> None:
        """The line was busy."""
        reply = self.sandbox.control(
            "cdr", verification_call_uuid=self.ref, q931_status=17, final_status="CANCEL"
        )
        assert reply["deliveries"][0]["status"] == 200

    def next(self) -> httpx.Response:
        """The caller asks for the next step."""
        return self.api.post(self.path("next"), {})

    def cancel(self) -> httpx.Response:
        """The caller cancels."""
        return self.api.post(self.path("cancel"), {})

    def check(self) -> httpx.Response:
        """The right code comes."""
        url = f"{self.sandbox.url}/_sandbox/code"
        code = self.sandbox.http.get(url, params={"phone": self.phone}).json()["code"]
        return self.api.post(self.path("check"), {"code": code})

    def settled(self) -> dict[str, Any]:
        """The verification once stream and queue have nothing more to say of it."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        last, since = self.read(), time.monotonic()
        while time.monotonic() - since < _STILL_SECONDS:
            assert time.monotonic() < deadline, "it does not come to rest"
            time.sleep(0.2)
            now = self.read()
            if now != last:
                last, since = now, time.monotonic()
        return last

    def witnessed(self) -> dict[str, Any]:
        """What is true of every race, after it."""
        verification = self.settled()
        entered = [line["step"] for line in verification["history"] if line["event"] == "sent"]
        assert entered == sorted(set(entered)), "a step was entered twice"
        requests = self.sandbox.requests(self.phone)
        assert len(requests) == len(verification["deliveries"]) == len(entered)
        own = [line["event"] for line in verification["history"] if line["event"] != "outcome"]
        assert "ended" not in own or own[-1] == "ended", "something was done after the end"
        return verification


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Start all at the same moment, in a thread each; gives what they return."""
    gate = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        gate.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def timer_and_cdr(one: Round) -> None:
    age(one.stack, one.id, step_due_at=LONG_AGO)
    at_once(one.timer, one.cdr)
    verification = one.witnessed()
    assert verification["step"] == 2
    assert [each["status"] for each in verification["deliveries"]] == ["busy", "accepted"]


def cdr_and_next(one: Round) -> None:
    _, answer = at_once(one.cdr, one.next)
    assert answer.status_code == 200, answer.text
    # Whoever asks after the CDR has moved it on asks for the step after that.
    assert one.witnessed()["step"] in (2, 3)


def check_and_timer(one: Round) -> None:
    age(one.stack, one.id, step_due_at=LONG_AGO)
    answer, _ = at_once(one.check, one.timer)
    assert answer.json()["status"] == "approved", answer.text
    verification = one.witnessed()
    assert (verification["status"], verification["step"] in (1, 2)) == ("approved", True)


def cancel_and_cdr(one: Round) -> None:
    answer, _ = at_once(one.cancel, one.cdr)
    assert answer.json()["status"] == "canceled", answer.text
    verification = one.witnessed()
    assert (verification["status"], verification["step"] in (1, 2)) == ("canceled", True)


def two_timers(one: Round) -> None:
    age(one.stack, one.id, step_due_at=LONG_AGO)
    at_once(one.timer, one.timer)
    assert one.witnessed()["step"] == 2


def two_checks(one: Round) -> None:
    answers = at_once(one.check, one.check)
    results = sorted((each.status_code, each.json().get("status")) for each in answers)
    assert results[0] == (200, "approved")
    assert [status for status, _ in results] == [200, 409]
    assert one.witnessed()["status"] == "approved"


def all_at_once(one: Round) -> None:
    age(one.stack, one.id, step_due_at=LONG_AGO)
    at_once(one.timer, one.cdr, one.next, one.check, one.cancel, one.timer)
    assert one.witnessed()["status"] in ("approved", "canceled")


RACES: Final = (
    timer_and_cdr,
    cdr_and_next,
    check_and_timer,
    cancel_and_cdr,
    two_timers,
    two_checks,
    all_at_once,
)
"""Each plays one round."""

"""Figures and events are exact: whatever the stream does, a recount of the records says the same.

A client's verifications take every turn that there is. Meanwhile the outbox gets records of the
stream twice, in any order and before their time, records of items as they are now, and is ended
while it counts; afterwards it gets all of the stream again.
"""

import random
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

import httpx
import pytest

from local.progress import Progress
from local.seeding import EVERYTHING, SETTINGS
from local.stack import Stack
from ringpass.events.model import Event
from tests.e2e.conftest import Api, Sandbox, new_key
from tests.e2e.event_recount import differences as event_differences
from tests.e2e.event_recount import events_of, items_of
from tests.e2e.recount import Figures, both
from tests.e2e.replay import Record, Stream, image, replay, touched
from tests.proof.conftest import api_with
from tests.proof.rounds import VERIFICATIONS, until
from tests.proof.workers import CAN_BE_FOUND, end, workers

CALLERS = 10
AT_A_TIME = 50
"""Records in one event."""
SHORTEST, LONGEST = 3.0, 12.0
"""Seconds from one death of the outbox to the next: it gets something done in between."""
REST_SECONDS = 300.0 + 1.5 * VERIFICATIONS
"""Until the queue has nothing due any more: each record that comes again asks for a look at its
verification, and the local cloud gives the queue's messages out one after the other."""
SCAN_SECONDS = 20.0
"""From one look at all of the table to the next: while it is read, the local cloud does little
else."""
PATIENCE_SECONDS = 120.0
"""From then to the right figures."""
LOOK_SECONDS = 10.0
AGAIN = 1_500
"""Records that the outbox gets once more at the end, twice, at the most."""
TRIES = 5
PREFIXES: Final = {"VN": ("+8498", "+8490", "+8435"), "RU": ("+7916", "+7903", "+7925")}
# Numbers that no other proof uses.
_FIRST_NUMBER: Final = 50_000

zns = {"channel": "zns", "timeout_seconds": 600}
voice = {"channel": "voice_otp", "timeout_seconds": 600}
call = {"channel": "password_call", "timeout_seconds": 600}


@dataclass(frozen=True)
class Case:
    """A turn that a verification takes.

    Attributes:
        country: Of the number.
        digits: Its last two, which choose what the sandbox does.
        workflow: Its steps.
        then: What its caller does after the start.
        also: Further fields of the start.
    """

    country: str
    digits: str
    workflow: list[dict[str, Any]]
    then: Callable[["Caller"], None]
    also: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Caller:
    """Who has a verification, and what becomes of it."""

    api: Api
    sandbox: Sandbox
    case: Case
    number: int
    phone: str
    id: str

    @classmethod
    def start(cls, api: Api, sandbox: Sandbox, number: int) -> "Caller":
        """Start the verification of this number."""
        case = CASES[number % len(CASES)]
        prefixes = PREFIXES[case.country]
        prefix = prefixes[number % len(prefixes)]
        phone = f"{prefix}{_FIRST_NUMBER + number}{case.digits}"
        body = {"phone": phone, "workflow": case.workflow, **case.also}
        verification = post(api, "/v1/verifications", body, 201)
        return cls(api, sandbox, case, number, phone, verification["id"])

    def leave(self) -> None:
        """Nothing more."""

    def approve(self) -> None:
        """Check the right code."""
        assert self.check(self.heard()) == "approved"

    def err_first(self) -> None:
        """Check a wrong code, then the right one."""
        code = self.heard()
        assert self.check(another(code)) == "pending"
        assert self.check(code) == "approved"

    def err(self) -> None:
        """Check a wrong code, for which there is but one attempt."""
        assert self.check(another(self.heard())) == "max_attempts_reached"

    def cancel(self) -> None:
        """Cancel it."""
        assert self.post("cancel", {})["status"] == "canceled"

    def ask_next(self) -> None:
        """Ask for the next step, then check the right code."""
        assert self.post("next", {})["step"] == 2
        self.approve()

    def start_again(self) -> None:
        """Start another for the same phone, and approve that."""
        again = self.start(self.api, self.sandbox, self.number)
        assert again.id != self.id
        again.approve()

    def heard(self) -> str:
        """The code that the callee heard or read last."""
        url = f"{self.sandbox.url}/_sandbox/code"
        code: str = self.sandbox.http.get(url, params={"phone": self.phone}).json()["code"]
        return code

    def check(self, code: str) -> str:
        """What a check of this code says."""
        status: str = self.post("check", {"code": code})["status"]
        return status

    def post(self, action: str, body: object) -> dict[str, Any]:
        """What is answered to an action."""
        return post(self.api, f"/v1/verifications/{self.id}/{action}", body, 200)


SOON: Final = {"expires_in": 60}
NOT_SOON: Final = {"expires_in": 86_400}
_SHORT: Final = {"timeout_seconds": 15}
CASES: Final = (
    Case("VN", "99", [zns], Caller.approve),
    Case("VN", "99", [call], Caller.approve),
    Case("RU", "99", [call], Caller.approve),
    # Busy, then the next step, before or after the code is checked.
    Case("VN", "01", [call, voice], Caller.approve),
    # Left alone: time moves it on, to its last step and past that.
    Case("VN", "01", [call, zns | _SHORT, voice | _SHORT], Caller.leave, NOT_SOON),
    Case("RU", "01", [call, call], Caller.leave, NOT_SOON),
    # Refused by the provider, by the operator; not answered.
    Case("VN", "12", [zns, call, voice], Caller.leave, NOT_SOON),
    Case("VN", "03", [call, zns], Caller.approve),
    Case("VN", "02", [call, voice], Caller.cancel),
    # Cut after the request was read: unknown, and joined by the number if a CDR comes.
    Case("RU", "07", [call], Caller.approve),
    Case("VN", "07", [voice | _SHORT, call], Caller.leave, SOON),
    Case("VN", "06", [voice], Caller.leave, SOON),
    # The number cannot be called: a message, then.
    Case("VN", "17", [call, voice, zns], Caller.approve),
    Case("VN", "99", [voice], Caller.err_first),
    Case("RU", "10", [call], Caller.err, {"attempts": 1}),
    Case("VN", "99", [zns | _SHORT, voice], Caller.leave, SOON),
    Case("VN", "99", [zns, voice], Caller.ask_next),
    Case("VN", "99", [voice], Caller.cancel),
    Case("RU", "09", [call], Caller.approve),
    Case("RU", "08", [call], Caller.cancel),
    Case("VN", "99", [voice, call], Caller.start_again),
    Case("RU", "10", [call | _SHORT], Caller.leave, NOT_SOON),
)


def post(api: Api, path: str, body: object, expected: int) -> dict[str, Any]:
    """What is answered; asked again, as the same request, where nobody could answer."""
    key = secrets.token_hex(8)
    for _ in range(TRIES):
        answer = api.post(path, body, key=key)
        if answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR:
            break
        time.sleep(1)
    assert answer.status_code == expected, answer.text
    content: dict[str, Any] = answer.json()
    return content


def another(code: str) -> str:
    """A code of the same length that is not this one."""
    return str((int(code) + 1) % 10 ** len(code)).zfill(len(code))


@dataclass
class Trouble:
    """Makes the stream bad for the outbox, and ends it while it counts.

    Attributes:
        stack: Whose outbox.
        client: Whose records.
        records: Those that have come.
        replayed: How many the outbox was given, over and above.
        ended: How many of its processes were ended.
    """

    stack: Stack
    client: str
    records: list[Record] = field(default_factory=list)
    replayed: int = 0
    ended: int = 0

    @contextmanager
    def made(self) -> Iterator[None]:
        """While the block runs."""
        over = threading.Event()
        chance = random.Random(17)  # noqa: S311 - shuffles
        with ThreadPoolExecutor(2) as pool:
            futures = [
                pool.submit(self._misorder, Stream(self.stack), over, chance),
                pool.submit(self._end, over, secrets.SystemRandom()),
            ]
            try:
                yield
            finally:
                over.set()
        for one in futures:
            one.result()

    def _misorder(self, stream: Stream, over: threading.Event, chance: random.Random) -> None:
        while not over.wait(0.2):
            new = [record for record in stream.read() if self._is_counted(record)]
            self.records += new
            # Twice and in any order, and mostly before the stream itself brings them.
            some = chance.sample(new, k=min(len(new), AT_A_TIME // 4))
            some += chance.choices(self.records, k=AT_A_TIME // 5) if self.records else []
            some += touched(self.stack, some[: AT_A_TIME // 10])
            some += chance.sample(some, k=len(some) // 3)
            chance.shuffle(some)
            if some:
                replay(self.stack, some)
                self.replayed += len(some)

    def _end(self, over: threading.Event, chance: random.Random) -> None:
        while not over.wait(chance.uniform(SHORTEST, LONGEST)):
            processes = workers(self.stack, "OutboxFunction")
            for worker in processes:
                end(worker)
            self.ended += len(processes)

    def _is_counted(self, record: Record) -> bool:
        item = image(record)
        ours = item.get("client", {}).get("S") == self.client
        return ours and item["entity"]["S"] in ("delivery", "verification")

    def again(self) -> None:
        """Give the outbox what came once more: twice, in any order."""
        chance = random.Random(18)  # noqa: S311 - shuffles
        some = chance.sample(self.records, k=min(len(self.records), AGAIN))
        some += some
        chance.shuffle(some)
        batches = [some[at : at + AT_A_TIME] for at in range(0, len(some), AT_A_TIME)]
        with ThreadPoolExecutor(2) as pool:
            assert all(pool.map(partial(replay, self.stack), batches))
        self.replayed += len(some)


@pytest.fixture(scope="module")
def client() -> str:
    return "recounted"


@pytest.fixture(scope="module")
def own(stack: Stack, client: str) -> Iterator[Api]:
    """Of a client of its own, to which no limit says no."""
    key = new_key(stack, client, EVERYTHING)
    with api_with(stack, key) as api:
        settings: dict[str, Any] = {**SETTINGS}
        settings["limits"] = settings["limits"] | {
            "daily_money": {"RUB": "1000000", "VND": "1000000000"}
        }
        answer = api.http.put(f"{api.url}/v1/settings", json=settings)
        assert answer.status_code == 200, answer.text
        yield api


@pytest.mark.skipif(not CAN_BE_FOUND, reason="finds processes by their environment, in /proc")
def test_figures_and_events_equal_a_recount_whatever_the_stream_does(
    stack: Stack, sandbox: Sandbox, own: Api, client: str
) -> None:
    progress, trouble, start = Progress(), Trouble(stack, client), time.monotonic()
    with progress.step(f"{VERIFICATIONS} verifications, with a bad stream"), trouble.made():
        play_all(own, sandbox, progress)
    with progress.step("the last timers run"):
        until(
            partial(moving, stack, client),
            lambda verifications: verifications == 0,
            REST_SECONDS,
            SCAN_SECONDS,
        )
        until(partial(due, stack), lambda messages: messages == 0, REST_SECONDS)
    with progress.step("the figures come to be right"):
        in_step(own, stack, client)
    with progress.step("each fact is an event"):
        events = events_in_step(stack, client)
    with progress.step("the stream once more, in any order"):
        trouble.again()
        until(partial(due, stack), lambda messages: messages == 0, REST_SECONDS)
        figures = in_step(own, stack, client)
        assert events.items() <= events_in_step(stack, client).items()
    starts = sum(of.get("started", 0) for of in figures.statistics.values())
    sends = sum(of.get("sends", 0) for of in figures.statistics.values())
    assert starts == VERIFICATIONS + sum(
        CASES[number % len(CASES)].then is Caller.start_again for number in range(VERIFICATIONS)
    )
    assert {currency for _, currency, _, _ in figures.costs} == {"RUB", "VND"}
    assert trouble.ended
    progress.say(
        f"  {starts} verifications, {sends} deliveries, {len(events)} events: the same as a "
        f"recount, with {trouble.replayed} records over and above and {trouble.ended} processes "
        f"ended, after {time.monotonic() - start:.0f} s"
    )


def play_all(api: Api, sandbox: Sandbox, progress: Progress) -> None:
    """Start all verifications, and do with each what is to be done."""
    count = 0
    tenth = max(1, VERIFICATIONS // 10)

    def play(number: int) -> None:
        caller = Caller.start(api, sandbox, number)
        # The same pauses in every run: before and after the CDR, which comes after a second.
        time.sleep(random.Random(number).uniform(0, 3))  # noqa: S311 - no secret
        caller.case.then(caller)

    with ThreadPoolExecutor(CALLERS) as pool:
        for _ in pool.map(play, range(VERIFICATIONS)):
            count += 1
            if count % tenth == 0:
                progress.say(f"  .. {count} of {VERIFICATIONS} verifications")


def moving(stack: Stack, client: str) -> int:
    """How many of a client's verifications will still do something within the hour.

    Its timer may not be due yet, so the queue does not tell.
    """
    soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    scan = stack.dynamodb().get_paginator("scan")
    pages = scan.paginate(
        TableName=stack.table,
        ConsistentRead=True,
        FilterExpression="entity = :entity AND client = :client AND #status = :pending "
        "AND (exhausted = :no OR ends_at < :soon)",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={
            ":entity": {"S": "verification"},
            ":client": {"S": client},
            ":pending": {"S": "pending"},
            ":no": {"BOOL": False},
            ":soon": {"S": soon},
        },
    )
    return sum(len(page["Items"]) for page in pages)


def due(stack: Stack) -> int:
    """How many messages of the queue are due or in work."""
    response = stack.queues().get_queue_attributes(
        QueueUrl=stack.outputs["AdvanceQueueUrl"],
        AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
    )
    return sum(map(int, response["Attributes"].values()))


def in_step(api: Api, stack: Stack, client: str) -> Figures:
    """The figures, once they are what a recount says."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        must, figures = both(api, stack, client)
        if must == figures:
            return figures
        assert time.monotonic() < deadline, differences(must, figures)
        time.sleep(LOOK_SECONDS)


def events_in_step(stack: Stack, client: str) -> dict[str, Event]:
    """A client's events by their ids, once each fact of its records is one, without gaps."""
    until(
        lambda: event_differences(items_of(stack, client)),
        lambda wrong: not wrong,
        PATIENCE_SECONDS,
        LOOK_SECONDS,
    )
    return {event.id: event for event in events_of(items_of(stack, client))}


def differences(must: Figures, figures: Figures) -> str:
    """Where figures are not what they must be."""
    lines = []
    for kind in ("statistics", "costs", "ledger"):
        expected, actual = getattr(must, kind), getattr(figures, kind)
        lines += [
            f"{kind} {'/'.join(of)}: {actual.get(of)}, but a recount says {expected.get(of)}"
            for of in sorted(expected.keys() | actual.keys())
            if actual.get(of) != expected.get(of)
        ]
    return "\n".join(lines)

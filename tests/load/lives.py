"""Whole lives of verifications on the instant servers, invocation by invocation.

Every function runs, in a process of its own: those behind the API, the outbox with what the table's
stream tells of each write, ``advance`` with what the outbox puts into its queue. Messages that are
due later are kept until the end of a life, and come then as if their time had passed.

    answered   a Password Call is answered, its code is right
    moved      a Password Call is busy, a voice OTP follows; a wrong code, then the right one
    given up   a Zalo message, the caller asks for the next channel, no code ever comes
"""

import json
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from itertools import count
from typing import IO, Any

from ringpass.aws.dynamodb_types import to_wire
from tests.load.capacity import Units, Wire, stored_bytes
from tests.load.functions import (
    CHECK,
    START,
    WEBHOOK,
    Runtime,
    cdr,
    environment,
    event,
    with_body,
    with_key,
)
from tests.load.instant import Asked, Instant, tally
from tests.load.instant_table import Change
from tests.load.process import Process, running

OUTBOX = "outbox"
ADVANCE = "advance"
PAST = "2020-01-01T00:00:00.000Z"
_WATCHED = ("delivery", "verification", "reference")
"""Entities whose changes the stream brings to the outbox, by the filter in the template."""
_KEPT = ("VER#", "DLV#", "REF#", "CNT#", "EVT#")
"""Keys of the items that stay until the retention is over."""
_CALL = {"channel": "password_call"}
_SETTINGS: Wire = {
    "PK": "CLI#local",
    "SK": "SETTINGS",
    "settings": {"countries": {"password_call": ["RU", "VN"]}},
    "version": 1,
}
"""By default no Vietnamese number is called by MCN."""
_VOICE = {"channel": "voice_otp", "scenario": "OTP-73104"}
_ZNS = {"channel": "zns", "template": 366}


@dataclass(frozen=True, slots=True)
class Part:
    """One invocation of a function.

    Attributes:
        what: What it did: ``start``, ``check right``, ``count: start`` (the outbox), ...
        function: The function.
        exchanges: The requests that it made.
        milliseconds: How long it took, on this machine, everybody answering at once.
        log_bytes: How much it logged.
    """

    what: str
    function: str
    exchanges: tuple[Asked, ...]
    milliseconds: float
    log_bytes: int

    @property
    def requests(self) -> Counter[str]:
        """Requests by service."""
        return tally(self.exchanges)

    @property
    def units(self) -> Units:
        """What its requests cost at DynamoDB, without the client's settings and scenarios."""
        return sum((each.units for each in self.exchanges if each.service == "dynamodb"), Units())


@dataclass(slots=True)
class Stage:
    """The functions' processes, and what happened."""

    runtime: Runtime
    aws: Instant
    stack: ExitStack
    parts: list[Part] = field(default_factory=list)
    later: list[str] = field(default_factory=list)
    _processes: dict[str, tuple[Process, IO[bytes]]] = field(default_factory=dict)

    def play(self, what: str, function: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Invoke a function, then all that follows of it at once."""
        process, log = self._process(function)
        self.aws.take()
        self.aws.table.changes.clear()
        log_start, started = log.tell(), time.perf_counter()
        answer = process.ask(payload)
        elapsed = (time.perf_counter() - started) * 1000
        if isinstance(answer, dict) and (
            answer.get("statusCode", 200) >= 300 or answer.get("batchItemFailures")
        ):
            raise RuntimeError(f"{function} answers {answer}")
        log.seek(0, 2)
        requests = tuple(self.aws.take())
        self.parts.append(Part(what, function, requests, elapsed, log.tell() - log_start))
        self._follow(self.aws.table.changes.copy(), requests)
        return answer or {}

    def pass_time(self, verification_id: str, over: str, comes_to: str) -> None:
        """Let a verification's ``step_due_at`` or ``ends_at`` be over, and the messages come.

        Args:
            verification_id: The verification.
            over: Name of what is over.
            comes_to: What the message does that finds it over.
        """
        item = self.aws.table.items[f"VER#{verification_id}", "VER"]
        item[over] = {"S": PAST}
        due, self.later = self.later, []
        for body in due:
            self._advance(json.loads(body) | {"due_at": PAST}, comes_to)

    def _process(self, function: str) -> tuple[Process, IO[bytes]]:
        if function not in self._processes:
            log = self.stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
            env = environment(function, self.aws.url)
            folders = self.runtime.folders(function)
            process = running(self.runtime.python, folders, env, log=log)
            self._processes[function] = self.stack.enter_context(process), log
        return self._processes[function]

    def _follow(self, writes: list[list[Change]], requests: tuple[Asked, ...]) -> None:
        for changes in writes:
            batch = [each for each in changes if _is_watched(each)]
            if batch:
                # As it is when there is little to do: each write comes in a batch of its own.
                self.play(_tells(batch), OUTBOX, {"Records": list(map(_record, batch))})
        for message in (each.body for each in requests if each.service == "queue"):
            if message.get("DelaySeconds", 0):
                self.later.append(message["MessageBody"])
            else:
                self._advance(json.loads(message["MessageBody"]))

    def _advance(self, task: dict[str, Any], comes_to: str = "move") -> None:
        """Bring a message; what it does shows in its requests."""
        [record] = event(ADVANCE, "move")["Records"]
        place = len(self.parts)
        waited = task["due_at"] == PAST
        what = "watch" if task["do"] == "give_up_reserved" else "timer" if waited else "look"
        self.play(what, ADVANCE, {"Records": [record | {"body": json.dumps(task)}]})
        if self.parts[place].units.writes:
            self.parts[place] = replace(self.parts[place], what=comes_to)


@dataclass(frozen=True, slots=True)
class Played:
    """A life that was played.

    Attributes:
        parts: Its invocations, in their order.
        kept_bytes: What it left in the table.
    """

    parts: tuple[Part, ...]
    kept_bytes: int


def play(runtime: Runtime, aws: Instant, rounds: int) -> list[dict[str, Played]]:
    """Every life, by its name, so many times.

    In the first round the functions start cold: what each does first there is a cold start's.
    """
    numbers = count(1)
    with ExitStack() as stack:
        aws.table.items["CLI#local", "SETTINGS"] = to_wire(_SETTINGS)
        stage = Stage(runtime, aws, stack)
        return [
            {what: _played(stage, live, next(numbers)) for what, live in LIVES.items()}
            for _ in range(rounds)
        ]


def _played(stage: Stage, live: Callable[[Stage, int], None], number: int) -> Played:
    before = set(stage.aws.table.items)
    stage.parts.clear()
    live(stage, number)
    new = [item for place, item in stage.aws.table.items.items() if place not in before]
    kept_bytes = sum(stored_bytes(item) for item in new if item["PK"]["S"].startswith(_KEPT))
    return Played(tuple(stage.parts), kept_bytes)


def _answered(stage: Stage, number: int) -> None:
    """A Password Call is answered, and its code is right."""
    verification, code = _start(stage, number, [_CALL, _VOICE])
    stage.play("CDR", WEBHOOK, cdr(stage.aws.references[-1], answered=True))
    _read_off(stage, verification)
    _check(stage, "check right", verification, code)
    stage.pass_time(verification, "ends_at", "expire")


def _moved(stage: Stage, number: int) -> None:
    """A Password Call is busy, a voice OTP follows; a wrong code, then the right one."""
    verification, code = _start(stage, number, [_CALL, _VOICE])
    stage.play("CDR", WEBHOOK, cdr(stage.aws.references[-1]))
    _check(stage, "check wrong", verification, f"{(int(code) + 1) % 10_000:04}")
    _read_off(stage, verification)
    _check(stage, "check right", verification, code)
    stage.pass_time(verification, "ends_at", "expire")


def _given_up(stage: Stage, number: int) -> None:
    """A voice OTP, the caller asks for the next channel, no code ever comes."""
    verification, _ = _start(stage, number, [_VOICE, _ZNS])
    request = with_body(event(START, "next"), {}, id=verification)
    stage.play("next", START, request)
    stage.pass_time(verification, "step_due_at", "exhaust")
    stage.pass_time(verification, "ends_at", "expire")


LIVES = {"answered": _answered, "moved": _moved, "given up": _given_up}


def _start(stage: Stage, number: int, workflow: list[dict[str, Any]]) -> tuple[str, str]:
    """Id and code of a new verification."""
    body = {"phone": f"+849839{number:05}", "workflow": workflow}
    request = with_key(with_body(event(START), body), f"life-{number}")
    verification = json.loads(stage.play("start", START, request)["body"])["id"]
    provider_body = next(
        each.body
        for part in stage.parts
        if part.what == "start"
        for each in part.exchanges
        if each.service == "provider"
    )
    return verification, str(provider_body.get("verification_code", ""))


def _check(stage: Stage, what: str, verification: str, code: str) -> None:
    stage.play(what, CHECK, with_body(event(CHECK, "check"), {"code": code}, id=verification))


def _read_off(stage: Stage, verification: str) -> None:
    """Somebody takes the time to read the code: its deliveries have been there for long."""
    for place in stage.aws.table.items:
        item = stage.aws.table.items[place]
        if place[1] == "DLV" and item.get("verification_id") == {"S": verification}:
            item["created_at"] = {"S": PAST}


def _is_watched(change: Change) -> bool:
    return change.after is not None and _entity(change) in _WATCHED


def _entity(change: Change) -> str:
    assert change.after is not None
    return str(change.after["entity"]["S"])


def _tells(changes: list[Change]) -> str:
    """What the stream tells with the records of one write."""
    new_entities = {_entity(each) for each in changes if each.before is None}
    if "verification" in new_entities:
        return "count: start"
    if "delivery" in new_entities:
        return "count: turn"
    [change] = changes
    assert change.after is not None
    if _entity(change) != "verification":
        return "count: outcome" if _entity(change) == "delivery" else "count: reference"
    status = change.after["status"]["S"]
    return f"count: {'guess' if status == 'pending' else status}"


def _record(change: Change) -> Wire:
    """A write as the stream tells it."""
    assert change.after is not None
    images: Wire = {
        "Keys": {name: change.after[name] for name in ("PK", "SK")},
        "NewImage": change.after,
    }
    if change.before is None:
        return {"eventName": "INSERT", "dynamodb": images}
    return {"eventName": "MODIFY", "dynamodb": images | {"OldImage": change.before}}

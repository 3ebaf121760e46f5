"""Cold starts: from the start of the process to its first answer."""

import copy
import json
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.load.functions import (
    BARE_PUT,
    CHECK,
    SENDERS,
    START,
    WEBHOOK,
    Runtime,
    bare_environment,
    cdr,
    environment,
    event,
    with_body,
    with_key,
)
from tests.load.instant import Instant
from tests.load.process import running

BARE = "one boto3 put"


@dataclass(frozen=True, slots=True)
class Start:
    """Something that is started cold."""

    name: str
    folders: list[Path]
    env: dict[str, str]
    event: object
    status: int


def measure(runtime: Runtime, aws: Instant, rounds: int) -> dict[str, list[float]]:
    """Milliseconds of each start, round by round.

    In a round each is started once, so that what slows the machine down slows all of them. The
    first round is not counted: it warms the disk's cache.
    """
    starts = _starts(runtime, aws)
    before = copy.deepcopy(aws.table.items)
    durations: dict[str, list[float]] = {start.name: [] for start in starts}
    for number in range(rounds + 1):
        for start in starts[number % len(starts) :] + starts[: number % len(starts)]:
            aws.table.items = copy.deepcopy(before)
            elapsed = _once(runtime.python, start)
            if number:
                durations[start.name].append(elapsed)
    return durations


def ratio(durations: dict[str, list[float]], name: str, to: str = BARE) -> float:
    """The median over all rounds of one start's time to another's in the same round."""
    return median(
        ours / theirs for ours, theirs in zip(durations[name], durations[to], strict=True)
    )


def _once(python: Path, start: Start) -> float:
    with running(python, start.folders, start.env) as process:
        answer = process.ask(start.event)
        elapsed = time.perf_counter() - process.started
    if answer["statusCode"] != start.status:
        raise RuntimeError(f"{start.name} answers {answer}")
    return elapsed * 1000


def _starts(runtime: Runtime, aws: Instant) -> list[Start]:
    # A call that waits for its CDR.
    mcn = "send_password_call"
    with running(runtime.python, runtime.folders(mcn), environment(mcn, aws.url)) as process:
        process.ask(event(mcn))
    senders = [
        Start(name, runtime.folders(name), environment(name, aws.url), event(name), 202)
        for name in SENDERS
    ]
    webhook = Start(
        WEBHOOK,
        runtime.folders(WEBHOOK),
        environment(WEBHOOK, aws.url),
        cdr(aws.references[-1]),
        200,
    )
    # Without a template, a scenario or a setting of its own, a client's default has no step for VN.
    body = {"phone": "+84983912150", "workflow": [{"channel": "password_call"}]}
    request = with_body(event(START), body)
    start = Start(START, runtime.folders(START), environment(START, aws.url), request, 201)
    with running(runtime.python, start.folders, start.env) as process:
        verification = json.loads(process.ask(with_key(request, "checked"))["body"])["id"]
    check = Start(
        CHECK,
        runtime.folders(CHECK),
        environment(CHECK, aws.url),
        with_body(event(CHECK, "check"), {"code": "0000"}, id=verification),
        200,
    )
    bare = Start(BARE, [BARE_PUT], bare_environment(aws.url), {}, 202)
    return [bare, *senders, webhook, start, check]

"""What operations and whole lives of verifications use of AWS, and what it costs.

Measured: requests, request units (by ``tests.load.capacity``, from the items as they are),
messages, invocations, bytes logged and kept; durations on this machine. Assumed: what is named so
below.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from tests.load.budgets import Life, Operation
from tests.load.capacity import Units
from tests.load.functions import CHECK, START, WEBHOOK, memory
from tests.load.instant import Asked
from tests.load.lives import Part, Played

WAITING_MS = {
    "dynamodb": 5,
    "settings": 5,
    "scenarios": 5,
    "secrets": 10,
    "queue": 10,
    "provider": 500,
}
"""Assumed: how long a function waits for each answer, which comes at once here."""
QUEUE_REQUESTS = 3
"""Assumed for each message: it is sent, received and deleted."""
LOGGED_BESIDES = 350
"""Assumed: bytes that Lambda itself logs of an invocation, and API Gateway of a request."""
BEHIND_THE_API = (START, CHECK, WEBHOOK)

_MILLION = 1_000_000
_GIGABYTE = 1_000_000_000
PRICES = {
    "write request unit": 0.625 / _MILLION,
    "read request unit": 0.125 / _MILLION,
    "Lambda invocation": 0.20 / _MILLION,
    "GB-second (arm64)": 0.0000133334,
    "API Gateway request (HTTP API)": 1.00 / _MILLION,
    "SQS request": 0.40 / _MILLION,
    "byte of logs": 0.50 / _GIGABYTE,
    "byte kept for a month, with recovery": 0.45 / _GIGABYTE,
}
"""US dollars in us-east-1, by AWS's public price pages; docs/performance.md says as of when."""

OPERATION_HEAD = (
    "operation",
    "DynamoDB requests",
    "read units",
    "write units",
    "provider",
    "messages",
)
LIFE_HEAD = (
    "life",
    "Lambda invocations",
    "DynamoDB requests",
    "read units",
    "write units",
    "messages",
    "API requests",
)
COST_HEAD = (
    "1,000 lives",
    "GB-s each",
    "logs each",
    "kept each",
    "DynamoDB",
    "Lambda",
    "API Gateway",
    "SQS",
    "CloudWatch Logs",
    "US dollars",
)


@dataclass(frozen=True, slots=True)
class Measured:
    """A life with what depends on the machine, or hardly matters.

    Attributes:
        life: Its counts.
        gb_seconds: Memory times duration of all invocations, with ``WAITING_MS``.
        log_bytes: What is logged.
        kept_bytes: What it leaves in the table, until it expires.
    """

    life: Life
    gb_seconds: float
    log_bytes: int
    kept_bytes: int


def operations(lives: Mapping[str, Played]) -> list[Operation]:
    """What each operation makes of requests and units; warm, as it is in those lives."""
    answered, moved, given_up = (lives[what].parts for what in ("answered", "moved", "given up"))
    rows = [
        _operation("start: reservation", _until_provider(_part(answered, "start"))),
        _operation("start: reply", _since_provider(_part(given_up, "start"))),
        _operation("start: reply with a reference", _since_provider(_part(answered, "start"))),
        _operation("CDR", _part(answered, "CDR").exchanges),
        _operation("look: nothing to do", _part(answered, "look").exchanges),
        _operation("move", _part(moved, "move").exchanges),
        _operation("next", _part(given_up, "next").exchanges),
        _operation("check wrong", _part(moved, "check wrong").exchanges),
        _operation("check right", _part(answered, "check right").exchanges),
        _operation("exhaust", _part(given_up, "exhaust").exchanges),
        _operation("expire", _part(given_up, "expire").exchanges),
        _operation("watch: nothing to do", _part(answered, "watch").exchanges),
    ]
    for life, what in (
        (answered, "count: start"),
        (moved, "count: turn"),
        (answered, "count: reference"),
        (answered, "count: outcome"),
        (answered, "count: guess"),
        (answered, "count: approved"),
        (given_up, "count: expired"),
    ):
        rows.append(_operation(what, _part(life, what).exchanges))
    return rows


def life(what: str, parts: Sequence[Part]) -> Life:
    """The counts of one life."""
    units = sum((part.units for part in parts), Units())
    return Life(
        what,
        invocations=len(parts),
        requests=sum(part.requests["dynamodb"] for part in parts),
        reads=units.reads,
        writes=units.writes,
        messages=sum(part.requests["queue"] for part in parts),
        api=sum(part.function in BEHIND_THE_API for part in parts),
    )


def measured(what: str, rounds: Sequence[Mapping[str, Played]]) -> Measured:
    """A life that was played so often; of durations the median counts."""
    ordered = sorted((each[what] for each in rounds), key=lambda one: _gb_seconds(one.parts))
    middle = ordered[len(ordered) // 2]
    parts = middle.parts
    counts = life(what, parts)
    logged = sum(part.log_bytes for part in parts)
    logged += LOGGED_BESIDES * (counts.invocations + counts.api)
    return Measured(counts, _gb_seconds(parts), logged, middle.kept_bytes)


def dollars(of: Measured) -> dict[str, float]:
    """What 1,000 such lives cost, by service."""
    price, one = PRICES, of.life
    each = {
        "DynamoDB": one.writes * price["write request unit"]
        + one.reads * price["read request unit"]
        + of.kept_bytes * price["byte kept for a month, with recovery"],
        "Lambda": one.invocations * price["Lambda invocation"]
        + of.gb_seconds * price["GB-second (arm64)"],
        "API Gateway": one.api * price["API Gateway request (HTTP API)"],
        "SQS": one.messages * QUEUE_REQUESTS * price["SQS request"],
        "CloudWatch Logs": of.log_bytes * price["byte of logs"],
    }
    return {service: 1_000 * cost for service, cost in each.items()}


def operation_row(one: Operation) -> tuple[str, ...]:
    """A row of the document's table of operations."""
    numbers = (one.requests, one.reads, one.writes, one.provider, one.messages)
    return one.what, *(f"{each:g}" for each in numbers)


def life_row(one: Life) -> tuple[str, ...]:
    """A row of the document's table of lives."""
    numbers = (one.invocations, one.requests, one.reads, one.writes, one.messages, one.api)
    return one.what, *(f"{each:g}" for each in numbers)


def cost_row(of: Measured) -> tuple[str, ...]:
    """A row of the document's table of costs: what is measured, then dollars by service."""
    figures = (
        f"{of.gb_seconds:.2f}",
        f"{of.log_bytes / 1e3:.1f} kB",
        f"{of.kept_bytes / 1e3:.1f} kB",
    )
    costs = dollars(of)
    return (
        of.life.what,
        *figures,
        *(f"{each:.3f}" for each in (*costs.values(), sum(costs.values()))),
    )


def _gb_seconds(parts: Sequence[Part]) -> float:
    total = 0.0
    for part in parts:
        waiting = sum(WAITING_MS[each.service] for each in part.exchanges)
        # Lambda bills whole milliseconds.
        total += memory(part.function) / 1_024 * ceil(part.milliseconds + waiting) / 1_000
    return total


def _part(parts: Sequence[Part], what: str) -> Part:
    return next(part for part in parts if part.what == what)


def _operation(what: str, exchanges: Sequence[Asked]) -> Operation:
    table = [each for each in exchanges if each.service == "dynamodb"]
    units = sum((each.units for each in table), Units())
    return Operation(
        what,
        requests=len(table),
        reads=units.reads,
        writes=units.writes,
        provider=sum(each.service == "provider" for each in exchanges),
        messages=sum(each.service == "queue" for each in exchanges),
    )


def _until_provider(part: Part) -> tuple[Asked, ...]:
    """The requests up to the provider's, that one included."""
    services = [each.service for each in part.exchanges]
    return part.exchanges[: services.index("provider") + 1]


def _since_provider(part: Part) -> tuple[Asked, ...]:
    return part.exchanges[len(_until_provider(part)) :]

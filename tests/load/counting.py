"""How many requests each operation makes, as the servers count them."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.load.functions import SENDERS, WEBHOOK, Runtime, cdr, environment, event, with_key
from tests.load.instant import Instant, tally
from tests.load.lives import Played
from tests.load.process import running


@dataclass(frozen=True, slots=True)
class Counted:
    """What one operation asked for, in a cold process and again in the warm one."""

    cold: Counter[str]
    warm: Counter[str]


def count_all(runtime: Runtime, aws: Instant) -> dict[str, Counted]:
    """Requests of every operation, by its name."""
    by_operation = {}
    for sender in SENDERS:
        # A message that is late for its place in the rate takes another one, with one more request.
        # On a busy machine one may be late, but hardly one of each three.
        tries = [_sends(sender, number) for number in range(3 if sender == "send_zns" else 1)]
        counts = [_count(runtime, aws, sender, sends) for sends in tries]
        by_operation[sender] = Counted(
            _fewest(one.cold for one in counts), _fewest(one.warm for one in counts)
        )
        sends = tries[-1]
    by_operation["replay"] = _count(runtime, aws, sender, sends)
    first, second = (cdr(reference) for reference in aws.references[-2:])
    by_operation[WEBHOOK] = _count(runtime, aws, WEBHOOK, [first, second])
    delivery = next(
        item["id"]["S"] for (key, _), item in aws.table.items.items() if key.startswith("DLV#")
    )
    read_event = event("read_deliveries", "one") | {"pathParameters": {"id": delivery}}
    by_operation["read"] = _count(runtime, aws, "read_deliveries", [read_event, read_event])
    list_event = event("read_deliveries", "list")
    by_operation["list"] = _count(runtime, aws, "read_deliveries", [list_event, list_event])
    authorizer_event = _with_a_key(aws)
    by_operation["authorizer"] = _count(
        runtime, aws, "authorizer", [authorizer_event, authorizer_event]
    )
    return by_operation


def _sends(sender: str, number: int) -> list[dict[str, Any]]:
    return [with_key(event(sender), f"count-{number}-{each}") for each in ("cold", "warm")]


def _fewest(counts: Iterable[Counter[str]]) -> Counter[str]:
    return min(counts, key=Counter.total)


def count_lives(rounds: Sequence[Mapping[str, Played]]) -> dict[str, Counted]:
    """Requests of what is done with verifications, by its name: of the first round and the last."""
    where = {
        "start": ("given up", "start"),
        "start with a reference": ("answered", "start"),
        "check wrong": ("moved", "check wrong"),
        "check right": ("answered", "check right"),
        "move": ("moved", "move"),
        "next": ("given up", "next"),
        "expire": ("given up", "expire"),
    }
    cold, warm = rounds[0], rounds[-1]
    return {
        name: Counted(*(_tally(each[life], what) for each in (cold, warm)))
        for name, (life, what) in where.items()
    }


def _tally(played: Played, what: str) -> Counter[str]:
    return next(part.requests for part in played.parts if part.what == what)


def imported(runtime: Runtime, aws: Instant, function: str, payload: object) -> set[str]:
    """Top-level modules in a function's process after an answer."""
    env = environment(function, aws.url)
    with running(runtime.python, runtime.folders(function), env) as process:
        process.ask(payload)
        return set(process.ask("modules"))


def _count(runtime: Runtime, aws: Instant, function: str, events: list[dict[str, Any]]) -> Counted:
    tallies = []
    env = environment(function, aws.url)
    with running(runtime.python, runtime.folders(function), env) as process:
        for each in events:
            aws.take()
            answer = process.ask(each)
            if answer.get("statusCode", 200) >= 300 or not answer.get("isAuthorized", True):
                raise RuntimeError(f"{function} answers {answer}")
            tallies.append(tally(aws.take()))
    return Counted(*tallies)


def _with_a_key(aws: Instant) -> dict[str, Any]:
    """An authorizer's event whose API key is in the table."""
    request = event("authorizer", "unknown_key")
    _, key_id, secret = request["headers"]["authorization"].removeprefix("Bearer ").split("_", 2)
    aws.table.items[f"KEY#{key_id}", "KEY"] = {
        "PK": {"S": f"KEY#{key_id}"},
        "SK": {"S": "KEY"},
        "client": {"S": "local"},
        "scopes": {"L": [{"S": "send"}]},
        "digest": {"S": hashlib.sha256(secret.encode()).hexdigest()},
        "created_at": {"S": "2026-11-21T08:30:00.000Z"},
    }
    return request

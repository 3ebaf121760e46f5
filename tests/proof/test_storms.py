"""Storms at the webhook: garbage in every form, and real CDRs among it; nothing is lost."""

import json
import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode

from local.stack import Stack
from tests.e2e.conftest import Api, Sandbox, fresh_phone

CALLS = 8
GARBAGE = 60
SENDERS = 16
FORMS = ["object", "array", "pairs", "name_value", "form", "get", "text"]
ENDS = [(17, "busy"), (31, "refused"), (20, "unreachable")]
TOKENS = ["", "x", "local-webhook-toke", "%00", "0" * 500, "../../v1/health"]
JSON, FORM, TEXT = "application/json", "application/x-www-form-urlencoded", "text/plain"


@dataclass(frozen=True)
class Thrown:
    """A webhook delivery: what is sent to the webhook."""

    method: str
    query: str
    body: bytes
    content_type: str


def garbage(chance: random.Random) -> Thrown:
    """A webhook delivery that names no call of ours."""
    body = chance.choice(_BODIES)(chance)
    method = chance.choice(["POST", "POST", "GET"])
    query = urlencode({_name(chance): _name(chance)}) if chance.random() < 0.3 else ""
    return Thrown(method, query, body, chance.choice([JSON, FORM, TEXT, "", "a/b; charset=x"]))


def _name(chance: random.Random) -> str:
    names = ["q931_status", "final_status", "called_number", "verification_code", "ok", "\x00", "Ж"]
    return chance.choice(names)


def _value(chance: random.Random, depth: int = 0) -> Any:  # noqa: ANN401 - JSON
    kinds = chance.randrange(8 if depth < 4 else 6)
    if kinds == 6:
        return [_value(chance, depth + 1) for _ in range(chance.randrange(4))]
    if kinds == 7:
        return {_name(chance): _value(chance, depth + 1) for _ in range(chance.randrange(4))}
    plain = [None, chance.random() < 0.5, chance.randrange(-(10**30), 10**30), 1e308, _name(chance)]
    return [*plain, "9" * chance.randrange(200)][kinds]


_BODIES: list[Callable[[random.Random], bytes]] = [
    lambda _: b"",
    lambda chance: chance.randbytes(chance.randrange(2_000)),
    lambda chance: json.dumps(_value(chance)).encode(),
    lambda chance: json.dumps([_value(chance) for _ in range(20)]).encode()[:-3],
    lambda chance: urlencode({_name(chance): _value(chance)}).encode(),
    lambda chance: b"[" * chance.randrange(6_000),
    lambda chance: b'{"a":' * chance.randrange(6_000),
    lambda chance: b"x" * chance.randrange(300_000),
    lambda chance: "Ж".encode("utf-16") * chance.randrange(500),
]


@dataclass(frozen=True)
class Webhook:
    """MCN's webhook, with its token or without."""

    stack: Stack
    sandbox: Sandbox

    def throw(self, thrown: Thrown) -> int:
        """Send it; gives the answer's status."""
        url = f"{self.stack.mcn_webhook_url}?{thrown.query}"
        headers = {"Content-Type": thrown.content_type} if thrown.content_type else {}
        answer = self.sandbox.http.request(thrown.method, url, content=thrown.body, headers=headers)
        return answer.status_code

    def tell(self, ref: str, cause: int, form: str) -> int:
        """Have the sandbox send a CDR; gives the answer's status."""
        reply = self.sandbox.control(
            "cdr", verification_call_uuid=ref, q931_status=cause, form=form, final_status="CANCEL"
        )
        status: int = reply["deliveries"][0]["status"]
        return status

    def throw_without_token(self, token: str, body: bytes) -> int:
        """Send it with another token; gives the answer's status."""
        url = self.stack.mcn_webhook_url.rsplit("/", 1)[0]
        answer = self.sandbox.http.post(f"{url}/{token}" if token else url, content=body)
        return answer.status_code


def all_of(storm: Sequence[Callable[[], int]]) -> set[int]:
    """The statuses of the answers to a storm."""
    with ThreadPoolExecutor(SENDERS) as pool:
        return set(pool.map(lambda one: one(), storm))


def open_call(api: Api) -> dict[str, Any]:
    """A call whose CDR the sandbox does not send by itself."""
    body = {"phone": fresh_phone("RU", "10"), "code": "1234"}
    delivery: dict[str, Any] = api.post("/v1/password-calls", body).json()
    return delivery


def test_cdrs_in_a_storm_of_garbage(
    api: Api, stack: Stack, sandbox: Sandbox, rounds: Callable[[], Iterator[int]]
) -> None:
    webhook = Webhook(stack, sandbox)
    for number in rounds():
        # The same in every run: a round that fails can be looked at again.
        chance = random.Random(number)  # noqa: S311 - no secret
        ends = [(open_call(api), *chance.choice(ENDS)) for _ in range(CALLS)]
        storm = [partial(webhook.throw, garbage(chance)) for _ in range(GARBAGE)] + [
            partial(webhook.tell, call["provider_ref"], cause, chance.choice(FORMS))
            for call, cause, _ in ends
        ]
        chance.shuffle(storm)
        assert all_of(storm) == {200}
        for call, _, status in ends:
            assert api.delivery(call["id"])["status"] == status


def test_a_storm_without_the_token(
    api: Api, stack: Stack, sandbox: Sandbox, rounds: Callable[[], Iterator[int]]
) -> None:
    webhook, call = Webhook(stack, sandbox), open_call(api)
    cdr = json.dumps([{"verification_call_uuid": call["provider_ref"], "q931_status": 17}])
    for number in rounds():
        chance = random.Random(-number)  # noqa: S311 - no secret
        bodies = [cdr.encode(), *(garbage(chance).body for _ in range(GARBAGE))]
        storm = [
            partial(webhook.throw_without_token, chance.choice(TOKENS), body) for body in bodies
        ]
        statuses = all_of(storm)
        assert 401 in statuses
        assert statuses <= {400, 401, 403, 404, 413}
    assert api.delivery(call["id"])["status"] == "accepted"

"""CareSoft beyond the reply: its signed events, its rate kept on our side, and its lock."""

import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from itertools import count
from typing import Any, Final

import httpx
import pytest

from local.stack import Stack
from tests.e2e.conftest import RACERS, Api, Sandbox, fresh_code, fresh_phone, start_anew, until
from tests.e2e.test_rotation import put, secret_of

_TICKETS = count(700_000_001)


def send(api: Api, phone: str | None = None, **fields: object) -> httpx.Response:
    phone = phone or fresh_phone("VN", "10")
    return api.post(
        "/v1/zns", {"phone": phone, "template": 366, "params": {"otp": fresh_code(6)}, **fields}
    )


def sent(api: Api, phone: str | None = None, **fields: object) -> dict[str, Any]:
    answer = send(api, phone, **fields)
    assert answer.status_code == 202, answer.text
    delivery: dict[str, Any] = answer.json()
    assert delivery["status"] == "accepted"
    return delivery


def tell(sandbox: Sandbox, **fields: object) -> None:
    """Have the sandbox send an event now."""
    reply = sandbox.control("zns-event", **fields)
    assert [each["status"] for each in reply["deliveries"]] == [200], reply


def reasons(delivery: dict[str, Any]) -> list[str | None]:
    return [entry["reason"] for entry in delivery["history"]]


def reference(stack: Stack, ticket: str) -> dict[str, Any]:
    response = stack.dynamodb().get_item(
        TableName=stack.table,
        Key={"PK": {"S": f"REF#caresoft#{ticket}"}, "SK": {"S": "REF"}},
        ConsistentRead=True,
    )
    item: dict[str, Any] = response.get("Item", {})
    return item


# ----------------------------------------------------------------------------------------- events


@pytest.mark.parametrize("word", ["delivered", "failed"])
def test_an_event_of_the_ticket_that_was_made_settles_the_message(
    api: Api, sandbox: Sandbox, word: str
) -> None:
    phone = fresh_phone("VN", "10")
    delivery = sent(api, phone)
    assert delivery["provider_ref"] == delivery["ticket_id"]
    tell(sandbox, phone=phone, status=word)
    current = api.delivery(delivery["id"])
    assert (current["status"], current["reason"]) == (word, f"zns_{word}")


def test_the_event_that_comes_by_itself_says_nothing_and_is_kept(api: Api, stack: Stack) -> None:
    delivery = sent(api, fresh_phone("VN"))
    item = until(lambda: reference(stack, delivery["ticket_id"]), lambda current: "cdrs" in current)
    assert item["delivery_id"] == {"S": delivery["id"]}
    assert api.delivery(delivery["id"]) == delivery


def test_an_event_before_the_reply_and_one_three_times(api: Api, sandbox: Sandbox) -> None:
    sandbox.control("settings", caresoft_event_status="delivered")
    try:
        assert send(api, fresh_phone("VN", "08")).json()["status"] == "delivered"
        delivery = send(api, fresh_phone("VN", "09")).json()
        settled = api.settled(delivery["id"], "delivered")
        assert len(settled["history"]) == 3
    finally:
        sandbox.control("settings", caresoft_event_status=None)


def test_a_ticket_that_was_given_is_joined_by_number_and_window(
    api: Api, sandbox: Sandbox, stack: Stack
) -> None:
    phone, ticket = fresh_phone("VN", "10"), next(_TICKETS)
    delivery = sent(api, phone, ticket_id=ticket)
    assert (delivery["provider_ref"], delivery["ticket_id"]) == (None, str(ticket))
    other = sent(api, ticket_id=ticket)
    tell(sandbox, phone=phone, ticket_id=str(ticket), status="delivered")
    assert api.settled(delivery["id"], "delivered")["provider_ref"] is None
    assert api.delivery(other["id"])["status"] == "accepted"
    assert reference(stack, str(ticket))["is_shared"] == {"BOOL": True}


def _once_it_says(api: Api, delivery_id: str, reason: str) -> dict[str, Any]:
    return until(lambda: api.delivery(delivery_id), lambda current: reason in reasons(current))


def test_two_open_messages_in_one_ticket_say_that_nobody_can_tell(
    api: Api, sandbox: Sandbox
) -> None:
    phone, ticket = fresh_phone("VN", "10"), next(_TICKETS)
    both = [sent(api, phone, ticket_id=ticket) for _ in range(2)]
    tell(sandbox, phone=phone, ticket_id=str(ticket), status="delivered")
    for delivery in both:
        current = _once_it_says(api, delivery["id"], "later_cdr_unknown:ambiguous_event")
        assert current["status"] == "accepted"


def test_an_event_of_nobody_here_is_kept_and_says_why(stack: Stack, sandbox: Sandbox) -> None:
    ticket = str(next(_TICKETS))
    tell(sandbox, ticket_id=ticket, phone=fresh_phone("VN"), status="delivered")
    item = until(lambda: reference(stack, ticket), lambda current: "unjoined" in current)
    assert item["unjoined"] == {"S": "no_open_delivery"}


# -------------------------------------------------------------------------------------- signature


def secret_in_use(stack: Stack) -> str:
    manager = stack.client("secretsmanager")
    arn = stack.outputs["CaresoftWebhookSecretArn"]
    fields = json.loads(manager.get_secret_value(SecretId=arn)["SecretString"])
    return str(fields["secrets"][0])


def signature_of(body: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha1).hexdigest().upper()


def post(stack: Stack, sandbox: Sandbox, body: bytes, signature: str | None) -> int:
    headers = {"Content-Type": "application/json"}
    if signature is not None:
        headers["X-Hub-Signature"] = signature
    url = f"{stack.api_url}/v1/webhooks/caresoft"
    return sandbox.http.post(url, content=body, headers=headers).status_code


BODIES: Final = [
    b'{"ticket_id":1}',
    '{"ticket_id": 1, "text": "Mã của bạn"}'.encode(),
    b'{"ticket_id": 1, "text": "M\\u00e3 c\\u1ee7a b\\u1ea1n"}',
    '{"text": "Mã của bạn", "ticket_id": 1}'.encode(),
    '{"ticket_id":1,"text":"Mã của bạn"}\r\n'.encode(),
    '{"ticket_id": 1, "text": "😀 \\" \\\\ \\/"}'.encode(),
    b"",
    b"no JSON",
]


@pytest.mark.parametrize("body", BODIES)
def test_the_very_bytes_are_signed(stack: Stack, sandbox: Sandbox, body: bytes) -> None:
    secret = secret_in_use(stack)
    right = signature_of(body, secret)
    assert post(stack, sandbox, body, right) == 200
    assert post(stack, sandbox, body, right.lower()) == 200
    for other in BODIES:
        if other != body:
            assert post(stack, sandbox, other, right) == 401


@pytest.mark.parametrize(
    "signature", [None, "", "0" * 40, "420A69CE7D3C36559E9828D6361530DF30065D37", "sha1=", "CS123"]
)
def test_a_wrong_or_missing_signature_is_refused(
    api: Api, stack: Stack, sandbox: Sandbox, signature: str | None
) -> None:
    delivery = sent(api)
    body = json.dumps({"ticket_id": delivery["ticket_id"], "status": "delivered"}).encode()
    assert post(stack, sandbox, body, signature) == 401
    assert api.delivery(delivery["id"]) == delivery


def test_an_altered_event_is_refused(api: Api, stack: Stack, sandbox: Sandbox) -> None:
    delivery = sent(api)
    body = json.dumps({"ticket_id": delivery["ticket_id"], "status": "failed"}).encode()
    signature = signature_of(body, secret_in_use(stack))
    assert post(stack, sandbox, body.replace(b"failed", b"delivered"), signature) == 401
    assert post(stack, sandbox, body, signature) == 200
    assert api.delivery(delivery["id"])["status"] == "failed"


def test_the_secret_is_rotated(api: Api, stack: Stack, sandbox: Sandbox) -> None:
    def answer_to(secret: str) -> tuple[int, str]:
        """An event signed with this secret: the answer, and what became of its message."""
        delivery = sent(api)
        body = json.dumps({"ticket_id": delivery["ticket_id"], "status": "delivered"}).encode()
        status = post(stack, sandbox, body, signature_of(body, secret))
        return status, api.delivery(delivery["id"])["status"]

    old = secret_in_use(stack)
    with secret_of(stack, "CaresoftWebhookSecretArn", "ReceiveCaresoftFunction"):
        assert answer_to(old) == (200, "delivered")
        put(stack, "CaresoftWebhookSecretArn", secrets=["rotated-secret", old])
        # The function holds what there was before: it looks again at once.
        assert answer_to("rotated-secret") == (200, "delivered")
        assert answer_to(old) == (200, "delivered")
        put(stack, "CaresoftWebhookSecretArn", secrets=["rotated-secret"])
        start_anew(stack, "ReceiveCaresoftFunction")  # Five minutes later.
        assert answer_to(old) == (401, "accepted")
        assert answer_to("rotated-secret") == (200, "delivered")


# ------------------------------------------------------------------------------------ rate and lock


@pytest.fixture
def _untouched(sandbox: Sandbox) -> Iterator[None]:
    """No request before these counts, and no lock or suspension outlives them."""
    sandbox.control("reset")
    yield
    sandbox.control("reset")


def most_in_a_second(items: list[dict[str, Any]]) -> int:
    """The most requests that came in any second, wherever it begins."""
    at = sorted(datetime.fromisoformat(item["at"]).timestamp() for item in items)
    return max(sum(begin <= each < begin + 1 for each in at) for begin in at)


@pytest.mark.race
@pytest.mark.usefixtures("_untouched")
def test_many_at_once_never_pass_caresoft_s_rate(api: Api, sandbox: Sandbox) -> None:
    phones = [fresh_phone("VN", "10") for _ in range(4 * RACERS)]
    with ThreadPoolExecutor(RACERS) as pool:
        answers = [
            *pool.map(partial(send, api), phones[:RACERS]),
            *pool.map(partial(send, api), phones[RACERS:]),  # with all processes warm
        ]
    statuses = Counter(answer.status_code for answer in answers)
    assert statuses.keys() <= {202, 429}, [each.text for each in answers if each.status_code >= 500]
    for answer in answers:
        if answer.status_code == 429:
            assert answer.json()["limit"] == "caresoft_rate"
            assert answer.headers["Retry-After"] == "1"
    outcomes = Counter(
        (answer.json()["status"], answer.json()["reason"])
        for answer in answers
        if answer.status_code == 202
    )
    assert outcomes.keys() <= {("accepted", None), ("rejected", "rate_full")}, outcomes
    requests = [item for item in sandbox.all_requests() if item["provider"] == "caresoft"]
    assert {item["refused"] for item in requests} == {None}, "CareSoft never had to refuse"
    # A step of an earlier verification may come in between.
    ours = [item for item in requests if item["phone"] in phones]
    assert len(ours) == outcomes["accepted", None] >= 20
    assert most_in_a_second(requests) <= 15


@pytest.mark.race
@pytest.mark.usefixtures("_untouched")
def test_test_numbers_do_not_count(api: Api) -> None:
    with ThreadPoolExecutor(RACERS) as pool:
        answers = list(pool.map(lambda _: send(api, "+84000000000"), range(2 * RACERS)))
    assert Counter(answer.status_code for answer in answers) == {202: 2 * RACERS}


@pytest.mark.usefixtures("_untouched")
def test_the_lock_suspends_at_once_for_fifteen_minutes(
    api: Api, admin: Api, sandbox: Sandbox
) -> None:
    sandbox.control("lock")
    rejection = send(api).json()
    assert (rejection["status"], rejection["reason"]) == ("rejected", "rate_limit_locked")
    [state] = [
        item for item in api.get("/v1/providers").json()["items"] if item["name"] == "caresoft"
    ]
    assert (state["status"], state["reason"]) == ("suspended", "rate_limit_locked")
    answer = send(api)
    assert (answer.status_code, answer.json()["code"]) == (503, "provider_suspended")
    assert 840 < int(answer.headers["Retry-After"]) <= 900
    assert len(sandbox.all_requests()) == 1, "nobody asks CareSoft meanwhile"
    # The lock is over, and somebody ends the suspension by hand.
    sandbox.control("reset")
    end = admin.http.delete(f"{admin.url}/v1/providers/caresoft/suspension")
    assert (end.status_code, end.json()["status"]) == (200, "active")
    sent(api)

"""Permissions to be called over HTTP: asked for once, and never shown where Zalo gave none."""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import timedelta
from typing import Any, Final

import httpx
import pytest

from local.providers import ZALO_OA_ID
from local.stack import Stack
from ringpass.clock import from_text, utc_now
from ringpass.limits.arithmetic import SHARDS, day
from tests.e2e.conftest import RACERS, Api, Sandbox, fresh_phone, new_key, until, with_key
from tests.e2e.test_oa_desk import OA, delete, user_of

ASKS: Final = "/zalo/v2.0/oa/call/requestconsent"
FULL: Final = 1_000_000
"""What local/seeding.py lets the client send in a day."""
FEE: Final = 600
"""As local/providers.py says it."""
BODY: Final = {"call_type": "audio", "reason": "consulting"}
STATES: Final[dict[str, str]] = {
    "99": "allowed",
    "01": "refused",
    "02": "expired",
    "03": "blocked",
    "04": "not_asked",
    "05": "not_asked",
    "06": "requested",
    "07": "allowed",
    "08": "allowed",
    "09": "allowed",
    "10": "requested",
    "12": "not_asked",
    "13": "not_asked",
    "15": "allowed",
    "16": "requested",
    "17": "allowed",
    "14": "not_asked",
    "11": "allowed",
}
"""What is known in the end, by the last two digits, which decide at the sandbox's Zalo; what takes
longest stands last."""


def ask(api: Api, phone: str, key: str | None = None, **fields: object) -> httpx.Response:
    return api.post(f"{OA}/consents", {"phone": phone} | BODY | fields, key)


def one(api: Api, consent_id: str) -> dict[str, Any]:
    answer = api.get(f"{OA}/consents/{consent_id}")
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def of_phone(api: Api, phone: str) -> dict[str, Any]:
    """What is known of a phone; empty if nothing is."""
    answer = api.get(f"{OA}/consents", phone=phone)
    assert answer.status_code == 200, answer.text
    return dict((answer.json()["items"] or [{}])[0])


def in_state(api: Api, phone: str, *states: str) -> dict[str, Any]:
    return until(lambda: of_phone(api, phone), lambda current: current.get("state") in states)


def asked_zalo(sandbox: Sandbox, phone: str) -> int:
    """How often Zalo was asked to ask this customer."""
    return sum(request["path"] == ASKS for request in sandbox.requests(phone))


# ------------------------------------------------------------------------------------ once


@pytest.mark.race
def test_of_many_requests_at_once_one_reaches_zalo(api: Api, sandbox: Sandbox) -> None:
    phone = fresh_phone("VN", "10")
    with ThreadPoolExecutor(RACERS) as pool:
        answers = list(pool.map(lambda _: ask(api, phone), range(RACERS)))
    assert Counter(answer.status_code for answer in answers) == {202: 1, 409: RACERS - 1}
    problems = [answer.json() for answer in answers if answer.status_code == 409]
    assert {problem["code"] for problem in problems} == {"consent_open"}
    assert all(problem["until"] for problem in problems)
    assert asked_zalo(sandbox, phone) == 1


@pytest.fixture(scope="module")
def outcomes(api: Api) -> Iterator[dict[str, tuple[str, Future[httpx.Response]]]]:
    """A phone of each ending, and what is answered about it; what takes longest begins first."""
    phones = {digits: fresh_phone("VN", digits) for digits in STATES}
    with ThreadPoolExecutor(6) as pool:
        yield {
            digits: (phone, pool.submit(ask, api, phone))
            for digits, phone in reversed(phones.items())
        }


# ------------------------------------------------------------------------------------ errors


@pytest.mark.usefixtures("outcomes")  # They are asked meanwhile.
def test_errors_are_no_consents(api: Api, sandbox: Sandbox) -> None:
    """Whatever number Zalo answers, with HTTP 200, when it is asked what a consent is."""
    phone = fresh_phone("VN", "10")
    consent = ask(api, phone).json()
    path = f"{OA}/consents/{consent['id']}/check"
    for error in (2, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17, 18, 19, 21, 99, -32):
        sandbox.control("zalo/consent", phone=phone, error=error)
        answer = api.post(path, {})
        assert answer.status_code == (200 if error in {2, 8} else 502), (error, answer.text)
        assert of_phone(api, phone)["state"] in {"requested", "waiting"}, error
    sandbox.control("zalo/consent", phone=phone, error=None)
    for digits in ("06", "07", "16"):
        sandbox.control("zalo/consent", phone=phone, check=digits)
        assert api.post(path, {}).status_code == 502
        assert of_phone(api, phone)["state"] in {"requested", "waiting"}
    sandbox.control("zalo/consent", phone=phone, check=None)
    sandbox.control("zalo/consent", phone=phone, reply="ALLOW", times=0)
    assert api.post(path, {}).json()["state"] == "allowed"


# ------------------------------------------------------------------------------------ again


def test_the_same_request_again_is_the_same_consent(api: Api, sandbox: Sandbox) -> None:
    phone, key = fresh_phone("VN", "10"), fresh_phone("VN")[1:]
    first, again = ask(api, phone, key), ask(api, phone, key)
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json()["id"] == first.json()["id"]
    other = ask(api, phone, key, call_type="video")
    assert other.json()["code"] == "idempotency_key_reused"
    assert asked_zalo(sandbox, phone) == 1


def test_a_customer_is_asked_again_only_as_zalo_allows(api: Api, sandbox: Sandbox) -> None:
    allowed, blocker, denier = (fresh_phone("VN", "10") for _ in range(3))
    for phone, reply in ((allowed, "ALLOW"), (blocker, "USER_BLOCKED"), (denier, "DENY")):
        sandbox.control("zalo/consent", phone=phone, reply=reply)
    in_state(api, allowed, "allowed")
    in_state(api, blocker, "blocked")
    in_state(api, denier, "refused")
    answers = [ask(api, phone) for phone in (allowed, blocker, denier)]
    assert [answer.status_code for answer in answers] == [409, 409, 202]
    assert [answer.json().get("code") for answer in answers[:2]] == [
        "consent_allowed",
        "consent_blocked",
    ]
    assert asked_zalo(sandbox, allowed) == asked_zalo(sandbox, blocker) == 0
    too_many = fresh_phone("VN", "13")
    assert ask(api, too_many).json()["state"] == "not_asked"
    limited = ask(api, too_many)
    assert (limited.status_code, limited.json()["limit"]) == (429, "zalo_consents")
    assert 3_500 < int(limited.headers["retry-after"]) <= 3_600
    assert asked_zalo(sandbox, too_many) == 1


def test_a_wrong_request_asks_nobody(api: Api, sandbox: Sandbox) -> None:
    for fields in (
        {"phone": fresh_phone("RU")},
        {"phone": "+8412"},
        {"call_type": "AUDIO"},
        {"reason": "code"},
        {"user_id": "x"},
        {"unknown": 1},
    ):
        answer = api.post(f"{OA}/consents", {"phone": fresh_phone("VN")} | BODY | fields)
        assert answer.status_code == 422, answer.text
    assert api.get(f"{OA}/consents", state="open").status_code == 422


def test_a_day_that_is_full_asks_nobody(
    admin: Api, api: Api, sandbox: Sandbox, stack: Stack
) -> None:
    phone, today = fresh_phone("VN", "10"), day(utc_now())

    def count(sends: int) -> None:
        for shard in range(SHARDS):
            stack.dynamodb().update_item(
                TableName=stack.table,
                Key={"PK": {"S": f"LED#local#{today}#{shard}"}, "SK": {"S": "LED"}},
                UpdateExpression="ADD sends :sends",
                ExpressionAttributeValues={":sends": {"N": str(sends)}},
            )

    count(FULL)
    try:
        full = ask(api, phone)
    finally:
        count(-FULL)
    assert (full.status_code, full.json()["limit"]) == (429, "daily_sends")
    assert asked_zalo(sandbox, phone) == 0
    decision = admin.get("/v1/decisions", limit="1").json()["items"][0]
    assert (decision["limit"], decision["channel"]) == ("daily_sends", "oa_consent")
    assert ask(api, phone).status_code == 202


# ------------------------------------------------------------------------------------ events


def test_repeats_and_reordering_change_nothing(api: Api, sandbox: Sandbox) -> None:
    """The last word is the one that the customer said last, not the one that came last."""
    phone, now = fresh_phone("VN", "10"), round(utc_now().timestamp() * 1_000)

    def tell(reply: str, at: int, **fields: object) -> None:
        event = {"confirmed_time": at, "times": 2, "types": "text"} | fields
        sandbox.control("zalo/consent", phone=phone, reply=reply, **event)

    tell("DENY", now - 1_000)
    tell("ALLOW", now - 5_000, types="number")
    tell("DENY", now - 9_000)
    consent = until(
        lambda: one(api, of_phone(api, phone)["id"]) if of_phone(api, phone) else {},
        lambda current: len(current.get("evidence", ())) == 3,
    )
    assert consent["state"] == "refused"
    tell("ALLOW", now)
    consent = in_state(api, phone, "allowed")
    assert len(one(api, consent["id"])["evidence"]) == 4
    tell("ALLOW", now + 1, expired_time=now + 2)
    in_state(api, phone, "expired")


# ------------------------------------------------------------------------------------ tokens


def test_a_token_that_zalo_does_not_know_makes_no_consent(
    api: Api,
    sandbox: Sandbox,
    stack: Stack,
    outcomes: dict[str, tuple[str, Future[httpx.Response]]],
) -> None:
    """Ended, foreign or revoked: it is refused, looked up anew, refused again, and that is told."""
    wait([future for _, future in outcomes.values()])
    secret = stack.outputs["ZaloTokenSecretArn"]
    response = stack.client("secretsmanager").get_secret_value(SecretId=secret)
    ours: dict[str, str] = json.loads(response["SecretString"])
    phone, other = fresh_phone("VN"), ask(api, fresh_phone("VN", "10")).json()
    sandbox.control("zalo-tokens", access_token="another", refresh_token="next")
    try:
        with ThreadPoolExecutor(2) as pool:
            consent_future = pool.submit(ask, api, phone)
            check_future = pool.submit(api.post, f"{OA}/consents/{other['id']}/check", {})
        assert consent_future.result().json()["state"] == "not_asked"
        assert asked_zalo(sandbox, phone) == 2
        assert check_future.result().status_code == 502
        assert one(api, other["id"])["state"] == "requested"
    finally:
        pair = {name: ours[name] for name in ("access_token", "refresh_token")}
        sandbox.control("zalo-tokens", **pair)
    until(lambda: ask(api, phone).json(), lambda answer: answer.get("code") == "consent_allowed")


# ------------------------------------------------------------------------------------ evidence


@pytest.fixture(scope="module")
def reader(stack: Stack) -> Iterator[Api]:
    """Of the same client, with a key that may export, but not see phones."""
    key = new_key(stack, "local", "read,admin")
    with with_key(stack, key) as api:
        yield api


def test_the_evidence_is_exported_and_deleted(
    api: Api, admin: Api, reader: Api, sandbox: Sandbox
) -> None:
    phone = fresh_phone("VN", "08")
    consent = ask(api, phone, name="Ánh", user_id=user_of(sandbox, phone)).json()
    in_state(api, phone, "allowed")
    path = f"{OA}/consents/export"
    lines = [json.loads(line) for line in admin.get(path).text.splitlines()]
    ours = [line for line in lines if line["consent_id"] == consent["id"]]
    assert {line["what"] for line in ours} >= {"asked", "waiting", "allowed"}
    assert {line["source"] for line in ours} >= {"request", "event"}
    assert {line["phone"] for line in ours} == {phone}
    assert {line["client"] for line in ours if line["what"] == "asked"} == {"local"}
    rows = list(csv.DictReader(io.StringIO(reader.get(path, format="csv").text)))
    assert [row["what"] for row in rows] == [line["what"] for line in lines]
    assert all("*" in row["phone"] for row in rows)
    assert api.get(path).status_code == 403
    assert delete(api, f"/consents/{consent['id']}").status_code == 403
    assert delete(admin, "/consents", phone=phone).status_code == 200
    assert of_phone(api, phone) == {}
    assert api.get(f"{OA}/consents/{consent['id']}").status_code == 404
    assert consent["id"] not in admin.get(path).text
    assert delete(admin, f"/consents/{consent['id']}").status_code == 404


def test_what_was_before_a_deletion_brings_nobody_back(
    api: Api, admin: Api, sandbox: Sandbox
) -> None:
    """Neither an event of before that comes now, nor one that was sent long ago."""
    phone, other = fresh_phone("VN"), fresh_phone("VN")
    sandbox.control("zalo/consent", phone=phone, reply="ALLOW")
    allowed = in_state(api, phone, "allowed")
    assert delete(admin, "/consents", phone=phone).status_code == 200
    reply = {"phone": phone[1:], "user_consent": "ALLOW", "oa_id": ZALO_OA_ID}
    at = round(from_text(allowed["since"]).timestamp() * 1_000)
    for fields in (reply | {"confirmed_time": at}, reply | {"timestamp": "1764000000000"}):
        event = {"event_name": "user_reply_consent", "fields": fields}
        deliveries = sandbox.control("zalo-event", **event)["deliveries"]
        assert [one["status"] for one in deliveries] == [200]
    # An event that came after them has had its effect, and they have had none.
    sandbox.control("zalo/consent", phone=other, reply="ALLOW")
    in_state(api, other, "allowed")
    assert of_phone(api, phone) == {}
    # What happens from now on counts.
    sandbox.control("zalo/consent", phone=phone, reply="ALLOW")
    in_state(api, phone, "allowed")


# ------------------------------------------------------------------------------------ others


def test_to_all_others_there_are_no_consents(rival: Api, admin: Api, api: Api) -> None:
    consent = ask(api, fresh_phone("VN", "10")).json()
    for other, path in ((rival, OA), (admin, f"/v1/oa/{ZALO_OA_ID}0")):
        answers = [
            other.post(f"{path}/consents", BODY | {"phone": fresh_phone("VN")}),
            other.get(f"{path}/consents"),
            other.get(f"{path}/consents/{consent['id']}"),
            other.post(f"{path}/consents/{consent['id']}/check", {}),
            other.get(f"{path}/consents/export"),
            other.http.delete(f"{other.url}{path}/consents/{consent['id']}"),
            other.http.delete(f"{other.url}{path}/consents", params={"phone": fresh_phone("VN")}),
        ]
        assert {answer.status_code for answer in answers} == {404}


# ------------------------------------------------------------------------------------ outcomes


@pytest.mark.parametrize("digits", STATES)
def test_what_zalo_and_the_customer_say_decides(
    api: Api,
    sandbox: Sandbox,
    outcomes: dict[str, tuple[str, Future[httpx.Response]]],
    digits: str,
) -> None:
    phone, future = outcomes[digits]
    assert future.result().status_code == 202, future.result().text
    answer = future.result().json()
    # Zalo's taking the request is no permission; only what comes before the reply may be one.
    assert answer["state"] != "allowed" or digits in {"07", "08", "11"}
    consent = in_state(api, phone, STATES[digits])
    # A token that is refused is looked up anew, and the request repeated once.
    assert asked_zalo(sandbox, phone) == (2 if digits == "14" else 1)
    if consent["state"] == "allowed" and digits != "15":
        length = from_text(consent["expires_at"]) - from_text(consent["since"])
        assert length == timedelta(days=2 if digits == "17" else 30)
    assert consent["unlimited"] == (digits == "15")
    evidence = one(api, consent["id"])["evidence"]
    assert [fact["what"] for fact in evidence].count("asked") == 1
    assert len({json.dumps(fact) for fact in evidence}) == len(evidence)


def test_a_request_s_fee_is_counted_once(api: Api, sandbox: Sandbox) -> None:
    """Of what Zalo has sent, and of nothing else; however often its events come."""

    def spent() -> float:
        days = api.get("/v1/costs").json()["items"]
        return sum(float(day["spent"]) for day in days if day["currency"] == "VND")

    before = spent()
    phones = [fresh_phone("VN", end) for end in ("10", "09", "12")]
    for phone in phones:
        assert ask(api, phone).status_code == 202
    in_state(api, phones[1], "allowed")
    costs = [of_phone(api, phone)["cost"] for phone in phones]
    assert [float(cost["amount"]) for cost in costs] == [FEE, FEE, 0]
    assert spent() - before == 2 * FEE

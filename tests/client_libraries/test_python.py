"""The Python client, but for what is made: tests/e2e has the log-in flow on a deployed stack."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, get_args

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringpass.events.model import EventType
from ringpass.redaction import Secret
from ringpass.verifications.model import VerificationStatus
from ringpass.webhook_endpoints.signing import endpoint_secret, signed_headers
from ringpass_client import (
    AlreadyApproved,
    ApiError,
    Approved,
    AsyncRingpass,
    AttemptsUsed,
    Canceled,
    CheckResult,
    Delivery,
    Event,
    Expired,
    Failed,
    InvalidWebhook,
    OtherEnd,
    Pending,
    Replaced,
    Retries,
    Ringpass,
    StartVerification,
    State,
    Verification,
    WrongCode,
    state_of,
    verify_webhook,
)
from ringpass_client.generated.api.deliveries import list_deliveries
from ringpass_client.generated.api.settings import replace_client_settings
from ringpass_client.generated.models import (
    KnownEvent,
    KnownVerificationStatus,
    PingEvent,
    ReplaceClientSettings,
    SendVoiceOtp,
    VerificationApprovedEvent,
)
from tests.described import description

ID: Final = "ver_" + "a" * 32
KEY: Final = "rp_key"
URL: Final = "https://stack.example"


def example(schema: str) -> dict[str, Any]:
    one: dict[str, Any] = description()["components"]["schemas"][schema]["examples"][0]
    return one


@dataclass
class Server(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Answers with the one after the other, and keeps the requests; an exception is raised."""

    answers: Sequence[httpx.Response | httpx.TransportError]
    requests: list[httpx.Request] = field(default_factory=list)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers[len(self.requests) - 1]
        if isinstance(answer, httpx.TransportError):
            raise answer
        # A response is read once.
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self.handle_request(request)

    @property
    def keys(self) -> list[str | None]:
        return [request.headers.get("Idempotency-Key") for request in self.requests]


def problem(status: int, code: str, **more: object) -> httpx.Response:
    """A refusal after which one may try again at once."""
    body = {"status": status, "code": code, "detail": "No.", **more}
    return httpx.Response(status, json=body, headers={"Retry-After": "0"})


def started() -> httpx.Response:
    return httpx.Response(201, json=example("Verification"))


def start(server: Server, idempotency_key: str | None = None) -> Verification:
    body = StartVerification(phone="+84000000000")
    with Ringpass(URL, KEY, transport=server) as ringpass:
        return ringpass.start_verification(body, idempotency_key=idempotency_key)


def start_async(server: Server, idempotency_key: str | None = None) -> Verification:
    async def run() -> Verification:
        async with AsyncRingpass(URL, KEY, transport=server) as ringpass:
            return await ringpass.start_verification(
                StartVerification(phone="+84000000000"), idempotency_key=idempotency_key
            )

    return asyncio.run(run())


def check(server: Server) -> CheckResult:
    with Ringpass(URL, KEY, transport=server) as ringpass:
        return ringpass.check_code(ID, "1234")


def check_async(server: Server) -> CheckResult:
    async def run() -> CheckResult:
        async with AsyncRingpass(URL, KEY, transport=server) as ringpass:
            return await ringpass.check_code(ID, "1234")

    return asyncio.run(run())


both_starts = pytest.mark.parametrize("send", [start, start_async])
both_checks = pytest.mark.parametrize("send", [check, check_async])
type Start = Callable[..., Verification]
type Check = Callable[[Server], CheckResult]


# ------------------------------------------------------------------------------------- requests


def test_the_smallest_requests_are_what_they_say() -> None:
    assert StartVerification(phone="+84000000000").to_dict() == {"phone": "+84000000000"}
    assert SendVoiceOtp(phone="+84000000000", otp="1234").to_dict() == {
        "phone": "+84000000000",
        "otp": "1234",
    }


@both_starts
def test_a_request_has_the_key_of_the_api_and_one_of_its_own(send: Start) -> None:
    servers = [Server([started()]), Server([started()])]
    for server in servers:
        verification = send(server)
        assert verification.id == example("Verification")["id"]
    [first], [second] = (server.requests for server in servers)
    assert str(first.url) == f"{URL}/v1/verifications"
    assert first.headers["Authorization"] == f"Bearer {KEY}"
    assert json.loads(first.content) == {"phone": "+84000000000"}
    keys = {request.headers["Idempotency-Key"] for request in (first, second)}
    assert len(keys) == 2


@both_starts
def test_a_key_of_one_s_own_is_sent(send: Start) -> None:
    server = Server([problem(503, "unavailable"), started()])
    send(server, idempotency_key="login-1")
    assert server.keys == ["login-1", "login-1"]


@both_starts
@pytest.mark.parametrize(
    "failure",
    [
        problem(409, "in_progress"),
        problem(429, "limit_reached"),
        problem(503, "unavailable"),
        httpx.Response(504, json={"message": "Endpoint request timed out"}),
        httpx.ReadTimeout("late"),
        httpx.ConnectError("nobody"),
    ],
    ids=str,
)
def test_a_repetition_has_the_key_of_the_first(
    send: Start, failure: httpx.Response | httpx.TransportError
) -> None:
    server = Server([failure, started()])
    send(server)
    [first, second] = server.keys
    assert first
    assert first == second


@both_starts
@pytest.mark.parametrize(
    "refusal",
    [
        problem(409, "name_taken"),
        problem(422, "validation_failed", errors=[{"loc": ["phone"], "type": "t", "msg": "m"}]),
        httpx.Response(429, json={"code": "limit_reached"}, headers={"Retry-After": "60"}),
        httpx.Response(401, json={"message": "Unauthorized"}),
    ],
    ids=str,
)
def test_what_another_try_cannot_change_is_not_repeated(
    send: Start, refusal: httpx.Response
) -> None:
    server = Server([refusal])
    with pytest.raises(ApiError) as caught:
        send(server)
    assert caught.value.status == refusal.status_code
    assert caught.value.problem == refusal.json()
    assert len(server.requests) == 1


@both_starts
def test_there_is_an_end_to_tries(send: Start) -> None:
    server = Server([problem(503, "unavailable")] * 3)
    with pytest.raises(ApiError, match="503 unavailable: No") as caught:
        send(server)
    assert (caught.value.code, caught.value.retry_after) == ("unavailable", 0)
    assert len(server.requests) == 3
    server = Server([httpx.ReadError("cut")] * 3)
    with pytest.raises(httpx.ReadError):
        send(server)
    assert len(set(server.keys)) == 1


def test_a_change_without_a_key_is_sent_once_and_a_reading_again() -> None:
    server = Server([problem(503, "unavailable")])
    with Ringpass(URL, KEY, transport=server) as ringpass, pytest.raises(ApiError):
        replace_client_settings.sync(client=ringpass, body=ReplaceClientSettings())
    assert server.keys == [None]
    page = httpx.Response(200, json={"items": [example("Delivery")], "next_cursor": None})
    server = Server([problem(503, "unavailable"), page])
    with Ringpass(URL, KEY, transport=server) as ringpass:
        [delivery] = list_deliveries.sync(client=ringpass, limit=1).items
    assert delivery.id == example("Delivery")["id"]
    assert server.requests[1].url.params["limit"] == "1"
    assert server.keys == [None, None]


def test_a_reading_may_wait_and_sends_nothing_of_what_is_left_out() -> None:
    server = Server([httpx.Response(200, json=example("Verification"))] * 3)
    with Ringpass(URL, KEY, transport=server) as ringpass:
        ringpass.read_verification(ID, wait=20, step=1)
        ringpass.read_verification(ID)

    async def run() -> None:
        async with AsyncRingpass(URL, KEY, transport=server) as ringpass:
            await ringpass.read_verification(ID, wait=5)

    asyncio.run(run())
    queries = [str(request.url.params) for request in server.requests]
    assert queries == ["wait=20&step=1", "", "wait=5"]


def test_retries_can_be_switched_off() -> None:
    server = Server([problem(503, "unavailable")])
    with (
        Ringpass(URL, KEY, transport=server, retries=Retries(tries=1)) as ringpass,
        pytest.raises(ApiError),
    ):
        ringpass.read_verification(ID)


@pytest.mark.parametrize(
    ("response", "detail"),
    [
        (httpx.Response(403, json={"message": "Forbidden"}), "Forbidden"),
        (httpx.Response(404, text="<html>"), ""),
        (httpx.Response(404, json=[1]), ""),
    ],
    ids=str,
)
def test_an_error_of_something_else_is_an_api_error_too(
    response: httpx.Response, detail: str
) -> None:
    with (
        Ringpass(URL, KEY, transport=Server([response])) as ringpass,
        pytest.raises(ApiError) as caught,
    ):
        ringpass.read_verification(ID)
    error = caught.value
    assert (error.status, error.code, error.detail) == (response.status_code, "", detail)
    assert (error.errors, error.retry_after) == ([], None)


# ----------------------------------------------------------------------------------------- ends

ENDS: Final[list[tuple[str, str | None, str | None, State, CheckResult]]] = [
    ("approved", "code_right", None, Approved(), AlreadyApproved()),
    ("canceled", "asked", None, Canceled(), Canceled()),
    ("canceled", "deleted", None, Canceled(), Canceled()),
    ("canceled", "replaced", ID, Replaced(ID), Replaced(ID)),
    ("expired", "time_over", None, Expired(), Expired()),
    ("max_attempts_reached", "attempts_used", None, AttemptsUsed(), AttemptsUsed()),
    ("failed", "all_failed", None, Failed(), Failed()),
    ("paused", "by_a_newer_server", None, OtherEnd("paused"), OtherEnd("paused")),
]


@pytest.mark.parametrize(("status", "reason", "replaced_by", "state", "result"), ENDS, ids=str)
def test_each_end_has_its_type(
    status: str, reason: str, replaced_by: str | None, state: State, result: CheckResult
) -> None:
    record = example("Verification")
    end = {"status": status, "reason": reason, "replaced_by": replaced_by}
    assert state_of(Verification.from_dict({**record, **end})) == state
    members = {"ended_as": status, "reason": reason}
    members |= {} if replaced_by is None else {"replaced_by": replaced_by}
    for send in (check, check_async):
        assert send(Server([problem(409, "verification_ended", **members)])) == result


def test_every_status_that_there_is_has_a_type_of_its_own() -> None:
    assert {*map(str, KnownVerificationStatus)} == {*map(str, VerificationStatus)}
    states = {
        type(state_of(Verification.from_dict({**example("Verification"), "status": status})))
        for status in VerificationStatus
    }
    assert len(states) == len(VerificationStatus)
    assert OtherEnd not in states
    assert {type(state) for *_, state, _ in ENDS} | {Pending} == set(get_args(State))


@both_checks
@pytest.mark.parametrize(
    ("status", "result"),
    [
        ("approved", Approved()),
        ("pending", WrongCode(2)),
        ("max_attempts_reached", AttemptsUsed()),
        ("under_review", OtherEnd("under_review")),
    ],
)
def test_a_check_that_was_judged(send: Check, status: str, result: CheckResult) -> None:
    body = {"id": ID, "status": status, "attempts_remaining": 2}
    server = Server([httpx.Response(200, json=body)])
    assert send(server) == result
    [request] = server.requests
    assert json.loads(request.content) == {"code": "1234"}


@both_checks
def test_another_refusal_of_a_check_is_an_error(send: Check) -> None:
    with pytest.raises(ApiError, match="404 not_found"):
        send(Server([problem(404, "not_found")]))


words = st.text(min_size=1, max_size=20)


@given(words, words, words)
def test_a_word_that_is_new_is_read_as_text(status: str, reason: str, channel: str) -> None:
    record = {"status": status, "reason": reason, "channel": channel}
    verification = Verification.from_dict({**example("Verification"), **record, "more": [1]})
    assert (verification.status, verification.reason, verification.channel) == (
        status,
        reason,
        channel,
    )
    state_of(verification)
    assert verification["more"] == [1]
    delivery = Delivery.from_dict({**example("Delivery"), **record})
    assert str(delivery.status) == status


# ------------------------------------------------------------------------------------- webhooks

_MASTER: Final = Secret("k" * 64)
SECRET: Final = endpoint_secret(_MASTER, "whe_a", 1)


def signed(body: str, *secrets: Secret, at: datetime | None = None) -> Mapping[str, str]:
    return signed_headers(list(secrets) or [SECRET], "evt_1", at or datetime.now(UTC), body)


def test_an_event_is_of_its_type() -> None:
    body = json.dumps(example("Event"))
    event = verify_webhook(body.encode(), signed(body), SECRET.reveal())
    assert type(event).__name__.removesuffix("Event").lower() == example("Event")["type"].replace(
        ".", ""
    )
    ping = {**example("Event"), "type": "ping", "data": example("WebhookEndpoint")}
    body = json.dumps(ping, ensure_ascii=False)
    event = verify_webhook(body, {k.title(): v for k, v in signed(body).items()}, SECRET.reveal())
    assert isinstance(event, PingEvent)
    assert event.data.url == example("WebhookEndpoint")["url"]


def test_every_type_of_event_has_a_class() -> None:
    names = {
        "".join(word.title() for word in type_.replace("_", ".").split(".")) + "Event"
        for type_ in EventType
    }
    assert {kind.__name__ for kind in get_args(KnownEvent)} == names
    assert VerificationApprovedEvent in get_args(KnownEvent)


def test_an_event_of_a_new_type_survives() -> None:
    body = json.dumps({**example("Event"), "type": "number.ported", "data": {"to": "mvno"}})
    event = verify_webhook(body, signed(body), SECRET.reveal())
    assert isinstance(event, Event)
    assert event.type_ == "number.ported"
    assert event.data.to_dict() == {"to": "mvno"}


def test_while_a_secret_is_rotated_both_verify() -> None:
    body, new = json.dumps(example("Event")), endpoint_secret(_MASTER, "whe_a", 2)
    headers = signed(body, new, SECRET)
    for secret in (new, SECRET):
        assert verify_webhook(body, headers, secret.reveal()).subject


@pytest.mark.parametrize(
    "change",
    [
        {"body": "{}"},
        {"secret": endpoint_secret(_MASTER, "whe_b", 1).reveal()},
        {"webhook-id": "evt_2"},
        {"webhook-timestamp": "1"},
        {"webhook-timestamp": "now"},
        {"webhook-signature": "v1"},
        {"webhook-signature": "v1,?"},
        {"webhook-signature": ""},
        {"body": b"\xff"},
    ],
    ids=str,
)
def test_what_is_not_from_ringpass_is_refused(change: dict[str, Any]) -> None:
    text = json.dumps(example("Event"))
    headers = {**signed(text), **{k: v for k, v in change.items() if k.startswith("webhook-")}}
    with pytest.raises(InvalidWebhook):
        verify_webhook(change.get("body", text), headers, change.get("secret", SECRET.reveal()))


def test_a_signed_body_that_is_no_json_is_refused() -> None:
    with pytest.raises(InvalidWebhook):
        verify_webhook("{", signed("{"), SECRET.reveal())


def test_an_old_webhook_is_refused() -> None:
    body = json.dumps(example("Event"))
    headers = signed(body, at=datetime.now(UTC) - timedelta(minutes=6))
    with pytest.raises(InvalidWebhook, match="too old"):
        verify_webhook(body, headers, SECRET.reveal())


def test_an_empty_secret_of_one_s_own_is_no_invalid_webhook() -> None:
    """Else each webhook would be answered 400 for a mistake in the receiver's settings."""
    body = json.dumps(example("Event"))
    with pytest.raises(Exception, match="may not be empty"):
        verify_webhook(body, signed(body), "")

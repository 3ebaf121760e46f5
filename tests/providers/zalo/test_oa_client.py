"""Zalo's API of calls: each request, each form of a reply, and every number of an error."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from ringpass.errors import Unavailable
from ringpass.outcomes import Unknown
from ringpass.phone import parse_phone
from ringpass.providers.base import HttpRequest, HttpResponse, NoResponse
from ringpass.providers.zalo.access_token import AccessTokens
from ringpass.providers.zalo.call_type import CallType
from ringpass.providers.zalo.oa_client import (
    WORDS,
    CallLink,
    ConsentResult,
    Done,
    MccAgent,
    Refused,
    ZaloOaClient,
    ZaloResult,
)
from tests.moto_table import moto_client
from tests.providers.zalo.zalo_vault import Vault

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
PHONE = parse_phone("+84773543888")
USER, AGENT = "4491783511907164918", "5931518706854365424"
TAKEN = {0, 1, 2, 8}
STATES = {0, 1, 2, 3, 4, 8, 16, 20}
OPEN = {10, 12}


@dataclass
class Zalo:
    """Its answers in order, the last one for all further requests; and what was asked."""

    answers: list[HttpResponse | NoResponse] = field(default_factory=list)
    requests: list[HttpRequest] = field(default_factory=list)

    def send(self, request: HttpRequest) -> HttpResponse | NoResponse:
        self.requests.append(request)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def says(self, *bodies: object) -> None:
        self.answers = [HttpResponse(200, json.dumps(body).encode()) for body in bodies]


@dataclass
class World:
    zalo: Zalo
    calls: ZaloOaClient
    vault: Vault


@pytest.fixture
def world() -> Iterator[World]:
    with mock_aws():
        manager: SecretsManagerClient = moto_client("secretsmanager")
        vault, zalo = Vault.made(manager, NOW), Zalo()
        tokens = AccessTokens(manager, lambda: vault.arn, sleep=lambda _: None)
        yield World(zalo, ZaloOaClient("https://openapi.zalo.me", zalo.send, tokens), vault)


def without_tokens(answer: HttpResponse) -> ZaloOaClient:
    """What reads one answer; nobody refuses its token, so none is looked up."""

    class Held:
        def access(self, *, refresh: bool = False) -> object:
            assert not refresh
            from ringpass.redaction import Secret

            return Secret("t")

    return ZaloOaClient("https://example.test", lambda _: answer, Held())  # type: ignore[arg-type]


def read[T](
    ask: Callable[[ZaloOaClient], ZaloResult[T]], body: object, status: int = 200
) -> ZaloResult[T]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return ask(without_tokens(HttpResponse(status, raw)))


def request_consent(calls: ZaloOaClient) -> ZaloResult[ConsentResult]:
    return calls.request_consent(PHONE, CallType.AUDIO, 101)


def check_consent(calls: ZaloOaClient) -> ZaloResult[ConsentResult]:
    return calls.check_consent(PHONE)


def call_link(calls: ZaloOaClient) -> ZaloResult[CallLink]:
    return calls.create_call_link(USER, CallType.AUDIO, AGENT)


def say(calls: ZaloOaClient) -> ZaloResult[str | None]:
    return calls.send_message(USER, "Chào bạn")


def agents(calls: ZaloOaClient) -> ZaloResult[tuple[MccAgent, ...]]:
    return calls.list_agents()


type Ask = Callable[[ZaloOaClient], object]
EVERYTHING: list[Ask] = [request_consent, check_consent, call_link, say, agents]


@pytest.mark.slow
def test_the_request_for_consent(world: World) -> None:
    world.zalo.says({"error": 0, "message": "Success"})
    result = world.calls.request_consent(PHONE, CallType.AUDIO_AND_VIDEO, 103)
    assert result == Done(ConsentResult(0))
    [request] = world.zalo.requests
    assert (request.method, request.url) == (
        "POST",
        "https://openapi.zalo.me/v2.0/oa/call/requestconsent",
    )
    assert json.loads(request.body) == {
        "phone": "84773543888",
        "call_type": "audio_and_video",
        "reason_code": 103,
    }
    assert request.headers["access_token"] == "access-0"
    assert "Authorization" not in request.headers


def test_the_question_about_a_consent(world: World) -> None:
    world.zalo.says({"error": 0, "message": "ok", "expired_time": 1_764_000_000_000})
    assert world.calls.check_consent(PHONE) == Done(ConsentResult(0, "1764000000000"))
    [request] = world.zalo.requests
    assert (request.method, request.body) == ("GET", b"")
    url = urlsplit(request.url)
    assert url.path == "/v2.0/oa/call/checkconsent"
    assert parse_qs(url.query) == {"data": ['{"phone":"84773543888"}']}


def test_the_call_link(world: World) -> None:
    data = {"call_link": "https://zalo.me/app/link/x", "qr_code": "...", "ttl": 172800}
    world.zalo.says({"data": data})
    result = world.calls.create_call_link(USER, CallType.VIDEO, AGENT)
    assert isinstance(result, Done)
    assert (result.value.url.reveal(), result.value.ttl) == (data["call_link"], timedelta(hours=48))
    [request] = world.zalo.requests
    assert request.url == "https://openapi.zalo.me/v3.0/oa/call/outbound"
    assert json.loads(request.body) == {
        "user_id": USER,
        "call_type": "video",
        "agent_id": AGENT,
    }
    assert "zalo.me/app" not in repr(result)


def test_a_call_link_for_any_agent(world: World) -> None:
    world.zalo.says({"error": "0", "data": {"call_link": "http://x.test/y", "ttl": "60"}})
    result = world.calls.create_call_link(USER, CallType.AUDIO, None)
    assert isinstance(result, Done)
    assert result.value.ttl == timedelta(seconds=60)
    assert "agent_id" not in json.loads(world.zalo.requests[0].body)


@pytest.mark.parametrize("ttl", [None, 0, -1, "x", True, 10**9, "999999999"])
def test_a_life_that_is_none_or_too_long_is_48_hours(ttl: object) -> None:
    result = read(call_link, {"data": {"call_link": "https://zalo.me/x", "ttl": ttl}})
    assert isinstance(result, Done)
    assert result.value.ttl == timedelta(hours=48)


@pytest.mark.parametrize(
    "data", [None, {}, {"call_link": ""}, {"call_link": 1}, {"call_link": "javascript:x"}, "x"]
)
def test_a_call_link_that_is_none_is_unknown(data: object) -> None:
    assert read(call_link, {"error": 0, "data": data}) == Unknown("unreadable_reply")


def test_a_message(world: World) -> None:
    world.zalo.says({"error": 0, "message": "Success", "data": {"message_id": "m-1"}})
    assert world.calls.send_message(USER, "Chào bạn") == Done("m-1")
    [request] = world.zalo.requests
    assert request.url == "https://openapi.zalo.me/v3.0/oa/message/cs"
    assert json.loads(request.body) == {
        "recipient": {"user_id": USER},
        "message": {"text": "Chào bạn"},
    }


def test_the_agents(world: World) -> None:
    entries = [
        {"agent_id": AGENT, "agent_name": "Lan", "allocation": [1]},
        {"agent_id": 17, "agent_name": None},
        {"agent_name": "nobody"},
        "text",
    ]
    world.zalo.says({"error": 0, "data": {"agents": entries, "branches": []}})
    expected = (MccAgent(AGENT, "Lan"), MccAgent("17", None))
    assert world.calls.list_agents() == Done(expected)
    world.zalo.says({"agents": entries, "branches": []})
    assert world.calls.list_agents() == Done(expected)
    assert world.zalo.requests[0].method == "GET"
    assert world.zalo.requests[0].url == "https://openapi.zalo.me/v3.0/oa/call/getmccinfo"


@pytest.mark.parametrize("number", [*range(22), -1, -32, -100, -124, -200, -213, -216, -230, 99])
@pytest.mark.parametrize("kind", [int, str])
def test_every_number_that_zalo_says_of_a_consent(number: int, kind: type) -> None:
    if WORDS.get(number) == "unauthorized":
        return  # Two requests: see below.
    for ask, done_numbers in ((request_consent, TAKEN), (check_consent, STATES)):
        result = read(ask, {"error": kind(number), "message": "x"})
        if number in done_numbers:
            assert result == Done(ConsentResult(number))
        elif number in WORDS and number not in OPEN:
            assert result == Refused(number, WORDS[number])
        else:
            assert result == Unknown(f"zalo_error_{number}")


@pytest.mark.slow
@given(number=st.integers(-(10**8), 10**8).filter(lambda one: one not in WORDS))
def test_a_number_that_is_not_documented_decides_nothing(number: int) -> None:
    for ask in EVERYTHING:
        answer = HttpResponse(200, json.dumps({"error": number}).encode())
        assert ask(without_tokens(answer)) == Unknown(f"zalo_error_{number}")


@pytest.mark.parametrize("ask", EVERYTHING)
@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null", b"\xff", b"{", b'"0"', b"0"])
def test_what_cannot_be_read_is_unknown(ask: Callable[[ZaloOaClient], object], body: bytes) -> None:
    assert ask(without_tokens(HttpResponse(200, body))) == Unknown("unreadable_reply")


@pytest.mark.parametrize("ask", [request_consent, check_consent, say])
@pytest.mark.parametrize("error", [None, True, False, "", "zero", [], {}, 0.5])
def test_what_has_no_number_is_unknown(
    ask: Callable[[ZaloOaClient], object], error: object
) -> None:
    answer = HttpResponse(200, json.dumps({"error": error, "message": "Success"}).encode())
    assert ask(without_tokens(answer)) == Unknown("unreadable_reply")


@pytest.mark.parametrize("ask", EVERYTHING)
@pytest.mark.parametrize(
    ("status", "body", "result"),
    [
        (500, b'{"error": 0}', Unknown("http_500")),
        (502, b"<html>", Unknown("http_502")),
        (409, b'{"error": 0}', Unknown("http_409")),
        (404, b"<html>", Unknown("http_404")),
        (404, b'{"error": 0}', Refused(None, "http_404")),
        (429, b"", Refused(None, "rate_limited")),
    ],
)
def test_an_http_error_is_no_success(
    ask: Callable[[ZaloOaClient], object], status: int, body: bytes, result: object
) -> None:
    assert ask(without_tokens(HttpResponse(status, body))) == result


@pytest.mark.parametrize(
    ("expired_time", "until"),
    [
        (1_764_000_000_000, "1764000000000"),
        ("1764000000000", "1764000000000"),
        (0, "0"),
        ("0", "0"),
        (None, None),
        (True, None),
        ([], None),
    ],
)
def test_an_expiry_is_kept_as_it_was_written(expired_time: object, until: str | None) -> None:
    for body in (
        {"error": 0, "expired_time": expired_time},
        {"error": 0, "data": {"expired_time": expired_time}},
    ):
        assert read(check_consent, body) == Done(ConsentResult(0, until))


@pytest.mark.slow
@pytest.mark.parametrize("ask", EVERYTHING)
@pytest.mark.parametrize("why", ["timeout", "connection_cut"])
def test_no_answer_is_unknown_and_nothing_is_asked_twice(
    world: World, ask: Callable[[ZaloOaClient], object], why: str
) -> None:
    world.zalo.answers = [NoResponse(why)]
    assert ask(world.calls) == Unknown(why)
    assert len(world.zalo.requests) == 1


@pytest.mark.parametrize("ask", EVERYTHING)
def test_without_a_connection_nothing_was_asked(
    world: World, ask: Callable[[ZaloOaClient], object]
) -> None:
    world.zalo.answers = [NoResponse("connect_failed", sent=False)]
    assert ask(world.calls) == Refused(None, "connect_failed")


@pytest.mark.parametrize("ask", EVERYTHING)
@pytest.mark.parametrize(
    "refusal",
    [
        HttpResponse(200, b'{"error": -216, "message": "Access token is invalid"}'),
        HttpResponse(200, b'{"error": "-124"}'),
        HttpResponse(401, b""),
    ],
)
def test_a_refused_token_is_looked_up_anew_and_asked_with_once_more(
    world: World, ask: Callable[[ZaloOaClient], object], refusal: HttpResponse
) -> None:
    world.zalo.answers = [refusal]
    result = ask(world.calls)
    assert isinstance(result, Refused)
    assert result.reason == "unauthorized"
    assert len(world.zalo.requests) == 2
    assert world.zalo.requests[0].body == world.zalo.requests[1].body


def test_a_token_that_is_taken_the_second_time(world: World) -> None:
    refusal = HttpResponse(200, b'{"error": -216}')
    world.zalo.answers = [refusal, HttpResponse(200, b'{"error": 0}')]
    assert request_consent(world.calls) == Done(ConsentResult(0))


def test_a_token_that_cannot_be_read_again_leaves_the_refusal(world: World) -> None:
    world.zalo.says({"error": -216})
    world.calls.tokens.access()
    moto_client("secretsmanager").delete_secret(
        SecretId=world.vault.arn, ForceDeleteWithoutRecovery=True
    )
    assert request_consent(world.calls) == Refused(-216, "unauthorized")
    assert len(world.zalo.requests) == 1


def test_without_a_token_nothing_is_asked(world: World) -> None:
    moto_client("secretsmanager").delete_secret(
        SecretId=world.vault.arn, ForceDeleteWithoutRecovery=True
    )
    with pytest.raises(Unavailable):
        request_consent(world.calls)
    assert world.zalo.requests == []


def test_nothing_that_is_asked_prints(world: World) -> None:
    world.zalo.says({"error": 0})
    for ask in EVERYTHING:
        ask(world.calls)
    printed = repr(world.calls)
    printed += "".join(repr(one) for one in world.zalo.requests if one.method == "POST")
    assert "84773543888" not in printed
    assert "access-0" not in printed

"""Every form of reply, in our words; and, for all providers alike, what is never accepted."""

import json
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringpass.outcomes import Accepted, ProviderResponse, Rejected, Unknown
from ringpass.phone import parse_phone
from ringpass.providers.base import HttpResponse, NoResponse, classify
from ringpass.providers.bizfly.client import Bizfly
from ringpass.providers.caresoft.client import Caresoft
from ringpass.providers.mcn.client import Mcn
from ringpass.providers.orders import CallOrder, MessageOrder, VoiceOrder
from ringpass.providers.voice_gateway.client import VoiceGateway
from ringpass.providers.zalo.zns_client import Zalo
from ringpass.redaction import Secret

type Read = Callable[[int, bytes], ProviderResponse]

PHONE = parse_phone("+84389801371")
CALL = CallOrder(parse_phone("+79777777777"), Secret("1234"), detect_redirect=True)


def read_bizfly(status: int, body: bytes) -> ProviderResponse:
    order = VoiceOrder(PHONE, Secret("12345"), "OTP-1")
    return Bizfly("https://example.test").outcome(order, HttpResponse(status, body))


def read_mcn(status: int, body: bytes, **fields: Any) -> ProviderResponse:  # noqa: ANN401
    order = replace(CALL, **fields)
    return Mcn("https://example.test").outcome(order, HttpResponse(status, body))


def read_caresoft(status: int, body: bytes) -> ProviderResponse:
    order = MessageOrder(PHONE, 366)
    return Caresoft("https://example.test", "acme").outcome(order, HttpResponse(status, body))


def read_zalo(status: int, body: bytes) -> ProviderResponse:
    order = MessageOrder(PHONE, zns_id="7895417")
    return Zalo("https://example.test", "oa").outcome(order, HttpResponse(status, body))


def read_voice_gateway(status: int, body: bytes) -> ProviderResponse:
    order = VoiceOrder(PHONE, Secret("12345"), None)
    return VoiceGateway("https://example.test").outcome(order, HttpResponse(status, body))


EVERY = pytest.mark.parametrize(
    "read",
    [read_bizfly, read_voice_gateway, read_mcn, read_caresoft, read_zalo],
    ids=["bizfly", "voice_gateway", "mcn", "caresoft", "zalo"],
)
UUID = "da59bda0a1bb_117793"


def test_bizfly_s_documented_reply() -> None:
    assert read_bizfly(200, rb'{"message":"th\u00e0nh c\u00f4ng","status":true}') == Accepted()


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (200, b'{"status":false,"message":"x"}', Rejected("refused")),
        (200, b'{"status":"true"}', Unknown("unreadable_reply")),
        (200, b'{"message":"x"}', Unknown("unreadable_reply")),
        (400, b'{"status":false,"error":"data_invalid"}', Rejected("http_400")),
        (400, b'{"error":"data_invalid"}', Rejected("http_400")),
        (500, b'{"status":true}', Unknown("http_500")),
        (500, b'{"status":false}', Unknown("http_500")),
    ],
)
def test_bizfly(status: int, body: bytes, outcome: ProviderResponse) -> None:
    assert read_bizfly(status, body) == outcome


def test_mcn_s_documented_reply() -> None:
    body = (
        b'{"ok": true, "caller_number": "74951091251", "verification_code": "1234",'
        b'"verification_uuid": "da59bda0a1bb_117793", "is_redirect": false}'
    )
    # The caller's number may end in the code, which is kept nowhere in clear.
    hidden: dict[str, str | bool] = {"caller_number": "7495109****", "is_redirect": False}
    assert read_mcn(200, body) == Accepted(UUID, hidden)
    # Without a code of ours the number is what the caller asked for.
    whole: dict[str, str | bool] = {"caller_number": "74951091251", "is_redirect": False}
    assert read_mcn(200, body, code=None) == Accepted(UUID, whole)


def test_mcn_s_reference_under_its_other_name() -> None:
    body = (
        b'{"ok":true,"caller_number":"74951091251","verification_call_uuid":"fa278be48dc2_117793"}'
    )
    outcome = read_mcn(200, body)
    assert isinstance(outcome, Accepted)
    assert outcome.provider_ref == "fa278be48dc2_117793"


def test_mcn_s_sibling_envelope() -> None:
    body = {
        "status": "success",
        "code": 200,
        "object": {
            "login_did": "74951091251",
            "code": "1234",
            "account_id": 117793,
            "verification_call_uuid": UUID,
        },
    }
    assert read_mcn(200, json.dumps(body).encode()) == Accepted(
        UUID, {"caller_number": "7495109****"}
    )


def test_mcn_s_is_redirect_means_something_only_if_it_was_asked_for() -> None:
    body = b'{"ok":true,"is_redirect":true}'
    assert read_mcn(200, body) == Accepted(None, {"is_redirect": True})
    assert read_mcn(200, body, detect_redirect=False) == Accepted(None, {})


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (200, b'{"ok":false,"error":"x"}', Rejected("refused")),
        (200, b'{"status":"error","code":400}', Rejected("refused")),
        (400, b'{"ok":false}', Rejected("http_400")),
        # An error that names a call: it was made before.
        (400, b'{"ok":false,"verification_uuid":"a_1"}', Unknown("refused_with_reference", "a_1")),
        (200, b'{"ok":false,"verification_uuid":"a_1"}', Unknown("refused_with_reference", "a_1")),
        (500, b'{"ok":true,"verification_uuid":"a_1"}', Unknown("refused_with_reference", "a_1")),
        (200, b'{"ok":1}', Unknown("unreadable_reply")),
        (200, b'{"ok":"true"}', Unknown("unreadable_reply")),
        (500, b'{"ok":true}', Unknown("http_500")),
    ],
)
def test_mcn(status: int, body: bytes, outcome: ProviderResponse) -> None:
    assert read_mcn(status, body) == outcome


def test_caresoft_s_documented_reply() -> None:
    body = b'{"status": "OK", "ticket": {"ticketId": "297002"}}'
    assert read_caresoft(200, body) == Accepted("297002", {"ticket_id": "297002"})


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (200, b'{"status":"ok","ticket":{"ticketId":297002}}', "297002"),
        (200, b'{"code":"ok","ticket":{"ticket_id":297002}}', "297002"),
        (200, b'{"code":"OK","ticket_id":"297002"}', "297002"),
        (200, b'{"code":"ok"}', None),
        (200, b'{"code":"ok","ticket":{"ticketId":true}}', None),
        (200, b'{"code":"errors","message":"x"}', Rejected("refused")),
        (200, b'{"status":"OK","code":"errors"}', Rejected("refused")),
        (429, b'{"code":"errors","message":"Too Many Attempts."}', Rejected("rate_limited")),
        (
            404,
            b"Domain incorrect too many times , retry after 15 minutes ",
            Rejected("rate_limit_locked"),
        ),
        (404, b'{"message":"x"}', Rejected("http_404")),
        (404, b"<html>", Unknown("http_404")),
        (500, b'{"code":"errors"}', Unknown("http_500")),
    ],
)
def test_caresoft(status: int, body: bytes, outcome: ProviderResponse | str | None) -> None:
    if outcome is None or isinstance(outcome, str):
        # A ticket that was made for the message is what it is known by.
        outcome = Accepted(outcome, {"ticket_id": outcome} if outcome else {})
    assert read_caresoft(status, body) == outcome


def test_a_ticket_that_the_caller_gave_is_not_what_caresoft_knows_the_message_by() -> None:
    order = MessageOrder(PHONE, 366, ticket_id=297_005)
    answer = HttpResponse(200, b'{"status":"OK","ticket":{"ticketId":"297005"}}')
    outcome = Caresoft("https://example.test", "acme").outcome(order, answer)
    assert outcome == Accepted(None, {"ticket_id": "297005"})


@pytest.mark.parametrize(
    "message",
    [
        "Insufficient balance",
        "Недостаточно средств на счёте",
        "Неоплаченный счёт",
        "Số dư không đủ",
        unicodedata.normalize("NFD", "Tài khoản ZNS không đủ số dư"),
        "billing error",
        "No balance.",
        {"code": 7, "texts": ["payment required"]},
    ],
)
def test_a_refusal_for_want_of_money_is_told_apart(message: object) -> None:
    text = json.dumps({"message": message})[1:].encode()
    assert read_bizfly(200, b'{"status":false,' + text) == Rejected("billing")
    assert read_mcn(200, b'{"ok":false,' + text) == Rejected("billing")
    assert read_caresoft(200, b'{"code":"errors",' + text) == Rejected("billing")
    assert read_mcn(402, b"{}") == Rejected("billing")
    # Also with a status that refuses, but not where the status leaves it open.
    for status in (400, 403, 422):
        assert read_bizfly(status, b'{"status":false,' + text) == Rejected("billing")
        assert read_mcn(status, b'{"ok":false,' + text) == Rejected("billing")
        assert read_caresoft(status, b'{"code":"errors",' + text) == Rejected("billing")
    assert read_mcn(500, b'{"ok":false,' + text) == Unknown("http_500")


@pytest.mark.parametrize(
    "message",
    [
        "The field payment_code is missing",
        "zns.params.balance is too long",
        "prepayment",
        {"balance": 0, "payment": {"due": None}},
    ],
)
def test_a_field_that_is_named_like_money_is_no_want_of_it(message: object) -> None:
    text = json.dumps({"message": message})[1:].encode()
    assert read_caresoft(200, b'{"code":"errors",' + text) == Rejected("refused")
    assert read_caresoft(422, b'{"code":"errors",' + text) == Rejected("http_422")


def test_a_refusal_may_be_nested_as_deeply_as_it_can_be_read() -> None:
    nested = b'{"code":"errors","message":' + b"[" * 900 + b"]" * 900 + b"}"
    assert read_caresoft(200, nested) == Rejected("refused")


@EVERY
def test_401_and_429_turn_a_request_away_whatever_their_body(read: Read) -> None:
    for body in (b"", b"<html>", b"{}"):
        assert read(401, body) == Rejected("unauthorized")
        assert read(429, body) == Rejected("rate_limited")


@EVERY
@pytest.mark.parametrize(
    ("status", "body"),
    [
        (502, b"<html>Bad Gateway</html>"),
        (500, b""),
        (503, b"{}"),
        (504, b'{"message":"x"}'),
        (200, b""),
        (200, b"<html>"),
        (200, b"[]"),
        (200, b"null"),
        (200, b'"ok"'),
        (200, b"{}"),
        (200, b"\xff\xfe"),
        (200, b"[" * 5_000),
        (204, b""),
        (302, b'{"ok":true,"status":true,"code":"ok"}'),
        (403, b"<html>"),
        (408, b"{}"),
        (409, b'{"message":"x"}'),
    ],
)
def test_everything_else_is_unknown(read: Read, status: int, body: bytes) -> None:
    assert isinstance(read(status, body), Unknown)


@EVERY
@given(status=st.integers(200, 599), body=st.binary(max_size=60))
def test_no_bytes_are_accepted_that_do_not_say_so(read: Read, status: int, body: bytes) -> None:
    assert not isinstance(read(status, body), Accepted)


LEAF = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just("ok")
FIELDS = st.dictionaries(
    st.sampled_from(
        ["ok", "status", "code", "object", "ticket", "verification_uuid", "error", "data"]
    ),
    LEAF | st.dictionaries(st.sampled_from(["ticketId", "verification_call_uuid"]), LEAF),
)


@pytest.mark.slow
@EVERY
@given(status=st.integers(200, 599), body=FIELDS)
def test_any_shape_is_judged(read: Read, status: int, body: dict[str, object]) -> None:
    outcome = read(status, json.dumps(body).encode())
    if isinstance(outcome, Accepted):
        assert 200 <= status < 300
    if isinstance(outcome, Rejected):
        assert status < 500


@pytest.mark.parametrize("why", ["timeout", "connection_cut"])
def test_no_answer_is_unknown(why: str) -> None:
    assert classify(NoResponse(why), lambda _: Accepted()) == Unknown(why)


def test_a_connection_that_was_never_made_placed_nothing() -> None:
    outcome = classify(NoResponse("connect_failed", sent=False), lambda _: Accepted())
    assert outcome == Rejected("connect_failed")

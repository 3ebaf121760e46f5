"""CareSoft's webhook: its signature over the very bytes, and what an event may say."""

import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringpass.outcomes import Status
from ringpass.providers.caresoft.webhook import (
    TicketEvent,
    is_signed,
    outcome_of,
    parse,
    signature_of,
)
from ringpass.redaction import Secret

SECRET = Secret("CS123")
VECTOR = (b'{"ticket_id":1}', "420A69CE7D3C36559E9828D6361530DF30065D37")
"""The example of CareSoft's documentation, with the secret CS123."""

EVENT: dict[str, Any] = {
    "object": "ticket",
    "action": "create",
    "ticket": {
        "ticket_id": 297_002,
        "ticket_no": 12,
        "ticket_status": "new",
        "ticket_subject": "Nguyễn Hải Hà",
        "requester": {"username": "Nguyễn Hải Hà", "phone_no": "0983912148"},
        "ticket_comment": {"body": "Ma cua ban la 482915"},
    },
}
"""The documented form of an event, as a ZNS may come in it."""


def read(event: object) -> TicketEvent:
    [ticket_event] = parse(json.dumps(event).encode())
    return ticket_event


# ------------------------------------------------------------------------------------- signature


def test_the_documented_example_is_signed() -> None:
    body, signature = VECTOR
    assert signature_of(body, SECRET) == signature
    assert is_signed(body, signature, [SECRET])


def test_it_is_hmac_sha1_in_upper_case() -> None:
    body = b'{"ticket_id":297002}'
    expected = hmac.new(b"CS123", body, hashlib.sha1).hexdigest().upper()
    assert signature_of(body, SECRET) == expected


def test_lower_case_is_the_same_signature() -> None:
    body, signature = VECTOR
    assert is_signed(body, signature.lower(), [SECRET])
    assert is_signed(body, f" {signature} ", [SECRET])


@pytest.mark.parametrize(
    "signature",
    [
        "",
        " ",
        "420A69CE7D3C36559E9828D6361530DF30065D3",
        "420A69CE7D3C36559E9828D6361530DF30065D370",
        "420A69CE7D3C36559E9828D6361530DF30065D38",
        "sha1=420A69CE7D3C36559E9828D6361530DF30065D37",
        "đđđđ",
        "\ud800",
        "CS123",
    ],
)
def test_a_wrong_or_missing_one_is_not(signature: str) -> None:
    assert not is_signed(VECTOR[0], signature, [SECRET])


def test_that_of_another_secret_is_not() -> None:
    body, signature = VECTOR
    assert not is_signed(body, signature, [Secret("CS124")])


def test_without_a_secret_nothing_is_signed() -> None:
    body, signature = VECTOR
    assert not is_signed(body, signature, [])


def test_the_old_secret_is_valid_beside_the_new_one() -> None:
    body = b'{"ticket_id":2}'
    old, new = Secret("old"), Secret("new")
    for secret in (old, new):
        assert is_signed(body, signature_of(body, secret), [old, new])
    assert not is_signed(body, signature_of(body, old), [new])


# What means the same as JSON, but is other bytes.
SAME_MEANING = [
    '{"a":1,"text":"Mã"}'.encode(),
    b'{"a":1,"text":"M\\u00e3"}',
    b'{"a":1,"text":"M\\u00E3"}',
    '{"text":"Mã","a":1}'.encode(),
    '{"a": 1, "text": "Mã"}'.encode(),
    '{"a":1.0,"text":"Mã"}'.encode(),
    '{"a":1,"text":"Mã"}\n'.encode(),
    '\ufeff{"a":1,"text":"Mã"}'.encode(),
    '{"a":1,"text":"Ma\u0303"}'.encode(),
]


@pytest.mark.parametrize("signature_body", SAME_MEANING)
@pytest.mark.parametrize("body", SAME_MEANING)
def test_the_very_bytes_are_signed_and_not_what_they_mean(
    signature_body: bytes, body: bytes
) -> None:
    assert is_signed(body, signature_of(signature_body, SECRET), [SECRET]) is (
        signature_body == body
    )


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_an_altered_body_is_not_signed(body: bytes, other: bytes) -> None:
    signature = signature_of(body, SECRET)
    assert is_signed(body, signature, [Secret("x"), SECRET])
    assert is_signed(other, signature, [SECRET]) is (other == body)


# ----------------------------------------------------------------------------------------- events


def test_an_event_in_the_documented_form() -> None:
    event = read(EVENT)
    assert event.is_zns
    assert event.ticket == "297002"
    assert event.called == ("+84983912148",)
    assert (event.outcome, event.reason) == (Status.UNKNOWN, "no_status")


def test_the_ticket_s_own_status_says_nothing_of_the_message() -> None:
    for word in ("new", "open", "pending", "solved", "closed", "delivered"):
        event = read({"ticket": {"ticket_id": 1, "ticket_status": word, "status": word}})
        assert event.outcome is Status.UNKNOWN


@pytest.mark.parametrize(
    ("word", "outcome"),
    [
        ("delivered", Status.DELIVERED),
        ("RECEIVED", Status.DELIVERED),
        ("Seen", Status.DELIVERED),
        ("read", Status.DELIVERED),
        ("failed", Status.FAILED),
        ("undelivered", Status.FAILED),
        ("Not delivered", Status.FAILED),
        ("not-delivered", Status.FAILED),
        ("rejected", Status.FAILED),
        # They say that it left, not that it arrived.
        ("sent", Status.UNKNOWN),
        ("success", Status.UNKNOWN),
        ("ok", Status.UNKNOWN),
        ("", Status.UNKNOWN),
        (1, Status.UNKNOWN),
        (True, Status.UNKNOWN),
        ("đã nhận", Status.UNKNOWN),
        ("x" * 50, Status.UNKNOWN),
    ],
)
def test_a_status_is_believed_only_if_the_table_knows_the_word(
    word: object, outcome: Status
) -> None:
    assert outcome_of(word)[0] is outcome
    for where in (
        {"ticket_id": 1, "delivery_status": word},
        {"ticket_id": 1, "status": word},
        {"ticket": {"ticket_id": 1, "ticket_comment": {"zns_status": word}}},
        {"ticket_id": 1, "zns": {"status": word}},
        {"ticket_id": 1, "message": {"state": word}},
    ):
        assert read(where).outcome is outcome


def test_the_reason_is_the_word_and_never_a_number_or_a_sentence() -> None:
    assert outcome_of("delivered")[1] == "zns_delivered"
    assert outcome_of("Not delivered")[1] == "zns_not_delivered"
    assert outcome_of("sent")[1] == "zns_sent"
    for other in (0, 482_915, "482915", "Mã của bạn", "x" * 50, ""):
        assert outcome_of(other)[1] == "zns_other"
    assert outcome_of(None)[1] == "no_status"


@pytest.mark.parametrize(
    "event",
    [
        {"ticket_id": 297_002},
        {"ticket_id": "297002"},
        {"ticketId": "297002"},
        {"ticket": {"ticket_id": 297_002}},
        {"ticket": {"ticketId": "297002"}},
        {"ticket": {"id": 297_002}},
        {"data": {"ticket": {"ticket_id": "297002"}}},
        {"ticket_id": None, "ticket": {"ticket_id": 297_002}},
    ],
)
def test_the_ticket_is_found_under_any_of_its_names(event: object) -> None:
    assert read(event).ticket == "297002"


@pytest.mark.parametrize(
    "event",
    [{"a": 1}, {"ticket_id": "x"}, {"ticket_id": True}, {"ticket_id": -1}, {"ticket_id": "1" * 21}],
)
def test_without_a_ticket_there_is_none(event: object) -> None:
    assert read(event).ticket is None


@pytest.mark.parametrize(
    ("spelling", "numbers"),
    [
        ("0983912148", ("+84983912148",)),
        ("84983912148", ("+84983912148",)),
        ("+84983912148", ("+84983912148",)),
        (84983912148, ("+84983912148",)),
        ("0000000001", ("+84000000001",)),
        ("0983 912 148", ("+84983912148",)),
        (" (+84) 983.912.148", ("+84983912148",)),
        (84983912148.0, ("+84983912148",)),
        ("79777777777", ()),
        ("x", ()),
        (None, ()),
    ],
)
def test_a_number_may_be_written_in_any_form(spelling: object, numbers: tuple[str, ...]) -> None:
    assert read({"user": {"phone_no": spelling}}).called == numbers


def test_only_so_many_numbers_are_taken() -> None:
    event = {"users": [{"phone": f"09000000{number:02}"} for number in range(20)]}
    assert len(read(event).called) == 5


@pytest.mark.parametrize(
    ("event", "ours"),
    [
        ({"event": "ticket.inbox_zalo_zns", "ticket_id": 1}, True),
        ({"object": "ticket", "ticket_id": 1}, True),
        ({"ticket_id": 1}, True),
        ({"type": "whatever", "ticket_id": 1}, True),
        ({"event": "ticket.voice", "ticket_id": 1}, False),
        ({"event": "user"}, False),
        ({"object": "user", "user": {"phone_no": "0983912148"}}, False),
        ({"object": "smart_dialer"}, False),
    ],
)
def test_other_events_are_told_apart(event: object, ours: bool) -> None:
    assert read(event).is_zns is ours


def test_what_is_kept_holds_nothing_of_the_customer() -> None:
    raw = read(EVENT | {"zns": {"status": "delivered", "params": {"otp": "482915"}}}).raw
    for text in ('"object": "ticket"', '"ticket_status": "new"', '"status": "delivered"'):
        assert text in raw
    for secret in ("Nguyễn", "Nguy", "0983912148", "983912148", "482915", "Ma cua"):
        assert secret not in raw


def test_several_events_may_come_in_one_body() -> None:
    tickets = [event.ticket for event in parse(b'[{"ticket_id":1},{"ticket_id":2},5,{},null]')]
    assert tickets == ["1", "2"]


def test_a_repeated_event_has_the_same_digest_and_another_another() -> None:
    one, again = read({"a": 1, "ticket_id": 1}), read({"ticket_id": 1, "a": 1})
    assert one.digest == again.digest != read({"ticket_id": 2}).digest


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'"x"',
        b"5",
        b"\xff\xfe\x00",
        b"[" * 5_000 + b"]" * 5_000,
        b"1" * 5_000,
    ],
)
def test_what_is_no_event_gives_none(body: bytes) -> None:
    assert parse(body) == []


def test_nesting_beyond_reason_is_looked_at_only_so_deep() -> None:
    deep: object = {"ticket_id": 1}
    for _ in range(40):
        deep = {"a": deep}
    assert read(deep).ticket is None
    deepest = b'{"a":' * 5_000 + b"1" + b"}" * 5_000
    assert all(event.ticket is None for event in parse(deepest))


@given(st.binary(max_size=100))
def test_any_bytes_are_taken(body: bytes) -> None:
    parse(body)


VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["ticket", "ticket_id", "status", "zns", "phone", "event", "x"]), inner
        )
    ),
    max_leaves=8,
)


@pytest.mark.slow
@given(VALUES)
def test_any_values_are_taken(document: object) -> None:
    for event in parse(json.dumps(document).encode()):
        assert event.outcome in Status

"""Zalo's webhook: the signature over the very bytes, and which event is a message's arrival."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringpass.providers.zalo.webhook import (
    Arrival,
    ZaloEvent,
    arrival_of,
    is_signed,
    parse,
    untimely_reason,
)
from ringpass.redaction import Secret

APP = "1234567890123456789"
KEY = "oa-secret-key"
TIME = "1764000000000"
TRACKING = "dlv_" + "a" * 32
# As Zalo's reference shows it, with our tracking id.
ARRIVED = (
    '{"event_name":"user_received_message","app_id":"1234567890123456789",'
    '"sender":{"id":"2867735993958514567"},"recipient":{"id":"84983912148"},'
    '"message":{"delivery_time":"1764000000000","msg_id":"4a5e1c0b7a2f","tracking_id":"'
    + TRACKING
    + '"},"timestamp":"1764000000000"}'
).encode()


def mac(body: bytes, timestamp: str = TIME, key: str = KEY, app: str = APP) -> str:
    """As Zalo makes it, written anew from its description."""
    text = app.encode() + body + timestamp.encode() + key.encode()
    return "mac=" + hashlib.sha256(text).hexdigest()


def signed(signature: str, body: bytes, *keys: str, app: str = APP) -> bool:
    event = parse(body)
    secrets = [Secret(key) for key in keys or (KEY,)]
    return event is not None and is_signed(signature, event, body, app, secrets)


def the(body: bytes) -> ZaloEvent:
    event = parse(body)
    assert event is not None
    return event


def test_a_right_signature_is_taken() -> None:
    assert signed(mac(ARRIVED), ARRIVED)


def test_a_vector_that_a_shell_made() -> None:
    # printf '1{"timestamp":"2"}2k' | sha256sum
    vector = "mac=dc0487a5431673273ad08e6764f684325aee31723f0de6ea30acfa90e56b3b39"
    assert signed(vector, b'{"timestamp":"2"}', "k", app="1")


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "mac=",
        "mac=" + "0" * 64,
        "0" * 64,
        mac(ARRIVED)[:-1],
        mac(ARRIVED) + "0",
        "sha256=" + mac(ARRIVED)[4:],
        " " + mac(ARRIVED),
        mac(ARRIVED, key="another key"),
        mac(ARRIVED, app="another app"),
        mac(ARRIVED, timestamp="1764000000001"),
    ],
)
def test_a_wrong_or_missing_signature_is_refused(signature: str) -> None:
    assert not signed(signature, ARRIVED)


def test_the_hex_digits_may_be_of_either_case_and_stand_alone() -> None:
    assert signed("mac=" + mac(ARRIVED)[4:].upper(), ARRIVED)
    assert signed(mac(ARRIVED)[4:], ARRIVED)


def test_an_altered_body_is_refused() -> None:
    for at in range(len(ARRIVED)):
        altered = ARRIVED[:at] + bytes([ARRIVED[at] ^ 1]) + ARRIVED[at + 1 :]
        assert not signed(mac(ARRIVED), altered)
    assert not signed(mac(ARRIVED), ARRIVED + b" ")
    assert not signed(mac(ARRIVED), b" " + ARRIVED)


# What a parser takes for the same is not the same.
SAME = [
    '{"timestamp":"1764000000000","text":"Xin chào, Hà Nội"}',
    '{"timestamp":"1764000000000","text":"Xin ch\\u00e0o, H\\u00e0 N\\u1ed9i"}',
    '{"timestamp":"1764000000000","text":"Xin ch\\u00E0o, H\\u00E0 N\\u1ED9i"}',
    '{"text":"Xin chào, Hà Nội","timestamp":"1764000000000"}',
    '{ "timestamp" : "1764000000000" , "text" : "Xin chào, Hà Nội" }',
    '{"timestamp":"1764000000000","text":"Xin chào, Hà Nội"}\n',
    '{"timestamp":"\\u0031764000000000","text":"Xin chào, Hà Nội"}',
    '{"timestamp":1764000000000,"text":"Xin chào, Hà Nội"}',
]


@pytest.mark.parametrize("one", range(len(SAME)))
def test_the_signature_is_over_the_very_bytes(one: int) -> None:
    for other, body in enumerate(SAME):
        assert signed(mac(SAME[one].encode()), body.encode()) is (one == other)


def test_a_time_that_is_a_number_is_signed_as_it_is_written() -> None:
    for timestamp in ("1764000000000", "1764000000000.0", "1.764e12", "-1"):
        body = f'{{"timestamp":{timestamp}}}'.encode()
        assert signed(mac(body, timestamp), body)


def test_a_new_key_and_an_old_one_are_both_valid_and_no_third() -> None:
    for key in ("old", "new"):
        assert signed(mac(ARRIVED, key=key), ARRIVED, "new", "old")
    assert not signed(mac(ARRIVED, key="older"), ARRIVED, "new", "old")


def test_nothing_is_signed_for_an_app_that_is_not_known() -> None:
    assert not signed(mac(ARRIVED, app=""), ARRIVED, app="")


def test_nothing_is_signed_where_there_is_no_key() -> None:
    event = the(ARRIVED)
    assert not is_signed(mac(ARRIVED, key=""), event, ARRIVED, APP, [])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"{}",
        b"not json",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"timestamp":null}',
        b'{"timestamp":{}}',
        b'{"timestamp":true}',
        b'{"event_name":"user_received_message"}',
    ],
)
def test_what_cannot_have_been_signed_is_no_event(body: bytes) -> None:
    assert parse(body) is None


@given(body=st.binary(max_size=80), signature=st.text(max_size=80))
def test_no_bytes_are_taken_for_signed(body: bytes, signature: str) -> None:
    assert not signed(signature, body)


def test_a_message_s_arrival() -> None:
    assert arrival_of(the(ARRIVED), "ZNS") == Arrival("4a5e1c0b7a2f", TRACKING)
    # The header is what tells by the reference, the delivery time what public clients look at.
    assert arrival_of(the(ARRIVED), "") == Arrival("4a5e1c0b7a2f", TRACKING)


def event(**fields: object) -> ZaloEvent:
    body = {"timestamp": TIME, "event_name": "user_received_message"} | fields
    return the(json.dumps(body).encode())


@pytest.mark.parametrize(
    ("fields", "server"),
    [
        # A message of the OA's that is from no template: its event has the same name.
        ({"message": {"msg_id": "a"}}, ""),
        ({"message": {"msg_ids": ["a"]}}, "OA"),
        ({"message": "text"}, "ZNS"),
        ({"message": {}}, "ZNS"),
        ({"message": {"msg_id": None}}, "ZNS"),
        ({"message": {"msg_id": "a b"}}, "ZNS"),
        ({"message": {"msg_id": "a" * 129}}, "ZNS"),
        ({"event_name": "user_send_text", "message": {"msg_id": "a"}}, "ZNS"),
        ({"event_name": "oa_send_consent"}, ""),
    ],
)
def test_every_other_event_is_something_else(fields: dict[str, object], server: str) -> None:
    assert arrival_of(event(**fields), server) is None


def test_either_id_is_enough() -> None:
    assert arrival_of(event(message={"msg_id": "a"}), " zns ") == Arrival("a", None)
    assert arrival_of(event(message={"tracking_id": "t"}), "ZNS") == Arrival(None, "t")
    assert arrival_of(event(message={"msg_id": "a", "delivery_time": "1"}), "") == Arrival(
        "a", None
    )


@pytest.mark.parametrize("name", [None, True, "", "a b", "a" * 65, {"a": 1}, "tên"])
def test_an_event_without_a_name_to_use_is_unnamed(name: object) -> None:
    assert event(event_name=name).name == "unnamed"
    assert the(b'{"timestamp":"1"}').name == "unnamed"


def test_numbers_beyond_2_53_keep_their_digits() -> None:
    body = b'{"timestamp":"1","event_name":"oa_call_user","call_id":9007199254740993123}'
    assert the(body).fields["call_id"] == "9007199254740993123"


NOW = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("age", "why"),
    [
        (timedelta(0), None),
        # Zalo's own repetitions, one after the other.
        (timedelta(seconds=30, minutes=50, hours=1), None),
        (timedelta(hours=3), None),
        (timedelta(hours=3, milliseconds=1), "too_old"),
        (timedelta(days=8), "too_old"),
        (-timedelta(minutes=5), None),
        (-timedelta(minutes=5, milliseconds=1), "too_new"),
        (-timedelta(days=400), "too_new"),
    ],
)
def test_the_age_of_an_event(age: timedelta, why: str | None) -> None:
    timestamp = str(round((NOW - age).timestamp() * 1_000))
    assert untimely_reason(the(json.dumps({"timestamp": timestamp}).encode()), NOW) == why
    assert untimely_reason(the(b'{"timestamp":%s}' % timestamp.encode()), NOW) == why


def test_an_event_may_count_in_seconds() -> None:
    assert untimely_reason(the(b'{"timestamp":"1795249800"}'), NOW) is None
    assert untimely_reason(the(b'{"timestamp":"1695249800"}'), NOW) == "too_old"


@pytest.mark.parametrize("timestamp", ["", "now", "-1", "1.8e12", "0", "9" * 40, "2026-11-21"])
def test_an_event_without_a_time(timestamp: str) -> None:
    assert untimely_reason(the(json.dumps({"timestamp": timestamp}).encode()), NOW) == "no_time"

"""Zalo's events of ended calls: numbers as numbers and as texts, and with anything missing."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringpass.oa.calls.model import CallResult, Direction
from ringpass.oa.calls.zalo_events import DIRECTIONS, CallEvent, parse_call_event
from ringpass.providers.zalo import webhook
from ringpass.providers.zalo.call_type import CallType

NOW = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
BEGAN = datetime(2026, 11, 21, 8, 28, 5, tzinfo=UTC)
# As public receivers of Zalo's events have them.
NUMBERS: dict[str, Any] = {
    "user_id": "4491783511907164918",
    "call_id": "1234567890123456789",
    "call_type": "AUDIO",
    "init_time": 1795249685000,
    "waiting_time": 5,
    "call_duration": 65000,
    "talk_time": 60000,
    "status_code": 0,
}


def read(fields: dict[str, Any], name: str = "oa_call_user") -> CallEvent:
    """As the webhook reads it: numbers become texts."""
    body = json.dumps({"event_name": name, "timestamp": "1", **fields}).encode()
    event = webhook.parse(body)
    assert event is not None
    return parse_call_event(event.name, event.fields, NOW)


def texts(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: str(value) for name, value in fields.items()}


@pytest.mark.parametrize("fields", [NUMBERS, texts(NUMBERS), NUMBERS | {"waiting_time": "5.0"}])
def test_a_call_in_every_form_of_its_numbers(fields: dict[str, Any]) -> None:
    call = read(fields)
    assert call.direction is Direction.OUT
    assert (call.user_id, call.call_type) == ("4491783511907164918", CallType.AUDIO)
    call_end = call.end
    assert call_end.call_id == "1234567890123456789"
    assert call_end.began_at == BEGAN
    assert (call_end.waiting_ms, call_end.talk_ms, call_end.duration_ms) == (5_000, 60_000, 65_000)
    assert call_end.status_code == "0"
    assert call_end.result is CallResult.ANSWERED


def test_fields_that_were_not_read_by_the_webhook_are_understood_too() -> None:
    assert parse_call_event("oa_call_user", NUMBERS, NOW) == read(NUMBERS)


def test_the_other_event_is_a_customer_s_call() -> None:
    assert read(NUMBERS, "user_call_oa").direction is Direction.IN


def test_without_talk_time_nobody_answered() -> None:
    for talk_time in (0, "0", "", None, "-3", "?"):
        assert read(NUMBERS | {"talk_time": talk_time}).end.result is CallResult.NOT_ANSWERED


@pytest.mark.parametrize(
    "phone", ["84389801371", "+84389801371", "0389801371", 84389801371, "84 389-801-371"]
)
def test_a_customer_by_phone(phone: object) -> None:
    call = read({"phone": phone, "call_id": "1"})
    assert (call.user_id, call.phone) == (None, "+84389801371")


def test_a_customer_abroad() -> None:
    assert read({"phone": "79161234567", "call_id": "1"}).phone == "+79161234567"


def test_a_customer_where_messages_have_one() -> None:
    ids = {"sender": {"id": "1"}, "recipient": {"id": "2"}}
    assert read(ids).user_id == "2"
    assert read(ids, "user_call_oa").user_id == "1"


def test_seconds_are_told_from_milliseconds() -> None:
    assert read({"init_time": "1795249685"}).end.began_at == BEGAN


def test_an_unknown_status_is_kept_as_it_was_written() -> None:
    for status in ("-17", "4.0", "REMOTE_BUSY"):
        assert read({"status_code": status}).end.status_code == status


def test_nothing_is_required() -> None:
    call = read({})
    call_end = call.end
    assert (call.user_id, call.phone, call.agent_id, call.call_type) == (None, None, None, None)
    assert (call_end.call_id, call_end.began_at, call_end.status_code) == (None, None, None)
    assert (call_end.waiting_ms, call_end.talk_ms, call_end.duration_ms) == (None, None, None)


def test_a_phone_does_not_print() -> None:
    assert "389801371" not in repr(read({"phone": "84389801371"}))


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(["1e400", "NaN", "Infinity", "9" * 40, "0x1", "\uff11\uff12"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=4,
)


@pytest.mark.slow
@given(
    st.sampled_from(sorted(DIRECTIONS)),
    st.dictionaries(st.sampled_from([*NUMBERS, "phone", "agent_id", "sender", "recipient"]), JSON),
)
def test_whatever_it_says_is_read_without_a_fault(name: str, fields: dict[str, Any]) -> None:
    for call in (read(fields, name), parse_call_event(name, fields, NOW)):
        for length in (call.end.waiting_ms, call.end.talk_ms, call.end.duration_ms):
            assert length is None or 0 <= length < 2**53

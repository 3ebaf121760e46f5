"""Bizfly's call results in whatever form they come: what is known is read, the rest is kept."""

import json
import unicodedata
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringpass.outcomes import Status
from ringpass.providers.bizfly.call_states import STATES, outcome_of, states_from_json
from ringpass.providers.bizfly.webhook import (
    BizflyCallEvent,
    instant_of,
    parse,
)

# The fields of the call log's rows, as public clients show them.
ROW = {
    "call_id": "c-1",
    "start_time": 1795249800,
    "hotline_number": "02471000000",
    "caller": "02471000000",
    "callee": "0389801371",
    "direct": "outbound",
    "state": "ANSWERED",
    "conversation_duration": 21,
    "audio_url": "https://example.test/1.mp3",
}
BEGAN = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)


def read(document: object) -> list[BizflyCallEvent]:
    return parse(json.dumps(document).encode(), {})


def one(**fields: Any) -> BizflyCallEvent:  # noqa: ANN401 - any JSON
    present = {name: value for name, value in (ROW | fields).items() if value is not None}
    [event] = read(present)
    return event


def test_a_row_of_the_log_as_public_clients_show_it() -> None:
    event = one()
    assert event.callee == "+84389801371"
    assert (event.outcome, event.reason) == (Status.ANSWERED, None)
    assert event.started_at == BEGAN
    assert not event.inbound
    assert event.request_id is None


@pytest.mark.parametrize(
    "document",
    [
        ROW,
        [ROW],
        {"data": ROW},
        {"status": True, "data": [ROW]},
        {"event": "call.ended", "payload": {"call": ROW}},
    ],
)
def test_whatever_stands_around_it(document: object) -> None:
    assert read(document) == [one()]


def test_a_form() -> None:
    [event] = parse(urlencode(ROW).encode(), {})
    assert (event.callee, event.outcome, event.started_at) == (
        "+84389801371",
        Status.ANSWERED,
        BEGAN,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("callee", "0389801371"),
        ("Callee", "0389801371"),
        ("callee_number", "84389801371"),
        ("phone", "+84 389 801 371"),
        ("phoneNumber", "0389.801.371"),
        ("to", "(+84) 389-801-371"),
        ("to_number", 84389801371),
        ("destination", 389801371),
        ("callee", 84389801371.0),
        ("callee", "sip:0389801371@sbc.example.test"),
        ("callee", "00 84 389 801 371"),
    ],
)
def test_the_callee_under_several_names_and_in_several_forms(name: str, value: object) -> None:
    [event] = read({name: value, "state": "busy"})
    assert (event.callee, event.outcome) == ("+84389801371", Status.BUSY)


def test_a_landline() -> None:
    for value in ("02438221315", "842438221315", "+84 24 3822 1315", 842438221315):
        assert one(callee=value).callee == "+842438221315"


@pytest.mark.parametrize("value", ["+79161234567", "101", "", "0389801371x", "03898013711", 0.5])
def test_what_is_no_vietnamese_number(value: object) -> None:
    assert one(callee=value, to="x").callee is None


def test_a_test_number() -> None:
    assert one(callee="0000000001").callee == "+84000000001"


@pytest.mark.parametrize("name", ["state", "State", "call_state", "callStatus", "status"])
def test_the_state_under_several_names(name: str) -> None:
    assert one(**{"state": None, name: "BUSY"}).outcome is Status.BUSY


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("ANSWERED", Status.ANSWERED),
        ("NO ANSWER", Status.NO_ANSWER),
        ("no-answer", Status.NO_ANSWER),
        ("Busy", Status.BUSY),
        ("FAILED", Status.FAILED),
    ],
)
def test_the_words_of_exchanges(word: str, status: Status) -> None:
    assert outcome_of(word, {})[0] is status


def test_a_state_that_nobody_knows_is_kept_and_settles_nothing() -> None:
    assert outcome_of("Cúp máy 2", {}) == (Status.UNKNOWN, "state_cúp_máy_2")
    assert outcome_of(None, {}) == (Status.UNKNOWN, "no_state")
    assert outcome_of(True, {}) == (Status.UNKNOWN, "no_state")
    assert outcome_of(7, {}) == (Status.UNKNOWN, "state_7")
    # Digits in a row may be a phone or a code.
    assert outcome_of("otp 48291", {}) == (Status.UNKNOWN, "state_otp_n")


def test_a_stack_adds_words_of_its_own() -> None:
    states = states_from_json('{"Nhỡ": "no_answer", "answered": "unknown"}')
    assert outcome_of("nhỡ", states) == (Status.NO_ANSWER, None)
    assert outcome_of(unicodedata.normalize("NFD", "NHỠ"), states) == (Status.NO_ANSWER, None)
    assert outcome_of("ANSWERED", states)[0] is Status.UNKNOWN


@pytest.mark.parametrize("text", ["[]", '{"a": "sometimes"}', "no JSON"])
def test_what_is_no_table_of_states(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whichever it is
        states_from_json(text)


def test_a_failure_keeps_its_word() -> None:
    assert outcome_of("congestion", {}) == (Status.FAILED, "state_congestion")


def test_every_word_is_one_that_can_be_met() -> None:
    assert all(outcome_of(word, {})[0] is status for word, status in STATES.items())
    assert all(status is not Status.UNKNOWN for status in STATES.values())


@pytest.mark.parametrize(
    "value",
    [
        1795249800,
        1795249800.0,
        "1795249800",
        1795249800000,
        "1795249800000",
        "2026-11-21T08:30:00Z",
        "2026-11-21T15:30:00+07:00",
        "2026-11-21 15:30:00",
        "21/11/2026 15:30:00",
    ],
)
def test_when_a_call_began_in_several_forms(value: object) -> None:
    assert instant_of(value) == BEGAN


@pytest.mark.parametrize("value", [None, "", "soon", True, -1, 12, "9" * 30, {}, float("nan")])
def test_what_is_no_instant(value: object) -> None:
    assert instant_of(value) is None


@pytest.mark.parametrize("direct", ["inbound", "IN", "incoming", "call-in"])
def test_a_call_that_came_in_is_none_of_ours(direct: str) -> None:
    assert one(direct=direct).inbound


@pytest.mark.parametrize("direct", ["outbound", "out", "", None, 2, "whatever"])
def test_any_other_direction_may_be(direct: object) -> None:
    assert not one(direct=direct).inbound


def test_a_call_is_told_from_others_by_its_id_else_by_its_beginning() -> None:
    assert one().key == one(state="BUSY", start_time=1795249900).key
    assert one(call_id="c-2").key != one().key
    began = one(call_id=None)
    assert began.key == one(call_id=None, state="BUSY").key
    assert began.key != one(call_id=None, start_time=1795249801).key
    neither = one(call_id=None, start_time=None)
    assert neither.key == one(call_id=None, start_time=None).key
    assert neither.key != one(call_id=None, start_time=None, state="BUSY").key


def test_a_request_id_that_is_repeated_is_read() -> None:
    assert one(request_id="dlv_abc").request_id == "dlv_abc"


def test_what_is_kept_holds_no_number_and_no_code() -> None:
    event = one(otp="482915", note="call 0389801371 about 482915")
    for secret in ("0389801371", "389801371", "482915"):
        assert secret not in event.raw
        assert secret not in event.key


@pytest.mark.parametrize(
    "body", [b"", b"null", b"hello", b"\xff\xfe", b"[" * 5_000, b"1" * 60_000, b'{"a":1}', b"[]"]
)
def test_what_names_no_callee_is_no_call(body: bytes) -> None:
    assert parse(body, {}) == []


def test_many_calls_in_one_delivery_are_all_read() -> None:
    assert len(read([ROW | {"call_id": str(number)} for number in range(80)])) == 80


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)


@pytest.mark.slow
@given(
    st.recursive(
        SCALARS,
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from([*ROW, "id", "to", "status", "requestId", "x"]), inner, max_size=6
            )
        ),
        max_leaves=20,
    )
)
def test_nothing_breaks_it(document: object) -> None:
    for event in read(document):
        assert event.key
        assert len(event.raw) <= 16_384
        assert event.callee is None or event.callee.startswith("+84")

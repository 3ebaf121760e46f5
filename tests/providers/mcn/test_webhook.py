"""MCN's CDR webhook in every form that an account can write it in."""

import json
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringpass.http.webhook_auth import is_valid
from ringpass.outcomes import Status
from ringpass.providers.mcn.q931 import outcome_of
from ringpass.providers.mcn.webhook import CdrEvent, parse
from ringpass.redaction import Secret

UUID = "fa278be48dc2_117793"
FIELDS = {
    "verification_call_uuid": UUID,
    "q931_status": 17,
    "final_status": "CANCEL",
    "called_number": "79777777777",
}


def read(body: bytes, query: str = "") -> list[CdrEvent]:
    return parse(body, query, "called_number")


# The callback forms of MCN's article.
@pytest.mark.parametrize(
    ("q931_status", "final_status", "outcome"),
    [
        (16, "ANSWER", Status.ANSWERED),
        (17, "CANCEL", Status.BUSY),
        (16, "CANCEL", Status.NO_ANSWER),
        (31, None, Status.REFUSED),
        (41, None, Status.BILLING_FAILED),
        (20, None, Status.UNREACHABLE),
    ],
)
def test_mcn_s_documented_callbacks(
    q931_status: int, final_status: str | None, outcome: Status
) -> None:
    body = {"verification_call_uuid": UUID, "q931_status": q931_status}
    if final_status:
        body["final_status"] = final_status
    [event] = read(json.dumps([body]).encode())
    assert (event.ref, event.outcome, event.reason) == (UUID, outcome, f"q850_{q931_status}")


@pytest.mark.parametrize("cause", [1, 18, 19, 21, 22, 27, 28, 34, 38, 42, 102, 127])
def test_any_other_cause_means_unreachable(cause: int) -> None:
    for final_status in ("CANCEL", "ANSWER", "", None):
        assert outcome_of(cause, final_status) == (Status.UNREACHABLE, f"q850_{cause}")


@pytest.mark.parametrize("final_status", ["ANSWER", "CANCEL", "", None, "X"])
def test_31_and_41_mean_the_same_whatever_the_final_status(final_status: str | None) -> None:
    assert outcome_of(31, final_status)[0] is Status.REFUSED
    assert outcome_of("41", final_status)[0] is Status.BILLING_FAILED


@pytest.mark.parametrize(
    ("q931_status", "final_status"),
    [(17, "ANSWER"), (16, None), (17, ""), (16, "OTHER"), (None, "ANSWER"), ("x", "ANSWER")],
)
def test_what_mcn_does_not_define_is_unknown(q931_status: object, final_status: object) -> None:
    assert outcome_of(q931_status, final_status)[0] is Status.UNKNOWN


@pytest.mark.parametrize("cause", [17, "17", " 17 ", 17.0, "17.0"])
@pytest.mark.parametrize("final_status", ["CANCEL", "cancel", " Cancel "])
def test_numbers_may_be_text_and_words_in_any_case(cause: object, final_status: str) -> None:
    assert outcome_of(cause, final_status) == (Status.BUSY, "q850_17")


AS_TEXT = {name: str(value) for name, value in FIELDS.items()}


@pytest.mark.parametrize(
    "body",
    [
        json.dumps(FIELDS),
        json.dumps(AS_TEXT),
        json.dumps([FIELDS]),
        json.dumps([{name: value} for name, value in FIELDS.items()]),
        json.dumps([{"name": name, "value": value} for name, value in FIELDS.items()]),
        json.dumps({"event": "Password call", "data": FIELDS}),
        json.dumps({"event": "Password call", "data": [FIELDS]}),
        "\n " + json.dumps(FIELDS),
        urlencode(FIELDS),
        json.dumps({"verification_uuid" if n[0] == "v" else n: v for n, v in FIELDS.items()}),
    ],
)
def test_every_form_says_the_same(body: str) -> None:
    [event] = read(body.encode())
    assert (event.ref, event.outcome, event.reason) == (UUID, Status.BUSY, "q850_17")
    assert event.called == ("+79777777777",)
    assert "79777777777" not in event.raw


def test_a_get_carries_it_in_the_query() -> None:
    [event] = read(b"", urlencode(FIELDS))
    assert (event.ref, event.outcome) == (UUID, Status.BUSY)


def test_several_cdrs_in_one_array() -> None:
    other = FIELDS | {"verification_call_uuid": "b_117793", "q931_status": 16}
    events = read(json.dumps([FIELDS, other]).encode())
    assert [(event.ref, event.outcome) for event in events] == [
        (UUID, Status.BUSY),
        ("b_117793", Status.NO_ANSWER),
    ]


def test_the_called_number_s_name_can_be_chosen() -> None:
    [event] = parse(json.dumps({"q931_status": 1, "dst": "+84389801371"}).encode(), "", "dst")
    assert event.called == ("+84389801371",)


@pytest.mark.parametrize(
    ("number", "readings"),
    [
        ("79777777777", ("+79777777777",)),
        ("+79777777777", ("+79777777777",)),
        ("89777777777", ("+89777777777", "+79777777777")),
        ("84951091251", ("+84951091251", "+74951091251")),
        ("0389801371", ("+84389801371",)),
        ("02438221315", ("+842438221315",)),
        ("842438221315", ("+842438221315",)),
        ("+7 (916) 123-02-03", ("+79161230203",)),
        ("8 (916) 123-02-03", ("+89161230203", "+79161230203")),
        ("sip:79161230203@mcn", ("+79161230203",)),
        ("sips:+79161230203@mcn.example.test:5061;user=phone", ("+79161230203",)),
        ("tel:+7-916-123-02-03", ("+79161230203",)),
        ("<sip:79161230203@mcn>;tag=a1", ("+79161230203",)),
        ('"Ivan 2" <sip:+79161230203@mcn>', ("+79161230203",)),
        ("0079161230203", ("+79161230203",)),
        ("81084389801371", ("+84389801371",)),
        (79161230203, ("+79161230203",)),
        (79161230203.0, ("+79161230203",)),
        ("7.9161230203E+10", ("+79161230203",)),
        (True, ()),
        ({}, ()),
        ("+7916123020x", ()),
        ("84389801371 84389801372", ()),
        ("sip:mcn@79161230203", ()),
        ("", ()),
        ("x", ()),
        ("0" * 40, ()),
    ],
)
def test_the_called_number_may_be_written_in_any_form(
    number: object, readings: tuple[str, ...]
) -> None:
    [event] = read(json.dumps(FIELDS | {"called_number": number}).encode())
    assert event.called == readings


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'"x"',
        b"5",
        b"hello",
        b"\xff\xfe\x00",
        b"[" * 5_000 + b"]" * 5_000,
        b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
        b"1" * 5_000,
        b'{"final_status":"ANSWER"}',
    ],
)
def test_what_is_no_cdr_gives_none(body: bytes) -> None:
    assert read(body) == []


@pytest.mark.parametrize("ref", [None, 5, "", "x" * 129, "with blank", "đ_1", ["a_1"]])
def test_a_reference_that_cannot_be_one_is_none(ref: object) -> None:
    [event] = read(json.dumps(FIELDS | {"verification_call_uuid": ref}).encode())
    assert event.ref is None
    assert event.outcome is Status.BUSY


def test_one_delivery_may_hold_many() -> None:
    assert len(read(json.dumps([FIELDS] * 600).encode())) == 600


def test_a_repeated_cdr_has_the_same_digest_and_another_another() -> None:
    [one], [again] = read(json.dumps(FIELDS).encode()), read(json.dumps([FIELDS]).encode())
    [other] = read(json.dumps(FIELDS | {"q931_status": 16}).encode())
    assert one.digest == again.digest != other.digest


@given(st.binary(max_size=100), st.text(max_size=40))
def test_any_bytes_are_taken(body: bytes, query: str) -> None:
    read(body, query)


SCALAR = st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8)


@given(st.dictionaries(st.sampled_from([*FIELDS, "x"]), SCALAR))
def test_any_values_are_taken(fields: dict[str, object]) -> None:
    for event in read(json.dumps(fields).encode()):
        assert event.outcome in Status


def test_several_tokens_are_valid_at_once() -> None:
    valid = [Secret("old-token"), Secret("new-token")]
    assert is_valid("old-token", valid)
    assert is_valid("new-token", valid)
    assert not is_valid("", valid)
    assert not is_valid("old-toke", valid)
    assert not is_valid("đ", valid)
    assert not is_valid("old-token", [])

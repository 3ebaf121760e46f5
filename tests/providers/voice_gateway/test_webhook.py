"""A voice gateway's webhook: its signature, and what an event says."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook

from ringpass.outcomes import Status
from ringpass.providers.voice_gateway.webhook import CallResult, is_signed, parse
from ringpass.redaction import Secret

SECRET: Final = "A" * 48
OURS: Final = "dlv_" + "a2" * 16
EVENT: Final[dict[str, Any]] = {
    "type": "call.ended",
    "data": {"call_id": "c-1", "delivery_id": OURS, "outcome": "busy", "q850_cause": 17},
}


def headers(body: str, secret: str = SECRET, age: timedelta = timedelta()) -> dict[str, str]:
    at = datetime.now(UTC) - age
    return {
        "webhook-id": "evt-1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign("evt-1", at, body),
    }


def signed(body: str, sent: Mapping[str, str], *secrets: str) -> bool:
    return is_signed(body.encode(), sent, [Secret(secret) for secret in secrets or (SECRET,)])


def test_a_body_that_is_signed_now() -> None:
    assert signed("{}", headers("{}"))
    assert signed("{}", headers("{}", "whsec_" + SECRET))
    assert signed("no JSON", headers("no JSON")), "it is kept, so it has to be let in"
    assert signed("{}", headers("{}"), "B" * 48, SECRET), "while a secret is replaced"


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_no_header_may_lack_or_differ(name: str) -> None:
    sent = headers("{}")
    assert not signed("{}", {key: text for key, text in sent.items() if key != name})
    assert not signed("{}", {**sent, name: sent[name][:-2] + "9é"})


def test_what_is_signed_otherwise_is_refused() -> None:
    assert not signed("{} ", headers("{}"))
    assert not signed("{}", headers("{}", "B" * 48))
    assert not signed("{}", headers("{}", age=timedelta(minutes=6)))
    assert not signed("{}", headers("{}"), "", "no base64!"), "a secret that is none signs nothing"


def result(**data: object) -> CallResult:
    [event] = parse(json.dumps({"type": "call.ended", "data": data}).encode())
    return event


def test_the_documented_event() -> None:
    [event] = parse(json.dumps(EVENT).encode())
    assert (event.type, event.call_id, event.delivery_id) == ("call.ended", "c-1", OURS)
    assert (event.outcome, event.reason) == (Status.BUSY, "q850_17")
    raw = json.loads(event.raw)
    assert (raw["outcome"], raw["q850_cause"]) == ("busy", 17)


@pytest.mark.parametrize(
    ("data", "outcome", "reason"),
    [
        ({"outcome": "answered"}, Status.ANSWERED, "answered"),
        ({"outcome": "answered", "q850_cause": 16}, Status.ANSWERED, "q850_16"),
        ({"outcome": "no_answer"}, Status.NO_ANSWER, "no_answer"),
        ({"outcome": "refused", "q850_cause": 21}, Status.REFUSED, "q850_21"),
        ({"outcome": "unreachable", "q850_cause": 28}, Status.UNREACHABLE, "q850_28"),
        ({"outcome": "failed", "q850_cause": 38}, Status.FAILED, "q850_38"),
        ({"q850_cause": 17}, Status.BUSY, "q850_17"),
        ({"q850_cause": 19}, Status.NO_ANSWER, "q850_19"),
        ({"q850_cause": 1}, Status.UNREACHABLE, "q850_1"),
        # A normal end: answered or not.
        ({"q850_cause": 16}, Status.UNKNOWN, "q850_16"),
        ({"q850_cause": 38}, Status.UNKNOWN, "q850_38"),
        ({"outcome": "ringing"}, Status.UNKNOWN, "no_cause"),
        # No word of a gateway makes a delivery "rejected" or "delivered".
        ({"outcome": "rejected"}, Status.UNKNOWN, "no_cause"),
        ({"outcome": "delivered"}, Status.UNKNOWN, "no_cause"),
        ({"q850_cause": True}, Status.UNKNOWN, "no_cause"),
        ({"q850_cause": 0}, Status.UNKNOWN, "no_cause"),
        ({"q850_cause": 127}, Status.UNKNOWN, "q850_127"),
        ({"q850_cause": 128}, Status.UNKNOWN, "no_cause"),
        ({"q850_cause": "17"}, Status.UNKNOWN, "no_cause"),
        ({}, Status.UNKNOWN, "no_cause"),
    ],
)
def test_outcomes(data: dict[str, object], outcome: Status, reason: str) -> None:
    event = result(**data)
    assert (event.outcome, event.reason) == (outcome, reason)


def test_a_repetition_has_the_same_digest_and_another_result_another_one() -> None:
    first = result(call_id="c-1", outcome="busy")
    assert first.digest == result(call_id="c-1", outcome="busy", at="later").digest
    assert first.digest != result(call_id="c-1", outcome="answered").digest
    assert first.digest != result(call_id="c-2", outcome="busy").digest


@pytest.mark.parametrize("delivery_id", ["dlv_1", OURS + "a", OURS.upper(), 7, None])
def test_another_s_id_is_none_of_ours(delivery_id: object) -> None:
    assert result(delivery_id=delivery_id).delivery_id is None


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"data": []}', b"\xff", b"[" * 100_000])
def test_what_cannot_be_read_is_no_event(body: bytes) -> None:
    assert parse(body) == []


def test_nothing_is_kept_in_clear_but_words() -> None:
    event = result(outcome="busy", code="482915", phone="+84389801371", note="code 482915")
    assert "4829" not in event.raw
    assert "8980" not in event.raw


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
NAMES = st.sampled_from(["call_id", "delivery_id", "outcome", "q850_cause", "x"])


@given(st.dictionaries(NAMES, JSON), JSON)
def test_any_values_are_read_without_an_error(data: dict[str, Any], type_: object) -> None:
    [event] = parse(json.dumps({"type": type_, "data": data}).encode())
    assert event.outcome in set(Status) - {Status.REJECTED, Status.RESERVED, Status.ACCEPTED}
    assert len(event.raw) <= 16_384


@given(st.binary(max_size=200))
def test_any_bytes_are_read_without_an_error(body: bytes) -> None:
    assert len(parse(body)) <= 1

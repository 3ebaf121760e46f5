"""What Zalo's events say of a permission, in every form: numbers, texts, and nothing at all."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringpass.clock import to_text
from ringpass.oa.consents.evidence import ConsentFact, ConsentSource
from ringpass.oa.consents.zalo_events import ConsentUpdate, parse, parse_expiry, parse_user_id
from ringpass.oa.events.model import OaEvent, event_digest

AT = datetime(2026, 11, 22, 9, 0, 5, tzinfo=UTC)
TOLD = AT - timedelta(seconds=4)
LATER = AT + timedelta(days=30)
DAY = timedelta(hours=24)


def ms(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)


def update_of(name: str, **fields: Any) -> ConsentUpdate:  # noqa: ANN401 - any JSON
    all_fields = {"phone": "84773543888", **fields}
    return parse(OaEvent(name, all_fields, event_digest(all_fields), AT))


@pytest.mark.parametrize("kind", [int, str])
def test_that_a_customer_was_asked(kind: type) -> None:
    update = update_of(
        "oa_send_consent",
        request_type="SENT",
        create_time=kind(ms(TOLD)),
        expired_time=kind(ms(LATER)),
    )
    assert (update.phone, update.user_id) == ("+84773543888", None)
    fact = update.fact
    assert fact is not None
    assert (fact.kind, fact.source, fact.zalo_value) == (
        ConsentFact.WAITING,
        ConsentSource.EVENT,
        "SENT",
    )
    assert (fact.at, fact.received_at, fact.until) == (to_text(TOLD), to_text(AT), to_text(LATER))


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"create_time": ms(TOLD - DAY), "expired_time": ms(TOLD)}, TOLD),
        ({"create_time": ms(TOLD - DAY)}, TOLD),
        ({"create_time": ms(TOLD - DAY), "expired_time": 0}, TOLD),
        ({}, AT),
        # It is over by now, whatever is said.
        ({"expired_time": ms(LATER)}, AT),
    ],
)
def test_that_the_time_for_an_answer_is_over(fields: dict[str, Any], at: datetime) -> None:
    fact = update_of("oa_send_consent", request_type="EXPIRED", **fields).fact
    assert fact is not None
    assert (fact.kind, fact.at) == (ConsentFact.EXPIRED, to_text(at))


@pytest.mark.parametrize("request_type", [None, "", "OPENED", 1, [], "SENT!"])
def test_a_kind_of_request_that_is_not_known_says_nothing(request_type: object) -> None:
    assert update_of("oa_send_consent", request_type=request_type).fact is None


@pytest.mark.parametrize(
    ("expired_time", "until"),
    [
        (ms(LATER), to_text(LATER)),
        (str(ms(LATER)), to_text(LATER)),
        (0, "never"),
        ("0", "never"),
        (None, None),
        ("", None),
        ("soon", None),
        (-1, None),
        (True, None),
        (1, None),
        ({}, None),
    ],
)
def test_that_a_customer_allows_it(expired_time: object, until: str | None) -> None:
    fact = update_of(
        "user_reply_consent",
        user_consent="ALLOW",
        confirmed_time=ms(TOLD),
        expired_time=expired_time,
    ).fact
    assert fact is not None
    assert (fact.kind, fact.at, fact.until) == (ConsentFact.ALLOWED, to_text(TOLD), until)
    assert parse_expiry(expired_time) == until


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ("ALLOW", ConsentFact.ALLOWED),
        ("allow", ConsentFact.ALLOWED),
        ("USER_BLOCKED", ConsentFact.BLOCKED),
        ("DENY", ConsentFact.REFUSED),
        ("REJECT", ConsentFact.REFUSED),
        ("ALLOWED?", ConsentFact.REFUSED),
        ("ALLOW_ONCE", ConsentFact.REFUSED),
        ("", ConsentFact.REFUSED),
        (None, ConsentFact.REFUSED),
        (True, ConsentFact.REFUSED),
        (1, ConsentFact.REFUSED),
        (["ALLOW"], ConsentFact.REFUSED),
    ],
)
def test_only_allow_allows(value: object, what: ConsentFact) -> None:
    fact = update_of("user_reply_consent", user_consent=value, confirmed_time=ms(TOLD)).fact
    assert fact is not None
    assert fact.kind is what


@pytest.mark.parametrize("confirmed", [None, 0, "x", ms(AT + timedelta(hours=1)), ms(AT) // 1000])
def test_a_time_that_cannot_be_is_when_it_came(confirmed: object) -> None:
    fact = update_of("user_reply_consent", user_consent="ALLOW", confirmed_time=confirmed).fact
    assert fact is not None
    assert fact.at == to_text(AT)


@pytest.mark.parametrize(
    ("value", "phone"),
    [
        ("84773543888", "+84773543888"),
        ("+84773543888", "+84773543888"),
        ("0773543888", "+84773543888"),
        (84773543888, "+84773543888"),
        ("84000000001", "+84000000001"),
        ("79777777777", None),
        ("8477", None),
        ("", None),
        (None, None),
        (True, None),
        (["84773543888"], None),
        ("84773543888 ", "+84773543888"),
        ("84 773 543 888", "+84773543888"),
        ("84773543888.0", "+84773543888"),
    ],
)
def test_the_number_in_every_form(value: object, phone: str | None) -> None:
    assert update_of("user_reply_consent", phone=value).phone == phone


@pytest.mark.parametrize(
    ("value", "user_id"),
    [("4491783511907164918", "4491783511907164918"), (17, "17"), ("a", None), (None, None)],
)
def test_the_customers_id(value: object, user_id: str | None) -> None:
    assert parse_user_id(value) == user_id
    assert update_of("user_reply_consent", user_id=value).user_id == user_id


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20).map(str)
    | st.text(max_size=20)
    | st.sampled_from(["ALLOW", "SENT", "EXPIRED", "84773543888", "1795249800000"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)
NAMES = st.sampled_from(
    ["phone", "request_type", "user_consent", "create_time", "confirmed_time", "expired_time"]
)


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(["oa_send_consent", "user_reply_consent"]),
    st.dictionaries(NAMES, VALUES, max_size=6),
)
def test_whatever_is_said_is_read_and_only_allow_allows(name: str, fields: dict[str, Any]) -> None:
    evidence = parse(OaEvent(name, fields, event_digest(fields), AT))
    if evidence.fact is None:
        return
    assert evidence.fact.at <= to_text(AT + timedelta(minutes=5))
    if evidence.fact.kind is ConsentFact.ALLOWED:
        assert str(fields["user_consent"]).upper() == "ALLOW"


def test_a_repetition_has_the_same_digest() -> None:
    once = {"phone": "1", "timestamp": "1", "n": {"b": "1", "a": "2"}}
    again = {"num_retry": "2", "timestamp": "2", "n": {"a": "2", "b": "1"}, "phone": "1"}
    assert event_digest(once) == event_digest(again)
    assert event_digest(once) != event_digest({**once, "phone": "2"})


def test_nothing_prints_a_number() -> None:
    update = update_of("user_reply_consent", user_consent="ALLOW")
    event = OaEvent("x", {"phone": "84773543888"}, "d", AT)
    assert "773543888" not in repr(update) + repr(event)

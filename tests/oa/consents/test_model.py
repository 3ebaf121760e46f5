"""What follows from the facts about a permission: in any order, however often, to the last ms."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringpass.clock import from_text, to_text
from ringpass.costs import Cost
from ringpass.http.actor import Actor
from ringpass.oa.consents.evidence import ConsentFact, ConsentReason, ConsentSource, Evidence
from ringpass.oa.consents.model import Consent, ConsentState, ConsentStatus, Fee, derive_status
from ringpass.providers.zalo.call_type import CallType
from ringpass.providers.zalo.timestamps import NEVER, instant_of, is_never

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
PRICE = Cost(Decimal(600), "VND", "estimated")
A_MS = timedelta(milliseconds=1)


def at(seconds: float) -> str:
    return to_text(NOW + timedelta(seconds=seconds))


def a_request(
    seconds: float = 0, name: str = "cnr_a", call_type: CallType = CallType.AUDIO
) -> Evidence:
    return Evidence(
        kind=ConsentFact.ASKED,
        source=ConsentSource.REQUEST,
        at=at(seconds),
        received_at=at(seconds),
        actor=Actor("shop", "key"),
        request_id=name,
        call_type=call_type,
        reason=ConsentReason.DELIVERY,
        cost=PRICE,
    )


def fact(
    what: ConsentFact,
    seconds: float,
    source: ConsentSource = ConsentSource.EVENT,
    *,
    until: str | None = None,
    name: str | None = None,
    why: str | None = None,
    arrival: float | None = None,
) -> Evidence:
    is_event = source is ConsentSource.EVENT
    return Evidence(
        kind=what,
        source=source,
        at=at(seconds),
        received_at=at(seconds if arrival is None else arrival),
        until=until,
        why=why,
        request_id=name if source is ConsentSource.REPLY else None,
        event=f"{what}{seconds}{until}" if is_event else None,
    )


def reply(what: ConsentFact, seconds: float = 0.2, why: str | None = None) -> Evidence:
    return fact(what, seconds, ConsentSource.REPLY, name="cnr_a", why=why)


def check(what: ConsentFact, seconds: float, until: str | None = None) -> Evidence:
    return fact(what, seconds, ConsentSource.CHECK, until=until)


def state(*facts: Evidence, after: float = 100_000_000) -> ConsentState:
    return derive_status(facts).state_at(NOW + timedelta(seconds=after))


TAKEN = reply(ConsentFact.TAKEN)
SENT = fact(ConsentFact.WAITING, 0.5)
ALLOW = fact(ConsentFact.ALLOWED, 5, until=at(86_400 * 30))
DENY = fact(ConsentFact.REFUSED, 5)
BLOCK = fact(ConsentFact.BLOCKED, 5)


def test_the_usual_course() -> None:
    assert state(after=1) is ConsentState.NOT_ASKED
    assert state(a_request(), after=1) is ConsentState.REQUESTED
    assert state(a_request(), TAKEN, after=1) is ConsentState.REQUESTED
    assert state(a_request(), TAKEN, SENT, after=1) is ConsentState.WAITING
    assert state(a_request(), TAKEN, SENT, ALLOW, after=6) is ConsentState.ALLOWED
    assert state(a_request(), TAKEN, SENT, DENY) is ConsentState.REFUSED
    assert state(a_request(), TAKEN, SENT, BLOCK) is ConsentState.BLOCKED
    assert (
        state(a_request(), TAKEN, SENT, fact(ConsentFact.EXPIRED, 86_400)) is ConsentState.EXPIRED
    )


def test_events_before_the_reply() -> None:
    late = reply(ConsentFact.TAKEN, 20)
    assert state(a_request(), SENT, ALLOW, late, after=30) is ConsentState.ALLOWED
    assert state(a_request(), SENT, DENY, late) is ConsentState.REFUSED
    # A reply that was lost, or refused the token, does not undo what the customer said.
    unclear = reply(ConsentFact.UNCLEAR, 20, "timeout")
    assert state(a_request(), SENT, ALLOW, unclear, after=30) is ConsentState.ALLOWED


ENDS = st.sampled_from([None, NEVER, at(1), at(60), at(86_400)])
SECONDS = st.sampled_from([-3_600.0, -30.0, 0.0, 0.5, 1.0, 30.0, 61.0, 3_600.0, 86_400.0])
REPLIES = (
    ConsentFact.TAKEN,
    ConsentFact.NOT_SENT,
    ConsentFact.UNCLEAR,
    ConsentFact.ALLOWED,
    ConsentFact.REFUSED,
    ConsentFact.BLOCKED,
    ConsentFact.WAITING,
)
TOLD = (
    ConsentFact.REQUESTED,
    ConsentFact.WAITING,
    ConsentFact.ALLOWED,
    ConsentFact.REFUSED,
    ConsentFact.BLOCKED,
    ConsentFact.EXPIRED,
    ConsentFact.NEVER_ASKED,
)
FACTS = st.one_of(
    st.sampled_from([a_request(), a_request(61, "cnr_b", CallType.VIDEO), a_request(-30, "cnr_c")]),
    st.builds(reply, st.sampled_from(REPLIES), SECONDS),
    st.builds(
        fact,
        st.sampled_from(TOLD),
        SECONDS,
        st.sampled_from([ConsentSource.EVENT, ConsentSource.CHECK]),
        until=ENDS,
        arrival=SECONDS,
    ),
)
LATER = st.sampled_from([0.0, 1.0, 59.0, 3_600.0, 86_401.0, 200_000.0, 10_000_000.0])


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(st.lists(FACTS, max_size=8), st.randoms(use_true_random=False), LATER)
def test_any_order_any_repeats_any_contradictions_give_one_state(
    facts: list[Evidence], chance: "object", after: float
) -> None:
    once = derive_status(facts)
    shuffled = [*facts, *facts]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert derive_status(shuffled) == once
    now = NOW + timedelta(seconds=after)
    assert derive_status(shuffled).state_at(now) is once.state_at(now)


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(st.lists(FACTS.filter(lambda one: one.kind is not ConsentFact.ALLOWED), max_size=8), LATER)
def test_nothing_but_a_permission_is_one(facts: list[Evidence], after: float) -> None:
    assert derive_status(facts).state_at(NOW + timedelta(seconds=after)) is not ConsentState.ALLOWED


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(st.lists(FACTS, max_size=8))
def test_what_has_an_end_holds_to_its_last_millisecond_and_no_longer(
    facts: list[Evidence],
) -> None:
    standing = derive_status(facts)
    if standing.until is None:
        return
    end = from_text(standing.until)
    assert standing.state_at(end - A_MS) is standing.state
    assert standing.state_at(end) is ConsentState.EXPIRED
    assert standing.state_at(end + A_MS) is ConsentState.EXPIRED


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 10**10))
def test_a_permission_at_its_last_second(seconds: int) -> None:
    end = NOW + timedelta(seconds=seconds)
    standing = derive_status([a_request(), fact(ConsentFact.ALLOWED, 0.1, until=to_text(end))])
    last = end - timedelta(seconds=1)
    assert standing.state_at(max(last, NOW)) is ConsentState.ALLOWED
    assert standing.state_at(end) is ConsentState.EXPIRED


@pytest.mark.parametrize("source", [ConsentSource.EVENT, ConsentSource.CHECK])
def test_how_long_a_permission_holds(source: ConsentSource) -> None:
    status = derive_status([a_request(), fact(ConsentFact.ALLOWED, 100, source, until=at(7_777))])
    assert status.until == at(7_777)
    never = derive_status([a_request(), fact(ConsentFact.ALLOWED, 100, source, until=NEVER)])
    assert never.until is None
    assert never.state_at(NOW + timedelta(days=100_000)) is ConsentState.ALLOWED
    nothing = derive_status([a_request(), fact(ConsentFact.ALLOWED, 100, source)])
    assert nothing.until == at(100 + 48 * 3600)


def test_asking_zalo_again_and_again_does_not_make_48_hours_longer() -> None:
    facts = [
        a_request(),
        ALLOW_UNTOLD,
        *(check(ConsentFact.ALLOWED, 3_600.0 * n) for n in range(40)),
    ]
    assert derive_status(facts).until == at(5 + 48 * 3600)


ALLOW_UNTOLD = fact(ConsentFact.ALLOWED, 5)


@pytest.mark.parametrize(
    ("later", "expected"),
    [(DENY, ConsentState.REFUSED), (BLOCK, ConsentState.BLOCKED)],
)
def test_at_one_instant_what_forbids_holds(later: Evidence, expected: ConsentState) -> None:
    assert state(a_request(), ALLOW, later, after=6) is expected
    assert state(a_request(), DENY, BLOCK) is ConsentState.BLOCKED


def test_the_newer_answer_holds() -> None:
    taken_back = fact(ConsentFact.BLOCKED, 50)
    assert state(a_request(), ALLOW, taken_back, after=51) is ConsentState.BLOCKED
    again = fact(ConsentFact.ALLOWED, 60, until=NEVER)
    assert state(a_request(), ALLOW, taken_back, again) is ConsentState.ALLOWED


def test_an_answer_has_24_hours_or_what_zalo_says() -> None:
    assert derive_status([a_request(), TAKEN]).until == at(86_400)
    waiting = fact(ConsentFact.WAITING, 0.5, until=at(3_600))
    assert derive_status([a_request(), TAKEN, waiting]).until == at(3_600)
    assert derive_status([a_request(), TAKEN, SENT]).until == at(0.5 + 86_400)


def test_the_end_of_the_time_for_an_answer_does_not_undo_an_answer() -> None:
    over = fact(ConsentFact.EXPIRED, 86_400)
    assert state(a_request(), SENT, ALLOW, over, after=86_500) is ConsentState.ALLOWED
    assert state(a_request(), SENT, DENY, over) is ConsentState.REFUSED
    # Zalo's own answer to a check does.
    assert (
        state(a_request(), ALLOW, check(ConsentFact.EXPIRED, 99), after=100) is ConsentState.EXPIRED
    )


def test_a_request_that_zalo_refuses_leaves_what_was_before() -> None:
    no = reply(ConsentFact.NOT_SENT, why="never_interacted")
    standing = derive_status([a_request(), no])
    assert (standing.state, standing.why) == (ConsentState.NOT_ASKED, "never_interacted")
    before = fact(ConsentFact.REFUSED, -3_600)
    standing = derive_status([before, a_request(), no])
    assert (standing.state, standing.why) == (ConsentState.REFUSED, "never_interacted")
    old = fact(ConsentFact.ALLOWED, -3_600, until=at(3_600))
    wider = a_request(call_type=CallType.VIDEO)
    standing = derive_status([a_request(-7_200, "cnr_0"), old, wider, no])
    assert (standing.state, standing.call_type) == (ConsentState.ALLOWED, CallType.AUDIO)


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        (ConsentFact.ALLOWED, ConsentState.ALLOWED),
        (ConsentFact.REFUSED, ConsentState.REFUSED),
        (ConsentFact.BLOCKED, ConsentState.BLOCKED),
        (ConsentFact.WAITING, ConsentState.WAITING),
    ],
)
def test_a_reply_that_tells_what_is_already(what: ConsentFact, expected: ConsentState) -> None:
    standing = derive_status([a_request(), reply(what)])
    assert standing.state is expected
    assert standing.fee is Fee.NONE


def test_too_many_requests_ask_for_an_hours_pause() -> None:
    standing = derive_status([a_request(), reply(ConsentFact.NOT_SENT, 2, "too_many_requests")])
    assert standing.may_ask_at == at(2 + 3_600)
    # It does not go away by another request.
    assert derive_status([a_request(), a_request(10, "cnr_b")]).may_ask_at is None


def test_what_zalo_says_right_after_a_request_may_be_about_the_one_before() -> None:
    unclear = reply(ConsentFact.UNCLEAR, why="timeout")
    for what in (ConsentFact.NEVER_ASKED, ConsentFact.REFUSED, ConsentFact.EXPIRED):
        early, later = check(what, 59), check(what, 61)
        assert state(a_request(), unclear, early, after=60) is ConsentState.REQUESTED
        assert state(a_request(), unclear, later, after=62) is not ConsentState.REQUESTED
        # Once Zalo has taken the request it is about this one.
        assert state(a_request(), TAKEN, early, after=60) is not ConsentState.REQUESTED
    assert state(a_request(), unclear, check(ConsentFact.BLOCKED, 1)) is ConsentState.BLOCKED


def test_a_zalo_whose_clock_is_behind_answers_after_it_was_asked() -> None:
    behind = fact(ConsentFact.ALLOWED, -20, until=at(9_000), arrival=4)
    assert state(a_request(), TAKEN, behind, after=5) is ConsentState.ALLOWED
    # What was known before was an answer to another request.
    earlier = fact(ConsentFact.REFUSED, -20, arrival=-19)
    assert state(earlier, a_request(), after=5) is ConsentState.REQUESTED
    old = fact(ConsentFact.REFUSED, -61, arrival=4)
    assert state(old, a_request(), after=5) is ConsentState.REQUESTED
    # The end of the request before is not the end of this one.
    over = fact(ConsentFact.EXPIRED, -20, arrival=4)
    assert state(over, a_request(), after=5) is ConsentState.REQUESTED


def test_a_zalo_whose_clock_is_ahead_is_asked_after_what_it_told() -> None:
    ahead = fact(ConsentFact.ALLOWED, 30, until=at(9_000), arrival=4)
    block = check(ConsentFact.BLOCKED, 10)
    assert state(a_request(), TAKEN, ahead, after=20) is ConsentState.ALLOWED
    assert state(a_request(), TAKEN, ahead, block, after=20) is ConsentState.BLOCKED
    # What came after the question is newer than the answer.
    later = fact(ConsentFact.ALLOWED, 30, until=at(9_000), arrival=11)
    assert state(a_request(), TAKEN, later, block, after=20) is ConsentState.ALLOWED


def test_the_end_of_one_request_is_not_the_end_of_the_next_one() -> None:
    over = replace(fact(ConsentFact.EXPIRED, 86_400.5), requested_at=at(0.5))
    again = a_request(86_400.2, "cnr_b")
    assert state(a_request(), TAKEN, over) is ConsentState.EXPIRED
    assert state(a_request(), TAKEN, again, over, after=86_401) is ConsentState.REQUESTED


def test_what_is_asked_in_zalos_own_interface() -> None:
    standing = derive_status([SENT])
    assert (standing.state, standing.call_type, standing.last_request) == (
        ConsentState.WAITING,
        None,
        None,
    )
    standing = derive_status([SENT, ALLOW])
    assert (standing.state, standing.call_type) == (ConsentState.ALLOWED, None)
    # A request of yesterday that nobody answered is not what is asked now.
    standing = derive_status([a_request(-90_000), SENT])
    assert (standing.call_type, standing.fee) == (None, Fee.OPEN)


def test_a_permission_is_for_what_was_asked() -> None:
    assert derive_status([a_request(call_type=CallType.VIDEO), ALLOW]).call_type is CallType.VIDEO
    # Zalo's "allowed" does not say what: while a voice call is, a video call may not be.
    wider = a_request(10, "cnr_b", CallType.AUDIO_AND_VIDEO)
    zalo_answer = check(ConsentFact.ALLOWED, 100)
    standing = derive_status([a_request(), ALLOW, wider, zalo_answer])
    assert (standing.state, standing.call_type) == (ConsentState.ALLOWED, CallType.AUDIO)
    assert standing.until == ALLOW.until
    later_reply = replace(ALLOW, at=at(90), received_at=at(90), event="another")
    standing = derive_status([a_request(), ALLOW, wider, later_reply])
    assert standing.call_type is CallType.AUDIO_AND_VIDEO


@pytest.mark.parametrize(
    ("facts", "fee"),
    [
        ([], Fee.OPEN),
        ([TAKEN], Fee.CHARGED),
        ([reply(ConsentFact.UNCLEAR)], Fee.OPEN),
        ([reply(ConsentFact.NOT_SENT)], Fee.NONE),
        ([reply(ConsentFact.UNCLEAR), SENT], Fee.CHARGED),
        ([reply(ConsentFact.UNCLEAR), DENY], Fee.CHARGED),
        ([reply(ConsentFact.UNCLEAR), check(ConsentFact.WAITING, 1)], Fee.CHARGED),
        ([reply(ConsentFact.UNCLEAR), check(ConsentFact.ALLOWED, 1)], Fee.OPEN),
        ([reply(ConsentFact.UNCLEAR), check(ConsentFact.NEVER_ASKED, 61)], Fee.NONE),
        ([reply(ConsentFact.UNCLEAR), check(ConsentFact.NEVER_ASKED, 1)], Fee.OPEN),
        ([TAKEN, check(ConsentFact.NEVER_ASKED, 61)], Fee.CHARGED),
    ],
)
def test_the_fee_follows_from_the_facts(facts: list[Evidence], fee: Fee) -> None:
    standing = derive_status([a_request(), *facts])
    assert standing.fee is fee
    amount = {Fee.OPEN: Decimal(600), Fee.CHARGED: Decimal(600), Fee.NONE: Decimal(0)}[fee]
    kind = "estimated" if fee is Fee.OPEN else "settled"
    assert standing.cost == Cost(amount, "VND", kind)


def test_without_a_price_there_is_no_cost() -> None:
    assert derive_status([replace(a_request(), cost=None), TAKEN]).cost is None
    assert derive_status([SENT]).cost is None


CHECKS = {
    ConsentState.NOT_ASKED: "consent_missing",
    ConsentState.REQUESTED: "consent_requested",
    ConsentState.WAITING: "consent_waiting",
    ConsentState.REFUSED: "consent_refused",
    ConsentState.BLOCKED: "consent_blocked",
    ConsentState.EXPIRED: "consent_expired",
}


@pytest.mark.parametrize("state", list(ConsentState))
def test_every_state_but_one_keeps_the_oa_from_calling(state: ConsentState) -> None:
    consent = Consent(
        id="cns_a",
        oa_id="1",
        client="shop",
        phone="+84773543888",
        phone_key="k",
        status=ConsentStatus(state=state, call_type=CallType.AUDIO),
        created_at=at(0),
        updated_at=at(0),
    )
    fault = consent.blocker(NOW)
    assert (fault.code if fault else None) == CHECKS.get(state)
    assert "773543888" not in repr(consent) + (fault.detail if fault else "")


@pytest.mark.parametrize(
    "evidence",
    [
        a_request(),
        TAKEN,
        SENT,
        ALLOW,
        check(ConsentFact.ALLOWED, 9, NEVER),
        reply(ConsentFact.UNCLEAR),
    ],
)
def test_a_fact_is_kept_as_it_is(evidence: Evidence) -> None:
    assert Evidence.from_item(evidence.to_item()) == evidence
    item = {name: value for name, value in evidence.to_item().items() if value is not None}
    assert Evidence.from_item(item) == evidence


@pytest.mark.parametrize(
    ("value", "instant"),
    [
        (1_764_000_000_000, datetime(2025, 11, 24, 16, tzinfo=UTC)),
        ("1764000000000", datetime(2025, 11, 24, 16, tzinfo=UTC)),
        ("1764000000", None),
        (0, None),
        ("0", None),
        ("-1", None),
        (True, None),
        (None, None),
        ("soon", None),
        ("9" * 15, None),
        ("9" * 30, None),
        ("١٧٦٤٠٠٠٠٠٠٠٠٠", None),
        ([], None),
    ],
)
def test_instants_of_zalo(value: object, instant: datetime | None) -> None:
    assert instant_of(value) == instant
    assert is_never(value) == (value in (0, "0") and not isinstance(value, bool))

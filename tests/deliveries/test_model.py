"""A delivery's state is the sum of its facts, whatever their order and number."""

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringpass.deliveries.model import Change, Delivery, Fact, HistoryEntry, Source, derive_change
from ringpass.outcomes import RANK, Status
from ringpass.providers.facts import ChannelName

AT = "2026-11-21T08:30:00.000Z"
REF = "da59bda0a1bb_117793"
REPLY = Fact(AT, Status.ACCEPTED, None, Source.REPLY, {"provider_ref": REF, "ticket_id": "1"})
LOST_REPLY = Fact(AT, Status.UNKNOWN, "timeout", Source.REPLY)
GIVEN_UP = Fact(AT, Status.UNKNOWN, "function_ended", Source.TIMER)


def cdr(status: Status, reason: str) -> Fact:
    return Fact(AT, status, reason, Source.RECEIPT, {"provider_ref": REF})


def feedback(*, verified: bool) -> Fact:
    details = {"verified": verified, "verified_at": AT if verified else None}
    reason = "verified" if verified else "not_verified"
    return Fact(AT, Status.RESERVED, reason, Source.FEEDBACK, details)


BUSY, ANSWERED = cdr(Status.BUSY, "q850_17"), cdr(Status.ANSWERED, "q850_16")


def reserved() -> Delivery:
    return Delivery(
        id="dlv_1",
        client="acme",
        channel=ChannelName.PASSWORD_CALL,
        provider="mcn",
        phone="+79777777777",
        status=Status.RESERVED,
        created_at=AT,
        updated_at=AT,
        fingerprint="f",
        attempt="a",
        history=(HistoryEntry(AT, Status.RESERVED, None, Source.REQUEST),),
    )


def applied(delivery: Delivery, change: Change | None) -> Delivery:
    """What the store does with a change, without a table."""
    if change is None:
        return delivery
    status = change.status or delivery.status
    return replace(
        delivery,
        version=delivery.version + 1,
        status=status,
        reason=change.reason if change.status else delivery.reason,
        history=delivery.history + change.entries,
        **change.details,
    )


def learnt(*facts: Fact) -> Delivery:
    delivery = reserved()
    for fact in facts:
        delivery = applied(delivery, derive_change(delivery.snapshot, [fact]))
    return delivery


def test_reply_then_cdr() -> None:
    delivery = learnt(REPLY, BUSY)
    assert (delivery.status, delivery.reason) == (Status.BUSY, "q850_17")
    assert [entry.status for entry in delivery.history] == ["reserved", "accepted", "busy"]
    assert (delivery.provider_ref, delivery.ticket_id) == (REF, "1")


def test_cdr_before_the_reply_ends_alike_and_keeps_what_the_reply_told() -> None:
    delivery = learnt(BUSY, REPLY)
    assert (delivery.status, delivery.provider_ref, delivery.ticket_id) == ("busy", REF, "1")


def test_a_repeated_cdr_changes_nothing() -> None:
    assert learnt(REPLY, BUSY, BUSY, BUSY) == learnt(REPLY, BUSY)


def test_a_contradicting_cdr_is_told_once_and_decides_nothing() -> None:
    delivery = learnt(REPLY, BUSY, ANSWERED, ANSWERED)
    assert (delivery.status, delivery.reason) == (Status.BUSY, "q850_17")
    assert [entry.reason for entry in delivery.history] == [
        None,
        None,
        "q850_17",
        "later_cdr_answered:q850_16",
    ]


def test_an_undefined_cdr_does_not_lower_the_state() -> None:
    delivery = learnt(REPLY, cdr(Status.UNKNOWN, "q850_17"))
    assert delivery.status is Status.ACCEPTED
    assert delivery.history[-1].reason == "later_cdr_unknown:q850_17"


def test_a_definite_cdr_after_an_undefined_one_decides() -> None:
    assert learnt(REPLY, cdr(Status.UNKNOWN, "q850_17"), BUSY).status is Status.BUSY


def test_a_cdr_resolves_an_unknown_delivery() -> None:
    delivery = learnt(LOST_REPLY, ANSWERED)
    assert (delivery.status, delivery.provider_ref) == (Status.ANSWERED, REF)


def test_a_late_reply_resolves_an_unknown_delivery() -> None:
    assert learnt(GIVEN_UP, REPLY).status is Status.ACCEPTED


def test_the_timer_says_nothing_once_anything_else_spoke() -> None:
    assert learnt(REPLY, GIVEN_UP) == learnt(REPLY)
    assert learnt(BUSY, GIVEN_UP) == learnt(BUSY)


def test_a_cdr_overrules_a_refusing_reply() -> None:
    rejection = Fact(AT, Status.REJECTED, "refused", Source.REPLY)
    assert learnt(rejection, ANSWERED).status is Status.ANSWERED


def test_another_call_s_cdr_changes_nothing() -> None:
    other = Fact(AT, Status.BUSY, "q850_17", Source.RECEIPT, {"provider_ref": "other_117793"})
    assert learnt(REPLY, other) == learnt(REPLY)


FACTS = st.lists(
    st.sampled_from([REPLY, LOST_REPLY, GIVEN_UP, BUSY, ANSWERED, cdr(Status.UNKNOWN, "no_cause")]),
    max_size=8,
)


@given(FACTS)
def test_the_rank_only_rises_and_the_history_says_every_status(facts: list[Fact]) -> None:
    delivery, ranks = reserved(), [0]
    for fact in facts:
        delivery = applied(delivery, derive_change(delivery.snapshot, [fact]))
        ranks.append(RANK[delivery.status])
        assert delivery.history[-1].status is delivery.status
    assert ranks == sorted(ranks)
    if facts:
        # A timer only reports silence; every other fact counts, in whatever order.
        ranks_of_facts = [RANK[fact.status] for fact in facts]
        assert ranks[-1] == max(ranks_of_facts)


@pytest.mark.slow
@given(FACTS)
def test_facts_told_again_change_nothing(facts: list[Fact]) -> None:
    once = learnt(*facts)
    for fact in facts:
        assert derive_change(once.snapshot, [fact]) is None, fact


@given(FACTS)
def test_together_or_one_by_one_is_the_same(facts: list[Fact]) -> None:
    together = applied(reserved(), derive_change(reserved().snapshot, facts))
    apart = learnt(*facts)
    assert (together.status, together.reason) == (apart.status, apart.reason)
    assert (together.provider_ref, together.ticket_id) == (apart.provider_ref, apart.ticket_id)
    assert together.history == apart.history


def test_every_order_of_reply_timer_and_cdr_ends_answered() -> None:
    for order in permutations([REPLY, GIVEN_UP, ANSWERED, ANSWERED]):
        delivery = learnt(*order)
        assert delivery.status is Status.ANSWERED
        assert delivery.ticket_id == "1"

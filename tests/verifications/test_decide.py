"""What is done with a verification next: each row of the cause table, and each rule beside it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from ringpass.clients.settings.cause_table import Action, CauseRow, CauseTable
from ringpass.clients.settings.model import Step
from ringpass.clock import to_text
from ringpass.deliveries.model import Delivery, HistoryEntry, Source
from ringpass.outcomes import Status
from ringpass.providers.facts import ChannelName
from ringpass.verifications.codes import SealedCode
from ringpass.verifications.model import (
    GRACE,
    NEGATIVE,
    OTHER_PROVIDER,
    Decision,
    End,
    Exhaust,
    NoAction,
    RunStep,
    Skip,
    TimelineEntry,
    TimelineEvent,
    Verification,
    VerificationStatus,
    Wait,
    decide,
    first_step,
    is_id,
    step_entries,
    verification_ended,
)

STARTED: Final = datetime(2026, 11, 29, 12, tzinfo=UTC)
STEP_SECONDS: Final = 60
STEP_OVER: Final = STARTED + timedelta(seconds=STEP_SECONDS)
ENDS: Final = STARTED + timedelta(minutes=10)
NOW: Final = STARTED + timedelta(seconds=20)
TICK: Final = timedelta(milliseconds=1)
WORKFLOW: Final = tuple(
    Step(channel, STEP_SECONDS)
    for channel in (ChannelName.PASSWORD_CALL, ChannelName.VOICE_OTP, ChannelName.ZNS)
)


def a_delivery(
    status: Status, reason: str | None = None, step: int = 0, since: datetime = NOW
) -> Delivery:
    """A delivery that came to its status at ``since``."""
    at = to_text(since)
    return Delivery(
        id="dlv_1",
        client="acme",
        channel=WORKFLOW[step].channel,
        provider="mcn",
        phone="+79161234567",
        status=status,
        reason=reason,
        created_at=to_text(STARTED),
        # Written again since, for whatever reason.
        updated_at=to_text(since + timedelta(seconds=5)),
        fingerprint="",
        attempt="",
        step=step,
        history=(
            HistoryEntry(to_text(STARTED), Status.RESERVED, None, Source.REQUEST),
            HistoryEntry(at, status, reason, Source.RECEIPT),
        ),
    )


def a_verification(**others: object) -> Verification:
    """A pending one on its first step."""
    pending = Verification(
        id="ver_1",
        client="acme",
        phone="+79161234567",
        country="RU",
        status=VerificationStatus.PENDING,
        created_at=to_text(STARTED),
        updated_at=to_text(STARTED),
        ends_at=to_text(ENDS),
        workflow=WORKFLOW,
        code=SealedCode("0", "00", 4),
        attempts=3,
        fingerprint="",
        attempt="",
        step=0,
        step_due_at=to_text(STEP_OVER),
        delivery_ids=("dlv_1",),
        history=(),
    )
    return replace(pending, **others)  # type: ignore[arg-type]


def decided(
    verification: Verification,
    *deliveries: Delivery,
    now: datetime = NOW,
    rows: Sequence[CauseRow] = (),
    unavailable: dict[int, str] | None = None,
    next_requested: bool = False,
    has_other_provider: bool = False,
) -> Decision:
    return decide(
        verification,
        deliveries,
        CauseTable().with_changes(rows),
        now,
        unavailable_reason=(unavailable or {}).get,
        next_requested=next_requested,
        has_other_provider=has_other_provider,
    )


# ------------------------------------------------------------------------- rows of the cause table


@pytest.mark.parametrize("status", sorted(NEGATIVE))
def test_what_reached_nobody_is_followed_by_the_next_step_at_once(status: Status) -> None:
    assert decided(a_verification(), a_delivery(status)) == RunStep(1, str(status))


@pytest.mark.parametrize("status", sorted(set(Status) - NEGATIVE))
def test_what_may_have_reached_the_phone_is_waited_for_until_the_step_is_over(
    status: Status,
) -> None:
    verification, delivery = a_verification(), a_delivery(status)
    assert decided(verification, delivery, now=STEP_OVER - TICK) == Wait(STEP_OVER)
    assert decided(verification, delivery, now=STEP_OVER) == RunStep(1, "time_out")


@pytest.mark.parametrize("reason", ["q850_1", "q850_22", "q850_28"])
def test_a_number_that_no_call_can_reach_gets_the_message_next(reason: str) -> None:
    delivery = a_delivery(Status.UNREACHABLE, reason)
    skipped = (Skip(1, "no_more_calls"),)
    assert decided(a_verification(), delivery) == RunStep(2, "unreachable", skipped)


def test_no_more_calls_holds_also_when_an_earlier_delivery_told_it() -> None:
    unreachable = a_delivery(Status.UNREACHABLE, "q850_1")
    message_first = a_verification(workflow=WORKFLOW[::-1], step=0)
    later = replace(a_delivery(Status.REJECTED), channel=ChannelName.ZNS)
    both_calls = (Skip(1, "no_more_calls"), Skip(2, "no_more_calls"))
    assert decided(message_first, unreachable, later) == Exhaust("rejected", both_calls)
    assert decided(message_first, later) == RunStep(1, "rejected")


def test_no_more_calls_holds_when_the_caller_asks_for_the_next_step() -> None:
    unreachable, waiting = a_delivery(Status.UNREACHABLE, "q850_28"), a_delivery(Status.ACCEPTED)
    skipped = (Skip(1, "no_more_calls"),)
    decision = decided(a_verification(), unreachable, waiting, next_requested=True)
    assert decision == RunStep(2, "next_asked", skipped)


def test_no_more_calls_ends_retries_of_a_call() -> None:
    retry = CauseRow(Status.BUSY, None, Action.RETRY, times=5, why="Ours queue.")
    unreachable, busy = a_delivery(Status.UNREACHABLE, "q850_22"), a_delivery(Status.BUSY)
    skipped = (Skip(1, "no_more_calls"),)
    assert decided(a_verification(), unreachable, busy, rows=[retry]) == RunStep(2, "busy", skipped)


def test_no_more_calls_leaves_the_reasons_of_other_steps_as_they_are() -> None:
    unreachable = a_delivery(Status.UNREACHABLE, "q850_1")
    skipped = (Skip(1, "no_more_calls"), Skip(2, "no_template"))
    decision = decided(a_verification(), unreachable, unavailable={2: "no_template"})
    assert decision == Exhaust("unreachable", skipped)


def test_a_row_with_the_reason_goes_before_the_row_of_the_outcome() -> None:
    stop = CauseRow(Status.BUSY, "q850_17", Action.STOP, why="We ask the person.")
    assert decided(a_verification(), a_delivery(Status.BUSY, "q850_17"), rows=[stop]) == Exhaust(
        "busy"
    )
    for other in ("q850_18", None):
        decision = decided(a_verification(), a_delivery(Status.BUSY, other), rows=[stop])
        assert decision == RunStep(1, "busy")


def test_a_row_that_stops_starts_nothing_more() -> None:
    stop = CauseRow(Status.BUSY, None, Action.STOP, why="We ask the person.")
    assert decided(a_verification(), a_delivery(Status.BUSY), rows=[stop]) == Exhaust("busy")


@pytest.mark.parametrize("times", [1, 2])
def test_a_row_that_retries_does_so_after_its_pause_and_so_often(times: int) -> None:
    retry = CauseRow(
        Status.BUSY, None, Action.RETRY, after_seconds=30, times=times, why="Ours queue."
    )
    again = NOW + timedelta(seconds=30)
    tries = [a_delivery(Status.BUSY)] * times
    assert decided(a_verification(), *tries, rows=[retry], now=again - TICK) == Wait(again)
    assert decided(a_verification(), *tries, rows=[retry], now=again) == RunStep(0, "busy")
    once_more = [*tries, a_delivery(Status.BUSY)]
    assert decided(a_verification(), *once_more, rows=[retry], now=again) == RunStep(1, "busy")


def test_a_pause_counts_from_the_last_write_where_the_history_has_no_line_of_the_status() -> None:
    retry = CauseRow(Status.BUSY, None, Action.RETRY, after_seconds=30, times=1, why="Ours queue.")
    busy = a_delivery(Status.BUSY)
    again = NOW + timedelta(seconds=5 + 30)
    decision = decided(a_verification(), replace(busy, history=busy.history[:1]), rows=[retry])
    assert decision == Wait(again)


def test_tries_of_an_earlier_step_are_not_counted() -> None:
    retry = CauseRow(Status.BUSY, None, Action.RETRY, times=1, why="Ours queue.")
    on_the_second = a_verification(step=1)
    tries = a_delivery(Status.BUSY), a_delivery(Status.BUSY), a_delivery(Status.BUSY, step=1)
    assert decided(on_the_second, *tries, rows=[retry]) == RunStep(1, "busy")


def test_a_retry_is_not_made_where_its_step_cannot_be_used_now() -> None:
    retry = CauseRow(Status.BUSY, None, Action.RETRY, times=5, why="Ours queue.")
    decision = decided(
        a_verification(),
        a_delivery(Status.BUSY),
        rows=[retry],
        unavailable={0: "provider_suspended"},
    )
    assert decision == RunStep(1, "busy")


def test_the_last_delivery_decides() -> None:
    tries = a_delivery(Status.BUSY), a_delivery(Status.ACCEPTED, step=1)
    assert decided(a_verification(step=1), *tries) == Wait(STEP_OVER)


# ------------------------------------------------------------------------------- another provider


def test_what_a_provider_refused_another_one_gets_on_the_same_step() -> None:
    decision = decided(a_verification(), a_delivery(Status.REJECTED), has_other_provider=True)
    assert decision == RunStep(0, OTHER_PROVIDER)


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.REJECTED}))
def test_only_what_was_refused_goes_to_another_provider(status: Status) -> None:
    plain = decided(a_verification(), a_delivery(status))
    assert decided(a_verification(), a_delivery(status), has_other_provider=True) == plain


@pytest.mark.parametrize("action", [Action.WAIT, Action.STOP])
def test_a_row_that_does_not_go_on_goes_to_no_other_provider(action: Action) -> None:
    row = CauseRow(Status.REJECTED, None, action, why="A person looks at it.")
    decision = decided(
        a_verification(), a_delivery(Status.REJECTED), rows=[row], has_other_provider=True
    )
    assert decision == (Exhaust("rejected") if action is Action.STOP else Wait(STEP_OVER))


# ------------------------------------------------------------------------------------------ steps


def test_a_step_that_cannot_be_used_is_passed_over_with_its_reason() -> None:
    decision = decided(a_verification(), a_delivery(Status.BUSY), unavailable={1: "no_scenario"})
    assert decision == RunStep(2, "busy", (Skip(1, "no_scenario"),))


def test_after_the_last_step_nothing_more_is_started() -> None:
    decision = decided(a_verification(step=2), a_delivery(Status.REJECTED, step=2))
    assert decision == Exhaust("rejected")
    decision = decided(
        a_verification(step=1), a_delivery(Status.BUSY, step=1), unavailable={2: "barred"}
    )
    assert decision == Exhaust("busy", (Skip(2, "barred"),))


def test_the_caller_may_ask_for_the_next_step_before_the_time_is_over() -> None:
    waiting = a_delivery(Status.ANSWERED)
    assert decided(a_verification(), waiting, next_requested=True) == RunStep(1, "next_asked")


def test_unless_it_is_said_nobody_asked_and_no_other_provider_is_left() -> None:
    unavailable = dict[int, str]().get
    for status, expected in (
        (Status.ACCEPTED, Wait(STEP_OVER)),
        (Status.REJECTED, RunStep(1, "rejected")),
    ):
        delivery = a_delivery(status)
        decision = decide(
            a_verification(), [delivery], CauseTable(), NOW, unavailable_reason=unavailable
        )
        assert decision == expected


def test_a_workflow_begins_with_the_first_step_that_can_be_used() -> None:
    assert first_step(WORKFLOW, dict[int, str]().get) == RunStep(0, "started")
    assert first_step(WORKFLOW, {0: "a"}.get) == RunStep(1, "started", (Skip(0, "a"),))
    every = {0: "a", 1: "b", 2: "c"}
    skipped = (Skip(0, "a"), Skip(1, "b"), Skip(2, "c"))
    assert first_step(WORKFLOW, every.get) == Exhaust("started", skipped)


# ------------------------------------------------------------------------------------------- ends


@pytest.mark.parametrize("status", sorted(set(VerificationStatus) - {VerificationStatus.PENDING}))
def test_nothing_is_done_with_one_that_has_ended(status: VerificationStatus) -> None:
    verification = a_verification(status=status)
    late = ENDS + GRACE
    assert (
        decided(verification, a_delivery(Status.BUSY), now=late, next_requested=True) == NoAction()
    )
    assert verification.due is None


def test_an_exhausted_one_fails_only_if_every_delivery_reached_nobody() -> None:
    exhausted = a_verification(step=2, exhausted=True)
    every = [a_delivery(status) for status in sorted(NEGATIVE)]
    assert decided(exhausted, *every) == End(VerificationStatus.FAILED, "all_failed")
    for status in sorted(set(Status) - NEGATIVE):
        for deliveries in ([*every, a_delivery(status)], [a_delivery(status), *every]):
            assert decided(exhausted, *deliveries) == Wait(ENDS + GRACE)


def test_an_exhausted_one_starts_nothing_whoever_asks() -> None:
    exhausted = a_verification(exhausted=True)
    waiting = a_delivery(Status.ACCEPTED)
    assert decided(exhausted, waiting, next_requested=True) == Wait(ENDS + GRACE)
    assert decided(exhausted, waiting, now=STEP_OVER) == Wait(ENDS + GRACE)


@pytest.mark.parametrize("exhausted", [False, True])
def test_it_expires_once_no_paid_guess_can_be_in_work(exhausted: bool) -> None:
    verification = a_verification(exhausted=exhausted)
    delivery = a_delivery(Status.ANSWERED)
    assert decided(verification, delivery, now=ENDS) == Wait(ENDS + GRACE)
    assert decided(verification, delivery, now=ENDS + GRACE - TICK) == Wait(ENDS + GRACE)
    over = End(VerificationStatus.EXPIRED, "time_over")
    assert decided(verification, delivery, now=ENDS + GRACE) == over
    # What has failed after its time is over has expired.
    assert decided(verification, a_delivery(Status.BUSY), now=ENDS + GRACE) == over


def test_its_attempts_are_used_up_once_no_paid_guess_can_be_in_work() -> None:
    guessed_at = NOW - timedelta(seconds=1)
    over = guessed_at + GRACE
    verification = a_verification(paid=3, last_paid_at=to_text(guessed_at))
    for delivery in (a_delivery(Status.BUSY), a_delivery(Status.ANSWERED)):
        assert decided(verification, delivery, now=over - TICK) == Wait(over)
        assert decided(verification, delivery, now=over) == End(
            VerificationStatus.MAX_ATTEMPTS_REACHED, "attempts_used"
        )
    assert verification.due == over
    one_left = a_verification(paid=2, last_paid_at=to_text(guessed_at))
    assert decided(one_left, a_delivery(Status.BUSY), now=over) == RunStep(1, "busy")


def test_the_end_by_the_count_goes_before_the_end_by_the_clock() -> None:
    guessed_at = ENDS - TICK
    verification = a_verification(paid=3, last_paid_at=to_text(guessed_at))
    decision = decided(verification, a_delivery(Status.ANSWERED), now=ENDS + GRACE)
    assert decision == End(VerificationStatus.MAX_ATTEMPTS_REACHED, "attempts_used")


# ---------------------------------------------------------------------------- status, and the timer


def test_a_reader_sees_the_ends_before_they_are_written() -> None:
    pending = a_verification()
    assert pending.status_at(ENDS - TICK) is VerificationStatus.PENDING
    assert pending.status_at(ENDS) is VerificationStatus.EXPIRED
    used_up = a_verification(paid=3)
    assert used_up.status_at(ENDS) is VerificationStatus.MAX_ATTEMPTS_REACHED
    assert a_verification(paid=2).attempts_remaining == 1
    assert a_verification(paid=4).attempts_remaining == 0
    failed = a_verification(status=VerificationStatus.FAILED, paid=3)
    assert failed.status_at(ENDS) is VerificationStatus.FAILED


def test_its_timer_is_set_for_what_comes_first() -> None:
    assert a_verification().due == STEP_OVER
    assert a_verification(exhausted=True).due == ENDS + GRACE
    late_step = a_verification(step_due_at=to_text(ENDS + timedelta(hours=1)))
    assert late_step.due == ENDS + GRACE
    at_the_end = a_verification(paid=3, last_paid_at=to_text(ENDS + GRACE))
    assert at_the_end.due == ENDS + GRACE


# -------------------------------------------------------------------------- history and errors


def test_the_history_tells_each_step_that_was_passed_over_and_the_one_that_was_taken() -> None:
    at = to_text(NOW)
    enter = RunStep(2, "busy", (Skip(0, "no_scenario"), Skip(1, "no_more_calls")))
    entry = TimelineEntry(
        at=at,
        event=TimelineEvent.SENT,
        reason="busy",
        step=2,
        channel="zns",
        delivery_id="dlv_3",
        request="hash",
    )
    assert step_entries(WORKFLOW, enter, at, "dlv_3", "hash") == (
        TimelineEntry(
            at=at,
            event=TimelineEvent.SKIPPED,
            reason="no_scenario",
            step=0,
            channel="password_call",
        ),
        TimelineEntry(
            at=at, event=TimelineEvent.SKIPPED, reason="no_more_calls", step=1, channel="voice_otp"
        ),
        entry,
    )
    alone = step_entries(WORKFLOW, RunStep(2, "busy"), at, "dlv_3")
    assert alone == (replace(entry, request=None),)


def test_a_request_after_the_end_is_told_which_end_it_was() -> None:
    error = verification_ended(a_verification(), ENDS)
    assert error.detail == "The verification has ended: expired."
    assert error.members == {"ended_as": "expired", "reason": "time_over"}


def test_an_id_has_32_letters_and_digits_of_base_32() -> None:
    assert is_id("ver_" + "a2" * 16)
    for wrong in ("ver_" + "a2" * 15, "ver_" + "a2" * 17, "ver_" + "A1" * 16, "dlv_" + "a2" * 16):
        assert not is_id(wrong)

"""A verification: the proof that someone holds a phone. Its state, and what is to be done next.

``decide`` is pure: from a verification, its deliveries, the cause table and the time it says what
comes next. Whatever wakes a verification (a reply, a CDR, a timer, the caller) asks it the same
question, and the store carries the answer out only from the very turn that it was computed for: so
each step is entered once, whoever comes first.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from ringpass.clients.settings.cause_table import CALLS, Action, CauseRow, CauseTable
from ringpass.clients.settings.model import Step
from ringpass.clock import from_text
from ringpass.deliveries.model import Delivery
from ringpass.errors import VerificationEnded
from ringpass.outcomes import Status
from ringpass.verifications.codes import SealedCode

# A guess that was paid for in time is judged, so an end by the clock or by the count is written
# only when no function that judges one can still be running.
CHECK_TIMEOUT_SECONDS: Final = 10
GRACE: Final = timedelta(seconds=CHECK_TIMEOUT_SECONDS + 1)

NEGATIVE: Final = frozenset(
    {
        Status.REJECTED,
        Status.BUSY,
        Status.NO_ANSWER,
        Status.REFUSED,
        Status.BILLING_FAILED,
        Status.UNREACHABLE,
        Status.FAILED,
    }
)
"""Statuses of a delivery that definitely did not reach the phone."""


OTHER_PROVIDER: Final = "other_provider"
"""Why a step is taken again: the provider before refused, and another one is left."""
ID: Final = re.compile(r"ver_[a-z2-7]{32}")


def is_id(text: str) -> bool:
    """Whether this can be the id of a verification; it may be longer than a key can be."""
    return ID.fullmatch(text) is not None


class VerificationStatus(StrEnum):
    """State of a verification; all but ``pending`` are its end."""

    PENDING = "pending"
    APPROVED = "approved"
    CANCELED = "canceled"
    EXPIRED = "expired"
    MAX_ATTEMPTS_REACHED = "max_attempts_reached"
    FAILED = "failed"


class Event(StrEnum):
    """What a line of a verification's history tells."""

    STARTED = "started"
    SENT = "sent"
    SKIPPED = "skipped"
    EXHAUSTED = "exhausted"
    CHECKED = "checked"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """A line of a verification's history.

    Attributes:
        at: When, RFC 3339.
        event: What happened.
        reason: Why, as a word: what the delivery before came to, ``time_out``, ``next_asked``, the
            reason of a skip, the end.
        step: The step that it is about, counted from 0.
        channel: Its channel.
        delivery_id: The delivery that was made.
        request: Keyed hash of the ``Idempotency-Key`` of the request that asked for it.
    """

    at: str
    event: Event
    reason: str | None = None
    step: int | None = None
    channel: str | None = None
    delivery_id: str | None = None
    request: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """A verification as the table keeps it. ``phone`` is clear E.164; no code is in it.

    Attributes:
        turn: Counts the deliveries made; whoever makes the next one names the turn it thinks it is.
        step: The step of the last delivery, counted from 0.
        step_due_at: When that step's time is over.
        exhausted: Whether nothing more will be started.
        paid: How many guesses were taken.
        guesses: The guesses: a keyed hash of the request's idempotency key -> ``Codes.guess_mark``
            of the code.
        unverified: Where the fraud budget counts its code until it is verified.
        decision: What the limits said when it was started.
    """

    id: str
    client: str
    phone: str = field(repr=False)
    country: str
    status: VerificationStatus
    created_at: str
    updated_at: str
    ends_at: str
    workflow: tuple[Step, ...]
    code: SealedCode = field(repr=False)
    attempts: int
    fingerprint: str = field(repr=False)
    attempt: str
    paid: int = 0
    last_paid_at: str | None = None
    guesses: Mapping[str, str] = field(default_factory=dict, repr=False)
    step: int
    turn: int = 1
    step_due_at: str
    exhausted: bool = False
    delivery_ids: tuple[str, ...]
    history: tuple[TimelineEntry, ...]
    metadata: Mapping[str, str] = field(default_factory=dict, repr=False)
    test: bool = False
    version: int = 1
    ended_at: str | None = None
    end_reason: str | None = None
    approved_channel: str | None = None
    ended_by: str | None = field(default=None, repr=False)
    replaced_by: str | None = None
    unverified: Mapping[str, Any] | None = None
    decision: Mapping[str, Any] | None = None

    @property
    def attempts_remaining(self) -> int:
        """How many guesses are left."""
        return max(0, self.attempts - self.paid)

    def status_at(self, now: datetime) -> VerificationStatus:
        """The status as a reader sees it.

        The ends by the count and by the clock are known before they are written.
        """
        if self.status is not VerificationStatus.PENDING:
            return self.status
        if self.paid >= self.attempts:
            return VerificationStatus.MAX_ATTEMPTS_REACHED
        if now >= from_text(self.ends_at):
            return VerificationStatus.EXPIRED
        return VerificationStatus.PENDING

    @property
    def due(self) -> datetime | None:
        """When it must be looked at again, whatever else happens; None once it has ended."""
        if self.status is not VerificationStatus.PENDING:
            return None
        end = from_text(self.ends_at) + GRACE
        if self.last_paid_at is not None and self.paid >= self.attempts:
            return min(end, from_text(self.last_paid_at) + GRACE)
        return end if self.exhausted else min(end, from_text(self.step_due_at))


@dataclass(frozen=True, slots=True)
class Skip:
    """A step that was passed over, and why."""

    step: int
    reason: str


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing is to be done, now or later."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing is to be done before ``until``."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Enter:
    """Make a delivery on a step: the same one again, or a later one.

    Attributes:
        step: The step, counted from 0.
        reason: Why: what the delivery before came to, ``time_out`` or ``next_asked``.
        skipped: Steps between that could not be used.
    """

    step: int
    reason: str
    skipped: tuple[Skip, ...] = ()


@dataclass(frozen=True, slots=True)
class Exhaust:
    """Nothing more can be started; a code that is out may still be checked."""

    reason: str
    skipped: tuple[Skip, ...] = ()


@dataclass(frozen=True, slots=True)
class End:
    """It is over.

    Attributes:
        status: Which end.
        reason: Why, as a word.
    """

    status: VerificationStatus
    reason: str


type Decision = Rest | Wait | Enter | Exhaust | End

type StepUnavailable = Callable[[int], str | None]
"""Why a step cannot be used now, as a word; None if it can. It is asked only of steps that are
looked at: what a later step needs is not loaded before its turn."""


def bar_by(reason: str, providers: Sequence[str]) -> str:
    """Why a step cannot be used, where that is due to providers: ``not_configured:caresoft``."""
    return f"{reason}:{','.join(providers)}"


def bar_parts(why: str) -> tuple[str, tuple[str, ...]]:
    """The word that says why a step cannot be used, and the providers that it is due to."""
    reason, _, names = why.partition(":")
    return reason, tuple(names.split(",")) if names else ()


def decide(
    verification: Verification,
    deliveries: Sequence[Delivery],
    table: CauseTable,
    now: datetime,
    *,
    barred: StepUnavailable,
    next_asked: bool = False,
    other_provider: bool = False,
) -> Decision:
    """What is to be done with a verification now.

    Args:
        verification: The verification.
        deliveries: All its deliveries, in the order in which they were made.
        table: What follows an outcome.
        now: The time.
        barred: Says why a step cannot be used now.
        next_asked: Whether the caller asked for the next step at once.
        other_provider: Whether a provider is left that has not refused this step yet.
    """
    if verification.status is not VerificationStatus.PENDING:
        return Rest()
    if (end := _ended(verification, now)) is not None:
        return end
    if verification.exhausted:
        if all(delivery.status in NEGATIVE for delivery in deliveries):
            return End(VerificationStatus.FAILED, "all_failed")
        return _wait(verification)
    barred = _without_calls(barred, verification, deliveries, table)
    if next_asked:
        return _leave(verification, barred, "next_asked")
    row = table.action_for(deliveries[-1].status, deliveries[-1].reason)
    again = _again(row, verification, deliveries, now, other_provider=other_provider)
    if again is not None and barred(verification.step) is not None:
        again = None
    return again or _follow(row, verification, deliveries[-1], barred, now)


def _again(
    row: CauseRow,
    verification: Verification,
    deliveries: Sequence[Delivery],
    now: datetime,
    *,
    other_provider: bool,
) -> Enter | Wait | None:
    """Another delivery of the same step, if one is to be made, now or later."""
    last = deliveries[-1]
    goes_on = row.action in (Action.NEXT, Action.RETRY)
    if other_provider and goes_on and last.status is Status.REJECTED:
        return Enter(verification.step, OTHER_PROVIDER)
    tries = sum(delivery.step == verification.step for delivery in deliveries)
    if row.action is not Action.RETRY or tries > row.times:
        return None
    again = _since(last) + timedelta(seconds=row.after_seconds)
    return Enter(verification.step, str(last.status)) if now >= again else Wait(again)


def _follow(
    row: CauseRow,
    verification: Verification,
    last: Delivery,
    barred: StepUnavailable,
    now: datetime,
) -> Decision:
    """What the cause table asks for after the last delivery, where its step is not repeated."""
    word = str(last.status)
    if row.action is Action.STOP:
        return Exhaust(word)
    if row.action in (Action.RETRY, Action.NEXT):
        return _leave(verification, barred, word)
    if now >= from_text(verification.step_due_at):
        return _leave(verification, barred, "time_out")
    return _wait(verification)


def first_step(workflow: Sequence[Step], barred: StepUnavailable) -> Enter | Exhaust:
    """Where a verification of this workflow begins; ``Exhaust`` if no step can be used."""
    return _next_usable(0, len(workflow), barred, "started")


def skip_lines(
    workflow: Sequence[Step], skipped: Sequence[Skip], at: str
) -> tuple[TimelineEntry, ...]:
    """What the history says of steps that were passed over."""
    return tuple(
        TimelineEntry(
            at=at,
            event=Event.SKIPPED,
            reason=skip.reason,
            step=skip.step,
            channel=workflow[skip.step].channel,
        )
        for skip in skipped
    )


def enter_lines(
    workflow: Sequence[Step], enter: Enter, at: str, delivery_id: str, request: str | None = None
) -> tuple[TimelineEntry, ...]:
    """What the history says of a step that is taken, and of those that were passed over for it."""
    sent = TimelineEntry(
        at=at,
        event=Event.SENT,
        reason=enter.reason,
        step=enter.step,
        channel=workflow[enter.step].channel,
        delivery_id=delivery_id,
        request=request,
    )
    return (*skip_lines(workflow, enter.skipped, at), sent)


def verification_ended(verification: Verification, now: datetime) -> VerificationEnded:
    """What a request gets that comes after the end."""
    status = verification.status_at(now)
    return VerificationEnded(f"The verification has ended: {status}.", ended_as=str(status))


def _ended(verification: Verification, now: datetime) -> End | Wait | None:
    """The end by the count or by the clock, once no paid guess can be in work."""
    if verification.last_paid_at is not None and verification.paid >= verification.attempts:
        over = from_text(verification.last_paid_at) + GRACE
        end = End(VerificationStatus.MAX_ATTEMPTS_REACHED, "attempts_used")
    elif now >= from_text(verification.ends_at):
        over = from_text(verification.ends_at) + GRACE
        end = End(VerificationStatus.EXPIRED, "time_over")
    else:
        return None
    return end if now >= over else Wait(over)


def _wait(verification: Verification) -> Wait | Rest:
    return Wait(verification.due) if verification.due else Rest()


def _leave(verification: Verification, barred: StepUnavailable, reason: str) -> Enter | Exhaust:
    return _next_usable(verification.step + 1, len(verification.workflow), barred, reason)


def _next_usable(first: int, end: int, barred: StepUnavailable, reason: str) -> Enter | Exhaust:
    skipped: list[Skip] = []
    for step in range(first, end):
        if (why := barred(step)) is None:
            return Enter(step, reason, tuple(skipped))
        skipped.append(Skip(step, why))
    return Exhaust(reason, tuple(skipped))


def _without_calls(
    barred: StepUnavailable,
    verification: Verification,
    deliveries: Sequence[Delivery],
    table: CauseTable,
) -> StepUnavailable:
    """Steps that would call are barred too, if a call told that the number cannot be called."""
    told = (table.action_for(delivery.status, delivery.reason) for delivery in deliveries)
    if not any(row.no_more_calls for row in told):
        return barred

    def without_calls(step: int) -> str | None:
        return "no_more_calls" if verification.workflow[step].channel in CALLS else barred(step)

    return without_calls


def _since(delivery: Delivery) -> datetime:
    """When it came to its status."""
    of_status = (entry.at for entry in delivery.history if entry.status is delivery.status)
    return from_text(next(of_status, delivery.updated_at))

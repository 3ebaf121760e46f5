"""State machine of a verification, the proof that someone holds a phone.

``decide`` is its transition function, and pure: it computes the next action from a verification,
its deliveries, the cause table and the time. Every trigger (a reply, a CDR, a timer, the caller)
calls it. The repository writes its decision only if the verification is still at the turn that the
decision was computed for (an optimistic lock), so each step runs once.
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
from ringpass.phone import Phone
from ringpass.verifications.codes import SealedCode

# A guess that consumed its attempt in time is compared with the code. So an end by the clock or by
# the number of attempts is written only when no function that compares one can still be running.
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
"""Statuses of a delivery that certainly did not reach the phone."""
_ARRIVED: Final = frozenset({Status.ANSWERED, Status.DELIVERED})


OTHER_PROVIDER: Final = "other_provider"
"""Reason to run a step again: one provider refused, and another one is left."""
ID: Final = re.compile(r"ver_[a-z2-7]{32}")


def is_id(text: str) -> bool:
    """Whether this can be the id of a verification. A text may be longer than a key can be."""
    return ID.fullmatch(text) is not None


class VerificationStatus(StrEnum):
    """State of a verification; all but ``pending`` are its end."""

    PENDING = "pending"
    APPROVED = "approved"
    CANCELED = "canceled"
    EXPIRED = "expired"
    MAX_ATTEMPTS_REACHED = "max_attempts_reached"
    FAILED = "failed"


class TimelineEvent(StrEnum):
    """Type of an entry of a verification's timeline."""

    STARTED = "started"
    SENT = "sent"
    SKIPPED = "skipped"
    EXHAUSTED = "exhausted"
    CHECKED = "checked"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """An entry of a verification's timeline.

    Attributes:
        at: When, RFC 3339.
        event: What happened.
        reason: Why, as a word: the status of the delivery before, ``time_out``, ``next_asked``, the
            reason of a skip, the end.
        step: The step that it is about, counted from 0.
        channel: Its channel.
        delivery_id: The delivery that was made.
        request: Keyed hash of the ``Idempotency-Key`` of the request that asked for the step.
    """

    at: str
    event: TimelineEvent
    reason: str | None = None
    step: int | None = None
    channel: str | None = None
    delivery_id: str | None = None
    request: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """A verification as the table keeps it. ``phone`` is clear E.164; no code is in it.

    Attributes:
        sign_in_server: The sign-in server that made the code and checks it; None: Ringpass checks
            it.
        turn: Number of deliveries made. The optimistic lock: a write of the next delivery has the
            turn that it was computed from as its condition. A queued verification starts at 0.
        step: The step of the last delivery, counted from 0.
        step_due_at: When that step's time is over; of a queued verification its start.
        exhausted: Whether nothing more will be started.
        paid: How many attempts were consumed.
        guesses: The guesses: a keyed hash of the request's idempotency key -> ``Codes.guess_mark``
            of the code.
        unverified: Where the fraud budget counts its code until it is verified.
        decision: What the limits said when it was started.
        consent_reference: The client's own reference to the consent that it sends by.
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
    sign_in_server: str | None = None
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
    consent_reference: str | None = field(default=None, repr=False)

    @property
    def callee(self) -> Phone:
        """The phone, as it was parsed when the verification started."""
        return Phone(self.phone, self.country)

    @property
    def attempts_remaining(self) -> int:
        """How many guesses are left."""
        return max(0, self.attempts - self.paid)

    def status_at(self, now: datetime) -> VerificationStatus:
        """Return the status as a reader sees it.

        It shows the ends by attempts and by the clock before they are written.
        """
        if self.status is not VerificationStatus.PENDING:
            return self.status
        if self.paid >= self.attempts:
            return VerificationStatus.MAX_ATTEMPTS_REACHED
        if now >= from_text(self.ends_at):
            return VerificationStatus.EXPIRED
        return VerificationStatus.PENDING

    def end_at(self, now: datetime) -> tuple[str | None, str | None]:
        """Return when and why it ended, as a reader sees it; None while it is pending."""
        status = self.status_at(now)
        if status is self.status:
            return self.ended_at, self.end_reason
        if status is VerificationStatus.EXPIRED:
            return self.ends_at, "time_over"
        return self.last_paid_at, "attempts_used"

    @property
    def due(self) -> datetime | None:
        """When its timer is due, whatever else happens; None once it has ended."""
        if self.status is not VerificationStatus.PENDING:
            return None
        end = from_text(self.ends_at) + GRACE
        if self.last_paid_at is not None and self.paid >= self.attempts:
            return min(end, from_text(self.last_paid_at) + GRACE)
        return end if self.exhausted else min(end, from_text(self.step_due_at))


@dataclass(frozen=True, slots=True)
class Skip:
    """A skipped step, and why."""

    step: int
    reason: str


@dataclass(frozen=True, slots=True)
class NoAction:
    """Nothing is to be done, now or later."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing is to be done before ``until``."""

    until: datetime


@dataclass(frozen=True, slots=True)
class RunStep:
    """Make a delivery of a step: the same one again, or a later one.

    Attributes:
        step: The step, counted from 0.
        reason: Why: the status of the delivery before, ``time_out`` or ``next_asked``.
        skips: Steps between that cannot be used.
    """

    step: int
    reason: str
    skips: tuple[Skip, ...] = ()


@dataclass(frozen=True, slots=True)
class Exhaust:
    """No step is left; a code that was sent can still be checked."""

    reason: str
    skips: tuple[Skip, ...] = ()


@dataclass(frozen=True, slots=True)
class End:
    """End the verification.

    Attributes:
        status: The final status.
        reason: Why, as a word.
    """

    status: VerificationStatus
    reason: str


type Decision = NoAction | Wait | RunStep | Exhaust | End

type StepUnavailable = Callable[[int], str | None]
"""Returns why a step cannot be used now, as a word; None if it can. It is called only for steps
that are considered: what a later step needs is not loaded before."""


def reason_with_providers(reason: str, providers: Sequence[str]) -> str:
    """Join a reason and the providers at fault: ``not_configured:caresoft``."""
    return f"{reason}:{','.join(providers)}"


def split_reason(reason: str) -> tuple[str, tuple[str, ...]]:
    """Split a reason into its word and the providers at fault."""
    code, _, names = reason.partition(":")
    return code, tuple(names.split(",")) if names else ()


def decide(
    verification: Verification,
    deliveries: Sequence[Delivery],
    table: CauseTable,
    now: datetime,
    *,
    unavailable_reason: StepUnavailable,
    next_requested: bool = False,
    has_other_provider: bool = False,
) -> Decision:
    """Decide the next action of a verification.

    Args:
        verification: The verification.
        deliveries: All its deliveries, in the order in which they were made.
        table: The cause table: what follows an outcome.
        now: The time.
        unavailable_reason: Returns why a step cannot be used now.
        next_requested: Whether the caller asked for the next step at once.
        has_other_provider: Whether a provider is left that has not refused this step.
    """
    if verification.status is not VerificationStatus.PENDING:
        return NoAction()
    if (end := _end_by_limit(verification, now)) is not None:
        return end
    if verification.exhausted:
        if all(delivery.status in NEGATIVE for delivery in deliveries):
            return End(VerificationStatus.FAILED, "all_failed")
        return _wait(verification)
    unavailable_reason = _without_calls(unavailable_reason, verification, deliveries, table)
    if next_requested or verification.turn == 0:
        reason = "next_asked" if next_requested else "started"
        return _next_step(verification, unavailable_reason, reason)
    row = table.action_for(deliveries[-1].status, deliveries[-1].reason)
    retry = _retry(row, verification, deliveries, now, has_other_provider=has_other_provider)
    if retry is not None and unavailable_reason(verification.step) is not None:
        retry = None
    return retry or _next_action(row, verification, deliveries[-1], unavailable_reason, now)


def _retry(
    row: CauseRow,
    verification: Verification,
    deliveries: Sequence[Delivery],
    now: datetime,
    *,
    has_other_provider: bool,
) -> RunStep | Wait | None:
    """Decide whether the same step gets another delivery, now or later."""
    last = deliveries[-1]
    may_continue = row.action in (Action.NEXT, Action.RETRY)
    if has_other_provider and may_continue and last.status is Status.REJECTED:
        return RunStep(verification.step, OTHER_PROVIDER)
    tries = sum(delivery.step == verification.step for delivery in deliveries)
    if row.action is not Action.RETRY or tries > row.times:
        return None
    retry_at = _status_since(last) + timedelta(seconds=row.after_seconds)
    return RunStep(verification.step, str(last.status)) if now >= retry_at else Wait(retry_at)


def _next_action(
    row: CauseRow,
    verification: Verification,
    last: Delivery,
    unavailable_reason: StepUnavailable,
    now: datetime,
) -> Decision:
    """Decide by the cause table what follows the last delivery, if its step is not retried."""
    reason = str(last.status)
    if row.action is Action.STOP:
        return Exhaust(reason)
    if row.action in (Action.RETRY, Action.NEXT):
        return _next_step(verification, unavailable_reason, reason)
    if now >= from_text(verification.step_due_at):
        if verification.sign_in_server is not None and last.status in _ARRIVED:
            # Only the server knows whether the code was entered: no one is called after a sign-in.
            return Exhaust(reason)
        return _next_step(verification, unavailable_reason, "time_out")
    return _wait(verification)


def first_step(workflow: Sequence[Step], unavailable_reason: StepUnavailable) -> RunStep | Exhaust:
    """Decide the first step of a workflow; ``Exhaust`` if no step can be used."""
    return _first_available_step(0, len(workflow), unavailable_reason, "started")


def skip_entries(
    workflow: Sequence[Step], skips: Sequence[Skip], at: str
) -> tuple[TimelineEntry, ...]:
    """Timeline entries of skipped steps."""
    return tuple(
        TimelineEntry(
            at=at,
            event=TimelineEvent.SKIPPED,
            reason=skip.reason,
            step=skip.step,
            channel=workflow[skip.step].channel,
        )
        for skip in skips
    )


def step_entries(
    workflow: Sequence[Step],
    decision: RunStep,
    at: str,
    delivery_id: str,
    request: str | None = None,
) -> tuple[TimelineEntry, ...]:
    """Timeline entries of a step that runs, and of the steps skipped before it."""
    entry = TimelineEntry(
        at=at,
        event=TimelineEvent.SENT,
        reason=decision.reason,
        step=decision.step,
        channel=workflow[decision.step].channel,
        delivery_id=delivery_id,
        request=request,
    )
    return (*skip_entries(workflow, decision.skips, at), entry)


def verification_ended(verification: Verification, now: datetime) -> VerificationEnded:
    """The error for a request after the end."""
    status = verification.status_at(now)
    _, reason = verification.end_at(now)
    detail = f"The verification has ended: {status}."
    if verification.replaced_by is not None:
        detail = "Another verification was started for this phone, which ended this one."
    return VerificationEnded(
        detail, ended_as=str(status), reason=reason, replaced_by=verification.replaced_by
    )


def _end_by_limit(verification: Verification, now: datetime) -> End | Wait | None:
    """Decide the end by attempts or by the clock, once no guess can still be compared."""
    if verification.last_paid_at is not None and verification.paid >= verification.attempts:
        write_at = from_text(verification.last_paid_at) + GRACE
        end = End(VerificationStatus.MAX_ATTEMPTS_REACHED, "attempts_used")
    elif now >= from_text(verification.ends_at):
        write_at = from_text(verification.ends_at) + GRACE
        end = End(VerificationStatus.EXPIRED, "time_over")
    else:
        return None
    return end if now >= write_at else Wait(write_at)


def _wait(verification: Verification) -> Wait | NoAction:
    return Wait(verification.due) if verification.due else NoAction()


def _next_step(
    verification: Verification, unavailable_reason: StepUnavailable, reason: str
) -> RunStep | Exhaust:
    first = verification.step + 1 if verification.turn else 0
    return _first_available_step(first, len(verification.workflow), unavailable_reason, reason)


def _first_available_step(
    first: int, end: int, unavailable_reason: StepUnavailable, reason: str
) -> RunStep | Exhaust:
    skips: list[Skip] = []
    for step in range(first, end):
        if (skip_reason := unavailable_reason(step)) is None:
            return RunStep(step, reason, tuple(skips))
        skips.append(Skip(step, skip_reason))
    return Exhaust(reason, tuple(skips))


def _without_calls(
    unavailable_reason: StepUnavailable,
    verification: Verification,
    deliveries: Sequence[Delivery],
    table: CauseTable,
) -> StepUnavailable:
    """Make steps that call unavailable too, if a call showed that the number cannot be called."""
    rows = (table.action_for(delivery.status, delivery.reason) for delivery in deliveries)
    if not any(row.no_more_calls for row in rows):
        return unavailable_reason

    def without_calls(step: int) -> str | None:
        return (
            "no_more_calls"
            if verification.workflow[step].channel in CALLS
            else unavailable_reason(step)
        )

    return without_calls


def _status_since(delivery: Delivery) -> datetime:
    """When the delivery got its status."""
    instants = (entry.at for entry in delivery.history if entry.status is delivery.status)
    return from_text(next(instants, delivery.updated_at))

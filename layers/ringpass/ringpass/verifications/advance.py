"""Moving a verification on: the one place that does what ``verification.decide`` says.

Whatever wakes it, a reply, a CDR, a timer or the caller, the same thing happens: read, decide, and
carry the decision out from that very turn, or find that somebody else was faster.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from ringpass.aws.dynamodb import Put
from ringpass.aws.secrets import Secrets
from ringpass.clients.settings.service import ClientSettingsService
from ringpass.clock import Clock, to_text
from ringpass.deliveries.channel import Action
from ringpass.deliveries.model import Delivery
from ringpass.deliveries.store import DeliveryRepository
from ringpass.errors import (
    ApiError,
    LimitReached,
    NoNextStep,
    NotAllowed,
    NotFound,
    ProviderSuspended,
    Unavailable,
)
from ringpass.http.idempotency import check_key
from ringpass.ids import request_key
from ringpass.limits.planner import LimitPlan
from ringpass.observability import logger
from ringpass.verifications.model import (
    NEGATIVE,
    Decision,
    End,
    Enter,
    Event,
    Exhaust,
    Rest,
    TimelineEntry,
    Verification,
    VerificationStatus,
    Wait,
    decide,
    enter_lines,
    is_id,
    skip_lines,
    verification_ended,
)
from ringpass.verifications.steps import StepRunner, Subject, refused_by
from ringpass.verifications.store import StaleTurn, VerificationRepository

_TRIES: Final = 10


@dataclass(frozen=True, slots=True)
class Progress:
    """A verification with its deliveries, and whether an earlier request moved it."""

    verification: Verification
    deliveries: tuple[Delivery, ...]
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class VerificationAdvancer:
    """Moves verifications on.

    Attributes:
        verifications: The table's verifications.
        deliveries: The table's deliveries.
        steps: Takes steps.
        preferences: What clients have set.
        secrets: The stack's secrets.
        clock: Tells the time.
    """

    verifications: VerificationRepository
    deliveries: DeliveryRepository
    steps: StepRunner
    preferences: ClientSettingsService
    secrets: Secrets
    clock: Clock

    def advance(self, verification_id: str) -> datetime | None:
        """Do all that is to be done with a verification now.

        Returns:
            When it must be looked at again although nothing will be written until then; None if
            its own timers see to that.

        Raises:
            Unavailable: The table or a secret cannot be reached; it may be tried again.
        """
        refused: dict[int, str] = {}
        for _ in range(_TRIES):
            verification = self.verifications.get(verification_id)
            if verification is None:
                return None
            deliveries = self.deliveries.get_many(verification.delivery_ids)
            decision = self._decide(verification, deliveries, refused)
            match decision:
                case Rest():
                    return None
                case Wait(until) if until == verification.due:
                    return None
                case Wait(until):
                    if verification.due is not None and until > verification.due:
                        self.verifications.put_off(verification, until, self.clock())
                    return until
            # Who finds that somebody else was faster looks again.
            with suppress(StaleTurn):
                if self._act(decision, verification, deliveries, refused):
                    return None
        raise Unavailable("The verification moves too fast.")

    def _act(
        self,
        decision: Enter | Exhaust | End,
        verification: Verification,
        deliveries: Sequence[Delivery],
        refused: dict[int, str],
    ) -> bool:
        """Carry a decision out; whether the stream tells of all that may follow.

        Raises:
            Moved: The verification is at another turn, or over.
        """
        match decision:
            case Enter(step):
                try:
                    entered = self._enter(decision, verification, deliveries)
                except (ProviderSuspended, LimitReached, NotAllowed) as refusal:
                    refused[step] = refusal.code
                    return False
                # What was refused at once is followed at once.
                return entered.deliveries[-1].status not in NEGATIVE
            case Exhaust():
                self._exhaust(decision, verification)
                return False
            case End(status, reason):
                self.verifications.end(verification.id, status, reason, self.clock())
                logger().info("verification ended", verification=verification.id, status=status)
                return True

    def next(self, verification_id: str, client: str, idempotency_key: str | None) -> Progress:
        """Take the next step that can be taken, at once.

        Of requests that come at the same time one moves it on; the others find it moved.

        Raises:
            NotFound: There is no such verification of this client.
            VerificationEnded: It is over.
            NoNextStep: No step is left that can be taken now.
            ProviderSuspended: Nobody may ask the next provider now. Nothing was sent.
            LimitReached: A limit of the client is reached. Nothing was sent.
            Unavailable: The table or a secret cannot be reached. Nothing was sent.
        """
        check_key(idempotency_key)
        request = self._request_key(idempotency_key)
        refused: dict[int, str] = {}
        refusal: ApiError | None = None
        while True:
            verification, deliveries = self._of(verification_id, client)
            if request and any(line.request == request for line in verification.history):
                return Progress(verification, deliveries, replayed=True)
            now = self.clock()
            if verification.status_at(now) is not VerificationStatus.PENDING:
                raise verification_ended(verification, now)
            decision = self._decide(verification, deliveries, refused, next_asked=True)
            if not isinstance(decision, Enter):
                raise refusal or NoNextStep("No step is left that can be taken now.")
            try:
                return self._enter(decision, verification, deliveries, request)
            except StaleTurn:
                verification, deliveries = self._of(verification_id, client)
                replayed = any(line.request == request for line in verification.history)
                return Progress(verification, deliveries, replayed=bool(request and replayed))
            except (ProviderSuspended, LimitReached, NotAllowed) as new:
                refusal, refused[decision.step] = refusal or new, new.code

    def _of(self, verification_id: str, client: str) -> tuple[Verification, tuple[Delivery, ...]]:
        verification = self.verifications.get(verification_id) if is_id(verification_id) else None
        if verification is None or verification.client != client:
            raise NotFound("There is no such verification.")
        return verification, tuple(self.deliveries.get_many(verification.delivery_ids))

    def _request_key(self, idempotency_key: str | None) -> str | None:
        if idempotency_key is None:
            return None
        return request_key(self.secrets.value("lookup", "key"), "next", idempotency_key)

    def _decide(
        self,
        verification: Verification,
        deliveries: Sequence[Delivery],
        refused: dict[int, str],
        *,
        next_asked: bool = False,
    ) -> Decision:
        settings = self.preferences.get(verification.client)
        subject = Subject.of(verification)
        barred = self.steps.barred(subject, verification.workflow, settings)
        return decide(
            verification,
            deliveries,
            settings.cause_table,
            self.clock(),
            barred=lambda step: refused.get(step) or barred(step),
            next_asked=next_asked,
            other_provider=self.steps.other_provider(verification, deliveries, settings),
        )

    def _exhaust(self, exhaust: Exhaust, verification: Verification) -> None:
        """Say that no step is left.

        Raises:
            Moved: The verification is at another turn, or over.
        """
        now = self.clock()
        at = to_text(now)
        lines = [
            *skip_lines(verification.workflow, exhaust.skipped, at),
            TimelineEntry(at=at, event=Event.EXHAUSTED, reason=exhaust.reason),
        ]
        self.verifications.exhaust(replace(verification, exhausted=True), lines, now)

    def _enter(
        self,
        enter: Enter,
        verification: Verification,
        deliveries: Sequence[Delivery],
        request: str | None = None,
    ) -> Progress:
        """Take a step from this turn, and give the verification as it is then.

        Raises:
            Moved: The verification is at another turn, or over.
        """
        now = self.clock()
        at, turn = to_text(now), verification.turn + 1
        step = verification.workflow[enter.step]
        delivery_id = self.steps.delivery_id(verification.client, verification.id, turn)
        lines = enter_lines(verification.workflow, enter, at, delivery_id, request)
        moved = replace(
            verification,
            turn=turn,
            step=enter.step,
            step_due_at=to_text(now + timedelta(seconds=step.timeout_seconds)),
            delivery_ids=(*verification.delivery_ids, delivery_id),
            history=(*verification.history, *lines),
            updated_at=at,
            version=verification.version + 1,
        )

        def write(put: Put, _plan: LimitPlan, others: Sequence[Action]) -> None:
            self.verifications.enter(moved, verification.turn, lines, [*others, put], now)

        again = enter.step == verification.step
        settings = self.preferences.get(verification.client)
        made = self.steps.take(
            moved,
            settings,
            write,
            retry_of=deliveries[-1].id if again else None,
            refused_by=refused_by(verification, deliveries) if again else (),
        )
        logger().info(
            "verification moved",
            verification=verification.id,
            step=enter.step + 1,
            reason=enter.reason,
        )
        return Progress(moved, (*deliveries, made))

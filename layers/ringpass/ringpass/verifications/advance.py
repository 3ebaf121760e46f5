"""Advances a verification: the only module that executes what ``model.decide`` returns.

Every trigger (a reply, a CDR, a timer, the caller) does the same: read, decide, and write the
decision under an optimistic lock on the turn. If the lock fails (``StaleTurn``), another function
was faster.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from ringpass.aws.optimistic_lock import attempts
from ringpass.aws.secrets import Secrets
from ringpass.aws.transaction import ConditionsFailed, Transaction
from ringpass.clients.settings.service import ClientSettingsService
from ringpass.clock import Clock, to_text
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
from ringpass.observability import logger
from ringpass.verifications.model import (
    NEGATIVE,
    Decision,
    End,
    Exhaust,
    NoAction,
    RunStep,
    TimelineEntry,
    TimelineEvent,
    Verification,
    VerificationStatus,
    Wait,
    decide,
    is_id,
    skip_entries,
    step_entries,
    verification_ended,
)
from ringpass.verifications.step_runner import StepRefusals, StepRunner, code_send, refused_by
from ringpass.verifications.store import VERIFICATION, StaleTurn, VerificationRepository, stale_turn

_TRIES: Final = 10


@dataclass(frozen=True, slots=True)
class TurnResult:
    """A verification with its deliveries, and whether an earlier request advanced it."""

    verification: Verification
    deliveries: tuple[Delivery, ...]
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class VerificationAdvancer:
    """Advances verifications.

    Attributes:
        verifications: The table's verifications.
        deliveries: The table's deliveries.
        step_runner: Runs steps.
        client_settings: Settings of clients.
        secrets: The stack's secrets.
        clock: Tells the time.
    """

    verifications: VerificationRepository
    deliveries: DeliveryRepository
    step_runner: StepRunner
    client_settings: ClientSettingsService
    secrets: Secrets
    clock: Clock

    def advance(self, verification_id: str) -> datetime | None:
        """Execute all actions of a verification that are due.

        Returns:
            When to call this again although nothing will be written until then; None if the
            verification's own timers do it.

        Raises:
            Unavailable: The table or a secret cannot be reached; it may be tried again.
        """
        refusals = StepRefusals()
        for _ in attempts(_TRIES):
            verification = self.verifications.get(verification_id)
            if verification is None:
                return None
            deliveries = self.deliveries.get_many(verification.delivery_ids)
            decision = self._decide(verification, deliveries, refusals)
            match decision:
                case NoAction():
                    return None
                case Wait(until) if until == verification.due:
                    return None
                case Wait(until):
                    if verification.due is not None and until > verification.due:
                        self.verifications.postpone(verification, until, self.clock())
                    return until
            # Another function was faster: read and decide again.
            with suppress(StaleTurn):
                if self._execute(decision, verification, deliveries, refusals):
                    return None
        raise Unavailable("The verification moves too fast.")

    def _execute(
        self,
        decision: RunStep | Exhaust | End,
        verification: Verification,
        deliveries: Sequence[Delivery],
        refusals: StepRefusals,
    ) -> bool:
        """Execute a decision. Returns whether the stream triggers all that may follow.

        Raises:
            StaleTurn: The verification is at another turn, or over.
        """
        match decision:
            case RunStep(step):
                try:
                    result = self._run_step(decision, verification, deliveries, refusals)
                except (ProviderSuspended, LimitReached, NotAllowed) as refusal:
                    refusals.codes[step] = refusal.code
                    return False
                # A refusal that came at once is acted on at once.
                return result.deliveries[-1].status not in NEGATIVE
            case Exhaust():
                self._exhaust(decision, verification)
                return False
            case End(status, reason):
                self.verifications.end(verification.id, status, reason, self.clock())
                logger().info("verification ended", verification=verification.id, status=status)
                return True

    def run_next_step(
        self, verification_id: str, client: str, idempotency_key: str | None
    ) -> TurnResult:
        """Run the next available step, at once.

        Of requests that come at the same time one advances it; the others return the result.

        Raises:
            NotFound: There is no such verification of this client.
            VerificationEnded: It is over.
            NoNextStep: No step is available now.
            ProviderSuspended: The next provider may not be called now. Nothing was sent.
            LimitReached: A limit of the client is reached. Nothing was sent.
            Unavailable: The table or a secret cannot be reached. Nothing was sent.
        """
        check_key(idempotency_key)
        request = self._request_key(idempotency_key)
        refusals = StepRefusals()
        refusal: ApiError | None = None
        while True:
            verification, deliveries = self._get(verification_id, client)
            if request and any(entry.request == request for entry in verification.history):
                return TurnResult(verification, deliveries, replayed=True)
            now = self.clock()
            if verification.status_at(now) is not VerificationStatus.PENDING:
                raise verification_ended(verification, now)
            decision = self._decide(verification, deliveries, refusals, next_requested=True)
            if not isinstance(decision, RunStep):
                raise refusal or NoNextStep("No step is left that can be taken now.")
            try:
                return self._run_step(decision, verification, deliveries, refusals, request)
            except StaleTurn:
                verification, deliveries = self._get(verification_id, client)
                is_replay = any(entry.request == request for entry in verification.history)
                return TurnResult(verification, deliveries, replayed=bool(request and is_replay))
            except (ProviderSuspended, LimitReached, NotAllowed) as error:
                refusal, refusals.codes[decision.step] = refusal or error, error.code

    def _get(self, verification_id: str, client: str) -> tuple[Verification, tuple[Delivery, ...]]:
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
        refusals: StepRefusals,
        *,
        next_requested: bool = False,
    ) -> Decision:
        settings = self.client_settings.get(verification.client)
        send = code_send(verification, verification.code.placeholder)
        workflow_reason = self.step_runner.unavailable_reason(send, verification.workflow, settings)
        return decide(
            verification,
            deliveries,
            settings.cause_table,
            self.clock(),
            unavailable_reason=lambda step: refusals.codes.get(step) or workflow_reason(step),
            next_requested=next_requested,
            has_other_provider=self.step_runner.has_other_provider(
                verification, deliveries, settings
            ),
        )

    def _exhaust(self, decision: Exhaust, verification: Verification) -> None:
        """Record that no step is left.

        Raises:
            StaleTurn: The verification is at another turn, or over.
        """
        now = self.clock()
        at = to_text(now)
        entries = [
            *skip_entries(verification.workflow, decision.skips, at),
            TimelineEntry(at=at, event=TimelineEvent.EXHAUSTED, reason=decision.reason),
        ]
        self.verifications.exhaust(replace(verification, exhausted=True), entries, now)

    def _run_step(
        self,
        decision: RunStep,
        verification: Verification,
        deliveries: Sequence[Delivery],
        refusals: StepRefusals,
        request: str | None = None,
    ) -> TurnResult:
        """Run a step from this turn, and return the verification as it is then.

        Raises:
            StaleTurn: The verification is at another turn, or over.
        """
        now = self.clock()
        at, turn = to_text(now), verification.turn + 1
        step = verification.workflow[decision.step]
        delivery_id = self.step_runner.delivery_id(verification.client, verification.id, turn)
        entries = step_entries(verification.workflow, decision, at, delivery_id, request)
        next_state = replace(
            verification,
            turn=turn,
            step=decision.step,
            step_due_at=to_text(now + timedelta(seconds=step.timeout_seconds)),
            delivery_ids=(*verification.delivery_ids, delivery_id),
            history=(*verification.history, *entries),
            updated_at=at,
            version=verification.version + 1,
        )
        is_retry = verification.turn > 0 and decision.step == verification.step
        settings = self.client_settings.get(verification.client)
        reservation = self.step_runner.plan(
            next_state,
            settings,
            retry_of=deliveries[-1].id if is_retry else None,
            refused_by=refused_by(verification, deliveries) if is_retry else (),
            refusals=refusals,
        )
        while True:
            tx = Transaction(self.verifications.table)
            if next_state.turn == 1:
                plan = reservation.plan
                next_state = replace(next_state, unverified=plan.unverified, decision=plan.decision)
            self.verifications.advance(tx, next_state, verification.turn, entries, now)
            reservation.add_to(tx)
            try:
                tx.commit()
                break
            except ConditionsFailed as refusal:
                if VERIFICATION in refusal.items:
                    raise stale_turn(refusal.items[VERIFICATION]) from None
                reservation.replan(refusal)
        delivery = self.step_runner.dispatch(reservation)
        logger().info(
            "verification moved",
            verification=verification.id,
            step=decision.step + 1,
            reason=decision.reason,
        )
        return TurnResult(next_state, (*deliveries, delivery))

"""Checks a code, and cancels a verification; no provider is called.

A check consumes an attempt first, by a conditional update, and compares the code only then. So of a
thousand guesses at once no more are compared than attempts are allowed.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ringpass.aws.secrets import Secrets
from ringpass.clock import Clock
from ringpass.deliveries.model import Delivery
from ringpass.deliveries.store import DeliveryRepository
from ringpass.errors import NotFound
from ringpass.http.idempotency import check_key, key_reused_error
from ringpass.ids import request_key
from ringpass.observability import logger
from ringpass.redaction import Secret
from ringpass.verifications.codes import Codes
from ringpass.verifications.model import Verification, VerificationStatus, is_id, verification_ended
from ringpass.verifications.store import StaleTurn, VerificationRepository

_NOT_FOUND: Final = "There is no such verification."
# Statuses in which a wrong guess that consumed an attempt gets an ordinary answer.
_WRONG_CODE_STATUSES: Final = (VerificationStatus.PENDING, VerificationStatus.MAX_ATTEMPTS_REACHED)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Result of a check.

    Attributes:
        status: ``approved``; or ``pending`` or ``max_attempts_reached`` for a wrong code.
        attempts_remaining: How many guesses are left.
        replayed: Whether an earlier request made this guess.
    """

    status: VerificationStatus
    attempts_remaining: int
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class CancelResult:
    """A verification that was canceled, and whether an earlier request did it."""

    verification: Verification
    deliveries: tuple[Delivery, ...]
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class CodeChecker:
    """Checks codes and cancels verifications.

    Attributes:
        verifications: The table's verifications.
        deliveries: The table's deliveries.
        codes: Compares guesses with codes.
        secrets: The stack's secrets.
        clock: Tells the time.
    """

    verifications: VerificationRepository
    deliveries: DeliveryRepository
    codes: Codes
    secrets: Secrets
    clock: Clock

    def check(
        self, verification_id: str, client: str, code: Secret, idempotency_key: str | None
    ) -> CheckResult:
        """Check a code. ``approved`` is answered once: to the guess that was compared and right.

        Raises:
            NotFound: There is no such verification of this client.
            VerificationEnded: It is over.
            IdempotencyKeyReused: The key has served another code.
            Unavailable: The table or a secret cannot be reached. An attempt may have been consumed.
        """
        check_key(idempotency_key)
        if not is_id(verification_id):
            raise NotFound(_NOT_FOUND)
        now, key = self.clock(), self.secrets.value("lookup", "key")
        # Without an idempotency key the guess gets a random one: it identifies an update that is
        # sent again because its answer was lost.
        guess_key = request_key(key, "check", idempotency_key or secrets.token_hex(16))
        code_mark = self.codes.guess_mark(guess_key, code)
        try:
            verification = self.verifications.consume_attempt(
                verification_id, client, guess_key, code_mark, now
            )
        except StaleTurn as stale:
            return self._replay_check(stale.verification, client, guess_key, code, now)
        return self._judge(verification, guess_key, code)

    def cancel(
        self, verification_id: str, client: str, idempotency_key: str | None
    ) -> CancelResult:
        """End a verification.

        Raises:
            NotFound: There is no such verification of this client.
            VerificationEnded: It is over, and not by this request.
            Unavailable: The table or a secret cannot be reached.
        """
        check_key(idempotency_key)
        if not is_id(verification_id):
            raise NotFound(_NOT_FOUND)
        now = self.clock()
        verification = self._require_owned(self.verifications.get(verification_id), client)
        request = None
        if idempotency_key is not None:
            request = request_key(self.secrets.value("lookup", "key"), "cancel", idempotency_key)
        if request and verification.ended_by == request:
            return self._cancel_result(verification, replayed=True)
        if verification.status_at(now) is not VerificationStatus.PENDING:
            raise verification_ended(verification, now)
        try:
            verification = self.verifications.end(
                verification_id, VerificationStatus.CANCELED, "asked", now, by=request
            )
        except StaleTurn as stale:
            verification = self._require_owned(stale.verification, client)
            if request and verification.ended_by == request:
                return self._cancel_result(verification, replayed=True)
            raise verification_ended(verification, now) from None
        logger().info(
            "verification ended", verification=verification.id, status=verification.status
        )
        return self._cancel_result(verification)

    def _cancel_result(self, verification: Verification, *, replayed: bool = False) -> CancelResult:
        return CancelResult(
            verification, tuple(self.deliveries.get_many(verification.delivery_ids)), replayed
        )

    def _replay_check(
        self,
        current: Verification | None,
        client: str,
        guess_key: str,
        code: Secret,
        now: datetime,
    ) -> CheckResult:
        """Answer a guess that consumed no attempt: it did before, or the verification is over."""
        verification = self._require_owned(current, client)
        mark = verification.guesses.get(guess_key)
        if mark is None:
            raise verification_ended(verification, now)
        if not self.codes.matches_mark(mark, guess_key, code):
            raise key_reused_error()
        if verification.ended_by == guess_key:
            return CheckResult(
                VerificationStatus.APPROVED, verification.attempts_remaining, replayed=True
            )
        return self._judge(verification, guess_key, code, replayed=True)

    def _judge(
        self, verification: Verification, guess_key: str, code: Secret, *, replayed: bool = False
    ) -> CheckResult:
        """Compare a guess that has consumed its attempt."""
        now, attempts_remaining = self.clock(), verification.attempts_remaining
        # If the pepper is gone, the verification has ended long ago, and not by this guess.
        is_judged = not replayed or self.codes.can_open(verification.code)
        if not is_judged or not self.codes.is_right(verification.code, code):
            if verification.status_at(now) not in _WRONG_CODE_STATUSES:
                raise verification_ended(verification, now)
            status = (
                VerificationStatus.PENDING
                if attempts_remaining
                else VerificationStatus.MAX_ATTEMPTS_REACHED
            )
            return CheckResult(status, attempts_remaining, replayed)
        channel = verification.workflow[verification.step].channel
        try:
            approved = self.verifications.approve(verification.id, channel, guess_key, now)
        except StaleTurn as stale:
            current = self._require_owned(stale.verification, verification.client)
            if current.ended_by == guess_key and current.status is VerificationStatus.APPROVED:
                return CheckResult(
                    VerificationStatus.APPROVED, current.attempts_remaining, replayed
                )
            raise verification_ended(current, now) from None
        logger().info("verification ended", verification=approved.id, status=approved.status)
        return CheckResult(approved.status, approved.attempts_remaining, replayed)

    @staticmethod
    def _require_owned(verification: Verification | None, client: str) -> Verification:
        if verification is None or verification.client != client:
            raise NotFound(_NOT_FOUND)
        return verification

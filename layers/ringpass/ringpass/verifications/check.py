"""Checking a code, and canceling: what a verification's caller does to it without a provider.

A guess is paid before it is judged: one conditional update takes it, and only then the code is
compared. So a thousand guesses at once are judged as often as is allowed, and no more.
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

_NONE: Final = "There is no such verification."
# What a verification may have come to when a guess that was paid for turns out wrong.
_JUDGED: Final = (VerificationStatus.PENDING, VerificationStatus.MAX_ATTEMPTS_REACHED)


@dataclass(frozen=True, slots=True)
class Checked:
    """What a guess came to.

    Attributes:
        status: ``approved``; or ``pending`` or ``max_attempts_reached`` for a wrong code.
        attempts_remaining: How many guesses are left.
        replayed: Whether an earlier request made this guess.
    """

    status: VerificationStatus
    attempts_remaining: int
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Canceled:
    """A verification that was canceled, and whether an earlier request did it."""

    verification: Verification
    deliveries: tuple[Delivery, ...]
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class CodeChecker:
    """Checks codes.

    Attributes:
        verifications: The table's verifications.
        deliveries: The table's deliveries.
        codes: Judges guesses.
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
    ) -> Checked:
        """Judge a guess. ``approved`` is said once: to the guess that was compared and right.

        Raises:
            NotFound: There is no such verification of this client.
            VerificationEnded: It is over.
            IdempotencyKeyReused: The key has served another code.
            Unavailable: The table or a secret cannot be reached. The guess may have been taken.
        """
        check_key(idempotency_key)
        if not is_id(verification_id):
            raise NotFound(_NONE)
        now, key = self.clock(), self.secrets.value("lookup", "key")
        # Without a key of the caller's the guess has one all the same: an update whose answer was
        # lost, and that was sent again, is known by it.
        guess = request_key(key, "check", idempotency_key or secrets.token_hex(16))
        code_mark = self.codes.guess_mark(guess, code)
        try:
            paid = self.verifications.pay(verification_id, client, guess, code_mark, now)
        except StaleTurn as moved:
            return self._again(moved.verification, client, guess, code, now)
        return self._judge(paid, guess, code)

    def cancel(self, verification_id: str, client: str, idempotency_key: str | None) -> Canceled:
        """End a verification.

        Raises:
            NotFound: There is no such verification of this client.
            VerificationEnded: It is over, and not by this request.
            Unavailable: The table or a secret cannot be reached.
        """
        check_key(idempotency_key)
        if not is_id(verification_id):
            raise NotFound(_NONE)
        now = self.clock()
        found = self._of(self.verifications.get(verification_id), client)
        request = None
        if idempotency_key is not None:
            request = request_key(self.secrets.value("lookup", "key"), "cancel", idempotency_key)
        if request and found.ended_by == request:
            return self._canceled(found, replayed=True)
        if found.status_at(now) is not VerificationStatus.PENDING:
            raise verification_ended(found, now)
        try:
            ended = self.verifications.end(
                verification_id, VerificationStatus.CANCELED, "asked", now, by=request
            )
        except StaleTurn as moved:
            found = self._of(moved.verification, client)
            if request and found.ended_by == request:
                return self._canceled(found, replayed=True)
            raise verification_ended(found, now) from None
        logger().info("verification ended", verification=ended.id, status=ended.status)
        return self._canceled(ended)

    def _canceled(self, ended: Verification, *, replayed: bool = False) -> Canceled:
        return Canceled(ended, tuple(self.deliveries.get_many(ended.delivery_ids)), replayed)

    def _again(
        self,
        found: Verification | None,
        client: str,
        guess: str,
        code: Secret,
        now: datetime,
    ) -> Checked:
        """A guess that could not be paid: it was paid before, or the verification is over."""
        verification = self._of(found, client)
        known = verification.guesses.get(guess)
        if known is None:
            raise verification_ended(verification, now)
        if not self.codes.is_marked(known, guess, code):
            raise key_reused_error()
        if verification.ended_by == guess:
            return Checked(
                VerificationStatus.APPROVED, verification.attempts_remaining, replayed=True
            )
        return self._judge(verification, guess, code, replayed=True)

    def _judge(
        self, verification: Verification, guess: str, code: Secret, *, replayed: bool = False
    ) -> Checked:
        """Compare a guess that was paid for."""
        now, left = self.clock(), verification.attempts_remaining
        # Whose pepper is gone has ended long ago, and not by a guess that comes again only here.
        is_judged = not replayed or self.codes.can_open(verification.code)
        if not is_judged or not self.codes.is_right(verification.code, code):
            if verification.status_at(now) not in _JUDGED:
                raise verification_ended(verification, now)
            status = VerificationStatus.PENDING if left else VerificationStatus.MAX_ATTEMPTS_REACHED
            return Checked(status, left, replayed)
        channel = verification.workflow[verification.step].channel
        try:
            approved = self.verifications.approve(verification.id, channel, guess, now)
        except StaleTurn as moved:
            found = self._of(moved.verification, verification.client)
            if found.ended_by == guess and found.status is VerificationStatus.APPROVED:
                return Checked(VerificationStatus.APPROVED, found.attempts_remaining, replayed)
            raise verification_ended(found, now) from None
        logger().info("verification ended", verification=approved.id, status=approved.status)
        return Checked(approved.status, approved.attempts_remaining, replayed)

    @staticmethod
    def _of(found: Verification | None, client: str) -> Verification:
        if found is None or found.client != client:
            raise NotFound(_NONE)
        return found

"""Deletes what is known of a number, in every kind of record; the same request again goes on.

    verification, delivery, refusal   the number, metadata and parameters are removed; a record of
                                      nobody stays, for idempotency, costs and statistics
    their events                      the same, so that no sequence has a gap
    reports of providers              the number's keyed hash and the text are removed
    consent with its facts, OA calls  deleted

A record leaves the index by phone when it is done, after all that belongs to it: whatever stops the
deletion, the next one begins with what is left. So nothing else keeps its progress.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from ringpass.audit.model import Action, Change, Resource
from ringpass.audit.store import audit_entry
from ringpass.aws.dynamodb import Table
from ringpass.aws.optimistic_lock import retry_on_conflict
from ringpass.aws.secrets import Secrets
from ringpass.aws.transaction import Transaction
from ringpass.clock import Clock, to_text
from ringpass.deliveries.model import Delivery
from ringpass.http.actor import Actor
from ringpass.ids import phone_hash, phone_key
from ringpass.limits.refusals_store import Refusal
from ringpass.oa.calls.model import Call
from ringpass.observability import logger
from ringpass.phone import Phone
from ringpass.phones.records import Person, Records
from ringpass.verifications.model import Verification, VerificationStatus
from ringpass.verifications.store import StaleTurn

BUDGET: Final = timedelta(seconds=20)
"""How long one request works: a function has 29 seconds."""
DELETED: Final = "deleted"
"""Why a verification ended."""
_END_REASONS: Final = {
    VerificationStatus.EXPIRED: "time_over",
    VerificationStatus.MAX_ATTEMPTS_REACHED: "attempts_used",
}


class _Changed(Exception):
    """Optimistic lock: the calls of the number have changed since they were read."""


@dataclass(frozen=True, slots=True)
class Deletion:
    """What a request has deleted.

    Attributes:
        complete: Whether nothing is left; if not, the same request again goes on.
        phone_hash: The number as the client's events and its audit log show it.
        counts: How many records of each kind were deleted, or the number removed from.
        kept: What stays, because it protects the person: ``limit_counters``, ``deny_list``.
    """

    complete: bool
    phone_hash: str
    counts: Counter[str]
    kept: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PhoneDeletion:
    """Deletes a client's records of a number.

    Attributes:
        table: The table.
        records: The repositories.
        secrets: The stack's secrets.
        clock: Returns the current time.
    """

    table: Table
    records: Records
    secrets: Secrets
    clock: Clock

    def delete(self, actor: Actor, phone: Phone) -> Deletion:
        """Delete for up to ``BUDGET``. Each request is an entry of the audit log.

        Raises:
            Unavailable: The table or the look-up secret cannot be reached. The same request again
                goes on.
        """
        key = phone_key(self.secrets.value("lookup", "key"), phone.e164)
        person = Person(actor.client, phone.e164, key)
        hash_ = phone_hash(key, actor.client)
        now = self.clock()
        tx = Transaction(self.table)
        change = Change(resource=Resource.PHONE, resource_id=hash_, action=Action.DELETED)
        tx.add(audit_entry(actor, change, to_text(now)))
        tx.commit()
        run = _DeletionRun(self.records, person, self.clock, now + BUDGET)
        complete = run.work()
        logger().info(
            "phone deleted",
            client=actor.client,
            key=actor.key_id,
            complete=complete,
            records=run.counts.total(),
        )
        return Deletion(complete, hash_, run.counts, tuple(self._kept(person)))

    def _kept(self, person: Person) -> Iterator[str]:
        if self.records.sends_of(person):
            yield "limit_counters"
        for name in self.records.lists_with(person):
            yield f"{name}_list"


@dataclass(frozen=True, slots=True)
class _DeletionRun:
    """One request's work."""

    records: Records
    person: Person
    clock: Clock
    end: datetime
    counts: Counter[str] = field(default_factory=Counter)

    def work(self) -> bool:
        """Delete until nothing is left, or the time is over; returns whether nothing is left."""
        records, person = self.records, self.person
        # Verifications first: once they have ended they make no further deliveries.
        return (
            self._each(records.verifications_of(person), self._verification)
            and self._each(records.deliveries_of(person), self._delivery)
            and self._each(records.refusals_of(person), self._refusal)
            and self._each(records.calls_of(person), self._call)
            and self._each([person], self._callee)
            and self._each([person], self._consent)
        )

    def _each[R](self, rows: Iterable[R], delete: Callable[[R], None]) -> bool:
        for row in rows:
            if self.clock() >= self.end:
                return False
            delete(row)
        return True

    def _verification(self, verification: Verification) -> None:
        now = self.clock()
        if verification.status is VerificationStatus.PENDING:
            status = verification.status_at(now)
            if status is VerificationStatus.PENDING:
                status = VerificationStatus.CANCELED
            reason = _END_REASONS.get(status, DELETED)
            try:
                verification = self.records.verifications.end(verification.id, status, reason, now)
            except StaleTurn as stale:
                if stale.verification is None:
                    return
                verification = stale.verification
        for delivery in self.records.deliveries.get_many(verification.delivery_ids):
            if not delivery.is_erased:
                # The index by phone lags.
                self._delivery(delivery)
        self._events(verification.id)
        self.records.lock.release(verification, self.person.phone_key)
        self.counts["verifications"] += self.records.verifications.erase(
            verification, self.person.phone_key
        )

    def _delivery(self, delivery: Delivery) -> None:
        correlation = self.records.correlation_of(delivery)
        if correlation is not None:
            self.counts["reports"] += self.records.correlations.erase(
                correlation, self.person.phone_key
            )
        self._events(delivery.id)

        def attempt() -> bool:
            current = self.records.deliveries.get(delivery.id)
            if current is None or current.is_erased:
                return False
            if not self.records.deliveries.erase(current, self.person.phone_key):
                raise _Changed
            return True

        self.counts["deliveries"] += retry_on_conflict(
            attempt, "The delivery changes too often at once.", conflict=_Changed
        )

    def _refusal(self, refusal: Refusal) -> None:
        self._events(refusal.id)
        self.counts["refusals"] += self.records.refusals.erase(refusal)

    def _call(self, call: Call) -> None:
        self._events(call.id)
        self.records.calls.delete(call)
        self.counts["oa_calls"] += 1

    def _callee(self, person: Person) -> None:
        """Delete the reports of calls without an id, but not those of other clients' calls."""

        def attempt() -> int:
            callee, others = self.records.callee_of(person)
            if not callee.version:
                return 0
            if not others:
                if not self.records.callees.delete(callee):
                    raise _Changed
                return 1
            theirs = replace(
                callee,
                deliveries=tuple(one for one in callee.deliveries if one.id in others),
            )
            reports = [
                report
                for report in callee.reports
                if report.delivery_id is None or report.delivery_id in others
            ]
            if theirs == callee:
                return 0
            if not self.records.callees.put_reports(theirs, reports, self.clock()):
                raise _Changed
            return 1

        self.counts["callees"] += retry_on_conflict(
            attempt, "The number's calls change too often at once.", conflict=_Changed
        )

    def _consent(self, person: Person) -> None:
        stored = self.records.consent_of(person)
        if stored is None or stored.consent is None:
            return
        self._events(stored.consent.id, stored.consent.changes)
        self.records.consents.delete(stored, self.clock())
        self.counts["oa_consents"] += 1
        self.counts["oa_consent_evidence"] += len(stored.evidence)

    def _events(self, subject: str, last: int | None = None) -> None:
        self.counts["events"] += self.records.events.erase(subject, last)

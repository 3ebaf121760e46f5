"""Records facts about customers' permissions to be called, with an optimistic lock.

    read      the permission and all its facts, in one read
    derive    the status from them and the new fact
    write     both, in one transaction, if the version is unchanged; else again from the start

Needs the table and the look-up key alone: Zalo is asked by ``ringpass.oa.consents.service``.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from ringpass.aws.optimistic_lock import retry_on_conflict
from ringpass.aws.secrets import Secrets
from ringpass.clock import to_text
from ringpass.ids import consent_id, phone_key
from ringpass.oa.access import OaAccess
from ringpass.oa.consents import zalo_events
from ringpass.oa.consents.evidence import ConsentSource, Evidence
from ringpass.oa.consents.model import Consent, ConsentStatus, Fee, derive_status
from ringpass.oa.consents.store import ConsentChanged, ConsentRepository, StoredConsent
from ringpass.oa.events.model import OaEvent
from ringpass.observability import logger

_TRIES: Final = 20


def retry_on_change[T](attempt: Callable[[], T]) -> T:
    """Returns the result of the first attempt that meets no ``ConsentChanged``.

    A write only conflicts if somebody else has added a fact.

    Raises:
        Unavailable: Every attempt met a conflict.
    """
    return retry_on_conflict(
        attempt,
        "The consent is changed too often at once.",
        tries=_TRIES,
        conflict=ConsentChanged,
    )


@dataclass(frozen=True, slots=True)
class ConsentRecorder:
    """Reads the permissions of the stack's OA, and adds facts to them.

    Every method raises ``Unavailable`` if the table or the secret cannot be reached.

    Attributes:
        access: The OA, and the client that it belongs to.
        repository: Repository of consents.
        secrets: The stack's secrets.
    """

    access: OaAccess
    repository: ConsentRepository
    secrets: Secrets

    def find(self, phone_key: str | None, user_id: str | None) -> Consent | None:
        """Returns the permission of a customer, by number or by user id; or None."""
        return self.repository.for_customer(self.access.oa_id, phone_key, user_id)

    def phone_key(self, phone: str) -> str:
        """Returns the look-up key of a number (E.164)."""
        return phone_key(self.secrets.value("lookup", "key"), phone)

    def confirmed_user_id(self, consent: Consent) -> str | None:
        """Returns Zalo's id of a customer, if Zalo's latest report assigns it to this number."""
        return self.repository.confirmed_user_id(consent)

    def handle(self, event: OaEvent, now: datetime) -> None:
        """Add the fact of Zalo's event; a repetition changes nothing."""
        update = zalo_events.parse(event)
        if update.phone is None or update.fact is None:
            logger().warning(
                "oa event not read",
                event=event.name,
                digest=event.digest,
                why="no_phone" if update.phone is None else "no_fact",
            )
            return
        consent = self.add(update.phone, update.fact, now)
        if consent is None:
            logger().info("consent stays deleted", event=event.name, digest=event.digest)
            return
        logger().info("consent learnt", consent=consent.id, what=update.fact.kind)
        if update.user_id is not None:
            self.update_user_id(consent, update.user_id, update.fact.at)

    def update_user_id(self, consent: Consent, user_id: str, confirmed_at: str) -> None:
        """Write Zalo's id of a customer, as Zalo reported it at an instant."""
        self.repository.record_user(consent.oa_id, user_id, consent.id, confirmed_at)

        def attempt() -> None:
            old = self.repository.get(consent.oa_id, consent.id)
            if old is not None and (new := old.with_confirmed_user(user_id, confirmed_at)) != old:
                self.repository.replace(old, replace(new, version=old.version + 1))

        retry_on_change(attempt)

    def add(
        self, phone: str, fact: Evidence, now: datetime, cached: StoredConsent | None = None
    ) -> Consent | None:
        """Add a fact and return the permission after it; None if the permission stays deleted.

        Args:
            phone: The number, E.164.
            fact: The new fact.
            now: The present instant.
            cached: The permission as it was just written, if known; it saves a read.
        """
        key = self.phone_key(phone)

        def attempt() -> Consent | None:
            nonlocal cached
            stored, cached = cached or self.read(key), None
            if stored.consent is not None and fact.digest in {
                item.digest for item in stored.evidence
            }:
                return stored.consent
            if _predates_deletion(fact, stored):
                return stored.consent
            old, new = stored.consent, self.with_fact(stored, fact, phone, key, now)
            if not self.repository.add(fact, old, new, settles=_settles_fee(old, new)):
                raise ConsentChanged
            return new

        return retry_on_change(attempt)

    def read(self, key: str) -> StoredConsent:
        """Returns a permission and its facts, by the number's look-up key."""
        return self.repository.read(self.access.oa_id, consent_id(key, self.access.oa_id))

    def with_fact(
        self, stored: StoredConsent, fact: Evidence, phone: str, key: str, now: datetime
    ) -> Consent:
        """Returns the permission with one more fact; writes nothing."""
        at = to_text(now)
        old = stored.consent or Consent(
            id=consent_id(key, self.access.oa_id),
            oa_id=self.access.oa_id,
            client=self.access.client,
            phone=phone,
            phone_key=key,
            created_at=at,
            updated_at=at,
            changes=stored.deleted_changes,
        )
        return old.with_status(derive_status([*stored.evidence, fact]), at)


def _predates_deletion(fact: Evidence, stored: StoredConsent) -> bool:
    """Whether a fact is older than the deletion; then it does not restore the permission."""
    if stored.deleted_at is None:
        return False
    if fact.source is ConsentSource.REPLY:
        return fact.request_id not in {item.request_id for item in stored.evidence}
    return fact.at <= stored.deleted_at


def _settles_fee(old: Consent | None, new: Consent) -> bool:
    """Whether the new status settles the fee of the last request, or changes it."""
    before = old.status if old else ConsentStatus()
    after = new.status
    if after.last_request is None or after.fee is Fee.OPEN:
        return False
    is_same_request = (
        before.last_request is not None
        and before.last_request.request_id == after.last_request.request_id
    )
    return is_same_request and before.fee is not after.fee

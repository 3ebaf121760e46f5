"""Adds what is learnt about a customer's permission to what is known.

    read    the permission and all its facts, in one read
    stand   what follows from them and the new one
    write   both, in one transaction, if nobody wrote meanwhile; else again from the start

Needs the table and the look-up key alone: Zalo is asked by ``ringpass.oa.consents.service``.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from ringpass.aws.secrets import Secrets
from ringpass.clock import to_text
from ringpass.errors import Unavailable
from ringpass.ids import consent_id, phone_key
from ringpass.oa.access import OaAccess
from ringpass.oa.consents import zalo_events
from ringpass.oa.consents.evidence import ConsentSource, Evidence
from ringpass.oa.consents.model import Consent, ConsentStatus, Fee, stand
from ringpass.oa.consents.store import Changed, ConsentRepository, Kept
from ringpass.oa.events.model import OaEvent
from ringpass.observability import logger

# Each time that a write finds another one's, somebody has added a fact.
TRIES: Final = 20


@dataclass(frozen=True, slots=True)
class ConsentRecorder:
    """Reads and adds to the permissions of the stack's OA.

    Every method raises ``Unavailable`` if the table or the secret cannot be reached.

    Attributes:
        access: The OA, and the client that it belongs to.
        store: The table's consents.
        secrets: The stack's secrets.
    """

    access: OaAccess
    store: ConsentRepository
    secrets: Secrets

    def standing(self, phone_key: str | None, user_id: str | None) -> Consent | None:
        """The permission of a customer, by either of what the customer is known by; or None."""
        return self.store.of_customer(self.access.oa_id, phone_key, user_id)

    def key_of(self, phone: str) -> str:
        """A number (E.164) as it may stand in keys."""
        return phone_key(self.secrets.value("lookup", "key"), phone)

    def user_of(self, consent: Consent) -> str | None:
        """Zalo's id of a customer, if Zalo itself has told it for this number the last time."""
        return self.store.user_of(consent)

    def take(self, event: OaEvent, now: datetime) -> None:
        """Add what an event of Zalo's tells; the same again changes nothing."""
        told = zalo_events.read(event)
        if told.phone is None or told.fact is None:
            logger().warning(
                "oa event not read",
                event=event.name,
                digest=event.digest,
                why="no_phone" if told.phone is None else "no_fact",
            )
            return
        consent = self.add(told.phone, told.fact, now)
        if consent is None:
            logger().info("consent stays deleted", event=event.name, digest=event.digest)
            return
        logger().info("consent learnt", consent=consent.id, what=told.fact.what)
        if told.user_id is not None:
            self.learn_user(consent, told.user_id, told.fact.at)

    def learn_user(self, consent: Consent, user_id: str, told_at: str) -> None:
        """Remember Zalo's id of a customer, as Zalo told it then."""
        self.store.name_user(consent.oa_id, user_id, consent.id, told_at)
        for _ in range(TRIES):
            old = self.store.get(consent.oa_id, consent.id)
            if old is None or (new := old.of_user(user_id, told_at)) == old:
                return
            try:
                self.store.replace(old, replace(new, version=old.version + 1))
            except Changed:
                continue
            return
        raise Unavailable("The consent is changed too often at once.")

    def add(
        self, phone: str, fact: Evidence, now: datetime, assumed: Kept | None = None
    ) -> Consent | None:
        """Add a fact, and give the permission as it is then; None if it stays deleted.

        Args:
            phone: The number, E.164.
            fact: What was learnt.
            now: The present instant.
            assumed: What is known probably, where it has just been written; it saves a read.
        """
        key = self.key_of(phone)
        for _ in range(TRIES):
            kept, assumed = assumed or self.read(key), None
            if kept.consent is not None and fact.digest in {one.digest for one in kept.evidence}:
                return kept.consent
            if _is_of_what_was_deleted(fact, kept):
                return kept.consent
            old, new = kept.consent, self.with_fact(kept, fact, phone, key, now)
            try:
                if self.store.add(fact, old, new, settles=_settles(old, new)):
                    return new
            except Changed:
                continue
        raise Unavailable("The consent is changed too often at once.")

    def read(self, key: str) -> Kept:
        """A permission and its facts, by the number's look-up key."""
        return self.store.read(self.access.oa_id, consent_id(key, self.access.oa_id))

    def with_fact(self, kept: Kept, fact: Evidence, phone: str, key: str, now: datetime) -> Consent:
        """The permission with one more fact; writes nothing."""
        at = to_text(now)
        old = kept.consent or Consent(
            id=consent_id(key, self.access.oa_id),
            oa_id=self.access.oa_id,
            client=self.access.client,
            phone=phone,
            phone_key=key,
            created_at=at,
            updated_at=at,
        )
        standing = stand([*kept.evidence, fact])
        return replace(old, standing=standing, updated_at=at, version=old.version + 1)


def _is_of_what_was_deleted(fact: Evidence, kept: Kept) -> bool:
    """Whether a fact is about what was there before the deletion; it does not bring that back."""
    if kept.deleted_at is None:
        return False
    if fact.source is ConsentSource.REPLY:
        return fact.request_id not in {one.request_id for one in kept.evidence}
    return fact.at <= kept.deleted_at


def _settles(old: Consent | None, new: Consent) -> bool:
    """Whether the fee of the last request is known now, or known otherwise."""
    before = old.standing if old else ConsentStatus()
    after = new.standing
    if after.asked is None or after.fee is Fee.OPEN:
        return False
    same = before.asked is not None and before.asked.request_id == after.asked.request_id
    return same and before.fee is not after.fee

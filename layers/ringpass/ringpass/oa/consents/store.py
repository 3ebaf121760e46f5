"""Items of consents: customers' permissions to be called.

    PK CNS#<oa>#<id>          SK CNS                  entity "consent": its status
    PK CNS#<oa>#<id>          SK EV#<at>#<digest>     entity "consent_evidence": one fact
    PK CNS#<oa>#<id>          SK GONE                 entity "consent_gone": that it was deleted
    PK CNQ#<request id>       SK CNQ                  entity "consent_request": one request, its fee
    PK CNU#<oa>#<user id>     SK CNU                  entity "consent_user": whose user id it is,
                                                      as Zalo reported it

A consent follows from its facts, so both are written in one transaction, with an optimistic lock on
the version that was read. Consents and facts are stored until they are deleted: a permission may
have no end, and its proof must not end before it. A deletion leaves a tombstone with its time and
no customer data: so a late fact from before the deletion does not restore the consent, and the
changes of a new consent are counted on from those of the deleted one. Consents are in the list
index under ``CONSENTS#<oa>``.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from ringpass.aws.client_index import BY_CLIENT, listed_at
from ringpass.aws.dynamodb import ConditionFailed, Item, Table
from ringpass.aws.transaction import ConditionsFailed, Delete, Put, Transaction, Update
from ringpass.clock import from_text, to_text
from ringpass.costs import Cost
from ringpass.ids import consent_id
from ringpass.oa.consents.evidence import Evidence
from ringpass.oa.consents.model import (
    Consent,
    ConsentChange,
    ConsentState,
    ConsentStatus,
    Fee,
    sort_facts,
)
from ringpass.providers.zalo.call_type import CallType

_PAGE: Final = 50
_TOMBSTONE_RETENTION: Final = timedelta(days=7)
"""How long a tombstone stays at least: longer than a repeated event of Zalo's can come, or waits to
be handled. It also stays as long as the events about the deleted consent."""
_MOST_SWEEPS: Final = 5
_NEVER, _EVER = "0", "9"  # before and after any instant as text
_ABSENT: Final = "attribute_not_exists(PK)"
_UNCHANGED: Final = "version = :expected AND created_at = :created"
_REQUEST, _CONSENT, _FACT = "request", "consent", "fact"  # tags of writes
_FIRST, _LAST = "A", "Z"  # around every SK of a consent
# The last seven digits of a number identify the subscriber; the digits before do not.
_SUBSCRIBER_DIGITS: Final = 7


class ConsentChanged(Exception):
    """Optimistic lock: the consent has changed since it was read."""


class DuplicateRequest(Exception):
    """There is a request with this id already."""

    def __init__(self, request: "ConsentRequest") -> None:
        super().__init__("a request with this id exists")
        self.request = request


@dataclass(frozen=True, slots=True)
class ConsentRequest:
    """One request to a customer; it is the idempotency record.

    Attributes:
        id: ``cnr_`` and 32 characters.
        consent_id: The permission.
        client: The client that asked.
        phone: The number; only the prefix that many share is stored.
        cost: The fee.
        fingerprint: Identifies the body of the request.
        ledger_shard: The part of the client's ledger of the day with the fee; None: no part.
        test: Whether it is a test number.
        created_at: RFC 3339.
    """

    id: str
    consent_id: str
    client: str
    phone: str = field(repr=False)
    cost: Cost | None
    fingerprint: str = field(repr=False)
    ledger_shard: int | None
    test: bool
    created_at: str


@dataclass(frozen=True, slots=True)
class StoredConsent:
    """A consent with its facts, as they are stored.

    Attributes:
        consent: The consent; None: nothing is known of the number.
        evidence: The facts, in the order in which they happened.
        deleted_at: When the consent was last deleted, while the tombstone stays.
        deleted_changes: How often the deleted consent had changed.
    """

    consent: Consent | None
    evidence: tuple[Evidence, ...]
    deleted_at: str | None = None
    deleted_changes: int = 0


@dataclass(frozen=True, slots=True)
class ConsentRepository:
    """Repository of consents.

    Attributes:
        table: The table.
        retention_seconds: How long a request is stored, and a tombstone at least.
    """

    table: Table
    retention_seconds: int = 0

    def get(self, oa_id: str, consent_id: str) -> Consent | None:
        """Returns a consent, or None."""
        item = self.table.get(_key(oa_id, consent_id))
        return from_item(item) if item else None

    def for_customer(
        self, oa_id: str, phone_key: str | None, user_id: str | None
    ) -> Consent | None:
        """Returns the consent of a customer, by number or by user id; None: there is none.

        Args:
            oa_id: The OA.
            phone_key: The number's look-up key.
            user_id: Zalo's id; it is used if there is no number. It counts only if Zalo has
                reported it for the consent's number, and for no other one since.
        """
        if phone_key is not None:
            return self.get(oa_id, consent_id(phone_key, oa_id))
        item = self.table.get(_user_key(oa_id, user_id)) if user_id is not None else None
        consent = self.get(oa_id, item["consent_id"]) if item else None
        if consent is None or consent.user_confirmed_at is None or consent.user_id != user_id:
            return None
        return consent

    def confirmed_user_id(self, consent: Consent) -> str | None:
        """Returns the customer's user id, if Zalo's latest report assigns it to this number."""
        if consent.user_id is None or consent.user_confirmed_at is None:
            return None
        item = self.table.get(_user_key(consent.oa_id, consent.user_id))
        return consent.user_id if item and item["consent_id"] == consent.id else None

    def read(self, oa_id: str, consent_id: str) -> StoredConsent:
        """Returns a consent and its facts in the order of their times; one consistent read."""
        consent, evidence = None, list[Evidence]()
        tombstone: Item = {}
        for item in self.table.partition(_pk(oa_id, consent_id), _FIRST, _LAST, consistent=True):
            if item["SK"] == "CNS":
                consent = from_item(item)
            elif item["SK"] == "GONE":
                tombstone = item
            else:
                evidence.append(Evidence.from_item(item))
        return StoredConsent(
            consent,
            tuple(sort_facts(evidence)),
            tombstone.get("deleted_at"),
            tombstone.get("changes", 0),
        )

    def get_request(self, request_id: str) -> ConsentRequest | None:
        """Returns a request, or None."""
        item = self.table.get(_request_key(request_id))
        return _request_from_item(item) if item else None

    def claim(
        self,
        tx: Transaction,
        request: ConsentRequest,
        fact: Evidence,
        old: Consent | None,
        new: Consent,
    ) -> None:
        """Claim the one request to a customer, and commit; then it may be sent to Zalo.

        Args:
            tx: The transaction, with what counts the request.
            request: The request.
            fact: The fact "asked".
            old: The consent that ``new`` was made of.
            new: The consent with the fact.

        Raises:
            DuplicateRequest: There is a request with this id.
            ConsentChanged: The consent is not ``old`` any more.
            ConditionsFailed: The condition of another write of the transaction does not hold.
        """
        tx.add(Put(self._request_item(request), _ABSENT), _REQUEST)
        tx.add(_replace_put(old, new), _CONSENT)
        tx.add(_fact_put(new, fact), _FACT)
        try:
            tx.commit()
        except ConditionsFailed as refusal:
            if item := refusal.items.get(_REQUEST):
                raise DuplicateRequest(_request_from_item(item)) from None
            if _CONSENT in refusal.items or _FACT in refusal.items:
                raise ConsentChanged from None
            raise

    def add(self, fact: Evidence, old: Consent | None, new: Consent, *, settles: bool) -> bool:
        """Add a fact; returns whether it was new.

        Args:
            fact: The fact.
            old: The consent that ``new`` was made of.
            new: The consent with the fact.
            settles: Whether the fact settles the fee of the last request.

        Raises:
            ConsentChanged: The consent is not ``old`` any more.
        """
        tx = Transaction(self.table)
        tx.add(_fact_put(new, fact), _FACT)
        tx.add(_replace_put(old, new), _CONSENT)
        for update in _settle_updates(new) if settles else ():
            tx.add(update)
        try:
            tx.commit()
        except ConditionsFailed as refusal:
            if _FACT in refusal.items:
                return False
            if _CONSENT in refusal.items:
                raise ConsentChanged from None
            # The request is not stored any more.
            return self.add(fact, old, new, settles=False)
        return True

    def record_user(self, oa_id: str, user_id: str, consent_id: str, confirmed_at: str) -> None:
        """Write the customer of a user id, as Zalo reported it; the latest report wins."""
        item = {
            **_user_key(oa_id, user_id),
            "entity": "consent_user",
            "consent_id": consent_id,
            "told_at": confirmed_at,
        }
        try:
            self.table.put(item, f"{_ABSENT} OR told_at <= :at", {":at": confirmed_at})
        except ConditionFailed:
            return

    def replace(self, old: Consent, new: Consent) -> None:
        """Replace a consent without a new fact.

        Raises:
            ConsentChanged: The consent is not ``old`` any more.
        """
        put = _replace_put(old, new)
        try:
            self.table.put(put.item, put.condition, put.values)
        except ConditionFailed:
            raise ConsentChanged from None

    def list_for_oa(self, oa_id: str, before: str = _EVER) -> Iterator[Consent]:
        """Returns an OA's consents, newest first, ``listed_at < before``."""
        items = self.table.list_items(BY_CLIENT, [_bucket(oa_id)], _NEVER, before, _PAGE)
        return map(from_item, items)

    def delete(self, stored: StoredConsent, now: datetime) -> None:
        """Delete a consent with its facts, its requests and its user ids; a tombstone stays.

        The tombstone is written first: from then on no older fact is added. The consent is deleted
        last: if this stops half-way, it can be deleted again. Facts that were added meanwhile are
        deleted, too; a consent that was created after the deletion stays.
        """
        consent, gone_at = stored.consent, to_text(now)
        assert consent is not None  # noqa: S101 - there is nothing to delete otherwise
        for _ in range(_MOST_SWEEPS):
            # In each round: it may have changed since the last one.
            consent = stored.consent or consent
            self.table.put(self._tombstone(consent, now), None)
            self._delete_facts(
                consent, [fact for fact in stored.evidence if fact.received_at <= gone_at]
            )
            if stored.consent is not None and stored.consent.created_at <= gone_at:
                self._delete_with_users(stored.consent)
            stored = self.read(consent.oa_id, consent.id)
            is_new = stored.consent is not None and stored.consent.created_at > gone_at
            if is_new or (stored.consent is None and not stored.evidence):
                return

    def _delete_facts(self, consent: Consent, facts: Sequence[Evidence]) -> None:
        for fact in facts:
            self.table.delete(_fact_key(consent, fact))
        for request_id in {fact.request_id for fact in facts if fact.request_id}:
            self.table.delete(_request_key(request_id))

    def _delete_with_users(self, consent: Consent) -> None:
        for user_id in {consent.user_id, *consent.former_user_ids} - {None}:
            key = _user_key(consent.oa_id, str(user_id))
            tx = Transaction(self.table)
            tx.add(Delete(key, f"{_ABSENT} OR consent_id = :id", {":id": consent.id}))
            with suppress(ConditionsFailed):  # It is another customer's.
                tx.commit()
        tx = Transaction(self.table)
        tx.add(
            Delete(
                _key(consent.oa_id, consent.id),
                "version = :expected",
                {":expected": consent.version},
            )
        )
        with suppress(ConditionsFailed):  # It has changed: the next round deletes it.
            tx.commit()

    def _tombstone(self, consent: Consent, now: datetime) -> Item:
        retention = max(_TOMBSTONE_RETENTION, timedelta(seconds=self.retention_seconds))
        return {
            "PK": _pk(consent.oa_id, consent.id),
            "SK": "GONE",
            "entity": "consent_gone",
            "deleted_at": to_text(now),
            "changes": consent.changes,
            "expires_at": int((now + retention).timestamp()),
        }

    def _request_item(self, request: ConsentRequest) -> Item:
        created = int(from_text(request.created_at).timestamp())
        return {
            **_request_key(request.id),
            "entity": "consent_request",
            "id": request.id,
            "consent_id": request.consent_id,
            "client": request.client,
            "country": "VN",
            "prefix": request.phone[:-_SUBSCRIBER_DIGITS],
            "cost": request.cost.to_dict() if request.cost else None,
            "fingerprint": request.fingerprint,
            "ledger_shard": request.ledger_shard,
            "test": request.test,
            "version": 1,
            "created_at": request.created_at,
            "expires_at": created + self.retention_seconds,
        }


def _replace_put(old: Consent | None, new: Consent) -> Put:
    if old is None:
        return Put(_to_item(new), _ABSENT)
    expected = {":expected": old.version, ":created": old.created_at}
    return Put(_to_item(new), _UNCHANGED, expected)


def _fact_put(consent: Consent, fact: Evidence) -> Put:
    item = {**_fact_key(consent, fact), "entity": "consent_evidence", **fact.to_item()}
    return Put(item, _ABSENT)


def _settle_updates(consent: Consent) -> tuple[Update, ...]:
    """Returns the write of the last request's cost, if it is known."""
    request, cost = consent.status.last_request, consent.status.cost
    if request is None or request.request_id is None or cost is None:
        return ()
    return (
        Update(
            _request_key(request.request_id),
            "SET cost = :cost, version = version + :one",
            {":cost": cost.to_dict(), ":one": 1},
            "attribute_exists(PK)",
        ),
    )


def _to_item(consent: Consent) -> Item:
    return {
        **_key(consent.oa_id, consent.id),
        "entity": "consent",
        "id": consent.id,
        "oa_id": consent.oa_id,
        "client": consent.client,
        "phone": consent.phone,
        # Under another name than a delivery's: it is in no index.
        "customer_key": consent.phone_key,
        "standing": _status_item(consent.status),
        "user_id": consent.user_id,
        "user_told_at": consent.user_confirmed_at,
        "former_user_ids": list(consent.former_user_ids),
        "name": consent.name,
        "created_at": consent.created_at,
        "updated_at": consent.updated_at,
        "version": consent.version,
        "changes": consent.changes,
        "last_changes": [
            {"at": change.at, "standing": _status_item(change.status)}
            for change in consent.last_changes
        ],
        "client_bucket": _bucket(consent.oa_id),
        "listed_at": listed_at(consent),
    }


def from_item(item: Item) -> Consent:
    """Returns the consent of an item, also of one that was written before changes were counted."""
    return Consent(
        id=item["id"],
        oa_id=item["oa_id"],
        client=item["client"],
        phone=item["phone"],
        phone_key=item["customer_key"],
        status=_status_from_item(item["standing"]),
        user_id=item.get("user_id"),
        user_confirmed_at=item.get("user_told_at"),
        former_user_ids=tuple(item["former_user_ids"]),
        name=item.get("name"),
        created_at=item["created_at"],
        updated_at=item["updated_at"],
        version=item["version"],
        changes=item.get("changes", 0),
        last_changes=tuple(
            ConsentChange(entry["at"], _status_from_item(entry["standing"]))
            for entry in item.get("last_changes", ())
        ),
    )


def _status_item(status: ConsentStatus) -> dict[str, Any]:
    fields = {
        "state": str(status.state),
        "why": status.why,
        "at": status.at,
        "until": status.until,
        "call_type": str(status.call_type) if status.call_type else None,
        "asked": status.last_request.to_item() if status.last_request else None,
        "confirmed": status.confirmed,
        "fee": str(status.fee),
        "may_ask_at": status.may_ask_at,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _status_from_item(item: Mapping[str, Any]) -> ConsentStatus:
    call_type, last_request = item.get("call_type"), item.get("asked")
    return ConsentStatus(
        state=ConsentState(item["state"]),
        why=item.get("why"),
        at=item.get("at"),
        until=item.get("until"),
        call_type=CallType(call_type) if call_type else None,
        last_request=Evidence.from_item(last_request) if last_request else None,
        confirmed=item["confirmed"],
        fee=Fee(item["fee"]),
        may_ask_at=item.get("may_ask_at"),
    )


def _request_from_item(item: Item) -> ConsentRequest:
    cost = item.get("cost")
    return ConsentRequest(
        id=item["id"],
        consent_id=item["consent_id"],
        client=item["client"],
        phone=item["prefix"],
        cost=Cost.from_dict(cost) if cost else None,
        fingerprint=item["fingerprint"],
        ledger_shard=item.get("ledger_shard"),
        test=item["test"],
        created_at=item["created_at"],
    )


def _pk(oa_id: str, consent_id: str) -> str:
    return f"CNS#{oa_id}#{consent_id}"


def _key(oa_id: str, consent_id: str) -> Item:
    return {"PK": _pk(oa_id, consent_id), "SK": "CNS"}


def _fact_key(consent: Consent, fact: Evidence) -> Item:
    return {"PK": _pk(consent.oa_id, consent.id), "SK": f"EV#{fact.at}#{fact.digest}"}


def _request_key(request_id: str) -> Item:
    return {"PK": f"CNQ#{request_id}", "SK": "CNQ"}


def _user_key(oa_id: str, user_id: str) -> Item:
    return {"PK": f"CNU#{oa_id}#{user_id}", "SK": "CNU"}


def _bucket(oa_id: str) -> str:
    return f"CONSENTS#{oa_id}"

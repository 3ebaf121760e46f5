"""Items of consents: customers' permissions to be called.

    PK CNS#<oa>#<id>          SK CNS                  entity "consent": what holds
    PK CNS#<oa>#<id>          SK EV#<at>#<digest>     entity "consent_evidence": one fact
    PK CNS#<oa>#<id>          SK GONE                 entity "consent_gone": that it was deleted
    PK CNQ#<request id>       SK CNQ                  entity "consent_request": one request, its fee
    PK CNU#<oa>#<user id>     SK CNU                  entity "consent_user": whose user id it is,
                                                      as Zalo told it

A consent follows from its facts, so both are written in one transaction, and only to the version
that was read. Consents and facts are kept until they are deleted: a permission may have no end, and
what proves it must not end before. A deletion leaves a tombstone, which says when it was and
nothing of the customer: so what happened before it, and comes late, does not bring the customer
back. Consents stand in the list index under ``CONSENTS#<oa>``.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from ringpass.aws.dynamodb import (
    ConditionFailed,
    ConditionsFailed,
    Delete,
    Index,
    Item,
    Put,
    Table,
    Update,
)
from ringpass.clock import from_text, to_text
from ringpass.costs import Cost
from ringpass.ids import consent_id
from ringpass.oa.consents.evidence import Evidence
from ringpass.oa.consents.model import Consent, ConsentState, ConsentStatus, Fee, in_order
from ringpass.providers.zalo.call_type import CallType

_PAGE: Final = 50
_BY_CLIENT: Final = Index("by_client", "client_bucket", "listed_at")
_GONE_FOR: Final = timedelta(days=7)
"""How long a tombstone is kept: longer than an event is taken for new, or waits to be worked on."""
_MOST_SWEEPS: Final = 5
_NEVER, _EVER = "0", "9"  # before and after any instant as text
_ABSENT: Final = "attribute_not_exists(PK)"
_UNCHANGED: Final = "version = :expected AND created_at = :created"
_FIRST, _LAST = "A", "Z"  # around every SK of a consent
# A number's last seven digits are its subscriber's; what is before them, many share.
_SUBSCRIBER_DIGITS: Final = 7


class Changed(Exception):
    """The consent is another one than the write was computed from."""


class AlreadyAsked(Exception):
    """There is a request with this id already."""

    def __init__(self, request: "ConsentRequest") -> None:
        super().__init__("a request with this id exists")
        self.request = request


@dataclass(frozen=True, slots=True)
class ConsentRequest:
    """That a customer was asked once; it is the idempotency token.

    Attributes:
        id: ``cnr_`` and 32 characters.
        consent_id: Whose permission.
        client: Who asked.
        phone: The number, of which only the part that many share is kept.
        cost: The fee.
        fingerprint: Tells the request's body apart from another one's.
        ledger_shard: Which part of the client's ledger of the day holds the fee; None if none does.
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
class Kept:
    """A consent with all that it follows from; neither: nothing is known of the number.

    Attributes:
        consent: The consent.
        evidence: The facts, in the order in which they happened.
        deleted_at: When what was known of the number was deleted lately.
    """

    consent: Consent | None
    evidence: tuple[Evidence, ...]
    deleted_at: str | None = None


@dataclass(frozen=True, slots=True)
class ConsentRepository:
    """Reads and writes consents.

    Attributes:
        table: The table.
        retention_seconds: How long a request is kept.
    """

    table: Table
    retention_seconds: int = 0

    def get(self, oa_id: str, consent_id: str) -> Consent | None:
        """A consent, or None."""
        item = self.table.get(_key(oa_id, consent_id))
        return _from_item(item) if item else None

    def of_customer(self, oa_id: str, phone_key: str | None, user_id: str | None) -> Consent | None:
        """The consent of a customer of whom the number is known, or Zalo's id; None: there is none.

        Args:
            oa_id: The OA.
            phone_key: The number's look-up key.
            user_id: Zalo's id; it is used where there is no number. It counts only if Zalo has
                told it for the consent's number, and for no other one since.
        """
        if phone_key is not None:
            return self.get(oa_id, consent_id(phone_key, oa_id))
        item = self.table.get(_user_key(oa_id, user_id)) if user_id is not None else None
        consent = self.get(oa_id, item["consent_id"]) if item else None
        if consent is None or consent.user_told_at is None or consent.user_id != user_id:
            return None
        return consent

    def user_of(self, consent: Consent) -> str | None:
        """Zalo's id of a consent's customer, if Zalo has told it for this number the last time."""
        if consent.user_id is None or consent.user_told_at is None:
            return None
        item = self.table.get(_user_key(consent.oa_id, consent.user_id))
        return consent.user_id if item and item["consent_id"] == consent.id else None

    def read(self, oa_id: str, consent_id: str) -> Kept:
        """A consent and its facts in the order in which they happened; one consistent read."""
        consent, evidence, deleted_at = None, list[Evidence](), None
        for item in self.table.partition(_pk(oa_id, consent_id), _FIRST, _LAST, consistent=True):
            if item["SK"] == "CNS":
                consent = _from_item(item)
            elif item["SK"] == "GONE":
                deleted_at = item["deleted_at"]
            else:
                evidence.append(Evidence.from_item(item))
        return Kept(consent, tuple(in_order(evidence)), deleted_at)

    def request(self, request_id: str) -> ConsentRequest | None:
        """A request, or None."""
        item = self.table.get(_request_key(request_id))
        return _request_from_item(item) if item else None

    def claim(
        self,
        request: ConsentRequest,
        asked: Evidence,
        old: Consent | None,
        new: Consent,
        counts: Sequence[Update] = (),
    ) -> None:
        """Write that a customer is to be asked: from here on Zalo may be, once.

        Args:
            request: The request.
            asked: The fact that it is.
            old: The consent that ``new`` was made of.
            new: The consent with the fact.
            counts: What counts the request, in the same transaction.

        Raises:
            AlreadyAsked: There is a request with this id.
            Changed: The consent is not ``old`` any more.
            Blocked: Some of ``counts`` do not hold, by their places among them.
        """
        put = Put(self._request_item(request), _ABSENT)
        try:
            self.table.transact(put, _replaces(old, new), _fact(new, asked), *counts)
        except ConditionFailed as failed:
            if failed.item is None:
                raise
            raise AlreadyAsked(_request_from_item(failed.item)) from None
        except ConditionsFailed as blocked:
            if 0 in blocked.items or 1 in blocked.items:
                raise Changed from None
            raise ConditionsFailed({at - 2: item for at, item in blocked.items.items()}) from None

    def add(self, fact: Evidence, old: Consent | None, new: Consent, *, settles: bool) -> bool:
        """Add a fact; gives whether it was new.

        Args:
            fact: The fact.
            old: The consent that ``new`` was made of.
            new: The consent with the fact.
            settles: Whether the fee of the last request is known by now.

        Raises:
            Changed: The consent is not ``old`` any more.
        """
        settled = _settled(new) if settles else ()
        try:
            self.table.transact(_fact(new, fact), _replaces(old, new), *settled)
        except ConditionFailed:
            return False
        except ConditionsFailed as blocked:
            if 0 in blocked.items:
                raise Changed from None
            # The request is older than requests are kept.
            return self.add(fact, old, new, settles=False)
        return True

    def name_user(self, oa_id: str, user_id: str, consent_id: str, told_at: str) -> None:
        """Remember whose user id this is, as Zalo told it then; the latest word holds."""
        item = {
            **_user_key(oa_id, user_id),
            "entity": "consent_user",
            "consent_id": consent_id,
            "told_at": told_at,
        }
        try:
            self.table.put(item, f"{_ABSENT} OR told_at <= :at", {":at": told_at})
        except ConditionFailed:
            return

    def replace(self, old: Consent, new: Consent) -> None:
        """Write what is known of the customer, with no fact.

        Raises:
            Changed: The consent is not ``old`` any more.
        """
        put = _replaces(old, new)
        try:
            self.table.put(put.item, put.condition, put.values)
        except ConditionFailed:
            raise Changed from None

    def of_oa(self, oa_id: str, before: str = _EVER) -> Iterator[Consent]:
        """An OA's consents, newest first, ``listed_at < before``."""
        items = self.table.list_items(_BY_CLIENT, [_bucket(oa_id)], _NEVER, before, _PAGE)
        return map(_from_item, items)

    def delete(self, kept: Kept, now: datetime) -> None:
        """Delete a consent with its facts, its requests and its user ids; a tombstone stays.

        The tombstone comes first: from then on nothing that is older is added. The consent goes
        last: should this end half-way, it can be deleted again. What was added meanwhile goes, too;
        what has begun anew since then stays.
        """
        consent, gone_at = kept.consent, to_text(now)
        assert consent is not None  # noqa: S101 - there is nothing to delete otherwise
        self.table.put(_tombstone(consent, now), None)
        for _ in range(_MOST_SWEEPS):
            self._delete_facts(consent, [one for one in kept.evidence if one.learnt_at <= gone_at])
            if kept.consent is not None and kept.consent.created_at <= gone_at:
                self._delete_with_users(kept.consent)
            kept = self.read(consent.oa_id, consent.id)
            is_new = kept.consent is not None and kept.consent.created_at > gone_at
            if is_new or (kept.consent is None and not kept.evidence):
                return

    def _delete_facts(self, consent: Consent, facts: Sequence[Evidence]) -> None:
        for fact in facts:
            self.table.delete(_fact_key(consent, fact))
        for request_id in {fact.request_id for fact in facts if fact.request_id}:
            self.table.delete(_request_key(request_id))

    def _delete_with_users(self, consent: Consent) -> None:
        for user_id in {consent.user_id, *consent.former_user_ids} - {None}:
            key = _user_key(consent.oa_id, str(user_id))
            with suppress(ConditionFailed):  # It is another customer's.
                self.table.transact(
                    Delete(key, f"{_ABSENT} OR consent_id = :id", {":id": consent.id})
                )
        self.table.delete(_key(consent.oa_id, consent.id))

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


def listed_at(consent: Consent) -> str:
    """Where a consent stands in a list: its creation, and its id to tell equal ones apart."""
    return f"{consent.created_at}#{consent.id}"


def _replaces(old: Consent | None, new: Consent) -> Put:
    if old is None:
        return Put(_to_item(new), _ABSENT)
    expected = {":expected": old.version, ":created": old.created_at}
    return Put(_to_item(new), _UNCHANGED, expected)


def _fact(consent: Consent, fact: Evidence) -> Put:
    item = {**_fact_key(consent, fact), "entity": "consent_evidence", **fact.to_item()}
    return Put(item, _ABSENT)


def _settled(consent: Consent) -> tuple[Update, ...]:
    """What the last request has cost, as far as it is known."""
    asked, cost = consent.standing.asked, consent.standing.cost
    if asked is None or asked.request_id is None or cost is None:
        return ()
    return (
        Update(
            _request_key(asked.request_id),
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
        "standing": _standing_item(consent.standing),
        "user_id": consent.user_id,
        "user_told_at": consent.user_told_at,
        "former_user_ids": list(consent.former_user_ids),
        "name": consent.name,
        "created_at": consent.created_at,
        "updated_at": consent.updated_at,
        "version": consent.version,
        "client_bucket": _bucket(consent.oa_id),
        "listed_at": listed_at(consent),
    }


def _from_item(item: Item) -> Consent:
    return Consent(
        id=item["id"],
        oa_id=item["oa_id"],
        client=item["client"],
        phone=item["phone"],
        phone_key=item["customer_key"],
        standing=_standing(item["standing"]),
        user_id=item.get("user_id"),
        user_told_at=item.get("user_told_at"),
        former_user_ids=tuple(item["former_user_ids"]),
        name=item.get("name"),
        created_at=item["created_at"],
        updated_at=item["updated_at"],
        version=item["version"],
    )


def _standing_item(standing: ConsentStatus) -> dict[str, Any]:
    said = {
        "state": str(standing.state),
        "why": standing.why,
        "at": standing.at,
        "until": standing.until,
        "call_type": str(standing.call_type) if standing.call_type else None,
        "asked": standing.asked.to_item() if standing.asked else None,
        "confirmed": standing.confirmed,
        "fee": str(standing.fee),
        "may_ask_at": standing.may_ask_at,
    }
    return {name: value for name, value in said.items() if value is not None}


def _standing(item: Mapping[str, Any]) -> ConsentStatus:
    call_type, asked = item.get("call_type"), item.get("asked")
    return ConsentStatus(
        state=ConsentState(item["state"]),
        why=item.get("why"),
        at=item.get("at"),
        until=item.get("until"),
        call_type=CallType(call_type) if call_type else None,
        asked=Evidence.from_item(asked) if asked else None,
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


def _tombstone(consent: Consent, now: datetime) -> Item:
    return {
        "PK": _pk(consent.oa_id, consent.id),
        "SK": "GONE",
        "entity": "consent_gone",
        "deleted_at": to_text(now),
        "expires_at": int((now + _GONE_FOR).timestamp()),
    }


def _request_key(request_id: str) -> Item:
    return {"PK": f"CNQ#{request_id}", "SK": "CNQ"}


def _user_key(oa_id: str, user_id: str) -> Item:
    return {"PK": f"CNU#{oa_id}#{user_id}", "SK": "CNU"}


def _bucket(oa_id: str) -> str:
    return f"CONSENTS#{oa_id}"

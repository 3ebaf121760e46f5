r"""Correlation of replies and delivery receipts: one item for each provider reference.

PK REF#<provider>#<reference>   SK REF   entity "reference"

the reply writes       delivery_id, reply     \\
                                               > both return the whole item: the second one finds
each receipt appends   cdrs, cdr_count        /  the first one's part, and settles the delivery

A receipt is a CDR of MCN's or an event of CareSoft's or Zalo's; the stored names say ``cdr``.

A ticket of CareSoft's may hold several messages: a reservation with the caller's ticket marks its
item as shared. The receipts of a shared one are matched one by one.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from ringpass.aws import due_index
from ringpass.aws.client_index import BY_CLIENT
from ringpass.aws.dynamodb import ConditionFailed, Item, Table
from ringpass.aws.transaction import Update
from ringpass.clock import to_text
from ringpass.costs import Cost
from ringpass.deliveries.model import Fact, Source
from ringpass.deliveries.store import details_to_item
from ringpass.outcomes import NO_STATUS, Status

# The first and the last so many receipts of a call are stored; the rest are counted.
MAX_EDGE_RECEIPTS: Final = 5
# Idempotency: a repeated receipt is only counted. So is any after so many different ones of a call.
_MAX_DIGESTS: Final = 100
_NEW_DIGEST: Final = (
    "attribute_not_exists(digests) OR (NOT contains(digests, :digest) AND size(digests) < :most)"
)
_IS_ONE_DELIVERY_S: Final = "attribute_exists(delivery_id) AND attribute_not_exists(is_shared)"
_REMOVE_DUE: Final = "REMOVE " + ", ".join(due_index.ATTRIBUTES)
_REMOVE_DUE_AND_LISTING: Final = f"{_REMOVE_DUE}, client_bucket, listed_at"
_BEGINNING, _END = "2000", "9999"
_PAGE: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReceipt:
    """Delivery receipt: what one CDR or event of a provider says.

    Attributes:
        at: When it came, RFC 3339.
        outcome: What became of the call; ``unknown`` where the provider's words are undefined.
        reason: The provider's cause as a word: ``q850_17``.
        digest: SHA-256 of what it says; identifies a repetition.
        raw: Its redacted text.
        callee_keys: Look-up keys of the numbers that it may have called.
        matched_delivery_id: The delivery that this one receipt of a shared ticket was matched with.
        delivery_id: The delivery that it names itself, where the provider repeats our id.
    """

    at: str
    outcome: Status
    reason: str
    digest: str
    raw: str
    callee_keys: tuple[str, ...] = ()
    matched_delivery_id: str | None = None
    delivery_id: str | None = None


@dataclass(frozen=True, slots=True)
class Correlation:
    """Correlation of one call at a provider with its delivery.

    Attributes:
        provider: The provider's name.
        ref: Its id of the call.
        delivery_id: The delivery, once the reply or a match named it.
        reply: The reply as a fact, if it came.
        receipts: The first and last receipts.
        receipt_count: How many there were.
        unmatched_reason: Why no delivery was found, if that was tried.
        is_shared: Whether it may belong to several deliveries.
    """

    provider: str
    ref: str
    delivery_id: str | None
    reply: Fact | None
    receipts: tuple[DeliveryReceipt, ...]
    receipt_count: int
    unmatched_reason: str | None
    is_shared: bool = False

    @property
    def facts(self) -> list[Fact]:
        """All facts about the call's delivery."""
        reply = [self.reply] if self.reply else []
        return reply + [
            Fact(
                receipt.at,
                receipt.outcome,
                receipt.reason,
                Source.RECEIPT,
                {"provider_ref": self.ref},
            )
            for receipt in self.receipts
            if not self.is_shared and receipt.reason != NO_STATUS
            # A reference may be used twice; a receipt that names a delivery is about no other one.
            if receipt.delivery_id in (None, self.owner)
        ]

    @property
    def unmatched_positions(self) -> list[int]:
        """Positions of definite receipts that are matched with no delivery.

        For a shared ticket; elsewhere all receipts belong to the one delivery.
        """
        return [
            position
            for position, receipt in enumerate(self.receipts)
            if receipt.matched_delivery_id is None and receipt.outcome is not Status.UNKNOWN
        ]

    @property
    def is_matched(self) -> bool:
        """Whether no receipt is left to be matched."""
        return not self.unmatched_positions if self.is_shared else self.delivery_id is not None

    @property
    def callee_keys(self) -> tuple[str, ...]:
        """Look-up keys of the numbers that it may have called, if a receipt names any."""
        return next((receipt.callee_keys for receipt in self.receipts if receipt.callee_keys), ())

    @property
    def owner(self) -> str | None:
        """The delivery that the call is matched with; else the first one that a receipt names."""
        return self.delivery_id or self.named_delivery

    @property
    def named_delivery(self) -> str | None:
        """The delivery id that a receipt names itself, whether that delivery exists or not."""
        return next((receipt.delivery_id for receipt in self.receipts if receipt.delivery_id), None)


@dataclass(frozen=True, slots=True)
class CorrelationRepository:
    """Repository of correlations."""

    table: Table
    retention_seconds: int

    def add_reply(
        self, provider: str, ref: str, delivery_id: str, reply: Fact, now: datetime
    ) -> Correlation:
        """Store the reply; returns the call's correlation.

        A call belongs to the first delivery that named it: a later reply with the same reference
        does not change that.
        """
        values = {
            ":delivery_id": delivery_id,
            ":reply": {
                "at": reply.at,
                "status": reply.status,
                "reason": reply.reason,
                "details": details_to_item(reply.details),
            },
        }
        sets = (
            "delivery_id = if_not_exists(delivery_id, :delivery_id), "
            "reply = if_not_exists(reply, :reply)"
        )
        return self._update(provider, ref, sets, values, now, _REMOVE_DUE_AND_LISTING)

    def add_receipt(
        self, provider: str, ref: str, receipt: DeliveryReceipt, now: datetime
    ) -> Correlation:
        """Store a receipt; returns the call's correlation. A repeated receipt is only counted."""
        item = {
            "at": receipt.at,
            "outcome": receipt.outcome,
            "reason": receipt.reason,
            "digest": receipt.digest,
            "raw": receipt.raw,
            "callee_keys": list(receipt.callee_keys),
        } | ({"delivery_id": receipt.delivery_id} if receipt.delivery_id else {})
        correlation = self._append_receipt(provider, ref, item, now)
        if len(correlation.receipts) > 2 * MAX_EDGE_RECEIPTS:
            self._drop_middle(provider, ref)
        return correlation

    def _append_receipt(self, provider: str, ref: str, receipt: Item, now: datetime) -> Correlation:
        count = "cdr_count = if_not_exists(cdr_count, :zero) + :one"
        increment = {":zero": 0, ":one": 1}
        append = f"cdrs = list_append(if_not_exists(cdrs, :none), :cdr), {count}"
        values = {":cdr": [receipt], ":none": [], ":digest": receipt["digest"], **increment}
        values |= {":digests": {receipt["digest"]}, ":most": _MAX_DIGESTS}
        # An unmatched call is tried again: this receipt may say more than the earlier ones.
        add = "REMOVE unjoined, client_bucket, listed_at ADD digests :digests"
        try:
            return self._update(
                provider, ref, append, values, now, add, f"{_IS_ONE_DELIVERY_S} AND ({_NEW_DIGEST})"
            )
        except ConditionFailed as failed:
            current = failed.item or {}
        is_shared = "is_shared" in current
        if is_shared or "delivery_id" not in current:
            if not is_shared or receipt["outcome"] != Status.UNKNOWN:
                # No reply may ever come: the due index makes the sweep look at it.
                entry = due_index.entry(ref, now)
                append += ", due_bucket = :due_bucket, due_at = :due_at"
                values |= {f":{name}": value for name, value in entry.items()}
            with suppress(ConditionFailed):
                return self._update(provider, ref, append, values, now, add, _NEW_DIGEST)
        return self._update(provider, ref, count, increment, now)

    def _drop_middle(self, provider: str, ref: str) -> None:
        # Refused if another receipt's request has dropped it in the meantime.
        with suppress(ConditionFailed):
            self.table.update(
                _key(provider, ref),
                f"REMOVE cdrs[{MAX_EDGE_RECEIPTS}]",
                {":most": 2 * MAX_EDGE_RECEIPTS},
                condition="size(cdrs) > :most",
            )

    def set_delivery(self, provider: str, ref: str, delivery_id: str, now: datetime) -> Correlation:
        """Store the delivery of a call whose reply never came."""
        return self._update(
            provider,
            ref,
            "delivery_id = if_not_exists(delivery_id, :delivery_id)",
            {":delivery_id": delivery_id},
            now,
            _REMOVE_DUE_AND_LISTING,
        )

    def mark_shared(self, provider: str, ref: str, now: datetime) -> Update:
        """In a transaction: mark a correlation as shared: it may belong to several deliveries."""
        update, values, names = self._update_parts(
            provider, ref, "is_shared = :true", {":true": True}, now
        )
        return Update(_key(provider, ref), update, values, "", names)

    def match_receipt(self, correlation: Correlation, position: int, delivery_id: str) -> bool:
        """Match one receipt of a shared ticket with a delivery; False if it was matched already."""
        try:
            self.table.update(
                _key(correlation.provider, correlation.ref),
                f"SET cdrs[{position}].joined = :delivery_id",
                {":delivery_id": delivery_id, ":digest": correlation.receipts[position].digest},
                # Positions shift when one of the middle is dropped.
                condition=f"cdrs[{position}].digest = :digest "
                f"AND attribute_not_exists(cdrs[{position}].joined)",
            )
        except ConditionFailed:
            return False
        return True

    def leave_to_scheduler(self, provider: str, ref: str, now: datetime) -> None:
        """Have the scheduler queue the matching of a call, if that is still to be done."""
        with suppress(ConditionFailed):
            self.table.update(
                _key(provider, ref),
                "SET due_bucket = :bucket, due_at = if_not_exists(due_at, :now)",
                {":bucket": due_index.later_bucket(ref), ":now": to_text(now), ":yes": True},
                condition="attribute_exists(due_at) OR is_shared = :yes",
            )

    def finish(self, correlation: Correlation) -> None:
        """Remove the call from the due index and the list: no receipt is left to be matched."""
        self.table.update(_key(correlation.provider, correlation.ref), _REMOVE_DUE_AND_LISTING, {})

    def record_unmatched(
        self, provider: str, ref: str, reason: str, now: datetime, *, is_listed: bool = True
    ) -> Correlation:
        """Store why a call was not matched; ``is_listed``: a person should look at it."""
        values, sets = {":why": reason}, "unjoined = :why"
        if not is_listed:
            return self._update(provider, ref, sets, values, now, _REMOVE_DUE_AND_LISTING)
        values |= {":bucket": _unmatched_bucket(provider), ":listed": f"{to_text(now)}#{ref}"}
        sets += ", client_bucket = :bucket, listed_at = :listed"
        return self._update(provider, ref, sets, values, now, _REMOVE_DUE)

    def list_unmatched(self, provider: str) -> Iterator[Correlation]:
        """List calls that were matched with no delivery and may be ours, newest first."""
        items = self.table.list_items(
            BY_CLIENT, [_unmatched_bucket(provider)], _BEGINNING, _END, _PAGE
        )
        return map(from_item, items)

    def request_match(self, provider: str, ref: str, now: datetime) -> bool:
        """Request another matching of an unmatched call; False if there is no such call."""
        entry = due_index.entry(ref, now)
        try:
            self.table.update(
                _key(provider, ref),
                "SET due_bucket = :due_bucket, due_at = :due_at "
                "REMOVE unjoined, client_bucket, listed_at",
                {f":{name}": value for name, value in entry.items()},
                condition="attribute_exists(unjoined)",
            )
        except ConditionFailed:
            return False
        return True

    def erase(self, correlation: Correlation, phone_key: str | None) -> bool:
        """Remove a number from the receipts of a call; returns whether any held it.

        What they say of the call stays: it may still settle the delivery.

        Args:
            correlation: The correlation as it was read.
            phone_key: The number's look-up key: receipts that name others stay as they are, for a
                correlation may be shared; None: any number.
        """
        held = [
            position
            for position, receipt in enumerate(correlation.receipts)
            if receipt.callee_keys and (phone_key is None or phone_key in receipt.callee_keys)
        ]
        for position in held:
            digest = correlation.receipts[position].digest
            # Positions shift when one of the middle is dropped.
            with suppress(ConditionFailed):
                self.table.update(
                    _key(correlation.provider, correlation.ref),
                    f"SET cdrs[{position}].#raw = :none "
                    f"REMOVE cdrs[{position}].callee_keys, cdrs[{position}].callee_key",
                    {":none": "", ":digest": digest},
                    names={"#raw": "raw"},
                    condition=f"cdrs[{position}].digest = :digest",
                )
        return bool(held)

    def get(self, provider: str, ref: str) -> Correlation | None:
        """Returns the correlation of a call, or None."""
        item = self.table.get(_key(provider, ref))
        return from_item(item) if item else None

    def _update(
        self,
        provider: str,
        ref: str,
        sets: str,
        values: Item,
        now: datetime,
        clauses: str = "",
        condition: str | None = None,
    ) -> Correlation:
        update, all_values, names = self._update_parts(provider, ref, sets, values, now)
        return from_item(
            self.table.update(
                _key(provider, ref),
                f"{update} {clauses}",
                all_values,
                names=names,
                condition=condition,
            )
        )

    def _update_parts(
        self, provider: str, ref: str, sets: str, values: Item, now: datetime
    ) -> tuple[str, Item, Mapping[str, str]]:
        """An update, its values and its names, with what each write of a correlation sets."""
        update = (
            f"SET {sets}, entity = :entity, provider = :provider, #ref = :ref, "
            "created_at = if_not_exists(created_at, :now), "
            "expires_at = if_not_exists(expires_at, :expires)"
        )
        common = {
            ":entity": "reference",
            ":provider": provider,
            ":ref": ref,
            ":now": to_text(now),
            ":expires": int(now.timestamp()) + self.retention_seconds,
        }
        return update, {**values, **common}, {"#ref": "ref"}


def from_item(item: Item) -> Correlation:
    """The correlation of an item, also as it comes in a stream record."""
    reply = item.get("reply")
    return Correlation(
        provider=item["provider"],
        ref=item["ref"],
        delivery_id=item.get("delivery_id"),
        reply=reply
        and Fact(
            reply["at"],
            Status(reply["status"]),
            reply.get("reason"),
            Source.REPLY,
            _details_from_item(reply["details"]),
        ),
        receipts=tuple(
            DeliveryReceipt(
                at=receipt["at"],
                outcome=Status(receipt["outcome"]),
                reason=receipt["reason"],
                digest=receipt["digest"],
                raw=receipt["raw"],
                callee_keys=_callee_keys(receipt),
                matched_delivery_id=receipt.get("joined"),
                delivery_id=receipt.get("delivery_id"),
            )
            for receipt in item.get("cdrs", ())
        ),
        receipt_count=item.get("cdr_count", 0),
        unmatched_reason=item.get("unjoined"),
        is_shared=item.get("is_shared", False),
    )


def _callee_keys(receipt: Item) -> tuple[str, ...]:
    if "callee_keys" in receipt:
        return tuple(receipt["callee_keys"])
    # Version 0.1.0 stored one key, if there was one.
    return (receipt["callee_key"],) if "callee_key" in receipt else ()


def _unmatched_bucket(provider: str) -> str:
    return f"UNJOINED#{provider}"


def _key(provider: str, ref: str) -> Item:
    return {"PK": f"REF#{provider}#{ref}", "SK": "REF"}


def _details_from_item(details: Mapping[str, Any]) -> dict[str, Any]:
    cost = details.get("cost")
    return dict(details) | ({"cost": Cost.from_dict(cost)} if cost else {})

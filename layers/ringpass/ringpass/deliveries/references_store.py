r"""The rendezvous of reply and CDR: one item for each provider reference.

PK REF#<provider>#<reference>   SK REF   entity "reference"

the reply writes   delivery_id, reply     \\
                                               > both return the whole item: whoever comes second
each CDR appends   cdrs, cdr_count        /  finds the other's half, and settles the delivery

A ticket of CareSoft's may hold several messages: whoever sends one into a ticket marks its item as
shared, with the reservation. What is told of a shared one is joined event by event.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from ringpass.aws import due_index
from ringpass.aws.dynamodb import ConditionFailed, Index, Item, Table, Update
from ringpass.clock import to_text
from ringpass.costs import Cost
from ringpass.deliveries.model import Fact, Source
from ringpass.deliveries.store import details_to_item
from ringpass.outcomes import NO_STATUS, Status

# The first and the last so many CDRs of a call are kept; the rest are counted.
KEPT_CDRS: Final = 5
# The same CDR again is only counted; beyond so many different ones of a call, so is every other.
_DIGESTS: Final = 100
_NEW_DIGEST: Final = (
    "attribute_not_exists(digests) OR (NOT contains(digests, :digest) AND size(digests) < :most)"
)
_IS_ONE_DELIVERY_S: Final = "attribute_exists(delivery_id) AND attribute_not_exists(is_shared)"
_SEEN_TO: Final = "REMOVE " + ", ".join(due_index.ATTRIBUTES)
_FINISHED: Final = f"{_SEEN_TO}, client_bucket, listed_at"
_BY_CLIENT: Final = Index("by_client", "client_bucket", "listed_at")
_BEGINNING, _END = "2000", "9999"
_PAGE: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReceipt:
    """What one CDR said.

    Attributes:
        at: When it came, RFC 3339.
        outcome: What became of the call; ``unknown`` where the provider's words are undefined.
        reason: The provider's cause as a word: ``q850_17``.
        digest: SHA-256 of what it says; the same one again is a repetition.
        raw: Its redacted text.
        callee_keys: Look-up keys of the numbers that it may have called.
        joined: The delivery that it was joined with alone, of a shared reference.
        delivery_id: The delivery that it names itself, where the provider repeats our id.
    """

    at: str
    outcome: Status
    reason: str
    digest: str
    raw: str
    callee_keys: tuple[str, ...] = ()
    joined: str | None = None
    delivery_id: str | None = None


@dataclass(frozen=True, slots=True)
class Correlation:
    """What is known of one call at a provider.

    Attributes:
        provider: The provider's name.
        ref: Its id of the call.
        delivery_id: The delivery, once the reply or a join named it.
        reply: The reply as a fact, if it came.
        cdrs: The first and last CDRs.
        cdr_count: How many there were.
        unjoined: Why no delivery could be found, if that was tried.
        shared: Whether it may be several deliveries'.
    """

    provider: str
    ref: str
    delivery_id: str | None
    reply: Fact | None
    cdrs: tuple[DeliveryReceipt, ...]
    cdr_count: int
    unjoined: str | None
    shared: bool = False

    @property
    def facts(self) -> list[Fact]:
        """All that this call tells about its delivery."""
        known = [self.reply] if self.reply else []
        return known + [
            Fact(cdr.at, cdr.outcome, cdr.reason, Source.CDR, {"provider_ref": self.ref})
            for cdr in self.cdrs
            if not self.shared and cdr.reason != NO_STATUS
        ]

    @property
    def untold(self) -> list[int]:
        """The places of CDRs that say what became of a delivery, but were joined with none.

        Of a shared reference; in any other, each CDR is the one delivery's.
        """
        return [
            place
            for place, cdr in enumerate(self.cdrs)
            if cdr.joined is None and cdr.outcome is not Status.UNKNOWN
        ]

    @property
    def is_joined(self) -> bool:
        """Whether nothing that was told of it is left to be joined."""
        return not self.untold if self.shared else self.delivery_id is not None

    @property
    def callee_keys(self) -> tuple[str, ...]:
        """Look-up keys of the numbers that it may have called, when a CDR named one."""
        return next((cdr.callee_keys for cdr in self.cdrs if cdr.callee_keys), ())

    @property
    def named_delivery(self) -> str | None:
        """The delivery that a CDR names itself, whether there is one or not."""
        return next((cdr.delivery_id for cdr in self.cdrs if cdr.delivery_id), None)


@dataclass(frozen=True, slots=True)
class CorrelationRepository:
    """Reads and writes references."""

    table: Table
    retention_seconds: int

    def add_reply(
        self, provider: str, ref: str, delivery_id: str, reply: Fact, now: datetime
    ) -> Correlation:
        """Keep the reply's half; returns all that is known of the call.

        A call belongs to the first delivery that named it: a provider that answers with the
        reference of an earlier call does not take it away from there.
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
        return self._update(provider, ref, sets, values, now, _FINISHED)

    def add_cdr(self, provider: str, ref: str, cdr: DeliveryReceipt, now: datetime) -> Correlation:
        """Keep a CDR; returns all that is known of the call."""
        kept = {
            "at": cdr.at,
            "outcome": cdr.outcome,
            "reason": cdr.reason,
            "digest": cdr.digest,
            "raw": cdr.raw,
            "callee_keys": list(cdr.callee_keys),
        } | ({"delivery_id": cdr.delivery_id} if cdr.delivery_id else {})
        reference = self._append(provider, ref, kept, now)
        if len(reference.cdrs) > 2 * KEPT_CDRS:
            self._drop_middle(provider, ref)
        return reference

    def _append(self, provider: str, ref: str, cdr: Item, now: datetime) -> Correlation:
        count = "cdr_count = if_not_exists(cdr_count, :zero) + :one"
        one = {":zero": 0, ":one": 1}
        append = f"cdrs = list_append(if_not_exists(cdrs, :none), :cdr), {count}"
        values = {":cdr": [cdr], ":none": [], ":digest": cdr["digest"], **one}
        values |= {":digests": {cdr["digest"]}, ":most": _DIGESTS}
        # What was joined to nothing is tried anew: this CDR may say more than the ones before.
        add = "REMOVE unjoined, client_bucket, listed_at ADD digests :digests"
        try:
            return self._update(
                provider, ref, append, values, now, add, f"{_IS_ONE_DELIVERY_S} AND ({_NEW_DIGEST})"
            )
        except ConditionFailed as failed:
            found = failed.item or {}
        is_shared = "is_shared" in found
        if is_shared or "delivery_id" not in found:
            if not is_shared or cdr["outcome"] != Status.UNKNOWN:
                # Nobody may ever come for it: the sweep sees to it that somebody looks.
                entry = due_index.entry(ref, now)
                append += ", due_bucket = :due_bucket, due_at = :due_at"
                values |= {f":{name}": value for name, value in entry.items()}
            with suppress(ConditionFailed):
                return self._update(provider, ref, append, values, now, add, _NEW_DIGEST)
        return self._update(provider, ref, count, one, now)

    def _drop_middle(self, provider: str, ref: str) -> None:
        # Refused if another CDR's request has dropped it in the meantime.
        with suppress(ConditionFailed):
            self.table.update(
                _key(provider, ref),
                f"REMOVE cdrs[{KEPT_CDRS}]",
                {":most": 2 * KEPT_CDRS},
                condition="size(cdrs) > :most",
            )

    def join(self, provider: str, ref: str, delivery_id: str, now: datetime) -> Correlation:
        """Name the delivery of a call whose reply never came."""
        return self._update(
            provider,
            ref,
            "delivery_id = if_not_exists(delivery_id, :delivery_id)",
            {":delivery_id": delivery_id},
            now,
            _FINISHED,
        )

    def share(self, provider: str, ref: str, now: datetime) -> Update:
        """In a transaction: mark a reference as one that may be several deliveries'."""
        update, values, names = self._written(
            provider, ref, "is_shared = :true", {":true": True}, now
        )
        return Update(_key(provider, ref), update, values, "", names)

    def join_one(self, reference: Correlation, place: int, delivery_id: str) -> bool:
        """Join one CDR of a shared reference with a delivery; whether nobody has joined it yet."""
        try:
            self.table.update(
                _key(reference.provider, reference.ref),
                f"SET cdrs[{place}].joined = :delivery_id",
                {":delivery_id": delivery_id, ":digest": reference.cdrs[place].digest},
                # Places move when one of the middle goes.
                condition=f"cdrs[{place}].digest = :digest "
                f"AND attribute_not_exists(cdrs[{place}].joined)",
            )
        except ConditionFailed:
            return False
        return True

    def leave_to_scheduler(self, provider: str, ref: str, now: datetime) -> None:
        """Have the scheduler queue the join of a call, if that is still to be done."""
        with suppress(ConditionFailed):
            self.table.update(
                _key(provider, ref),
                "SET due_bucket = :bucket, due_at = if_not_exists(due_at, :now)",
                {":bucket": due_index.later_bucket(ref), ":now": to_text(now), ":yes": True},
                condition="attribute_exists(due_at) OR is_shared = :yes",
            )

    def finish(self, reference: Correlation) -> None:
        """Nothing is left to be joined."""
        self.table.update(_key(reference.provider, reference.ref), _FINISHED, {})

    def leave_unjoined(
        self, provider: str, ref: str, why: str, now: datetime, *, is_listed: bool = True
    ) -> Correlation:
        """Say why a call was joined to no delivery; ``is_listed``: somebody should look at it."""
        values, sets = {":why": why}, "unjoined = :why"
        if not is_listed:
            return self._update(provider, ref, sets, values, now, _FINISHED)
        values |= {":bucket": _unjoined(provider), ":listed": f"{to_text(now)}#{ref}"}
        sets += ", client_bucket = :bucket, listed_at = :listed"
        return self._update(provider, ref, sets, values, now, _SEEN_TO)

    def unjoined(self, provider: str) -> Iterator[Correlation]:
        """Calls that were joined to no delivery and may be ours, newest first."""
        items = self.table.list_items(_BY_CLIENT, [_unjoined(provider)], _BEGINNING, _END, _PAGE)
        return map(from_item, items)

    def join_again(self, provider: str, ref: str, now: datetime) -> bool:
        """Have a call's delivery looked for again; whether there is such a call without one."""
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

    def get(self, provider: str, ref: str) -> Correlation | None:
        """All that is known of a call, or None."""
        item = self.table.get(_key(provider, ref))
        return from_item(item) if item else None

    def _update(
        self,
        provider: str,
        ref: str,
        sets: str,
        values: Item,
        now: datetime,
        also: str = "",
        condition: str | None = None,
    ) -> Correlation:
        update, all_values, names = self._written(provider, ref, sets, values, now)
        return from_item(
            self.table.update(
                _key(provider, ref),
                f"{update} {also}",
                all_values,
                names=names,
                condition=condition,
            )
        )

    def _written(
        self, provider: str, ref: str, sets: str, values: Item, now: datetime
    ) -> tuple[str, Item, Mapping[str, str]]:
        """An update, its values and its names, with what each write of a reference sets."""
        update = (
            f"SET {sets}, entity = :entity, provider = :provider, #ref = :ref, "
            "created_at = if_not_exists(created_at, :now), "
            "expires_at = if_not_exists(expires_at, :expires)"
        )
        always = {
            ":entity": "reference",
            ":provider": provider,
            ":ref": ref,
            ":now": to_text(now),
            ":expires": int(now.timestamp()) + self.retention_seconds,
        }
        return update, {**values, **always}, {"#ref": "ref"}


def from_item(item: Item) -> Correlation:
    """The reference of an item, also as it comes in a stream record."""
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
        cdrs=tuple(
            DeliveryReceipt(
                at=cdr["at"],
                outcome=Status(cdr["outcome"]),
                reason=cdr["reason"],
                digest=cdr["digest"],
                raw=cdr["raw"],
                callee_keys=_callee_keys(cdr),
                joined=cdr.get("joined"),
                delivery_id=cdr.get("delivery_id"),
            )
            for cdr in item.get("cdrs", ())
        ),
        cdr_count=item.get("cdr_count", 0),
        unjoined=item.get("unjoined"),
        shared=item.get("is_shared", False),
    )


def _callee_keys(cdr: Item) -> tuple[str, ...]:
    if "callee_keys" in cdr:
        return tuple(cdr["callee_keys"])
    # Version 0.1.0 kept one, if there was one.
    return (cdr["callee_key"],) if "callee_key" in cdr else ()


def _unjoined(provider: str) -> str:
    return f"UNJOINED#{provider}"


def _key(provider: str, ref: str) -> Item:
    return {"PK": f"REF#{provider}#{ref}", "SK": "REF"}


def _details_from_item(details: Mapping[str, Any]) -> dict[str, Any]:
    cost = details.get("cost")
    return dict(details) | ({"cost": Cost.from_dict(cost)} if cost else {})

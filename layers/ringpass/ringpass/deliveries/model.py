"""A delivery: one try to reach one phone over one channel at one provider.

Its state is the sum of facts (the reply, delivery receipts, a timer) that come in any order and any
number of times. ``derive_change`` adds facts to a snapshot; it is pure. The store applies its
result only to the version that it was computed from (optimistic lock).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from ringpass.costs import Cost
from ringpass.outcomes import RANK, Status
from ringpass.providers.facts import ChannelName

OUR_ID: Final = re.compile(r"dlv_[a-z2-7]{32}")
"""What the id of a delivery looks like."""


class Source(StrEnum):
    """Where a fact about a delivery came from."""

    REQUEST = "request"
    REPLY = "reply"
    RECEIPT = "cdr"
    TIMER = "timer"
    FEEDBACK = "feedback"


@dataclass(frozen=True, slots=True)
class Fact:
    """One statement about a delivery.

    Attributes:
        at: When, RFC 3339.
        status: The state that this fact alone would mean.
        reason: Why, as a word: ``timeout``, ``q850_17``.
        source: Where it came from.
        details: Attributes that the delivery takes over: ``provider_ref``, ``caller_number``, ...
    """

    at: str
    status: Status
    reason: str | None
    source: Source
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """A line of a delivery's history: the status from then on, and why."""

    at: str
    status: Status
    reason: str | None
    source: Source


@dataclass(frozen=True, slots=True)
class DeliverySnapshot:
    """The part of a delivery that is needed to add facts to it.

    Attributes:
        version: Counts the writes; 1 is the reservation.
        status: The state now.
        has_reply: Whether the provider's reply is in the history.
        provider_ref: The provider's id of the call, once known.
        remarks: The facts so far, each as the remark that its repetition would be.
        lines: How many lines its history has. Together with ``version`` and ``status`` it tells
            states apart that an optimistic guess could confuse: one write may hold the reply, or
            the reply and the receipts that came before it.
        verified: What its feedback says; None if there is none yet.
    """

    version: int
    status: Status
    has_reply: bool
    provider_ref: str | None = None
    remarks: frozenset[str] = frozenset()
    lines: int = 1
    verified: bool | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What the next version of a delivery changes; ``status`` is None where it stays."""

    status: Status | None
    reason: str | None
    entries: tuple[HistoryEntry, ...]
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A delivery as the table stores it. ``phone`` is clear E.164; nothing else in it is secret.

    Attributes:
        country: ISO 3166 country of the number.
        verification_id: The verification that it was made for.
        step: The verification's step, counted from 0.
        turn: Which of the verification's deliveries this is, counted from 1.
        retry_of: The earlier delivery, which this one repeats.
        retried_by: The delivery that repeats this one at another provider.
        fingerprint: Of the request that it was made for (idempotency); empty where no other
            request can be compared with it.
        ledger_shard: Which part of the client's ledger of the day holds its cost.
        unverified: Where the fraud budget counts the code of a single send (``LimitPlan``).
        verified: Whether the client says that its code was verified; None: it has not said.
        verified_at: When it said so; None: it was not verified.
        consent_reference: The client's own reference to the consent that it sends by.
    """

    id: str
    client: str
    channel: ChannelName
    provider: str
    phone: str = field(repr=False)
    country: str = ""
    status: Status
    created_at: str
    updated_at: str
    fingerprint: str = field(repr=False)
    attempt: str
    reason: str | None = None
    provider_ref: str | None = None
    caller_number: str | None = field(default=None, repr=False)
    is_redirect: bool | None = None
    ticket_id: str | None = None
    cost: Cost | None = None
    test: bool = False
    retry_of: str | None = None
    retried_by: str | None = None
    verification_id: str | None = None
    step: int | None = None
    turn: int | None = None
    ledger_shard: int | None = None
    unverified: Mapping[str, Any] | None = field(default=None, repr=False)
    verified: bool | None = None
    verified_at: str | None = None
    consent_reference: str | None = field(default=None, repr=False)
    metadata: Mapping[str, str] = field(default_factory=dict, repr=False)
    history: tuple[HistoryEntry, ...] = ()
    version: int = 1

    @property
    def is_erased(self) -> bool:
        """Whether its number was deleted."""
        return self.phone.endswith("*")

    @property
    def snapshot(self) -> DeliverySnapshot:
        """What ``derive_change`` needs of this delivery."""
        return DeliverySnapshot(
            version=self.version,
            status=self.status,
            has_reply=any(entry.source is Source.REPLY for entry in self.history),
            provider_ref=self.provider_ref,
            remarks=frozenset(
                entry.reason
                if entry.reason and entry.reason.startswith(_LATER)
                else _remark(entry.source, entry.status, entry.reason)
                for entry in self.history
            ),
            lines=len(self.history),
            verified=self.verified,
        )


# A fact that changes no status stands in the history as a remark with this prefix.
_LATER: Final = "later_"


def _remark(source: Source, status: Status, reason: str | None) -> str:
    return f"{_LATER}{source}_{status}" + (f":{reason}" if reason else "")


def accepted_snapshot(provider_ref: str) -> DeliverySnapshot:
    """The snapshot that a receipt usually finds: reserved, then accepted.

    The store corrects a wrong guess, so the guess costs nothing and saves the webhook a read.
    """
    return DeliverySnapshot(
        version=2, status=Status.ACCEPTED, has_reply=True, provider_ref=provider_ref, lines=2
    )


def derive_change(snapshot: DeliverySnapshot, facts: Iterable[Fact]) -> Change | None:
    """Returns what these facts change in a delivery; None if nothing.

    A fact of a higher rank changes the status. Any other fact is put into the history once, as a
    remark: nothing that a provider said is lost, and no status goes back. Facts about another call
    than the delivery's own change nothing. Feedback changes no status; ``verified`` is final.
    """
    status, reason, has_reply = snapshot.status, None, snapshot.has_reply
    verified = snapshot.verified
    entries: list[HistoryEntry] = []
    details: dict[str, Any] = {}
    remarks = set(snapshot.remarks)
    for fact in facts:
        if snapshot.provider_ref not in (
            None,
            fact.details.get("provider_ref", snapshot.provider_ref),
        ):
            continue
        if fact.source is Source.FEEDBACK:
            if verified or verified is fact.details["verified"]:
                continue
            verified = fact.details["verified"]
            entries.append(HistoryEntry(fact.at, status, fact.reason, fact.source))
            details.update(fact.details)
            continue
        remark = _remark(fact.source, fact.status, fact.reason)
        if RANK[fact.status] > RANK[status]:
            status, reason = fact.status, fact.reason
            entries.append(HistoryEntry(fact.at, status, fact.reason, fact.source))
        elif fact.source is Source.TIMER or (fact.source is Source.REPLY and has_reply):
            continue
        elif remark not in remarks:
            entries.append(HistoryEntry(fact.at, status, remark, fact.source))
        remarks.add(remark)
        has_reply = has_reply or fact.source is Source.REPLY
        details.update(fact.details)
    details = {name: value for name, value in details.items() if value is not None}
    if details.get("provider_ref") == snapshot.provider_ref:
        details.pop("provider_ref", None)
    if not entries and not details:
        return None
    return Change(
        status if status is not snapshot.status else None, reason, tuple(entries), details
    )

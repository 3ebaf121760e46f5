"""A delivery: one try to reach one phone over one channel at one provider.

Its state is the sum of facts (the reply, CDRs, a timer) that come in any order and any number of
times. ``learn`` adds facts to a state; it is pure, and the store applies what it returns only to
the very version that it was computed from.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from ringpass.costs import Cost
from ringpass.outcomes import RANK, Status

OUR_ID: Final = re.compile(r"dlv_[a-z2-7]{32}")
"""What the id of a delivery looks like."""


class Source(StrEnum):
    """Where a fact about a delivery came from."""

    REQUEST = "request"
    REPLY = "reply"
    CDR = "cdr"
    TIMER = "timer"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing learnt about a delivery.

    Attributes:
        at: When, RFC 3339.
        status: The state that this fact alone would mean.
        reason: Why, as a word: ``timeout``, ``q850_17``.
        source: Who said it.
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
    """As much of a delivery as is needed to add a fact to it.

    Attributes:
        version: Counts the writes; 1 is the reservation.
        status: The state now.
        replied: Whether the provider's reply is in the history.
        provider_ref: The provider's id of the call, once known.
        heard: What was said so far, each as the remark that it would be if it were said again.
        lines: How many lines its history has. Together with ``version`` and ``status`` it tells
            apart what a guess could take for the same: one write may hold the reply, or the reply
            and the CDRs that came before it.
    """

    version: int
    status: Status
    replied: bool
    provider_ref: str | None = None
    heard: frozenset[str] = frozenset()
    lines: int = 1


@dataclass(frozen=True, slots=True)
class Change:
    """What the next version of a delivery says; ``status`` is None where it stays."""

    status: Status | None
    reason: str | None
    entries: tuple[HistoryEntry, ...]
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A delivery as the table keeps it. ``phone`` is clear E.164; nothing else in it is secret.

    Attributes:
        country: ISO 3166 country of the number.
        verification_id: The verification that it was made for.
        step: That one's step, counted from 0.
        turn: Which of its deliveries this is, counted from 1.
        retry_of: The delivery before, which this one repeats.
        retried_by: The delivery that repeats this one at another provider.
        fingerprint: Of the request that it was made for; empty where no other one can be compared
            with it.
        ledger_shard: Which part of the client's ledger of the day holds its cost.
    """

    id: str
    client: str
    channel: str
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
    metadata: Mapping[str, str] = field(default_factory=dict, repr=False)
    history: tuple[HistoryEntry, ...] = ()
    version: int = 1

    @property
    def state(self) -> DeliverySnapshot:
        """What ``learn`` needs of this delivery."""
        return DeliverySnapshot(
            version=self.version,
            status=self.status,
            replied=any(entry.source is Source.REPLY for entry in self.history),
            provider_ref=self.provider_ref,
            heard=frozenset(
                entry.reason
                if entry.reason and entry.reason.startswith(_LATER)
                else _remark(entry.source, entry.status, entry.reason)
                for entry in self.history
            ),
            lines=len(self.history),
        )


# A fact that changes no status stands in the history with this before what it said.
_LATER: Final = "later_"


def _remark(source: Source, status: Status, reason: str | None) -> str:
    return f"{_LATER}{source}_{status}" + (f":{reason}" if reason else "")


def accepted_once(provider_ref: str) -> DeliverySnapshot:
    """A delivery as a CDR usually finds it: reserved, then accepted.

    The store corrects a wrong guess, so guessing costs nothing and spares the webhook a read.
    """
    return DeliverySnapshot(
        version=2, status=Status.ACCEPTED, replied=True, provider_ref=provider_ref, lines=2
    )


def learn(state: DeliverySnapshot, facts: Iterable[Fact]) -> Change | None:
    """What these facts change in a delivery of this state; None if nothing.

    A fact of a higher rank changes the status. One that does not, but says otherwise, is put into
    the history once: nothing that a provider said is lost, and no state goes back. Facts about
    another call than the delivery's own change nothing.
    """
    status, reason, replied = state.status, None, state.replied
    entries: list[HistoryEntry] = []
    details: dict[str, Any] = {}
    heard = set(state.heard)
    for fact in facts:
        if state.provider_ref not in (None, fact.details.get("provider_ref", state.provider_ref)):
            continue
        remark = _remark(fact.source, fact.status, fact.reason)
        if RANK[fact.status] > RANK[status]:
            status, reason = fact.status, fact.reason
            entries.append(HistoryEntry(fact.at, status, fact.reason, fact.source))
        elif fact.source is Source.TIMER or (fact.source is Source.REPLY and replied):
            continue
        elif remark not in heard:
            entries.append(HistoryEntry(fact.at, status, remark, fact.source))
        heard.add(remark)
        replied = replied or fact.source is Source.REPLY
        details.update(fact.details)
    details = {name: value for name, value in details.items() if value is not None}
    if details.get("provider_ref") == state.provider_ref:
        details.pop("provider_ref", None)
    if not entries and not details:
        return None
    return Change(status if status is not state.status else None, reason, tuple(entries), details)

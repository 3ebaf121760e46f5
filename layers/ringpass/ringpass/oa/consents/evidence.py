"""The facts about a customer's permission to be called, each with its source.

A fact is immutable and is never removed alone. The status is derived from all facts in the order in
which they happened (``ringpass.oa.consents.model``), however late and however often they came in.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Self

from ringpass.costs import Cost
from ringpass.http.actor import Actor
from ringpass.providers.zalo.call_type import CallType


class ConsentSource(StrEnum):
    """Who says it."""

    REQUEST = "request"
    """We do: the OA's client had the customer asked."""
    REPLY = "reply"
    """Zalo's reply to that."""
    CHECK = "check"
    """Zalo, when it was asked what the permission has become."""
    EVENT = "event"
    """Zalo, of its own accord: an event of its webhook."""


class ConsentFact(StrEnum):
    """What happened."""

    ASKED = "asked"
    """The customer is to be asked: Zalo's reply is not known yet."""
    TAKEN = "taken"
    """Zalo has taken the request."""
    NOT_SENT = "not_sent"
    """Zalo has refused the request; the customer was not asked."""
    UNCLEAR = "unclear"
    """Nobody knows whether Zalo has taken the request."""
    REQUESTED = "requested"
    """The request is on its way to the customer."""
    WAITING = "waiting"
    """The customer has the request."""
    ALLOWED = "allowed"
    REFUSED = "refused"
    BLOCKED = "blocked"
    """The customer takes no calls of this OA."""
    EXPIRED = "expired"
    """The customer has not answered in time, or what was allowed is over."""
    NEVER_ASKED = "never_asked"
    """Zalo knows of no request."""


class ConsentReason(StrEnum):
    """Why a customer is asked, in our words."""

    CONSULTING = "consulting"
    ORDER_OR_APPOINTMENT = "order_or_appointment"
    DELIVERY = "delivery"
    FLIGHT = "flight"
    ORDER_UPDATE = "order_update"


REASON_CODES: Final[Mapping[ConsentReason, int]] = {
    ConsentReason.CONSULTING: 101,
    ConsentReason.ORDER_OR_APPOINTMENT: 103,
    ConsentReason.DELIVERY: 105,
    ConsentReason.FLIGHT: 106,
    ConsentReason.ORDER_UPDATE: 107,
}
"""Zalo's numbers for them. It has none for codes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One fact.

    Attributes:
        kind: What happened.
        source: Where the fact comes from.
        at: When it happened: by Zalo's clock if Zalo reported it, else by ours. RFC 3339.
        received_at: When it was received, by our clock.
        until: Until when it holds, by Zalo: an instant, ``never``, or None: not reported.
        requested_at: When an expired request was made, if Zalo reported it.
        zalo_value: Zalo's own word or number: ``ALLOW``, ``16``.
        why: Our word for it, or for what came instead of an answer.
        actor: Who did it, if it was a client.
        request_id: The request, if the fact is a request or its reply.
        call_type: What a request asks for.
        reason: Why a request asks.
        cost: The fee of a request, if it is known.
        event: Digest of the event that reported it.
    """

    kind: ConsentFact
    source: ConsentSource
    at: str
    received_at: str
    until: str | None = None
    requested_at: str | None = None
    zalo_value: str | None = None
    why: str | None = None
    actor: Actor | None = None
    request_id: str | None = None
    call_type: CallType | None = None
    reason: ConsentReason | None = None
    cost: Cost | None = field(default=None)
    event: str | None = None

    @property
    def digest(self) -> str:
        """Identifies the fact; a repetition of an event has the same digest."""
        identity = (
            [self.event]
            if self.event
            else [self.source, self.kind, self.at, self.request_id, self.zalo_value, self.why]
        )
        return hashlib.sha256(json.dumps(identity).encode()).hexdigest()[:32]

    def to_item(self) -> dict[str, Any]:
        """Its attributes in the table, without keys."""
        return {
            "what": str(self.kind),
            "source": str(self.source),
            "at": self.at,
            "learnt_at": self.received_at,
            "until": self.until,
            "began": self.requested_at,
            "said": self.zalo_value,
            "why": self.why,
            "by": self.actor.to_item() if self.actor else None,
            "request_id": self.request_id,
            "call_type": str(self.call_type) if self.call_type else None,
            "reason": str(self.reason) if self.reason else None,
            "cost": self.cost.to_dict() if self.cost else None,
            "event": self.event,
        }

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> Self:
        """Read what ``to_item`` returned; an item may have more attributes."""
        return cls(
            kind=ConsentFact(item["what"]),
            source=ConsentSource(item["source"]),
            at=item["at"],
            received_at=item["learnt_at"],
            until=item.get("until"),
            requested_at=item.get("began"),
            zalo_value=item.get("said"),
            why=item.get("why"),
            actor=Actor.from_item(item["by"]) if item.get("by") else None,
            request_id=item.get("request_id"),
            call_type=CallType(item["call_type"]) if item.get("call_type") else None,
            reason=ConsentReason(item["reason"]) if item.get("reason") else None,
            cost=Cost.from_dict(item["cost"]) if item.get("cost") else None,
            event=item.get("event"),
        )

"""A call between an OA and a customer, as it is in the history.

A call from the OA begins with a link that an agent opens; Zalo reports it when it has ended. Of a
customer's call there is only the report. Zalo does not report when a call begins, nor which agents
are talking.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from ringpass.clock import from_text, to_text
from ringpass.oa.desk.reply_texts import Reply
from ringpass.providers.zalo.call_type import CallType


class Direction(StrEnum):
    """Who called."""

    OUT = "out"
    """The OA."""
    IN = "in"
    """The customer."""


class CallResult(StrEnum):
    """How a call came out."""

    OPEN = "open"
    """Zalo has not reported it: its link may not have been used."""
    ANSWERED = "answered"
    NOT_ANSWERED = "not_answered"


class ReplyState(StrEnum):
    """What became of an auto-reply."""

    SENT = "sent"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    """It may have been sent; it is never sent again."""
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Customer:
    """The customer of a call; None: not known.

    Attributes:
        phone: E.164, in clear.
        phone_key: The number's look-up key.
        user_id: Zalo's id of the person.
        name: What the OA calls the person.
    """

    phone: str | None = field(default=None, repr=False)
    phone_key: str | None = None
    user_id: str | None = None
    name: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class CallAgent:
    """The agent of a call, with the agent's name at that time."""

    id: str
    name: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Link:
    """The link that an agent opens to call.

    Attributes:
        url: Zalo's link. It is in one redirection only.
        ends_at: When it expires at Zalo.
        opened_at: When our link, or its picture, was first opened; None: never.
    """

    url: str = field(repr=False)
    ends_at: datetime
    opened_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CallEnd:
    """Zalo's report of a call that has ended; None: not reported.

    Attributes:
        call_id: Zalo's id of the call.
        reported_at: When the report came, as text.
        began_at: When the call began (``init_time``).
        waiting_ms: How long it rang, in milliseconds.
        talk_ms: The talk time, in milliseconds.
        duration_ms: The whole duration, in milliseconds.
        status_code: As Zalo wrote it; its meaning is not documented.
    """

    call_id: str | None
    reported_at: str
    began_at: datetime | None = None
    waiting_ms: int | None = None
    talk_ms: int | None = None
    duration_ms: int | None = None
    status_code: str | None = None

    @property
    def result(self) -> CallResult:
        """Whether the call was answered: there was talk time."""
        return CallResult.ANSWERED if self.talk_ms else CallResult.NOT_ANSWERED


@dataclass(frozen=True, slots=True)
class AutoReply:
    """The text message to a customer whose call nobody took.

    Attributes:
        kind: Which reply; None if that was not decided.
        state: The outcome.
        reason: Why it was refused, is unknown or was skipped.
        at: When, as text.
    """

    kind: Reply | None
    state: ReplyState
    reason: str | None
    at: str


@dataclass(frozen=True, slots=True)
class Call:
    """A call.

    Attributes:
        id: ``ocl_`` and 32 characters.
        oa_id: The OA.
        client: The client that owned the OA.
        direction: Who called.
        call_type: ``audio`` or ``video``; None: not reported.
        agent: The agent; None: not reported.
        customer: The customer.
        created_at: When it was placed; if it was only reported, when it began, as text.
        fingerprint: Identifies the body of the request that placed it.
        link: The link of a call that was placed here.
        end: Zalo's report.
        auto_reply: The message to the customer.
    """

    id: str
    oa_id: str
    client: str
    direction: Direction
    call_type: CallType | None
    agent: CallAgent | None
    customer: Customer
    created_at: str
    fingerprint: str = ""
    link: Link | None = None
    end: CallEnd | None = None
    auto_reply: AutoReply | None = None

    @property
    def result(self) -> CallResult:
        """The result, as far as Zalo reported it."""
        return self.end.result if self.end else CallResult.OPEN

    def to_item(self) -> dict[str, Any]:
        """Its attributes in the table, without keys; None is left out."""
        return {
            "id": self.id,
            "oa_id": self.oa_id,
            "client": self.client,
            "direction": str(self.direction),
            "call_type": str(self.call_type) if self.call_type else None,
            "agent_id": self.agent.id if self.agent else None,
            "agent_name": self.agent.name if self.agent else None,
            "phone": self.customer.phone,
            "customer_key": self.customer.phone_key,
            "user_id": self.customer.user_id,
            "customer_name": self.customer.name,
            "created_at": self.created_at,
            "fingerprint": self.fingerprint,
            "link": self.link.url if self.link else None,
            "link_ends_at": to_text(self.link.ends_at) if self.link else None,
            "opened_at": to_text(self.link.opened_at)
            if self.link and self.link.opened_at
            else None,
            "ended": end_item(self.end) if self.end else None,
            "auto_reply": reply_item(self.auto_reply) if self.auto_reply else None,
        }

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> Self:
        """Read what ``to_item`` returned."""
        agent_id = item.get("agent_id")
        return cls(
            id=item["id"],
            oa_id=item["oa_id"],
            client=item["client"],
            direction=Direction(item["direction"]),
            call_type=CallType(item["call_type"]) if "call_type" in item else None,
            agent=CallAgent(agent_id, item.get("agent_name")) if agent_id else None,
            customer=Customer(
                phone=item.get("phone"),
                phone_key=item.get("customer_key"),
                user_id=item.get("user_id"),
                name=item.get("customer_name"),
            ),
            created_at=item["created_at"],
            fingerprint=item["fingerprint"],
            link=_link_from_item(item) if "link" in item else None,
            end=_end_from_item(item["ended"]) if "ended" in item else None,
            auto_reply=_reply_from_item(item["auto_reply"]) if "auto_reply" in item else None,
        )


def end_item(end: CallEnd) -> dict[str, Any]:
    """Returns a report as an attribute."""
    fields = {
        "call_id": end.call_id,
        "told_at": end.reported_at,
        "began_at": to_text(end.began_at) if end.began_at else None,
        "waiting_ms": end.waiting_ms,
        "talk_ms": end.talk_ms,
        "duration_ms": end.duration_ms,
        "status_code": end.status_code,
    }
    return {name: value for name, value in fields.items() if value is not None}


def reply_item(reply: AutoReply) -> dict[str, Any]:
    """Returns an auto-reply as an attribute."""
    fields = {
        "kind": str(reply.kind) if reply.kind else None,
        "state": str(reply.state),
        "reason": reply.reason,
        "at": reply.at,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _link_from_item(item: Mapping[str, Any]) -> Link:
    opened_at = item.get("opened_at")
    return Link(
        url=item["link"],
        ends_at=from_text(item["link_ends_at"]),
        opened_at=from_text(opened_at) if opened_at else None,
    )


def _end_from_item(item: Mapping[str, Any]) -> CallEnd:
    began_at = item.get("began_at")
    return CallEnd(
        call_id=item.get("call_id"),
        reported_at=item["told_at"],
        began_at=from_text(began_at) if began_at else None,
        waiting_ms=item.get("waiting_ms"),
        talk_ms=item.get("talk_ms"),
        duration_ms=item.get("duration_ms"),
        status_code=item.get("status_code"),
    )


def _reply_from_item(item: Mapping[str, Any]) -> AutoReply:
    kind = item.get("kind")
    return AutoReply(
        kind=Reply(kind) if kind else None,
        state=ReplyState(item["state"]),
        reason=item.get("reason"),
        at=item["at"],
    )

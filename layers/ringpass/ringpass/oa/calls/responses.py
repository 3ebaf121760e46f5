"""What the API answers about Zalo OA calls."""

from typing import TypedDict

from ringpass.http.responses import Instant
from ringpass.oa.calls.links import LinkState
from ringpass.oa.calls.model import CallResult, Direction, ReplyState
from ringpass.oa.desk.reply_texts import Reply
from ringpass.providers.zalo.call_type import CallType


class OaCallAgent(TypedDict):
    """Who called for the OA, or took the call."""

    agent_id: str
    name: str | None
    """As the agent was called then."""


class OaCallCustomer(TypedDict):
    """Who was called, or called; null: not known."""

    phone: str | None
    """E.164; masked unless the API key has the scope `phones:read`."""
    user_id: str | None
    """Zalo's id of the customer."""
    name: str | None
    """What the OA calls the customer."""


class OaCallLink(TypedDict):
    """The link of a call, without what opens it."""

    state: LinkState
    """`unopened`; `open` for two minutes from the first opening; `ended`."""
    opened_at: Instant | None
    ends_at: Instant
    """From then on it cannot be used; if it is opened before, two minutes later at most."""


class OaCallEnd(TypedDict):
    """What Zalo told of a call that has ended; null: it did not say."""

    call_id: str | None
    """Zalo's id of the call."""
    told_at: Instant
    init_time: Instant | None
    """When the call began."""
    waiting_seconds: float | None
    talk_seconds: float | None
    duration_seconds: float | None
    status_code: str | None
    """As Zalo wrote it. What it means is not documented."""


class OaAutoReply(TypedDict):
    """What became of the text message to a customer whose call nobody took."""

    kind: Reply | None
    """Null: it was not looked at."""
    state: ReplyState
    """`unknown`: it may have been sent, and is not sent again."""
    reason: str | None
    """Why it was skipped or refused, or is unknown."""
    at: Instant


class OaCall(TypedDict):
    """A call between the OA and a customer."""

    id: str
    direction: Direction
    """`out`: the OA called; `in`: the customer did."""
    result: CallResult
    """`open`: nothing was told of it yet; the link may not have been used."""
    call_type: CallType | None
    """Null: it was not told."""
    agent: OaCallAgent | None
    """Null: Zalo does not name one, and it was not placed here."""
    customer: OaCallCustomer
    created_at: Instant
    """When it was placed; of one that was only told of, when it began."""
    link: OaCallLink | None
    """Null: it was not placed here."""
    ended: OaCallEnd | None
    """Null: nothing was told of it yet."""
    auto_reply: OaAutoReply | None
    """Null: there was no reason for one, or it is not decided yet."""


class PlacedOaCall(OaCall):
    """A call that an agent may open."""

    url: str
    """Leads the agent on to Zalo. Whoever has it can call: give it to nobody else."""
    qr_url: str
    """The same as a QR code: SVG, or with `?format=png` PNG."""


class OaCallPage(TypedDict):
    """A page of calls, newest first."""

    items: list[OaCall]
    next_cursor: str | None
    """Where the next page starts; null at the end."""

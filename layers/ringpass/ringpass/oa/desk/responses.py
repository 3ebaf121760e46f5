"""What the API answers about the call desk."""

from typing import TypedDict

from ringpass.http.responses import Instant
from ringpass.oa.desk.agents import AgentAction, AgentRole
from ringpass.oa.desk.reply_texts import Reply


class OaAuthor(TypedDict):
    """Who changed something at an OA's call desk."""

    client: str
    key_id: str
    """The API key that was used."""


class OaSuspension(TypedDict):
    """That Zalo has locked the feature for the OA."""

    reason: str
    since: Instant | None
    """Null: not known."""


class OaSpan(TypedDict):
    """The hours that begin on one day."""

    start: str
    """`hh:mm`; this minute belongs to the span."""
    end: str
    """`hh:mm`, up to `24:00`; this minute does not belong to it any more. Before `start`, it is
    on the next day."""


class OaHours(TypedDict):
    """A span for each weekday; null: that day has none."""

    monday: OaSpan | None
    tuesday: OaSpan | None
    wednesday: OaSpan | None
    thursday: OaSpan | None
    friday: OaSpan | None
    saturday: OaSpan | None
    sunday: OaSpan | None


class OaReplies(TypedDict):
    """What a customer gets whose call nobody takes; null: nothing."""

    out_of_hours: str | None
    busy: str | None


class OaSettings(TypedDict):
    """The settings of an OA's call desk."""

    enabled: bool
    """Whether calls may be made at all."""
    verified_enterprise: bool
    """Whether Zalo has verified the OA as a business."""
    suspended: OaSuspension | None
    time_zone: str
    """A name of the tz database; its wall clock decides."""
    hours: OaHours
    replies: OaReplies
    version: int
    """Counts the changes; 0: nothing was set yet."""
    updated_at: Instant | None
    updated_by: OaAuthor | None
    """Who made this version."""


class OaSettingsPage(TypedDict):
    """A page of all versions of an OA's settings, newest first."""

    items: list[OaSettings]
    next_cursor: str | None
    """Where the next page starts; null at the end."""


class OaReplyPreview(TypedDict):
    """A reply as a customer would get it."""

    reply: Reply
    text: str | None
    """Null: no text is set, so nothing is sent."""
    at: Instant
    """When the customer calls. Within the hours nobody gets `out_of_hours`: then it is the moment
    at which the OA closes."""


class OaAgent(TypedDict):
    """One who makes and takes the OA's calls."""

    agent_id: str
    """Zalo's user id of the agent."""
    name: str
    role: AgentRole
    added_at: Instant
    added_by: OaAuthor


class AddedOaAgent(OaAgent):
    """An agent who was added."""

    note: str
    """What the agent has to do."""


class OaAgents(TypedDict):
    """An OA's agents, in the order in which they were added."""

    items: list[OaAgent]
    next_cursor: str | None
    """Always null: there are never more than fit."""
    most: int
    """How many there can be."""
    note: str
    """What every agent has to do."""


class OaAgentChange(TypedDict):
    """A line of the agents' history."""

    what: AgentAction
    agent_id: str
    name: str
    role: AgentRole
    at: Instant
    by: OaAuthor


class OaAgentHistory(TypedDict):
    """A page of the agents' history, newest first."""

    items: list[OaAgentChange]
    next_cursor: str | None
    """Where the next page starts; null at the end."""

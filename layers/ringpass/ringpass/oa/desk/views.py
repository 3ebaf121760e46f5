"""Responses of the API about the call desk."""

from typing import TYPE_CHECKING

from ringpass.clock import to_text
from ringpass.http.actor import Actor
from ringpass.http.router import Response
from ringpass.oa.desk.agents import MOST_AGENTS, NEWEST_ZALO, Agent, AgentChange, Agents
from ringpass.oa.desk.hours import Hours, Weekday
from ringpass.oa.desk.reply_texts import Reply
from ringpass.oa.desk.settings import OaSettings

if TYPE_CHECKING:
    from ringpass.http.pagination import Page
    from ringpass.oa.desk import responses
    from ringpass.oa.desk.service import Preview


def settings_response(settings: OaSettings) -> Response:
    """The response with the settings."""
    return Response(_settings(settings))


def versions_response(page: "Page[OaSettings]") -> Response:
    """The response with a page of versions."""
    return Response({"items": list(map(_settings, page.items)), "next_cursor": page.next_cursor})


def preview_response(preview: "Preview") -> Response:
    """The response to a preview."""
    body: responses.OaReplyPreview = {
        "reply": preview.reply,
        "text": preview.text,
        "at": to_text(preview.at),
    }
    return Response(body)


def agents_response(agents: Agents) -> Response:
    """The response with the agents."""
    body: responses.OaAgents = {
        "items": list(map(_agent, agents.agents)),
        "next_cursor": None,
        "most": MOST_AGENTS,
        "note": NEWEST_ZALO,
    }
    return Response(body)


def added_response(agent: Agent) -> Response:
    """The response to a new agent."""
    body: responses.AddedOaAgent = {**_agent(agent), "note": NEWEST_ZALO}
    return Response(body, 201)


def agent_response(agent: Agent) -> Response:
    """The response with one agent."""
    return Response(_agent(agent))


def changes_response(page: "Page[AgentChange]") -> Response:
    """The response with a page of the agents' history."""
    return Response({"items": list(map(_change, page.items)), "next_cursor": page.next_cursor})


def _settings(settings: OaSettings) -> "responses.OaSettings":
    suspension = settings.suspended
    return {
        "enabled": settings.enabled,
        "verified_enterprise": settings.verified_enterprise,
        "suspended": {"reason": suspension.reason, "since": suspension.since}
        if suspension
        else None,
        "time_zone": settings.hours.time_zone,
        "hours": _hours(settings.hours),
        "replies": {
            "out_of_hours": settings.replies.get(Reply.OUT_OF_HOURS),
            "busy": settings.replies.get(Reply.BUSY),
        },
        "version": settings.version,
        "updated_at": settings.updated_at,
        "updated_by": _actor(settings.updated_by) if settings.updated_by else None,
    }


def _hours(hours: Hours) -> "responses.OaHours":
    def span(day: Weekday) -> "responses.OaSpan | None":
        if day not in hours.days:
            return None
        start, end = hours.days[day].to_text()
        return {"start": start, "end": end}

    return {
        "monday": span(Weekday.MONDAY),
        "tuesday": span(Weekday.TUESDAY),
        "wednesday": span(Weekday.WEDNESDAY),
        "thursday": span(Weekday.THURSDAY),
        "friday": span(Weekday.FRIDAY),
        "saturday": span(Weekday.SATURDAY),
        "sunday": span(Weekday.SUNDAY),
    }


def _agent(agent: Agent) -> "responses.OaAgent":
    return {
        "agent_id": agent.id,
        "name": agent.name,
        "role": agent.role,
        "added_at": agent.added_at,
        "added_by": _actor(agent.added_by),
    }


def _change(change: AgentChange) -> "responses.OaAgentChange":
    return {
        "what": change.action,
        "agent_id": change.agent.id,
        "name": change.agent.name,
        "role": change.agent.role,
        "at": change.at,
        "by": _actor(change.actor),
    }


def _actor(actor: Actor) -> "responses.OaAuthor":
    return {"client": actor.client, "key_id": actor.key_id}

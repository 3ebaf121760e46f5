"""Use cases of an OA's call desk: its settings, its hours and its agents.

    replace   one transaction: the settings, if they have not changed meanwhile, and their version
    add       one transaction: the agents, if they have not changed meanwhile, and the history
    remove    the same

Optimistic lock: on a conflict the agents are read again. Each conflict means that another agent was
added or removed, so of many at once five are added and the others are refused.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

from ringpass.audit.model import Action, Change, Resource
from ringpass.audit.store import audit_entry
from ringpass.aws.optimistic_lock import retry_on_conflict
from ringpass.clock import Clock, to_text
from ringpass.errors import AgentExists, AgentsFull, NotFound, SettingsChanged
from ringpass.http.actor import Actor
from ringpass.http.pagination import Page, Parameters, take_page
from ringpass.oa.access import OaAccess
from ringpass.oa.desk.agents import MOST_AGENTS, Agent, AgentAction, AgentChange, Agents
from ringpass.oa.desk.hours import Hours
from ringpass.oa.desk.reply_texts import Reply, fill
from ringpass.oa.desk.settings import OaSettings
from ringpass.oa.desk.store import CURRENT, DeskRepository
from ringpass.observability import logger

if TYPE_CHECKING:
    from ringpass.oa.desk.requests import AddAgent, PreviewReply, ReplaceOaSettings

_FIELDS: Final = frozenset({"limit", "cursor"})
_AUDITED: Final = {
    AgentAction.ADDED: Action.CREATED,
    AgentAction.REMOVED: Action.DELETED,
}
_NUMBER: Final = re.compile("[0-9]{10}")


@dataclass(frozen=True, slots=True)
class DeskState:
    """The current settings and agents that a call is checked against."""

    settings: OaSettings
    agents: tuple[Agent, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """An auto-reply as a customer would get it.

    Attributes:
        reply: Which reply.
        text: None: no text is set, so nothing is sent.
        at: When the customer calls.
    """

    reply: Reply
    text: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class DeskService:
    """The call desk of the stack's OA.

    Every method with an ``oa_id`` and an ``actor`` raises ``NotFound`` if the actor's client has no
    such OA, and ``Unavailable`` if the table cannot be reached.

    Attributes:
        access: The access check of the OA.
        desks: Repository of call desks.
        clock: Tells the time.
    """

    access: OaAccess
    desks: DeskRepository
    clock: Clock

    def state(self) -> DeskState:
        """Returns settings and agents of the stack's OA; the caller has checked the access.

        Raises:
            Unavailable: The table cannot be reached.
        """
        settings, agents = self.desks.get_settings_and_agents(self.access.oa_id)
        return DeskState(settings, agents.agents)

    def settings(self, oa_id: str, actor: Actor) -> OaSettings:
        """Returns the settings."""
        self.access.check(oa_id, actor.client)
        return self.desks.settings(oa_id)

    def replace(self, oa_id: str, actor: Actor, command: "ReplaceOaSettings") -> OaSettings:
        """Replace the settings as a whole, and return the new ones.

        Raises:
            SettingsChanged: The command is for another version.
        """
        self.access.check(oa_id, actor.client)

        def attempt() -> OaSettings:
            old = self.desks.settings(oa_id)
            if command.version not in (None, old.version):
                raise SettingsChanged("There is another version by now: read it first.")
            now = to_text(self.clock())
            new = replace(
                command.settings(), version=old.version + 1, updated_at=now, updated_by=actor
            )
            change = Change.between(Resource.OA_SETTINGS, oa_id, Action.REPLACED, old, new)
            self.desks.replace_settings(oa_id, new, audit_entry(actor, change, now))
            return new

        new = retry_on_conflict(attempt, "The settings are changed too often at once.", tag=CURRENT)
        logger().info("oa settings replaced", client=actor.client, version=new.version)
        return new

    def versions(self, oa_id: str, actor: Actor, query: Mapping[str, str]) -> Page[OaSettings]:
        """Returns a page of all versions of the settings, newest first.

        Raises:
            ValidationFailed: Names each parameter at fault.
        """
        self.access.check(oa_id, actor.client)
        before, limit = _page_params(query)
        rows = self.desks.versions(oa_id, before)
        return take_page(rows, limit, lambda version: _cursor_text(version.version))

    def preview(self, oa_id: str, actor: Actor, command: "PreviewReply") -> Preview:
        """Returns the reply to a customer who calls at the command's instant; None: now.

        Within the hours nobody gets ``out_of_hours``: then the preview is for the moment at which
        the OA closes.

        Raises:
            ValidationFailed: The text has a placeholder that this reply does not have.
        """
        self.access.check(oa_id, actor.client)
        settings = self.desks.settings(oa_id)
        at = _preview_time(command.reply, settings.hours, command.instant or self.clock())
        if command.text is None:
            return Preview(command.reply, settings.reply(command.reply, at), at)
        command.check(settings.hours)
        return Preview(command.reply, fill(command.text, settings.hours, at), at)

    def agents(self, oa_id: str, actor: Actor) -> Agents:
        """Returns the agents."""
        self.access.check(oa_id, actor.client)
        return self.desks.agents(oa_id)

    def add_agent(self, oa_id: str, actor: Actor, command: "AddAgent") -> Agent:
        """Add an agent.

        Raises:
            AgentExists: The OA has an agent with this id.
            AgentsFull: It has the maximum of agents.
        """

        def add(agents: Agents, now: str) -> tuple[Agents, Agent]:
            if agents.get(command.agent_id):
                raise AgentExists("The OA has an agent of this id: remove it first to change it.")
            if agents.is_full:
                raise AgentsFull(f"An OA has at most {MOST_AGENTS} agents: remove one first.")
            agent = Agent(command.agent_id, command.name, command.role, now, actor)
            return agents.with_agent(agent), agent

        return self._change(oa_id, actor, AgentAction.ADDED, add)

    def remove_agent(self, oa_id: str, actor: Actor, agent_id: str) -> Agent:
        """Remove an agent, and return it as it was.

        Raises:
            NotFound: The OA has no such agent.
        """

        def remove(agents: Agents, _: str) -> tuple[Agents, Agent]:
            agent = agents.get(agent_id)
            if agent is None:
                raise NotFound("The OA has no such agent.")
            return agents.without(agent), agent

        return self._change(oa_id, actor, AgentAction.REMOVED, remove)

    def history(self, oa_id: str, actor: Actor, query: Mapping[str, str]) -> Page[AgentChange]:
        """Returns a page of the agents' history, newest first.

        Raises:
            ValidationFailed: Names each parameter at fault.
        """
        self.access.check(oa_id, actor.client)
        before, limit = _page_params(query)
        rows = self.desks.changes(oa_id, before)
        return take_page(rows, limit, lambda change: _cursor_text(change.number))

    def _change(
        self,
        oa_id: str,
        actor: Actor,
        action: AgentAction,
        change: Callable[[Agents, str], tuple[Agents, Agent]],
    ) -> Agent:
        """Apply ``change`` to the current agents; write the result and the line of the history."""
        self.access.check(oa_id, actor.client)

        def attempt() -> tuple[Agents, Agent]:
            old, now = self.desks.agents(oa_id), to_text(self.clock())
            new, agent = change(old, now)
            line = AgentChange(action, agent, new.version, now, actor)
            entry = Change(
                resource=Resource.OA_AGENT,
                resource_id=agent.id,
                action=_AUDITED[action],
                from_version=old.version,
                to_version=new.version,
            )
            self.desks.change_agents(oa_id, new, line, audit_entry(actor, entry, now))
            return new, agent

        new, agent = retry_on_conflict(
            attempt, "The agents are changed too often at once.", tag=CURRENT
        )
        logger().info("oa agents changed", what=action, agents=len(new.agents), client=actor.client)
        return agent


def _preview_time(reply: Reply, hours: Hours, at: datetime) -> datetime:
    if reply is Reply.OUT_OF_HOURS:
        return hours.next_closing(at) or at
    return at


def _page_params(query: Mapping[str, str]) -> tuple[int | None, int]:
    """Returns the number before which a page begins, and how many items it has."""
    params = Parameters(query, _FIELDS)
    before, limit = params.cursor(_NUMBER, ""), params.limit()
    params.check()
    return int(before) if before else None, limit


def _cursor_text(number: int) -> str:
    return f"{number:010}"

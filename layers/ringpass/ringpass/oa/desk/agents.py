"""The agents of an OA, who make and take its calls: at most five.

Zalo has no API for agents: keep this list equal to the one in Zalo's interface.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Self

from ringpass.http.actor import Actor

MOST_AGENTS: Final = 5
"""The maximum in Zalo's guide of its call feature."""

NEWEST_ZALO: Final = (
    "An agent needs the newest version of Zalo: with an older one calls cannot be made or taken."
)
"""What Zalo's guide tells every agent, twice."""


class AgentRole(StrEnum):
    """What an agent may do at Zalo."""

    CUSTOMER_CARE = "customer_care"
    """Chăm sóc khách hàng."""
    ADMINISTRATOR = "administrator"
    """Quản trị viên."""


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent, who makes and takes calls.

    Attributes:
        id: Zalo's user id of the agent.
        name: The name; the history of calls is searched by it.
        role: What the agent may do.
        added_at: RFC 3339.
        added_by: The actor who added the agent.
    """

    id: str
    name: str
    role: AgentRole
    added_at: str
    added_by: Actor

    def to_item(self) -> dict[str, Any]:
        """Its attributes in the table."""
        return {
            "id": self.id,
            "name": self.name,
            "role": str(self.role),
            "added_at": self.added_at,
            "added_by": self.added_by.to_item(),
        }

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> Self:
        """Read what ``to_item`` returned."""
        return cls(
            id=item["id"],
            name=item["name"],
            role=AgentRole(item["role"]),
            added_at=item["added_at"],
            added_by=Actor.from_item(item["added_by"]),
        )


@dataclass(frozen=True, slots=True)
class Agents:
    """The agents in the order in which they were added.

    Attributes:
        agents: At most ``MOST_AGENTS``.
        version: Counts the changes; 0: no change yet.
    """

    agents: tuple[Agent, ...] = ()
    version: int = 0

    def get(self, agent_id: str) -> Agent | None:
        """Returns the agent with this id, or None."""
        return next((agent for agent in self.agents if agent.id == agent_id), None)

    @property
    def is_full(self) -> bool:
        """Whether no agent can be added any more."""
        return len(self.agents) >= MOST_AGENTS

    def with_agent(self, agent: Agent) -> "Agents":
        """Returns the agents with another one."""
        return Agents((*self.agents, agent), self.version + 1)

    def without(self, agent: Agent) -> "Agents":
        """Returns the agents without this one."""
        others = tuple(other for other in self.agents if other.id != agent.id)
        return Agents(others, self.version + 1)


class AgentAction(StrEnum):
    """What was done with an agent."""

    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class AgentChange:
    """A line of the agents' history.

    Attributes:
        action: What was done.
        agent: The agent.
        number: The version of the agents after the change.
        at: RFC 3339.
        actor: The actor of the change.
    """

    action: AgentAction
    agent: Agent
    number: int
    at: str
    actor: Actor

    def to_item(self) -> dict[str, Any]:
        """Its attributes in the table, without the key."""
        return {
            "what": str(self.action),
            "agent": self.agent.to_item(),
            "number": self.number,
            "at": self.at,
            "by": self.actor.to_item(),
        }

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> Self:
        """Read what ``to_item`` returned; an item may have more attributes."""
        return cls(
            action=AgentAction(item["what"]),
            agent=Agent.from_item(item["agent"]),
            number=item["number"],
            at=item["at"],
            actor=Actor.from_item(item["by"]),
        )

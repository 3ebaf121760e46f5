"""Items of an OA's call desk: its settings, its agents, and their history.

    PK OAD#<oa id>   SK SETTINGS            entity "oa_settings": the settings
    PK OAD#<oa id>   SK VERSION#<number>    entity "oa_settings_version": the same, of each version
    PK OAD#<oa id>   SK AGENTS              entity "oa_agents": the agents, with their version
    PK OAD#<oa id>   SK CHANGE#<number>     entity "oa_agent_change": one added or removed

A change is written in one transaction with its lines of the history and of the audit log, with an
optimistic lock on the version: so versions have no gap, and there are never more than five agents,
however many are added at once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ringpass.aws.dynamodb import Item, Table
from ringpass.aws.transaction import Put, Transaction
from ringpass.oa.desk.agents import Agent, AgentChange, Agents
from ringpass.oa.desk.settings import OaSettings

CURRENT: Final = "current"
"""Tag of the current version in a transaction."""
_ABSENT: Final = "attribute_not_exists(PK)"
_UNCHANGED: Final = "version = :expected"
_VERSION: Final = "VERSION"
_CHANGE: Final = "CHANGE"
_DIGITS: Final = 10


@dataclass(frozen=True, slots=True)
class DeskRepository:
    """Repository of call desks."""

    table: Table

    def settings(self, oa_id: str) -> OaSettings:
        """Returns the settings; the defaults if there is no item."""
        item = self.table.get(_settings_key(oa_id))
        return OaSettings.from_item(item) if item else OaSettings()

    def agents(self, oa_id: str) -> Agents:
        """Returns the agents."""
        return _agents(self.table.get(_agents_key(oa_id)))

    def get_settings_and_agents(self, oa_id: str) -> tuple[OaSettings, Agents]:
        """Returns settings and agents with one request."""
        keys = [_settings_key(oa_id), _agents_key(oa_id)]
        items = {item["SK"]: item for item in self.table.get_many(keys)}
        settings = items.get("SETTINGS")
        return (
            OaSettings.from_item(settings) if settings else OaSettings(),
            _agents(items.get("AGENTS")),
        )

    def replace_settings(self, oa_id: str, new: OaSettings, entry: Put) -> None:
        """Replace the version before by new settings, and add them to the history.

        Raises:
            ConditionsFailed: The stored version is another one (``CURRENT``).
        """
        document = new.to_item()
        version = {
            **_key(oa_id, _numbered(_VERSION, new.version)),
            "entity": "oa_settings_version",
            **document,
        }
        settings = {**_settings_key(oa_id), "entity": "oa_settings", **document}
        self._replace(settings, version, entry)

    def change_agents(self, oa_id: str, new: Agents, change: AgentChange, entry: Put) -> None:
        """Replace the version before by new agents, and add the line of the history.

        Raises:
            ConditionsFailed: The stored version is another one (``CURRENT``).
        """
        agents = {
            **_agents_key(oa_id),
            "entity": "oa_agents",
            "agents": [agent.to_item() for agent in new.agents],
            "version": new.version,
        }
        line = {
            **_key(oa_id, _numbered(_CHANGE, change.number)),
            "entity": "oa_agent_change",
            **change.to_item(),
        }
        self._replace(agents, line, entry)

    def versions(self, oa_id: str, before: int | None = None) -> Iterator[OaSettings]:
        """Returns the settings' versions, newest first; with ``before``, those before it."""
        return map(OaSettings.from_item, self._numbered(oa_id, _VERSION, before))

    def changes(self, oa_id: str, before: int | None = None) -> Iterator[AgentChange]:
        """Returns the agents' history, newest first; with ``before``, the lines before it."""
        return map(AgentChange.from_item, self._numbered(oa_id, _CHANGE, before))

    def _replace(self, current: Item, history: Item, entry: Put) -> None:
        tx = Transaction(self.table)
        tx.add(_successor(current), CURRENT)
        tx.add(Put(history, _ABSENT))
        tx.add(entry)
        tx.commit()

    def _numbered(self, oa_id: str, kind: str, before: int | None) -> Iterator[Item]:
        end = f"{kind}#~" if before is None else _numbered(kind, before)
        return self.table.partition(
            _partition(oa_id), f"{kind}#", end, consistent=True, newest_first=True
        )


def _successor(item: Item) -> Put:
    """Returns the write of an item, on condition that it is the next version."""
    if item["version"] == 1:
        return Put(item, _ABSENT)
    return Put(item, _UNCHANGED, {":expected": item["version"] - 1})


def _agents(item: Item | None) -> Agents:
    if item is None:
        return Agents()
    return Agents(tuple(map(Agent.from_item, item["agents"])), item["version"])


def _settings_key(oa_id: str) -> Item:
    return _key(oa_id, "SETTINGS")


def _agents_key(oa_id: str) -> Item:
    return _key(oa_id, "AGENTS")


def _key(oa_id: str, sort: str) -> Item:
    return {"PK": _partition(oa_id), "SK": sort}


def _partition(oa_id: str) -> str:
    return f"OAD#{oa_id}"


def _numbered(kind: str, number: int) -> str:
    """Returns a sort key that orders by number."""
    return f"{kind}#{number:0{_DIGITS}}"

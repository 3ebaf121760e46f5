"""Items of OTP Call scenarios.

    PK SCN#<client>    SK <id>           entity "scenario": the scenario
    PK SCN#<client>    SK NAME#<name>    entity "scenario_name": what a call needs to know of it
    PK SLT#<account>   SK SLT            entity "slots": the ids of an account's active ones
    PK SLT#<account>#<client>   SK SLT   entity "slots": the ids of those that are the client's

A scenario and its name are written in one transaction, so a client's names are unique, and one
request reads all that a choice needs. An account is the field of Bizfly's secret that holds its
key. Its active scenarios, whoever's they are, change only together with the scenario: so many
activations at once take no more slots than there are. Scenarios stand in the list index under
``SCENARIOS#<client>``; clients' names are in lower case.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ringpass.aws.dynamodb import ConditionsFailed, Delete, Index, Item, Put, Table, Update
from ringpass.clients.scenarios.model import MOST_ACTIVE, Scenario, ScenarioStatus
from ringpass.clients.scenarios.selection import Entry

_PAGE: Final = 50
_BY_CLIENT: Final = Index("by_client", "client_bucket", "listed_at")
_NEVER, _EVER = "0", "9"  # before and after any instant as text
_FIRST_NAME, _AFTER_NAMES = "NAME#", "NAME$"  # around all names: $ follows #
_ABSENT: Final = "attribute_not_exists(PK)"
_THERE: Final = "attribute_exists(PK)"
_UNCHANGED: Final = "version = :expected"


class NameInUse(Exception):
    """Another scenario of the client has the name; nothing was written."""


class NoSlot(Exception):
    """The account, or the client in it, has as many active scenarios as it may have.

    Nothing was written.
    """


@dataclass(frozen=True, slots=True)
class ScenarioRepository:
    """Reads and writes scenarios."""

    table: Table

    def get(self, client: str, scenario_id: str) -> Scenario | None:
        """One of the client's scenarios, or None."""
        item = self.table.get(_key(client, scenario_id))
        return Scenario.from_item(item) if item else None

    def entries(self, client: str) -> Iterator[Entry]:
        """What is to be known of all the client's scenarios, in the order of their names."""
        rows = self.table.partition(_partition(client), _FIRST_NAME, _AFTER_NAMES, consistent=True)
        for item in rows:
            yield Entry(
                name=item["SK"].removeprefix(_FIRST_NAME),
                status=ScenarioStatus(item["status"]),
                otp_id=item.get("otp_id"),
                key_field=item["key_field"],
            )

    def is_full(self, account: str) -> bool:
        """Whether the account has as many active scenarios as it can have."""
        item = self.table.get(_slots_key(account)) or {}
        return len(item.get("scenarios", ())) >= MOST_ACTIVE

    def add(self, scenario: Scenario) -> None:
        """Write a new, inactive scenario.

        Raises:
            ConditionFailed: There is one with this id.
            NameInUse: Another one has the name.
        """
        try:
            self.table.transact(Put(_to_item(scenario), _ABSENT), Put(_entry(scenario), _ABSENT))
        except ConditionsFailed:
            raise NameInUse from None

    def edit(self, old: Scenario, new: Scenario) -> None:
        """Write a scenario in the place of its older version, with the same status.

        Raises:
            ConditionFailed: The older version is not the one that is there.
            NameInUse: Another scenario has the new name.
        """
        own = _put(old, new)
        if new.script.name == old.script.name:
            self.table.transact(own, Put(_entry(new), _THERE))
            return
        try:
            self.table.transact(own, Put(_entry(new), _ABSENT), Delete(_name_key(old), _THERE))
        except ConditionsFailed:
            raise NameInUse from None

    def activate(self, old: Scenario, new: Scenario, own_slots: int = MOST_ACTIVE) -> None:
        """Write an active scenario in the place of its older version; it takes a slot.

        Args:
            old: The older version.
            new: The active scenario.
            own_slots: How many of the client's own may be active in the account.

        Raises:
            ConditionFailed: The older version is not the one that is there.
            NoSlot: There is no slot, or the client has as many as it may have.
        """
        account = new.script.key_field
        takes = [
            _take(_slots_key(account), new, MOST_ACTIVE),
            _take(_slots_key(f"{account}#{new.client}"), new, own_slots),
        ]
        try:
            self.table.transact(_put(old, new), *takes, Put(_entry(new), _THERE))
        except ConditionsFailed:
            raise NoSlot from None

    def deactivate(self, old: Scenario, new: Scenario) -> None:
        """Write a deactivated scenario in the place of its older version; its slot is free.

        Raises:
            ConditionFailed: The older version is not the one that is there.
        """
        account = new.script.key_field
        frees = [
            Update(_slots_key(of), "DELETE scenarios :id", {":id": {new.id}}, _THERE)
            for of in (account, f"{account}#{new.client}")
        ]
        self.table.transact(_put(old, new), *frees, Put(_entry(new), _THERE))

    def remove(self, scenario: Scenario) -> None:
        """Delete a scenario in this version.

        Raises:
            ConditionFailed: It has another version, or is gone.
        """
        expected = {":expected": scenario.version}
        self.table.transact(
            Delete(_key(scenario.client, scenario.id), _UNCHANGED, expected),
            Delete(_name_key(scenario), _THERE),
        )

    def of_client(self, client: str, before: str = _EVER) -> Iterator[Scenario]:
        """A client's scenarios, newest first, ``listed_at < before``."""
        items = self.table.list_items(_BY_CLIENT, [_bucket(client)], _NEVER, before, _PAGE)
        return map(Scenario.from_item, items)


def listed_at(scenario: Scenario) -> str:
    """Where a scenario stands in a list: its creation, and its id to tell equal ones apart."""
    return f"{scenario.created_at}#{scenario.id}"


def _take(key: Item, scenario: Scenario, most: int) -> Update:
    return Update(
        key,
        "SET entity = :entity ADD scenarios :id",
        {":entity": "slots", ":id": {scenario.id}, ":most": most},
        "attribute_not_exists(scenarios) OR size(scenarios) < :most",
    )


def _put(old: Scenario, new: Scenario) -> Put:
    return Put(_to_item(new), _UNCHANGED, {":expected": old.version})


def _to_item(scenario: Scenario) -> Item:
    return {
        **_key(scenario.client, scenario.id),
        "entity": "scenario",
        **scenario.to_item(),
        "client_bucket": _bucket(scenario.client),
        "listed_at": listed_at(scenario),
    }


def _entry(scenario: Scenario) -> Item:
    return {
        **_name_key(scenario),
        "entity": "scenario_name",
        "scenario_id": scenario.id,
        "status": str(scenario.status),
        "otp_id": scenario.script.otp_id,
        "key_field": scenario.script.key_field,
    }


def _key(client: str, scenario_id: str) -> Item:
    return {"PK": _partition(client), "SK": scenario_id}


def _name_key(scenario: Scenario) -> Item:
    return {"PK": _partition(scenario.client), "SK": _FIRST_NAME + scenario.script.name}


def _slots_key(account: str) -> Item:
    return {"PK": f"SLT#{account}", "SK": "SLT"}


def _partition(client: str) -> str:
    return f"SCN#{client}"


def _bucket(client: str) -> str:
    return f"SCENARIOS#{client}"

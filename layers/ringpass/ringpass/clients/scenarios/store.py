"""Repository of OTP Call scenarios.

    PK SCN#<client>    SK <id>           entity "scenario": the scenario
    PK SCN#<client>    SK NAME#<name>    entity "scenario_name": the part that a call needs
    PK SLT#<account>   SK SLT            entity "slots": the ids of an account's active ones
    PK SLT#<account>#<client>   SK SLT   entity "slots": the ids of the client's active ones

A scenario and its name are written in one transaction, so a client's names are unique, and one
request reads all that a choice needs. An account is the field of Bizfly's secret that holds its
key. The slots of all clients change only in one transaction with the scenario: concurrent
activations never take more slots than there are. The list index has scenarios under
``SCENARIOS#<client>``; clients' names are in lower case.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ringpass.aws.client_index import BY_CLIENT, listed_at
from ringpass.aws.dynamodb import ConditionsFailed, Delete, Item, Put, Table, Update
from ringpass.clients.scenarios.model import MOST_ACTIVE, Scenario, ScenarioStatus
from ringpass.clients.scenarios.selection import Entry

_PAGE: Final = 50
_EARLIEST, _LATEST = "0", "9"  # sort before and after every instant
_FIRST_NAME, _AFTER_NAMES = "NAME#", "NAME$"  # range of all names: $ sorts after #
_ABSENT: Final = "attribute_not_exists(PK)"
_EXISTS: Final = "attribute_exists(PK)"
_UNCHANGED: Final = "version = :expected"


class NameInUse(Exception):
    """Another scenario of the client has the name; nothing was written."""


class NoSlot(Exception):
    """The account, or the client in it, has no free slot; nothing was written."""


@dataclass(frozen=True, slots=True)
class ScenarioRepository:
    """Reads and writes scenarios."""

    table: Table

    def get(self, client: str, scenario_id: str) -> Scenario | None:
        """Read one of the client's scenarios; None if there is none."""
        item = self.table.get(_key(client, scenario_id))
        return Scenario.from_item(item) if item else None

    def entries(self, client: str) -> Iterator[Entry]:
        """Read the entries of all the client's scenarios, in the order of their names."""
        items = self.table.partition(_partition(client), _FIRST_NAME, _AFTER_NAMES, consistent=True)
        for item in items:
            yield Entry(
                name=item["SK"].removeprefix(_FIRST_NAME),
                status=ScenarioStatus(item["status"]),
                otp_id=item.get("otp_id"),
                key_field=item["key_field"],
            )

    def is_full(self, account: str) -> bool:
        """Whether the account has no free slot for an active scenario."""
        item = self.table.get(_slots_key(account)) or {}
        return len(item.get("scenarios", ())) >= MOST_ACTIVE

    def add(self, scenario: Scenario) -> None:
        """Write a new, inactive scenario.

        Raises:
            ConditionFailed: There is one with this id.
            NameInUse: Another one has the name.
        """
        try:
            self.table.transact(
                Put(_to_item(scenario), _ABSENT), Put(_name_item(scenario), _ABSENT)
            )
        except ConditionsFailed:
            raise NameInUse from None

    def edit(self, old: Scenario, new: Scenario) -> None:
        """Replace the older version of a scenario, with the same status.

        Raises:
            ConditionFailed: Another version is stored.
            NameInUse: Another scenario has the new name.
        """
        scenario_put = _put_scenario(old, new)
        if new.script.name == old.script.name:
            self.table.transact(scenario_put, Put(_name_item(new), _EXISTS))
            return
        try:
            self.table.transact(
                scenario_put, Put(_name_item(new), _ABSENT), Delete(_name_key(old), _EXISTS)
            )
        except ConditionsFailed:
            raise NameInUse from None

    def activate(self, old: Scenario, new: Scenario, own_slots: int = MOST_ACTIVE) -> None:
        """Replace the older version with an active scenario, which takes a slot.

        Args:
            old: The older version.
            new: The active scenario.
            own_slots: How many of the client's scenarios may be active in the account.

        Raises:
            ConditionFailed: Another version is stored.
            NoSlot: The account or the client has no free slot.
        """
        account = new.script.key_field
        slot_updates = [
            _take_slot(_slots_key(account), new, MOST_ACTIVE),
            _take_slot(_slots_key(f"{account}#{new.client}"), new, own_slots),
        ]
        try:
            self.table.transact(
                _put_scenario(old, new), *slot_updates, Put(_name_item(new), _EXISTS)
            )
        except ConditionsFailed:
            raise NoSlot from None

    def deactivate(self, old: Scenario, new: Scenario) -> None:
        """Replace the older version with a deactivated scenario, which frees its slot.

        Raises:
            ConditionFailed: Another version is stored.
        """
        account = new.script.key_field
        slot_updates = [
            Update(_slots_key(owner), "DELETE scenarios :id", {":id": {new.id}}, _EXISTS)
            for owner in (account, f"{account}#{new.client}")
        ]
        self.table.transact(_put_scenario(old, new), *slot_updates, Put(_name_item(new), _EXISTS))

    def remove(self, scenario: Scenario) -> None:
        """Delete a scenario, if this version is stored.

        Raises:
            ConditionFailed: It has another version, or was deleted.
        """
        expected = {":expected": scenario.version}
        self.table.transact(
            Delete(_key(scenario.client, scenario.id), _UNCHANGED, expected),
            Delete(_name_key(scenario), _EXISTS),
        )

    def for_client(self, client: str, before: str = _LATEST) -> Iterator[Scenario]:
        """List a client's scenarios, newest first, ``listed_at < before``."""
        items = self.table.list_items(BY_CLIENT, [_bucket(client)], _EARLIEST, before, _PAGE)
        return map(Scenario.from_item, items)


def _take_slot(key: Item, scenario: Scenario, most: int) -> Update:
    return Update(
        key,
        "SET entity = :entity ADD scenarios :id",
        {":entity": "slots", ":id": {scenario.id}, ":most": most},
        "attribute_not_exists(scenarios) OR size(scenarios) < :most",
    )


def _put_scenario(old: Scenario, new: Scenario) -> Put:
    return Put(_to_item(new), _UNCHANGED, {":expected": old.version})


def _to_item(scenario: Scenario) -> Item:
    return {
        **_key(scenario.client, scenario.id),
        "entity": "scenario",
        **scenario.to_item(),
        "client_bucket": _bucket(scenario.client),
        "listed_at": listed_at(scenario),
    }


def _name_item(scenario: Scenario) -> Item:
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

"""Repository of OTP Call scenarios.

    PK SCN#<client>    SK <id>           entity "scenario": the scenario
    PK SCN#<client>    SK NAME#<name>    entity "scenario_name": the part that a call needs

A scenario and its name are written in one transaction, so a client's names are unique, and one
request reads all that a choice needs; an active one also has a slot (``slots_store``). The list
index has scenarios under ``SCENARIOS#<client>``; clients' names are in lower case.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ringpass.aws.client_index import BY_CLIENT, listed_at
from ringpass.aws.dynamodb import Item, Table
from ringpass.aws.transaction import ConditionsFailed, Delete, Put, Transaction
from ringpass.clients.scenarios.model import MOST_ACTIVE, Scenario, ScenarioStatus
from ringpass.clients.scenarios.selection import Entry
from ringpass.clients.scenarios.slots_store import free_slot, slots_key, take_slot

SCENARIO: Final = "scenario"
"""Tag of the scenario in a transaction."""
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
        item = self.table.get(slots_key(account)) or {}
        return len(item.get("scenarios", ())) >= MOST_ACTIVE

    def add(self, scenario: Scenario, entry: Put) -> None:
        """Write a new, inactive scenario, and the entry of the audit log.

        Raises:
            ConditionsFailed: There is one with this id (``SCENARIO``).
            NameInUse: Another one has the name.
        """
        tx = Transaction(self.table)
        tx.add(Put(_to_item(scenario), _ABSENT), SCENARIO)
        tx.add(Put(_name_item(scenario), _ABSENT))
        tx.add(entry)
        _commit(tx, NameInUse)

    def edit(self, old: Scenario, new: Scenario, entry: Put) -> None:
        """Replace the older version of a scenario, with the same status.

        Raises:
            ConditionsFailed: Another version is stored (``SCENARIO``).
            NameInUse: Another scenario has the new name.
        """
        tx = self._replace(old, new, entry)
        if new.script.name == old.script.name:
            tx.add(Put(_name_item(new), _EXISTS))
            tx.commit()
        else:
            tx.add(Put(_name_item(new), _ABSENT))
            tx.add(Delete(_name_key(old), _EXISTS))
            _commit(tx, NameInUse)

    def activate(
        self, old: Scenario, new: Scenario, entry: Put, own_slots: int = MOST_ACTIVE
    ) -> None:
        """Replace the older version with an active scenario, which takes a slot.

        Args:
            old: The older version.
            new: The active scenario.
            entry: The entry of the audit log.
            own_slots: How many of the client's scenarios may be active in the account.

        Raises:
            ConditionsFailed: Another version is stored (``SCENARIO``).
            NoSlot: The account or the client has no free slot.
        """
        tx = self._replace(old, new, entry)
        for update in take_slot(new, own_slots):
            tx.add(update)
        tx.add(Put(_name_item(new), _EXISTS))
        _commit(tx, NoSlot)

    def deactivate(self, old: Scenario, new: Scenario, entry: Put) -> None:
        """Replace the older version with a deactivated scenario, which frees its slot.

        Raises:
            ConditionsFailed: Another version is stored (``SCENARIO``).
        """
        tx = self._replace(old, new, entry)
        for update in free_slot(new):
            tx.add(update)
        tx.add(Put(_name_item(new), _EXISTS))
        tx.commit()

    def remove(self, scenario: Scenario, entry: Put) -> None:
        """Delete a scenario, if this version is stored, and write the entry of the audit log.

        Raises:
            ConditionsFailed: It has another version, or was deleted (``SCENARIO``).
        """
        key, expected = _key(scenario.client, scenario.id), {":expected": scenario.version}
        tx = Transaction(self.table)
        tx.add(Delete(key, _UNCHANGED, expected), SCENARIO)
        tx.add(Delete(_name_key(scenario), _EXISTS))
        tx.add(entry)
        tx.commit()

    def _replace(self, old: Scenario, new: Scenario, entry: Put) -> Transaction:
        """Begin a transaction that replaces the older version."""
        tx = Transaction(self.table)
        tx.add(Put(_to_item(new), _UNCHANGED, {":expected": old.version}), SCENARIO)
        tx.add(entry)
        return tx

    def for_client(self, client: str, before: str = _LATEST) -> Iterator[Scenario]:
        """List a client's scenarios, newest first, ``listed_at < before``."""
        items = self.table.list_items(BY_CLIENT, [_bucket(client)], _EARLIEST, before, _PAGE)
        return map(Scenario.from_item, items)


def _commit(tx: Transaction, error: type[NameInUse | NoSlot]) -> None:
    """Commit; raise ``error`` if it is not the scenario itself that refuses."""
    try:
        tx.commit()
    except ConditionsFailed as refusal:
        if SCENARIO in refusal.items:
            raise
        raise error from None


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


def _partition(client: str) -> str:
    return f"SCN#{client}"


def _bucket(client: str) -> str:
    return f"SCENARIOS#{client}"

"""Slots of active scenarios: writes that keep an account within its number of them.

    PK SLT#<account>            SK SLT   entity "slots": the ids of an account's active scenarios
    PK SLT#<account>#<client>   SK SLT   entity "slots": the ids of the client's among them

An account is the field of Bizfly's secret that holds its key. The slots change only in one
transaction with the scenario: concurrent activations never take more slots than there are.
"""

from typing import Final

from ringpass.aws.dynamodb import Item
from ringpass.aws.transaction import Update
from ringpass.clients.scenarios.model import MOST_ACTIVE, Scenario

_EXISTS: Final = "attribute_exists(PK)"


def take_slot(scenario: Scenario, own_slots: int) -> tuple[Update, Update]:
    """Returns the writes that take a slot of the account; they fail if it, or the client, has none.

    Args:
        scenario: The scenario to activate.
        own_slots: How many of the client's scenarios may be active in the account.
    """
    account = scenario.script.key_field
    return (
        _take(slots_key(account), scenario, MOST_ACTIVE),
        _take(slots_key(account, scenario.client), scenario, own_slots),
    )


def free_slot(scenario: Scenario) -> tuple[Update, Update]:
    """Returns the writes that free the scenario's slot."""
    account = scenario.script.key_field
    return (
        _free(slots_key(account), scenario),
        _free(slots_key(account, scenario.client), scenario),
    )


def slots_key(account: str, client: str | None = None) -> Item:
    """Returns the key of an account's slots, or of the client's in it."""
    owner = account if client is None else f"{account}#{client}"
    return {"PK": f"SLT#{owner}", "SK": "SLT"}


def _take(key: Item, scenario: Scenario, most: int) -> Update:
    return Update(
        key,
        "SET entity = :entity ADD scenarios :id",
        {":entity": "slots", ":id": {scenario.id}, ":most": most},
        "attribute_not_exists(scenarios) OR size(scenarios) < :most",
    )


def _free(key: Item, scenario: Scenario) -> Update:
    return Update(key, "DELETE scenarios :id", {":id": {scenario.id}}, _EXISTS)

"""What a refused transaction tells of the items that it met."""

from decimal import Decimal

import pytest

from ringpass.store.table import Blocked, Check, ConditionFailed, Put, Table, Update

ABSENT = "attribute_not_exists(PK)"


def key(name: str) -> dict[str, str]:
    return {"PK": f"TEST#{name}", "SK": "TEST"}


def add_below(name: str, most: int) -> Update:
    return Update(
        key(name),
        "ADD amount :one",
        {":one": 1, ":most": most},
        "attribute_not_exists(PK) OR amount < :most",
    )


def test_each_of_the_others_that_failed_is_told_with_what_was_found(table: Table) -> None:
    table.put(key("full") | {"amount": Decimal("2.5")}, None)
    table.put(key("there"), None)

    with pytest.raises(Blocked) as blocked:
        table.transact(
            Put(key("own"), ABSENT),
            add_below("roomy", 1),
            add_below("full", 2),
            Check(key("there"), ABSENT),
            Update(key("gone"), "SET a = :a", {":a": 1}, "attribute_exists(PK)"),
            Put(key("there") | {"SK": "OTHER"}, ABSENT),
        )

    assert blocked.value.found == {
        1: key("full") | {"amount": Decimal("2.5")},
        2: key("there"),
        3: None,
    }
    assert table.get(key("own")) is None
    assert table.get(key("roomy")) is None


def test_its_own_item_goes_before_the_others(table: Table) -> None:
    table.put(key("own") | {"whose": "another"}, None)
    table.put(key("there"), None)

    with pytest.raises(ConditionFailed) as failed:
        table.transact(Put(key("own"), ABSENT), Check(key("there"), ABSENT))

    assert failed.value.found == key("own") | {"whose": "another"}


def test_an_update_without_a_condition_is_written_with_the_rest(table: Table) -> None:
    table.transact(
        Put(key("own"), ABSENT), Update(key("counter"), "ADD amount :one", {":one": 1}, "")
    )

    assert table.get(key("counter")) == key("counter") | {"amount": 1}


def test_an_update_may_name_its_attributes(table: Table) -> None:
    table.transact(
        Put(key("own"), ABSENT),
        Update(
            key("counter"),
            "SET #day = :day",
            {":day": 1},
            "attribute_not_exists(#day)",
            {"#day": "day"},
        ),
    )

    assert table.get(key("counter")) == key("counter") | {"day": 1}

"""The unit of work: all writes or none, and a refusal that names the writes that failed."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ringpass.aws.dynamodb import Item, Table
from ringpass.aws.transaction import Check, ConditionsFailed, Delete, Put, Transaction, Update
from ringpass.errors import Unavailable
from tests.transactions import commit, refused_by

# Hypothesis runs an example again and again on one table.
RUNS = count()
ABSENT, EXISTS = "attribute_not_exists(PK)", "attribute_exists(PK)"


def key(name: str) -> dict[str, str]:
    return {"PK": f"TEST#{name}", "SK": "TEST"}


def add_below(name: str, most: int) -> Update:
    return Update(
        key(name),
        "ADD amount :one",
        {":one": 1, ":most": most},
        "attribute_not_exists(PK) OR amount < :most",
    )


@pytest.fixture
def requests(table: Table) -> Iterator[list[tuple[str, Any]]]:
    """The requests to DynamoDB: the operation and its parameters."""
    calls: list[tuple[str, Any]] = []

    def note(params: dict[str, Any], model: Any, **_: object) -> None:  # noqa: ANN401
        calls.append((model.name, params))

    events = table.client.meta.events
    events.register("provide-client-params.dynamodb.*", note)
    yield calls
    events.unregister("provide-client-params.dynamodb.*", note)


def test_a_refusal_names_each_write_that_failed_with_its_item(table: Table) -> None:
    table.put(key("full") | {"amount": Decimal("2.5")}, None)
    table.put(key("there"), None)
    tx = Transaction(table)
    tx.add(Put(key("own"), ABSENT), tag="own")
    tx.add(add_below("roomy", 1), tag=("limit", "roomy"))
    tx.add(add_below("full", 2), tag=("limit", "full"))
    tx.add(Check(key("there"), ABSENT), tag="check")
    tx.add(Update(key("gone"), "SET a = :a", {":a": 1}, EXISTS))
    tx.add(Put(key("there") | {"SK": "OTHER"}, ABSENT))

    with pytest.raises(ConditionsFailed) as refusal:
        tx.commit()

    assert refusal.value.items == {
        ("limit", "full"): key("full") | {"amount": Decimal("2.5")},
        "check": key("there"),
        ("TEST#gone", "TEST"): None,
    }
    assert table.get(key("own")) is None
    assert table.get(key("roomy")) is None


@pytest.mark.parametrize(
    ("action", "operation", "result"),
    [
        (Put(key("one") | {"a": 5}, "a = :a", {":a": 1}), "PutItem", key("one") | {"a": 5}),
        (
            Update(key("one"), "SET b = :a", {":a": 1}, "a = :a"),
            "UpdateItem",
            key("one") | {"a": 1, "b": 1},
        ),
        (Delete(key("one"), "a = :a", {":a": 1}), "DeleteItem", None),
    ],
)
def test_one_write_alone_is_sent_as_such(
    table: Table,
    requests: list[tuple[str, Any]],
    action: Put | Update | Delete,
    operation: str,
    result: Item | None,
) -> None:
    tx = Transaction(table)
    tx.add(action, tag="only")
    with refused_by("only") as refusal:
        tx.commit()
    assert refusal.value.items == {"only": None}
    assert [name for name, _ in requests] == [operation]

    table.put(key("one") | {"a": 2}, None)
    with refused_by("only") as refusal:
        tx.commit()
    assert refusal.value.items == {"only": key("one") | {"a": 2}}

    table.put(key("one") | {"a": 1}, None)
    tx.commit()
    assert table.get(key("one")) == result


def test_several_writes_are_one_request_in_their_order(
    table: Table, requests: list[tuple[str, Any]]
) -> None:
    table.put(key("old"), None)
    requests.clear()

    commit(
        table,
        Put(key("own"), ABSENT),
        Delete(key("old"), EXISTS),
        Check(key("other"), ABSENT),
        Update(key("counter"), "ADD amount :one", {":one": 1}, ""),
        Update(
            key("day"),
            "SET #day = :day",
            {":day": 1},
            "attribute_not_exists(#day)",
            {"#day": "day"},
        ),
    )

    [(operation, params)] = requests
    assert operation == "TransactWriteItems"
    actions = [next(iter(action.items())) for action in params["TransactItems"]]
    assert [name for name, _ in actions] == ["Put", "Delete", "ConditionCheck", "Update", "Update"]
    for _, arguments in actions:
        # A refusal has the item of each write with a condition.
        assert ("ReturnValuesOnConditionCheckFailure" in arguments) == (
            "ConditionExpression" in arguments
        )
    assert table.get(key("old")) is None
    assert table.get(key("counter")) == key("counter") | {"amount": 1}
    assert table.get(key("day")) == key("day") | {"day": 1}


def test_a_tag_names_one_write(table: Table) -> None:
    tx = Transaction(table)
    tx.add(Put(key("one"), ABSENT), tag="same")
    with pytest.raises(ValueError, match="same"):
        tx.add(Put(key("other"), ABSENT), tag="same")


def test_dynamodb_takes_a_hundred_writes(table: Table) -> None:
    commit(table, *(Put(key(str(number)), ABSENT) for number in range(100)))
    with pytest.raises(Unavailable):
        commit(table, *(Put(key(f"more {number}"), ABSENT) for number in range(101)))
    assert table.get(key("more 0")) is None


class Busy:
    """A DynamoDB in which another transaction holds an item at the first requests."""

    def __init__(self, client: Any, conflicts: int) -> None:  # noqa: ANN401
        self.client = client
        self.conflicts = conflicts
        self.requests = 0

    def transact_write_items(self, **arguments: Any) -> Any:  # noqa: ANN401
        self.requests += 1
        if self.requests > self.conflicts:
            return self.client.transact_write_items(**arguments)
        response: Any = {
            "Error": {"Code": "TransactionCanceledException", "Message": ""},
            "CancellationReasons": [{"Code": "TransactionConflict"}, {"Code": "None"}],
        }
        raise ClientError(response, "TransactWriteItems")


@pytest.mark.parametrize(("conflicts", "is_written"), [(1, True), (7, True), (8, False)])
def test_a_conflict_is_tried_again(
    table: Table, monkeypatch: pytest.MonkeyPatch, conflicts: int, *, is_written: bool
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    busy: Any = Busy(table.client, conflicts)
    writes = Put(key("one"), ABSENT), Put(key("other"), ABSENT)
    if is_written:
        commit(Table(busy, table.name), *writes)
    else:
        with pytest.raises(Unavailable, match="too busy"):
            commit(Table(busy, table.name), *writes)
    assert busy.requests == min(conflicts + 1, 8)
    assert (table.get(key("one")) is not None) == is_written


@pytest.mark.slow
@given(present=st.lists(st.booleans(), min_size=1, max_size=6))
@settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
def test_all_are_written_or_the_refusal_has_exactly_those_that_stand_in_the_way(
    table: Table, present: list[bool]
) -> None:
    run = next(RUNS)
    keys = [key(f"{run} {number}") for number in range(len(present))]
    stored: dict[str, Item] = {}
    tx = Transaction(table)
    for number, (one, is_present) in enumerate(zip(keys, present, strict=True)):
        if is_present:
            stored[str(number)] = one | {"number": number}
            table.put(stored[str(number)], None)
        tx.add(Put(one | {"number": -1}, ABSENT), tag=str(number))
    if stored:
        with pytest.raises(ConditionsFailed) as refusal:
            tx.commit()
        assert refusal.value.items == stored
    else:
        tx.commit()
    are_new = [bool(item and item["number"] == -1) for item in map(table.get, keys)]
    assert are_new == [not stored] * len(keys)

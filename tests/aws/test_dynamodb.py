"""What a refused transaction tells of the items that it met; reading what DynamoDB leaves out."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, cast

import pytest

from ringpass.aws.dynamodb import (
    Check,
    ConditionFailed,
    ConditionsFailed,
    Index,
    Put,
    Table,
    Update,
)
from ringpass.errors import Unavailable

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

    with pytest.raises(ConditionsFailed) as blocked:
        table.transact(
            Put(key("own"), ABSENT),
            add_below("roomy", 1),
            add_below("full", 2),
            Check(key("there"), ABSENT),
            Update(key("gone"), "SET a = :a", {":a": 1}, "attribute_exists(PK)"),
            Put(key("there") | {"SK": "OTHER"}, ABSENT),
        )

    assert blocked.value.items == {
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

    assert failed.value.item == key("own") | {"whose": "another"}


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


@dataclass
class Throttled:
    """A DynamoDB that answers one key a request, and after some requests none at all."""

    client: Any
    answers: int
    asked: list[int] = field(default_factory=list)

    def batch_get_item(self, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        [(table, wanted)] = RequestItems.items()
        first, *left = wanted["Keys"]
        self.asked.append(len(wanted["Keys"]))
        if len(self.asked) > self.answers:
            return {"Responses": {}, "UnprocessedKeys": RequestItems}
        only = {table: {**wanted, "Keys": [first]}}
        answer: dict[str, Any] = self.client.batch_get_item(RequestItems=only)
        unprocessed = {table: {**wanted, "Keys": left}} if left else {}
        return {"Responses": answer["Responses"], "UnprocessedKeys": unprocessed}


def test_keys_that_were_left_out_are_asked_for_again(table: Table) -> None:
    names = ["a", "b", "c"]
    for name in names:
        table.put(key(name), None)
    throttled = Throttled(table.client, 9)

    found = Table(cast("Any", throttled), table.name).get_many([key(name) for name in names])

    assert [item["PK"] for item in found] == ["TEST#a", "TEST#b", "TEST#c"]
    assert throttled.asked == [3, 2, 1]


def test_that_ends(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("time.sleep", pauses.append)
    throttled = Throttled(table.client, 1)

    with pytest.raises(Unavailable):
        Table(cast("Any", throttled), table.name).get_many([key("a"), key("b")])

    assert throttled.asked == [2, 1, 1, 1, 1, 1, 1]
    assert 0 < sum(pauses) < 4


def test_reads_by_key_are_consistent(table: Table) -> None:
    # What was written before, by whomever, is seen: a late read could send twice or approve twice.
    asked: list[dict[str, Any]] = []

    def note(params: dict[str, Any], **_: object) -> None:
        asked.append(params)

    events = table.client.meta.events
    names = ("GetItem", "BatchGetItem", "Query")
    for name in names:
        events.register(f"provide-client-params.dynamodb.{name}", note)
    try:
        table.put(key("one"), None)
        assert table.get(key("one")) == key("one")
        assert table.get_many([key("one")]) == [key("one")]
        assert list(table.partition("TEST#one", "A", "Z", consistent=True)) == [key("one")]
    finally:
        for name in names:
            events.unregister(f"provide-client-params.dynamodb.{name}", note)
    one, many, partition = asked
    assert one["ConsistentRead"]
    assert all(keys["ConsistentRead"] for keys in many["RequestItems"].values())
    assert partition["ConsistentRead"]


def test_a_list_leaves_out_what_has_left_the_index_since_that_was_read(table: Table) -> None:
    index = Index("by_client", "client_bucket", "listed_at")
    for bucket, name in (("first", "4"), ("first", "3"), ("second", "2"), ("second", "1")):
        table.put(key(name) | {"client_bucket": bucket, "listed_at": name}, None)

    items = table.list_items(index, ["first", "second"], "0", "9", 2)
    names = [next(items)["listed_at"], next(items)["listed_at"]]
    table.update(key("2"), "REMOVE client_bucket, listed_at", {})
    table.update(key("1"), "SET client_bucket = :other", {":other": "third"})

    assert names == ["4", "3"]
    assert list(items) == []

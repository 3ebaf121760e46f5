"""Reading what DynamoDB leaves out."""

from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from ringpass.aws.dynamodb import Index, Table
from ringpass.errors import Unavailable


def key(name: str) -> dict[str, str]:
    return {"PK": f"TEST#{name}", "SK": "TEST"}


@dataclass
class Throttled:
    """A DynamoDB that answers one key a request, and after some requests none at all."""

    client: Any
    answers: int
    key_counts: list[int] = field(default_factory=list)

    def batch_get_item(self, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        [(table, request)] = RequestItems.items()
        first, *rest = request["Keys"]
        self.key_counts.append(len(request["Keys"]))
        if len(self.key_counts) > self.answers:
            return {"Responses": {}, "UnprocessedKeys": RequestItems}
        only = {table: {**request, "Keys": [first]}}
        answer: dict[str, Any] = self.client.batch_get_item(RequestItems=only)
        unprocessed = {table: {**request, "Keys": rest}} if rest else {}
        return {"Responses": answer["Responses"], "UnprocessedKeys": unprocessed}


@pytest.mark.slow
def test_keys_that_were_left_out_are_asked_for_again(table: Table) -> None:
    names = ["a", "b", "c"]
    for name in names:
        table.put(key(name), None)
    throttled = Throttled(table.client, 9)

    items = Table(cast("Any", throttled), table.name).get_many([key(name) for name in names])

    assert [item["PK"] for item in items] == ["TEST#a", "TEST#b", "TEST#c"]
    assert throttled.key_counts == [3, 2, 1]


@pytest.mark.slow
def test_that_ends(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("time.sleep", pauses.append)
    throttled = Throttled(table.client, 1)

    with pytest.raises(Unavailable):
        Table(cast("Any", throttled), table.name).get_many([key("a"), key("b")])

    assert throttled.key_counts == [2, 1, 1, 1, 1, 1, 1]
    assert 0 < sum(pauses) < 4


def test_reads_by_key_are_consistent(table: Table) -> None:
    # What was written before, by whomever, is seen: a late read could send twice or approve twice.
    calls: list[dict[str, Any]] = []

    def note(params: dict[str, Any], **_: object) -> None:
        calls.append(params)

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
    one, many, partition = calls
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

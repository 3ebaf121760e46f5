"""moto answers as it does by itself."""

from collections.abc import Iterator
from contextlib import ExitStack
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest
from moto import mock_aws

from ringpass.aws.dynamodb import Table
from tests.moto_costs import CUTS
from tests.moto_table import NAME, make_table, moto_client

KEYS = [{"PK": {"S": f"P#{partition}"}, "SK": {"S": "S"}} for partition in range(4)]
EVERY_TYPE: dict[str, Any] = {
    "text": {"S": "text"},
    "nothing_in_it": {"S": ""},
    "number": {"N": "12.5"},
    "bytes": {"B": b"\x00\xff"},
    "true": {"BOOL": True},
    "false": {"BOOL": False},
    "null": {"NULL": True},
    "texts": {"SS": ["a", "b"]},
    "numbers": {"NS": ["1", "2"]},
    "some_bytes": {"BS": [b"\x01", b"\x02"]},
    "list": {"L": [{"S": "a"}, {"M": {"b": {"L": []}}}]},
    "map": {"M": {"S": {"N": "1"}, "M": {"M": {}}}},
}


@pytest.fixture(params=["moto", "ours"])
def costly_or_not(request: pytest.FixtureRequest) -> Iterator[Table]:
    """A table with four items, in moto as it is and as tests have it."""
    with mock_aws():
        table = make_table()
        for key in KEYS:
            moto_client("dynamodb").put_item(TableName=NAME, Item={**key, **EVERY_TYPE})
        if request.param == "ours":
            yield table
            return
        with ExitStack() as undo:
            for owner, name, original, _ in CUTS:
                undo.enter_context(patch.object(owner, name, original))
            yield table


def every_item() -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = moto_client("dynamodb").scan(TableName=NAME)["Items"]
    return sorted(items, key=lambda item: str(item["PK"]))


def transact(*, holds: bool) -> None:
    """Change three items in each way that there is; the fourth one's condition decides."""
    client = moto_client("dynamodb")
    client.transact_write_items(
        TransactItems=[
            {
                "Update": {
                    "TableName": NAME,
                    "Key": KEYS[0],
                    "UpdateExpression": "SET #list[0] = :one, #map.#M = :one REMOVE #text",
                    "ExpressionAttributeNames": {
                        "#list": "list",
                        "#map": "map",
                        "#M": "M",
                        "#text": "text",
                    },
                    "ExpressionAttributeValues": {":one": {"N": "1"}},
                }
            },
            {"Delete": {"TableName": NAME, "Key": KEYS[1]}},
            {"Put": {"TableName": NAME, "Item": {"PK": {"S": "P#9"}, "SK": {"S": "S"}}}},
            {
                "ConditionCheck": {
                    "TableName": NAME,
                    "Key": KEYS[2],
                    "ConditionExpression": "attribute_exists(#text)"
                    if holds
                    else "attribute_not_exists(#text)",
                    "ExpressionAttributeNames": {"#text": "text"},
                }
            },
        ]
    )


def test_an_item_is_answered_as_it_was_written(costly_or_not: Table) -> None:
    assert every_item() == [{**key, **EVERY_TYPE} for key in KEYS]


def test_a_canceled_transaction_leaves_all_as_it_was(costly_or_not: Table) -> None:
    before = every_item()
    with pytest.raises(moto_client("dynamodb").exceptions.TransactionCanceledException):
        transact(holds=False)
    assert every_item() == before


@pytest.mark.slow
def test_a_transaction_changes_what_it_names(costly_or_not: Table) -> None:
    transact(holds=True)
    item, *rest = every_item()
    assert item["list"] == {"L": [{"N": "1"}, {"M": {"b": {"L": []}}}]}
    assert item["map"] == {"M": {"S": {"N": "1"}, "M": {"N": "1"}}}
    assert "text" not in item
    assert rest == [
        {**KEYS[2], **EVERY_TYPE},
        {**KEYS[3], **EVERY_TYPE},
        {"PK": {"S": "P#9"}, "SK": {"S": "S"}},
    ]


def test_what_was_canceled_can_be_done_afterwards(costly_or_not: Table) -> None:
    with pytest.raises(moto_client("dynamodb").exceptions.TransactionCanceledException):
        transact(holds=False)
    transact(holds=True)
    assert [item["PK"]["S"] for item in every_item()] == ["P#0", "P#2", "P#3", "P#9"]


def test_one_expression_is_applied_to_each_item_and_its_values(costly_or_not: Table) -> None:
    for number, key in enumerate(KEYS[:2]):
        for _ in range(2):
            moto_client("dynamodb").update_item(
                TableName=NAME,
                Key=key,
                UpdateExpression="SET #number = #number + :by, times = if_not_exists(times, :by), "
                "#list = list_append(#list, :more) REMOVE #list[0] ADD texts :text "
                "DELETE numbers :two",
                ExpressionAttributeNames={"#number": "number", "#list": "list"},
                ExpressionAttributeValues={
                    ":by": {"N": str(number + 1)},
                    ":more": {"L": [{"N": str(number)}]},
                    ":text": {"SS": [f"t{number}"]},
                    ":two": {"NS": ["2"]},
                },
            )
    for number, item in enumerate(every_item()[:2]):
        assert item["number"] == {"N": str(Decimal("12.5") + 2 * (number + 1))}
        assert item["times"] == {"N": str(number + 1)}
        assert item["list"]["L"][-2:] == [{"N": str(number)}] * 2
        assert set(item["texts"]["SS"]) == {"a", "b", f"t{number}"}
        assert item["numbers"] == {"NS": ["1"]}

"""A table's items are copied into another: none is overwritten, what was counted goes first."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

from local.copy_table import Copied, copy_table
from local.failures import DeploymentError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@pytest.fixture
def client() -> Iterator["DynamoDBClient"]:
    with mock_aws():
        dynamodb: DynamoDBClient = boto3.client("dynamodb", region_name="eu-west-1")
        for name in ("restored", "stack"):
            dynamodb.create_table(
                TableName=name,
                BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[
                    {"AttributeName": "PK", "AttributeType": "S"},
                    {"AttributeName": "SK", "AttributeType": "S"},
                ],
                KeySchema=[
                    {"AttributeName": "PK", "KeyType": "HASH"},
                    {"AttributeName": "SK", "KeyType": "RANGE"},
                ],
            )
        yield dynamodb


def item(key: str, value: str) -> dict[str, Any]:
    return {"PK": {"S": key}, "SK": {"S": key.partition("#")[0]}, "value": {"S": value}}


def items(client: "DynamoDBClient", table: str) -> dict[str, str]:
    return {one["PK"]["S"]: one["value"]["S"] for one in client.scan(TableName=table)["Items"]}


def test_what_is_missing_is_copied_and_what_is_there_stays(client: "DynamoDBClient") -> None:
    for key in ("DLV#1", "DLV#2", "CLI#shop"):
        client.put_item(TableName="restored", Item=item(key, "old"))
    client.put_item(TableName="stack", Item=item("DLV#1", "new"))
    assert copy_table(client, "restored", "stack") == Copied(new=2, there=1)
    assert items(client, "stack") == {"DLV#1": "new", "DLV#2": "old", "CLI#shop": "old"}
    assert copy_table(client, "restored", "stack") == Copied(new=0, there=3)


def test_some_kinds_alone_are_copied(client: "DynamoDBClient") -> None:
    for key in ("DLV#1", "KEY#1", "CLI#shop"):
        client.put_item(TableName="restored", Item=item(key, "old"))
    assert copy_table(client, "restored", "stack", ["CLI#", "KEY#"]) == Copied(new=2, there=0)
    assert items(client, "stack").keys() == {"CLI#shop", "KEY#1"}


def test_what_was_counted_is_copied_before_the_records(client: "DynamoDBClient") -> None:
    counted = {"CNT#dlv_1", "STS#shop#2026-11-29", "LED#shop#2026-11-29#0"}
    for key in ("DLV#1", "VER#1", *counted):
        client.put_item(TableName="restored", Item=item(key, "old"))
    order: list[str] = []
    client.meta.events.register(
        "provide-client-params.dynamodb.PutItem",
        lambda params, **_: order.append(params["Item"]["PK"]["S"]),
    )
    copy_table(client, "restored", "stack")
    assert set(order[:3]) == counted
    assert set(order[3:]) == {"DLV#1", "VER#1"}


def test_a_table_that_is_not_there_is_told_in_a_sentence(client: "DynamoDBClient") -> None:
    with pytest.raises(DeploymentError, match="the table could not be copied: "):
        copy_table(client, "gone", "stack")

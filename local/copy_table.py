"""Copies a restored table's items into the stack's table, and overwrites none."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from local.failures import DeploymentError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# What was counted of each record, and the figures: the outbox sees every copied record as a new
# one, and counts only what it finds uncounted.
_COUNTED: Final = ("CNT#", "STS#", "LED#")
_AT_ONCE: Final = 16


@dataclass(frozen=True)
class Copied:
    """How many items were copied, and how many the target had already."""

    new: int
    there: int


def copy_table(
    client: "DynamoDBClient", source: str, target: str, beginnings: Sequence[str] = ()
) -> Copied:
    """Copy all items, or those whose partition key begins with one of these texts (`DLV#`).

    Raises:
        DeploymentError: AWS refuses it, or does not answer; what was copied stays, and doing it
            again goes on from there.
    """
    try:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            results = [
                is_new
                for counted in (True, False)
                for items in _pages(client, source, beginnings, counted=counted)
                for is_new in pool.map(lambda item: _put(client, target, item), items)
            ]
    except (BotoCoreError, ClientError) as error:
        raise DeploymentError(f"the table could not be copied: {error}") from error
    return Copied(results.count(True), results.count(False))


def _pages(
    client: "DynamoDBClient", source: str, beginnings: Sequence[str], *, counted: bool
) -> Iterator[list[dict[str, Any]]]:
    for page in client.get_paginator("scan").paginate(TableName=source, ConsistentRead=True):
        items = [item for item in page["Items"] if _is_wanted(item, beginnings)]
        yield [item for item in items if item["PK"]["S"].startswith(_COUNTED) is counted]


def _is_wanted(item: dict[str, Any], beginnings: Sequence[str]) -> bool:
    return not beginnings or item["PK"]["S"].startswith(tuple(beginnings))


def _put(client: "DynamoDBClient", target: str, item: dict[str, Any]) -> bool:
    """Whether the item was put: False, the target has one."""
    try:
        client.put_item(TableName=target, Item=item, ConditionExpression="attribute_not_exists(PK)")
    except client.exceptions.ConditionalCheckFailedException:
        return False
    return True

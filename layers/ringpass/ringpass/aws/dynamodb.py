"""DynamoDB table: optimistic locks by conditional writes, retries with backoff.

Values are plain Python. A refused write raises an error that carries the item as it is.
"""

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from heapq import merge
from itertools import batched, chain, groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from ringpass.aws.dynamodb_types import Item, from_wire, to_wire
from ringpass.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# Callers import the value types together with the table.
__all__ = ["Item", "Table", "from_wire", "to_wire"]

_BATCH_GET_LIMIT: Final = 100
_MAX_TRIES: Final = 8
# Exponential backoff with full jitter: the longest pause after each batch read that left keys out.
# DynamoDB leaves keys out when it throttles or the response gets too large. After the last try the
# table counts as too busy.
_PAUSES: Final = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 0.0)


class ConditionFailed(Exception):
    """Optimistic lock failed: a conditional write was refused.

    Attributes:
        item: The item as it is; None if there is none.
    """

    def __init__(self, item: Item | None) -> None:
        super().__init__("the item is not as the write requires")
        self.item = item


class Conflict(Exception):
    """A write collided with another transaction; nothing was written."""


@dataclass(frozen=True, slots=True)
class Index:
    """A secondary index, with the names of its keys."""

    name: str
    hash: str
    range: str


@dataclass(frozen=True, slots=True)
class Table:
    """The stack's one table.

    Every method raises ``Unavailable`` when DynamoDB cannot be reached or refuses for a reason
    that is not the item's state.
    """

    client: "DynamoDBClient"
    name: str

    def put(self, item: Item, condition: str | None, values: Item | None = None) -> None:
        """Put an item if ``condition`` holds (optimistic lock).

        Raises:
            ConditionFailed: The condition does not hold.
        """
        arguments = condition_arguments(condition, values)
        with _table_errors():
            self.client.put_item(TableName=self.name, Item=to_wire(item), **arguments)

    def delete(self, key: Item) -> None:
        """Delete an item, if there is one."""
        with _table_errors():
            self.client.delete_item(TableName=self.name, Key=to_wire(key))

    def update(
        self,
        key: Item,
        update: str,
        values: Item,
        *,
        names: Mapping[str, str] | None = None,
        condition: str | None = None,
    ) -> Item:
        """Update one item (optimistic lock with ``condition``) and return its new state.

        Raises:
            ConditionFailed: ``condition`` does not hold.
        """
        arguments = condition_arguments(condition, values)
        if names:
            arguments["ExpressionAttributeNames"] = dict(names)

        def write() -> Item:
            response = self.client.update_item(
                TableName=self.name,
                Key=to_wire(key),
                UpdateExpression=update,
                ReturnValues="ALL_NEW",
                **arguments,
            )
            return from_wire(response["Attributes"])

        return retry_on_conflict(write)

    def get(self, key: Item) -> Item | None:
        """Returns the item, read consistently, or None."""
        with _table_errors():
            response = self.client.get_item(
                TableName=self.name, Key=to_wire(key), ConsistentRead=True
            )
        return from_wire(response["Item"]) if "Item" in response else None

    def get_many(self, keys: Sequence[Item]) -> list[Item]:
        """Returns the items of these keys, read consistently, in their order, without absent ones.

        Keys that DynamoDB leaves out are read again with exponential backoff.
        """
        items: dict[tuple[str, str], Item] = {}
        for start in range(0, len(keys), _BATCH_GET_LIMIT):
            batch = [to_wire(key) for key in keys[start : start + _BATCH_GET_LIMIT]]
            request: Mapping[str, Any] = {self.name: {"Keys": batch, "ConsistentRead": True}}
            for pause in _PAUSES:
                with _table_errors():
                    response = self.client.batch_get_item(RequestItems=request)
                for wire in response["Responses"].get(self.name, []):
                    item = from_wire(wire)
                    items[item["PK"], item["SK"]] = item
                request = response.get("UnprocessedKeys") or {}
                if not request:
                    break
                time.sleep(random.uniform(0, pause))  # noqa: S311 - spreads, hides nothing
            else:
                raise Unavailable("The table is too busy.")
        return [items[key["PK"], key["SK"]] for key in keys if (key["PK"], key["SK"]) in items]

    def partition(
        self,
        value: str,
        after: str,
        before: str,
        *,
        consistent: bool = False,
        newest_first: bool = False,
    ) -> Iterator[Item]:
        """List the items with this ``PK``, in the order of ``SK``, with ``after <= SK < before``.

        Reads a megabyte a request, lazily. Without ``consistent``, a write of the last second may
        be missing. ``newest_first`` reverses the order, where ``SK`` grows with time.
        """
        arguments: dict[str, Any] = {
            "TableName": self.name,
            "ConsistentRead": consistent,
            "ScanIndexForward": not newest_first,
            "KeyConditionExpression": "PK = :value AND SK BETWEEN :after AND :before",
            "ExpressionAttributeValues": to_wire(
                {":value": value, ":after": after, ":before": before}
            ),
        }
        while True:
            with _table_errors():
                response = self.client.query(**arguments)
            for wire in response["Items"]:
                item = from_wire(wire)
                # BETWEEN includes its upper end.
                if item["SK"] < before:
                    yield item
            if "LastEvaluatedKey" not in response:
                return
            arguments["ExclusiveStartKey"] = response["LastEvaluatedKey"]

    def query(
        self,
        index: Index,
        value: str,
        after: str,
        before: str,
        page: int,
        *,
        oldest_first: bool = False,
    ) -> Iterator[Item]:
        """List keys of an index with ``after <= range < before``; newest first by default.

        Reads ``page`` keys a request, lazily.
        """
        arguments: dict[str, Any] = {
            "TableName": self.name,
            "IndexName": index.name,
            "KeyConditionExpression": "#hash = :hash AND #range BETWEEN :after AND :before",
            "ExpressionAttributeNames": {"#hash": index.hash, "#range": index.range},
            "ExpressionAttributeValues": to_wire(
                {":hash": value, ":after": after, ":before": before}
            ),
            "ScanIndexForward": oldest_first,
            "Limit": page,
        }
        while True:
            with _table_errors():
                response = self.client.query(**arguments)
            for wire in response["Items"]:
                item = from_wire(wire)
                # BETWEEN includes its upper end.
                if item[index.range] < before:
                    yield item
            if "LastEvaluatedKey" not in response:
                return
            arguments["ExclusiveStartKey"] = response["LastEvaluatedKey"]

    def list_items(
        self, index: Index, values: Sequence[str], after: str, before: str, page: int
    ) -> Iterator[Item]:
        """List the items of an index under any of these hash keys, newest first.

        The items come from the table itself, read consistently and ``page`` at a time, in the order
        of the index's range key: ``after <= range < before``. An index lags: items that have left
        it meanwhile are left out.
        """
        queries = (self.query(index, value, after, before, page) for value in values)
        entries = merge(*queries, key=lambda entry: str(entry[index.range]), reverse=True)
        for batch in batched(entries, page, strict=False):
            items = self.get_many([{"PK": entry["PK"], "SK": entry["SK"]} for entry in batch])
            yield from (item for item in items if item.get(index.hash) in values)

    def list_changes(
        self, index: Index, values: Sequence[str], since: str, before: str, page: int
    ) -> Iterator[Item]:
        """List the items of an index under any of these hash keys, the oldest change first.

        The range key is the time of the last change: ``since <= range < before``. Equal ones are in
        the order of ``PK``. The items are read consistently; one that has changed since the index
        was read is left out, because it has another place now.
        """
        if since >= before:
            return  # DynamoDB refuses a range that ends before it begins.
        queries = (
            self.query(index, value, since, before, page, oldest_first=True) for value in values
        )
        at = itemgetter(index.range)
        # DynamoDB does not order equal range keys.
        groups = groupby(merge(*queries, key=at), key=at)
        entries = chain.from_iterable(sorted(group, key=itemgetter("PK")) for _, group in groups)
        for batch in batched(entries, page, strict=False):
            times = {(entry["PK"], entry["SK"]): at(entry) for entry in batch}
            for item in self.get_many([{"PK": pk, "SK": sk} for pk, sk in times]):
                if at(item) == times[item["PK"], item["SK"]]:
                    yield item


def retry_on_conflict[T](write: Callable[[], T]) -> T:
    """Retry a write with random backoff while another transaction holds one of its keys.

    A write that meets a conflict has written nothing.

    Raises:
        Unavailable: Every try met a conflict.
    """
    for retries in reversed(range(_MAX_TRIES)):
        try:
            with _table_errors():
                return write()
        except Conflict:
            if not retries:
                raise Unavailable("The table is too busy.") from None
            time.sleep(random.uniform(0.01, 0.05))  # noqa: S311 - spreads, hides nothing
    raise AssertionError("every try returns or raises")


@contextmanager
def _table_errors() -> Iterator[None]:
    """Translate botocore's errors into this module's."""
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code == "ConditionalCheckFailedException":
            raise ConditionFailed(failed_item(error.response)) from error
        if code == "TransactionConflictException":
            raise Conflict from error
        raise Unavailable(f"The table refused a request ({code}).") from error
    except BotoCoreError as error:
        raise Unavailable(f"The table cannot be reached ({type(error).__name__}).") from error


def condition_arguments(condition: str | None, values: Item | None = None) -> dict[str, Any]:
    """Returns the arguments of a conditional write; a refusal then carries the item as it is."""
    arguments: dict[str, Any] = {}
    if values:
        arguments["ExpressionAttributeValues"] = to_wire(values)
    if condition:
        arguments["ConditionExpression"] = condition
        arguments["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    return arguments


def failed_item(refusal: Mapping[str, Any]) -> Item | None:
    """Returns the item that refused a write; None if there is none."""
    wire = refusal.get("Item")
    return from_wire(wire) if wire else None

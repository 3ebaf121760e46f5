"""The one table: plain Python values in and out, conditional writes that tell what they found."""

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from heapq import merge
from itertools import batched
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from ringpass.aws.dynamodb_types import Item, from_wire, to_wire
from ringpass.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# With the table come the values that it takes and gives.
__all__ = ["Item", "Table", "from_wire", "to_wire"]

_BATCH_GET_LIMIT: Final = 100
_TRANSACTION_TRIES: Final = 8
# DynamoDB leaves keys out when it is throttled or the answer gets too large. Each pause is at most
# this long, of random length; after the last one the table counts as too busy.
_PAUSES: Final = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 0.0)


class ConditionFailed(Exception):
    """A conditional write was refused; ``found`` is the item as it is (None if there is none)."""

    def __init__(self, found: Item | None) -> None:
        super().__init__("the item is not as the write requires")
        self.found = found


class ConditionsFailed(Exception):
    """A transaction was refused because of others than its own item.

    Attributes:
        found: For each of the ``others`` whose condition failed, by its place among them: the item
            as it is, or None if there is none. Those whose condition held are not in it.
    """

    def __init__(self, found: Mapping[int, Item | None]) -> None:
        super().__init__("another item is not as the transaction requires")
        self.found = found


class Conflict(Exception):
    """A write met another's transaction; nothing was written."""


@dataclass(frozen=True, slots=True)
class Index:
    """A secondary index, with the names of its keys."""

    name: str
    hash: str
    range: str


@dataclass(frozen=True, slots=True)
class Put:
    """In a transaction: put ``item`` if ``condition`` holds."""

    item: Item
    condition: str
    values: Item = field(default_factory=dict)

    def to_wire(self, table: str) -> dict[str, Any]:
        """As DynamoDB takes it."""
        put = {"TableName": table, "Item": to_wire(self.item)}
        return {"Put": put | _condition(self.condition, self.values)}


@dataclass(frozen=True, slots=True)
class Update:
    """In a transaction: update one item if ``condition`` holds."""

    key: Item
    update: str
    values: Item
    condition: str
    names: Mapping[str, str] = field(default_factory=dict)

    def to_wire(self, table: str) -> dict[str, Any]:
        """As DynamoDB takes it."""
        update: dict[str, Any] = {
            "TableName": table,
            "Key": to_wire(self.key),
            "UpdateExpression": self.update,
        }
        if self.names:
            update["ExpressionAttributeNames"] = dict(self.names)
        return {"Update": update | _condition(self.condition, self.values)}


@dataclass(frozen=True, slots=True)
class Delete:
    """In a transaction: delete one item if ``condition`` holds."""

    key: Item
    condition: str
    values: Item = field(default_factory=dict)

    def to_wire(self, table: str) -> dict[str, Any]:
        """As DynamoDB takes it."""
        delete = {"TableName": table, "Key": to_wire(self.key)}
        return {"Delete": delete | _condition(self.condition, self.values)}


@dataclass(frozen=True, slots=True)
class Check:
    """In a transaction: nothing is written unless ``condition`` holds for this item."""

    key: Item
    condition: str

    def to_wire(self, table: str) -> dict[str, Any]:
        """As DynamoDB takes it."""
        check = {"TableName": table, "Key": to_wire(self.key)}
        return {"ConditionCheck": check | _condition(self.condition)}


@dataclass(frozen=True, slots=True)
class Table:
    """DynamoDB as the use cases see it.

    Every method raises ``Unavailable`` when DynamoDB cannot be reached or refuses for a reason
    that is not the item's state.
    """

    client: "DynamoDBClient"
    name: str

    def put(self, item: Item, condition: str | None, values: Item | None = None) -> None:
        """Put an item, if ``condition`` holds.

        Raises:
            ConditionFailed: It does not.
        """
        arguments = _condition(condition, values)
        with _table_errors():
            self.client.put_item(TableName=self.name, Item=to_wire(item), **arguments)

    def transact(self, own: Put | Update | Delete, *others: Put | Update | Delete | Check) -> None:
        """Write all, if all conditions hold, or nothing; in one request.

        Raises:
            ConditionFailed: The condition of ``own`` does not hold.
            Blocked: The conditions of some of the others do not; it tells what was found there.
        """
        actions: Any = [each.to_wire(self.name) for each in (own, *others)]
        _patiently(lambda: self.client.transact_write_items(TransactItems=actions))

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
        """Update one item and return it as it is then.

        Raises:
            ConditionFailed: ``condition`` does not hold.
        """
        arguments = _condition(condition, values)
        if names:
            arguments["ExpressionAttributeNames"] = dict(names)

        def write() -> Item:
            answer = self.client.update_item(
                TableName=self.name,
                Key=to_wire(key),
                UpdateExpression=update,
                ReturnValues="ALL_NEW",
                **arguments,
            )
            return from_wire(answer["Attributes"])

        return _patiently(write)

    def get(self, key: Item) -> Item | None:
        """The item, read consistently, or None."""
        with _table_errors():
            answer = self.client.get_item(
                TableName=self.name, Key=to_wire(key), ConsistentRead=True
            )
        return from_wire(answer["Item"]) if "Item" in answer else None

    def get_many(self, keys: Sequence[Item]) -> list[Item]:
        """The items of these keys, read consistently, in their order; absent ones are left out."""
        found: dict[tuple[str, str], Item] = {}
        for start in range(0, len(keys), _BATCH_GET_LIMIT):
            some = [to_wire(key) for key in keys[start : start + _BATCH_GET_LIMIT]]
            request: Mapping[str, Any] = {self.name: {"Keys": some, "ConsistentRead": True}}
            for pause in _PAUSES:
                with _table_errors():
                    answer = self.client.batch_get_item(RequestItems=request)
                for wire in answer["Responses"].get(self.name, []):
                    item = from_wire(wire)
                    found[item["PK"], item["SK"]] = item
                request = answer.get("UnprocessedKeys") or {}
                if not request:
                    break
                time.sleep(random.uniform(0, pause))  # noqa: S311 - spreads, hides nothing
            else:
                raise Unavailable("The table is too busy.")
        return [found[key["PK"], key["SK"]] for key in keys if (key["PK"], key["SK"]) in found]

    def partition(
        self,
        value: str,
        after: str,
        before: str,
        *,
        consistent: bool = False,
        newest_first: bool = False,
    ) -> Iterator[Item]:
        """Items with this ``PK``, in the order of ``SK``, with ``after <= SK < before``.

        Reads a megabyte a request, and the next one only when it is asked for. Unless it is read
        consistently, a write of the last second may not be seen yet. ``newest_first`` turns the
        order round, where ``SK`` grows with time.
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
                answer = self.client.query(**arguments)
            for wire in answer["Items"]:
                item = from_wire(wire)
                # BETWEEN includes its upper end.
                if item["SK"] < before:
                    yield item
            if "LastEvaluatedKey" not in answer:
                return
            arguments["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

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
        """Keys in an index, newest first unless said otherwise, with ``after <= range < before``.

        Reads ``page`` keys a request, and the next ones only when they are asked for.
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
                answer = self.client.query(**arguments)
            for wire in answer["Items"]:
                item = from_wire(wire)
                # BETWEEN includes its upper end.
                if item[index.range] < before:
                    yield item
            if "LastEvaluatedKey" not in answer:
                return
            arguments["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def listed(
        self, index: Index, values: Sequence[str], after: str, before: str, page: int
    ) -> Iterator[Item]:
        """The items that an index lists under any of these hash keys, newest first.

        They are read from the table itself, consistently and ``page`` at a time, in the order of
        the index's range key: ``after <= range < before``. An index lags: those that have left it
        meanwhile are left out.
        """
        of_each = (self.query(index, value, after, before, page) for value in values)
        entries = merge(*of_each, key=lambda entry: str(entry[index.range]), reverse=True)
        for some in batched(entries, page, strict=False):
            items = self.get_many([{"PK": one["PK"], "SK": one["SK"]} for one in some])
            yield from (item for item in items if item.get(index.hash) in values)


def _patiently[T](write: Callable[[], T]) -> T:
    """Write, again while a transaction holds one of the keys: nothing was written then.

    Raises:
        Unavailable: One always does.
    """
    for left in reversed(range(_TRANSACTION_TRIES)):
        try:
            with _table_errors():
                return write()
        except Conflict:
            if not left:
                raise Unavailable("The table is too busy.") from None
            time.sleep(random.uniform(0.01, 0.05))  # noqa: S311 - spreads, hides nothing
    raise AssertionError("every try returns or raises")


@contextmanager
def _table_errors() -> Iterator[None]:
    """Turns boto3's errors into ours."""
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code == "ConditionalCheckFailedException":
            raise _condition_failed(error.response) from error
        if code == "TransactionCanceledException":
            raise _cancellation(error.response) from error
        if code == "TransactionConflictException":
            raise Conflict from error
        raise Unavailable(f"The table refused a request ({code}).") from error
    except BotoCoreError as error:
        raise Unavailable(f"The table cannot be reached ({type(error).__name__}).") from error


def _condition(condition: str | None, values: Item | None = None) -> dict[str, Any]:
    arguments: dict[str, Any] = {}
    if values:
        arguments["ExpressionAttributeValues"] = to_wire(values)
    if condition:
        arguments["ConditionExpression"] = condition
        arguments["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    return arguments


def _condition_failed(told: Mapping[str, Any]) -> ConditionFailed:
    wire = told.get("Item")
    return ConditionFailed(from_wire(wire) if wire else None)


def _cancellation(told: Mapping[str, Any]) -> Exception:
    """Why a transaction was cancelled: its own item's reason goes before the others'."""
    reasons: list[Mapping[str, Any]] = told["CancellationReasons"]
    own, *others = reasons
    if own.get("Code") == "ConditionalCheckFailed":
        return _condition_failed(own)
    found = {
        place: _condition_failed(other).found
        for place, other in enumerate(others)
        if other.get("Code") == "ConditionalCheckFailed"
    }
    return ConditionsFailed(found) if found else Conflict()

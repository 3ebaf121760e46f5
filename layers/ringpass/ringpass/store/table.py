"""The one table: plain Python values in and out, conditional writes that tell what they found."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import BotoCoreError, ClientError

from ringpass.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

type Item = Mapping[str, Any]

_FROM_WIRE: Final = TypeDeserializer()
_TO_WIRE: Final = TypeSerializer()
_BATCH_GET_LIMIT: Final = 100


class ConditionFailed(Exception):
    """A conditional write was refused; ``found`` is the item as it is (None if there is none)."""

    def __init__(self, found: Item | None) -> None:
        super().__init__("the item is not as the write requires")
        self.found = found


@dataclass(frozen=True, slots=True)
class Table:
    """DynamoDB as the use cases see it.

    Every method raises ``Unavailable`` when DynamoDB cannot be reached or refuses for a reason
    that is not the item's state.
    """

    client: "DynamoDBClient"
    name: str

    def put(self, item: Item, condition: str) -> None:
        """Put an item if ``condition`` holds.

        Raises:
            ConditionFailed: It does not.
        """
        with _table_errors():
            self.client.put_item(
                TableName=self.name,
                Item=to_wire(item),
                ConditionExpression=condition,
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )

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
        arguments: dict[str, Any] = {}
        if names:
            arguments["ExpressionAttributeNames"] = dict(names)
        if values:
            arguments["ExpressionAttributeValues"] = to_wire(values)
        if condition:
            arguments["ConditionExpression"] = condition
            arguments["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        with _table_errors():
            answer = self.client.update_item(
                TableName=self.name,
                Key=to_wire(key),
                UpdateExpression=update,
                ReturnValues="ALL_NEW",
                **arguments,
            )
        return from_wire(answer["Attributes"])

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
            while request:
                with _table_errors():
                    answer = self.client.batch_get_item(RequestItems=request)
                for wire in answer["Responses"].get(self.name, []):
                    item = from_wire(wire)
                    found[item["PK"], item["SK"]] = item
                request = answer["UnprocessedKeys"]
        return [found[key["PK"], key["SK"]] for key in keys if (key["PK"], key["SK"]) in found]

    def query_index(
        self, index: str, hash_name: str, hash_value: str, after: str, before: str, page: int
    ) -> Iterator[Item]:
        """Keys in a list index, newest first, with ``after <= listed_at < before``.

        Reads ``page`` keys a request, and the next ones only when they are asked for.
        """
        arguments: dict[str, Any] = {
            "TableName": self.name,
            "IndexName": index,
            "KeyConditionExpression": "#hash = :hash AND listed_at BETWEEN :after AND :before",
            "ExpressionAttributeNames": {"#hash": hash_name},
            "ExpressionAttributeValues": to_wire(
                {":hash": hash_value, ":after": after, ":before": before}
            ),
            "ScanIndexForward": False,
            "Limit": page,
        }
        while True:
            with _table_errors():
                answer = self.client.query(**arguments)
            for wire in answer["Items"]:
                item = from_wire(wire)
                # BETWEEN includes its upper end.
                if item["listed_at"] < before:
                    yield item
            if "LastEvaluatedKey" not in answer:
                return
            arguments["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


@contextmanager
def _table_errors() -> Iterator[None]:
    """Turns boto3's errors into ours."""
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code == "ConditionalCheckFailedException":
            wire: Any = error.response.get("Item")
            raise ConditionFailed(from_wire(wire) if wire else None) from error
        raise Unavailable(f"The table refused a request ({code}).") from error
    except BotoCoreError as error:
        raise Unavailable(f"The table cannot be reached ({type(error).__name__}).") from error


def to_wire(item: Item) -> dict[str, Any]:
    """An item in DynamoDB's typed form; attributes that are None are left out."""
    return {name: _TO_WIRE.serialize(value) for name, value in item.items() if value is not None}


def from_wire(wire: Mapping[str, Any]) -> Item:
    """The plain values of an item in DynamoDB's typed form; whole numbers become ``int``."""
    return {name: _plain(_FROM_WIRE.deserialize(value)) for name, value in wire.items()}


def _plain(value: Any) -> Any:  # noqa: ANN401 - any DynamoDB value
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else value
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value

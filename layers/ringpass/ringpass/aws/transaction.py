"""Unit of work: writes that DynamoDB commits together, or none of them.

    tx = Transaction(table)
    tx.add(Put(item, "attribute_not_exists(PK)"), tag="order")
    tx.add(Check(key, "attribute_exists(PK)"), tag="customer")
    try:
        tx.commit()
    except ConditionsFailed as refusal:
        if "customer" in refusal.items: ...

A refusal names the tags of the writes whose conditions failed, with the items in the table.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from botocore.exceptions import ClientError

from ringpass.aws.dynamodb import (
    ConditionFailed,
    Conflict,
    Table,
    condition_arguments,
    failed_item,
    retry_on_conflict,
)
from ringpass.aws.dynamodb_types import Item, to_wire

type Action = Put | Update | Delete | Check
type Tag = str | tuple[str, str]
"""Name of a write in its transaction."""


class ConditionsFailed(Exception):
    """Optimistic lock of a transaction failed; nothing was written.

    Attributes:
        items: By the tag of each write whose condition failed: the item as it is, or None if there
            is none.
    """

    def __init__(self, items: Mapping[Tag, Item | None]) -> None:
        super().__init__("an item is not as the transaction requires")
        self.items = items


@dataclass(frozen=True, slots=True)
class Put:
    """Part of a transaction: put ``item`` if ``condition`` holds; None: whatever is there."""

    item: Item
    condition: str | None
    values: Item = field(default_factory=dict)

    def to_wire(self, table: str) -> dict[str, Any]:
        """Returns the action in DynamoDB's form."""
        put = {"TableName": table, "Item": to_wire(self.item)}
        return {"Put": put | condition_arguments(self.condition, self.values)}


@dataclass(frozen=True, slots=True)
class Update:
    """Part of a transaction: update one item if ``condition`` holds."""

    key: Item
    update: str
    values: Item
    condition: str
    names: Mapping[str, str] = field(default_factory=dict)

    def to_wire(self, table: str) -> dict[str, Any]:
        """Returns the action in DynamoDB's form."""
        update: dict[str, Any] = {
            "TableName": table,
            "Key": to_wire(self.key),
            "UpdateExpression": self.update,
        }
        if self.names:
            update["ExpressionAttributeNames"] = dict(self.names)
        return {"Update": update | condition_arguments(self.condition, self.values)}


@dataclass(frozen=True, slots=True)
class Delete:
    """Part of a transaction: delete one item if ``condition`` holds; None: also if it is absent."""

    key: Item
    condition: str | None
    values: Item = field(default_factory=dict)

    def to_wire(self, table: str) -> dict[str, Any]:
        """Returns the action in DynamoDB's form."""
        delete = {"TableName": table, "Key": to_wire(self.key)}
        return {"Delete": delete | condition_arguments(self.condition, self.values)}


@dataclass(frozen=True, slots=True)
class Check:
    """Part of a transaction: write nothing unless ``condition`` holds for this item."""

    key: Item
    condition: str

    def to_wire(self, table: str) -> dict[str, Any]:
        """Returns the action in DynamoDB's form."""
        check = {"TableName": table, "Key": to_wire(self.key)}
        return {"ConditionCheck": check | condition_arguments(self.condition)}


_ALONE: Final = {"Put": "put_item", "Update": "update_item", "Delete": "delete_item"}


@dataclass(frozen=True, slots=True)
class Transaction:
    """Unit of work: at most 100 writes, each of another item.

    Attributes:
        table: The table.
    """

    table: Table
    _actions: dict[Tag, Action] = field(default_factory=dict, init=False)

    def add(self, action: Action, tag: Tag | None = None) -> None:
        """Add a write.

        Args:
            action: The write.
            tag: Names it in a refusal; without one, the item's ``PK`` and ``SK`` do.

        Raises:
            ValueError: The transaction has a write with this tag.
        """
        if tag is None:
            key = action.item if isinstance(action, Put) else action.key
            tag = key["PK"], key["SK"]
        if tag in self._actions:
            raise ValueError(f"two writes of a transaction have the tag {tag!r}")
        self._actions[tag] = action

    def commit(self) -> None:
        """Write all items if all conditions hold, else nothing.

        One write alone is sent as such, which costs half.

        Raises:
            ConditionsFailed: Some conditions do not hold.
            Unavailable: DynamoDB cannot be reached, every try met a conflict with another
                transaction, or DynamoDB refuses for a reason that is no item's state.
        """
        wires = [action.to_wire(self.table.name) for action in self._actions.values()]
        if len(wires) > 1:
            retry_on_conflict(lambda: self._transact(wires))
            return
        [tag], [wire] = self._actions, wires
        [(name, arguments)] = wire.items()
        try:
            retry_on_conflict(lambda: getattr(self.table.client, _ALONE[name])(**arguments))
        except ConditionFailed as failed:
            raise ConditionsFailed({tag: failed.item}) from failed

    def _transact(self, wires: Any) -> None:  # noqa: ANN401 - botocore's types
        try:
            self.table.client.transact_write_items(TransactItems=wires)
        except ClientError as error:
            if error.response["Error"]["Code"] != "TransactionCanceledException":
                raise
            response: Mapping[str, Any] = error.response
            items = {
                tag: failed_item(reason)
                for tag, reason in zip(self._actions, response["CancellationReasons"], strict=True)
                if reason.get("Code") == "ConditionalCheckFailed"
            }
            raise (ConditionsFailed(items) if items else Conflict()) from error

"""Cuts what moto does for nothing: that is half of the time of tests with a table.

It changes no answer; ``test_moto_costs.py`` compares. Remove a part once moto does it by itself.
"""

from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from copy import deepcopy
from types import SimpleNamespace
from typing import Any, Final
from unittest.mock import patch

from moto.core.model import StructureShape
from moto.core.serialize import BaseJSONSerializer
from moto.dynamodb import models
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import Item
from moto.dynamodb.models.table import Table

_transact: Final = DynamoDBBackend.transact_write_items
_serialize: Final = BaseJSONSerializer._serialize_type_structure


def cut_costs() -> None:
    """Do so in this process from now on."""
    DynamoDBBackend.transact_write_items = _transact_with_one_copy  # type: ignore[method-assign]
    BaseJSONSerializer._serialize_type_structure = (  # type: ignore[method-assign]
        _serialize_what_is_there
    )


def _transact_with_one_copy(
    self: DynamoDBBackend, transact_items: Sequence[Mapping[str, Any]]
) -> None:
    """Keep one copy of the items that a transaction changes, in case it fails.

    moto copies the whole table, once for each of them.
    """
    copies: dict[str, Table] = {}

    def copied(value: Any, memo: dict[int, Any] | None = None) -> Any:  # noqa: ANN401 - as deepcopy
        if not isinstance(value, Table):
            return deepcopy(value, memo)
        if value.name not in copies:
            partitions = {str(each) for each in _partitions(value, transact_items)}
            memo = {
                id(item): item for item in _items(value) if item.hash_key.value not in partitions
            }
            copies[value.name] = deepcopy(value, memo)
        return copies[value.name]

    with patch.object(models, "copy", SimpleNamespace(deepcopy=copied)):
        _transact(self, transact_items)  # type: ignore[arg-type]


def _partitions(table: Table, transact_items: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for each in transact_items:
        for operation in each.values():
            key = operation.get("Key") or operation.get("Item") or {}
            yield from key.get(table.hash_key_attr, {}).values()


def _items(table: Table) -> Iterator[Item]:
    for partition in table.items.values():
        yield from partition.values()


def _serialize_what_is_there(
    self: BaseJSONSerializer,
    serialized: MutableMapping[str, Any],
    value: Any,  # noqa: ANN401 - as moto has it
    shape: StructureShape,
    key: str,
) -> None:
    """Write of an attribute the one type that it has.

    moto looks for each of the ten types under all names that one could have in any service.
    """
    if shape.name != "AttributeValue":
        _serialize(self, serialized, value, shape, key)
        return
    attribute: dict[str, Any] = self.MAP_TYPE()
    for name, content in value.items():
        self._serialize(attribute, content, shape.members[name], name)
    self._default_serialize(serialized, attribute, shape, key)

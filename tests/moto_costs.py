"""Cuts what moto does for nothing: that is half of the time of tests with a table.

It changes no answer; ``test_moto_costs.py`` compares. Remove a part once moto does it by itself.
"""

import pickle
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from copy import deepcopy
from functools import cache
from types import SimpleNamespace
from typing import Any, Final
from unittest.mock import patch

from moto.core.model import StructureShape
from moto.core.serialize import BaseJSONSerializer
from moto.dynamodb import models
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import Item
from moto.dynamodb.models.table import Table
from moto.dynamodb.parsing import validators
from moto.dynamodb.parsing.ast_nodes import (  # type: ignore[attr-defined]
    DepthFirstTraverser,
    Node,
    UpdateExpression,
)
from moto.dynamodb.parsing.expressions import UpdateExpressionParser  # type: ignore[attr-defined]

_parse: Final = UpdateExpressionParser.make
_node_types: Final = DepthFirstTraverser.nodes_to_be_processed
_traverse: Final = DepthFirstTraverser.traverse_node_recursively
_transact: Final = DynamoDBBackend.transact_write_items
_serialize: Final = BaseJSONSerializer._serialize_type_structure


def cut_costs() -> None:
    """Do so in this process from now on."""
    UpdateExpressionParser.make = cache(_parse)
    validators.deepcopy = _copy  # type: ignore[assignment, attr-defined]
    DepthFirstTraverser.nodes_to_be_processed = _node_types_once
    DepthFirstTraverser.traverse_node_recursively = _traverse_nodes
    DynamoDBBackend.transact_write_items = _transact_with_one_copy  # type: ignore[method-assign]
    BaseJSONSerializer._serialize_type_structure = (  # type: ignore[method-assign]
        _serialize_what_is_there
    )


@cache
def _packed(expression: Node) -> bytes:
    return pickle.dumps(expression)


def _copy(value: Any) -> Any:  # noqa: ANN401 - as deepcopy
    """Copy an expression, each of which is parsed once; that is most of what is copied."""
    if isinstance(value, UpdateExpression) and value.parent is None:
        return pickle.loads(_packed(value))  # noqa: S301 - our own
    return deepcopy(value)


def _node_types_once(self: DepthFirstTraverser) -> tuple[type[Node], ...]:
    """Return the types of nodes that a traverser processes; moto collects them at each node."""
    types: tuple[type[Node], ...] | None = self.__dict__.get("_types")
    if types is None:
        types = self.__dict__["_types"] = tuple(self._processing_map())
    return types


def _traverse_nodes(self: DepthFirstTraverser, node: Any, child_id: int = -1) -> Any:  # noqa: ANN401
    """Traverse as moto does; to ask a class for its bases is cheaper than to ask an ABC."""
    bases = type(node).__mro__
    if Node not in bases:
        return node
    parent = node.parent
    for index, child in enumerate(node.children or ()):
        self.pre_processing_of_child(node, index)
        self.traverse_node_recursively(child, index)
    if any(kind in bases for kind in self.nodes_to_be_processed()):
        node = self.process(node)
        node.parent = parent
        if parent:
            parent.children[child_id] = node
    return node


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

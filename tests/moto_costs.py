"""Cuts what moto does for nothing: that is most of the time of tests with a table.

It changes no answer; ``test_moto_costs.py`` compares. Remove a part once moto does it by itself.
"""

import pickle
from collections import deque
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from copy import deepcopy
from functools import cache
from types import SimpleNamespace
from typing import Any, Final
from unittest.mock import patch

from moto import backend_index
from moto.core import models as core_models
from moto.core import responses
from moto.core.model import StructureShape
from moto.core.serialize import BaseJSONSerializer
from moto.core.utils import method_names_from_class
from moto.dynamodb import models
from moto.dynamodb.comparisons import ConditionExpressionParser
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
from moto.dynamodb.parsing.validators import ActionCountValidator

_OUR_SERVICES: Final = ("dynamodb", "secretsmanager", "sqs")
_parse: Final = UpdateExpressionParser.make
_lex: Final = ConditionExpressionParser._lex_condition_expression
_transact: Final = DynamoDBBackend.transact_write_items
_serialize: Final = BaseJSONSerializer._serialize_type_structure


@cache
def _packed(expression: Node) -> bytes:
    return pickle.dumps(expression)


def _copy(value: Any) -> Any:  # noqa: ANN401 - as deepcopy
    """Copy an expression, each of which is parsed once; that is most of what is copied."""
    if isinstance(value, UpdateExpression) and value.parent is None:
        return pickle.loads(_packed(value))  # noqa: S301 - our own
    return deepcopy(value)


class _Processors(dict[type, int]):
    """Which processor of a traverser a node of a class gets, by its place; or one of these two."""

    NO_NODE: Final = -2
    NONE: Final = -1

    def __init__(self, traverser: DepthFirstTraverser) -> None:
        super().__init__()
        self._kinds = list(traverser._processing_map())

    def __missing__(self, kind: type) -> int:
        places = (place for place, one in enumerate(self._kinds) if issubclass(kind, one))
        self[kind] = next(places, self.NONE) if issubclass(kind, Node) else self.NO_NODE
        return self[kind]


_processors: Final[dict[type, _Processors]] = {}


def _traverse(self: DepthFirstTraverser, node: Any, child_id: int = -1) -> Any:  # noqa: ANN401
    """Traverse as moto does, but look up only once what is done with nodes of a class."""
    processors = _processors.get(type(self)) or _processors.setdefault(
        type(self), _Processors(self)
    )
    place = processors[type(node)]
    if place == _Processors.NO_NODE:
        return node
    parent = node.parent
    for index, child in enumerate(node.children or ()):
        self.pre_processing_of_child(node, index)
        if processors[type(child)] != _Processors.NO_NODE:
            self.traverse_node_recursively(child, index)
    if place != _Processors.NONE:
        node = list(self._processing_map().values())[place](node)
        node.parent = parent
        if parent:
            parent.children[child_id] = node
    return node


def _count_actions(self: ActionCountValidator, expression: UpdateExpression) -> Any:  # noqa: ANN401
    """Count the clauses of an expression; moto does so again for each of its parts."""
    return self.verify_action_counts(expression)


@cache
def _words(condition: str) -> tuple[Any, ...]:
    return tuple(_lex(ConditionExpressionParser(condition, None, None)))


def _lex_once(self: ConditionExpressionParser) -> deque[Any]:
    """Split a condition into its words, each condition once: neither names nor values matter."""
    return deque(_words(self.condition_expression or ""))


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


def _cuts() -> Iterator[tuple[Any, str, Any]]:
    """All that is replaced: where it stands, its name, and what comes in its place."""
    yield UpdateExpressionParser, "make", cache(_parse)
    yield validators, "deepcopy", _copy
    yield DepthFirstTraverser, "traverse_node_recursively", _traverse
    yield ActionCountValidator, "traverse", _count_actions
    yield ConditionExpressionParser, "_lex_condition_expression", _lex_once
    yield DynamoDBBackend, "transact_write_items", _transact_with_one_copy
    yield BaseJSONSerializer, "_serialize_type_structure", _serialize_what_is_there
    # A class does not get other methods while tests run.
    yield responses, "method_names_from_class", cache(method_names_from_class)
    # Whose request it is, is looked for in this order, among two hundred services.
    addresses = backend_index.backend_url_patterns
    ours = sorted(addresses, key=lambda service: service[0] not in _OUR_SERVICES)
    yield backend_index, "backend_url_patterns", ours
    # moto answers the library ``requests`` too, and names it a thousand addresses at each start.
    # Only botocore is used here.
    yield core_models, "RESPONSES_METHODS", []


CUTS: Final = tuple((owner, name, getattr(owner, name), ours) for owner, name, ours in _cuts())
"""All that is replaced: where it stands, its name, what moto has there, and what tests have."""


def cut_costs() -> None:
    """Do so in this process from now on."""
    for owner, name, _, ours in CUTS:
        setattr(owner, name, ours)

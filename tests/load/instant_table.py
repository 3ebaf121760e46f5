"""A DynamoDB table that answers at once: enough of it for what the functions ask.

It keeps what each request costs (``tests.load.capacity``) and what its stream would tell.

Values stay in DynamoDB's typed form (``{"S": "..."}``). Of conditions it knows
``attribute_not_exists(a)`` and ``a = :b``; any other holds. Nothing here proves a condition: the
tests of the store and those on a deployed stack do.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from tests.load import capacity
from tests.load.capacity import Units, Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_TOKEN = re.compile(r"[#:]?[A-Za-z_][A-Za-z0-9_]*|[(),=+-]|\[[0-9]+\]|\.")


class ConditionRefused(Exception):
    """A write was refused.

    Attributes:
        items: For each item to be written, the item as it is if its condition does not hold, else
            None.
    """

    def __init__(self, items: list[Wire | None]) -> None:
        super().__init__("a condition does not hold")
        self.items = items


@dataclass(frozen=True, slots=True)
class Change:
    """An item before and after a write; None where there is none."""

    before: Wire | None
    after: Wire | None


class InstantTable:
    """Items by their PK and SK.

    Attributes:
        items: The items.
        used: Request units since somebody set it back.
        changes: What every write changed, oldest first, one list for each request.
    """

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], Wire] = {}
        self.used = Units()
        self.changes: list[list[Change]] = []
        self._in_transaction = False

    def answer(self, operation: str, request: Wire) -> Wire:
        """Carry out one request.

        Raises:
            ConditionRefused: A condition does not hold.
            NotImplementedError: A kind of request that no function has sent so far.
        """
        methods: Mapping[str, Callable[[Wire], Wire]] = {
            "PutItem": self._put,
            "UpdateItem": self._update,
            "GetItem": self._get,
            "DeleteItem": self._delete,
            "BatchGetItem": self._batch_get,
            "Query": self._query,
            "TransactWriteItems": self._transact,
        }
        if operation not in methods:
            raise NotImplementedError(operation)
        if not self._in_transaction:
            self.changes.append([])
        try:
            return methods[operation](request)
        except ConditionRefused:
            self._charge_refused(request)
            raise

    def _put(self, request: Wire) -> Wire:
        self._check(request, _place(request["Item"]))
        self._write(_place(request["Item"]), request["Item"])
        return {}

    def _update(self, request: Wire) -> Wire:
        place = _place(request["Key"])
        self._check(request, place)
        item = self.items.get(place, {}) | request["Key"]
        self._write(place, _Update(request).applied_to(item))
        return {"Attributes": self.items[place]}

    def _get(self, request: Wire) -> Wire:
        item = self._read(request["Key"], consistent=request.get("ConsistentRead", False))
        return {"Item": item} if item else {}

    def _delete(self, request: Wire) -> Wire:
        self._check(request, _place(request["Key"]))
        self._write(_place(request["Key"]), None)
        return {}

    def _batch_get(self, request: Wire) -> Wire:
        responses = {}
        for name, table_request in request["RequestItems"].items():
            consistent = table_request.get("ConsistentRead", False)
            items = [self._read(key, consistent=consistent) for key in table_request["Keys"]]
            responses[name] = [item for item in items if item is not None]
        return {"Responses": responses, "UnprocessedKeys": {}}

    def _query(self, request: Wire) -> Wire:
        """All items with the hash key that the condition names first; ranges are not looked at."""
        hash_name, hash_value = _condition(request["KeyConditionExpression"].split(" AND ")[0])
        name = request.get("ExpressionAttributeNames", {}).get(hash_name, hash_name)
        value = request["ExpressionAttributeValues"][hash_value]
        items = [item for item in self.items.values() if item.get(name) == value]
        self.used += capacity.query(items, consistent=request.get("ConsistentRead", False))
        return {"Items": items}

    def _transact(self, request: Wire) -> Wire:
        actions = [(kind, one) for each in request["TransactItems"] for kind, one in each.items()]
        blockers: list[Wire | None] = []
        for _, action in actions:
            try:
                self._check(action, _place(action.get("Item") or action["Key"]))
                blockers.append(None)
            except ConditionRefused as condition:
                blockers += condition.items
        if any(item is not None for item in blockers):
            raise ConditionRefused(blockers)
        self._in_transaction = True
        for kind, action in actions:
            if kind == "ConditionCheck":
                item = self.items.get(_place(action["Key"]))
                self.used += capacity.write(item, item, in_transaction=True)
            else:
                self.answer(f"{kind}Item", action)
        self._in_transaction = False
        return {}

    def _charge_refused(self, request: Wire) -> None:
        """What is refused costs as if every item were written as it is."""
        entries = request.get("TransactItems")
        actions = [one for each in entries for one in each.values()] if entries else [request]
        for action in actions:
            item = self.items.get(_place(action.get("Item") or action["Key"]))
            self.used += capacity.write(item, item, in_transaction=bool(entries))

    def _write(self, place: tuple[str, str], after: Wire | None) -> None:
        before = self.items.pop(place, None)
        if after is not None:
            self.items[place] = after
        self.used += capacity.write(before, after, in_transaction=self._in_transaction)
        self.changes[-1].append(Change(before, after))

    def _read(self, key: Wire, *, consistent: bool) -> Wire | None:
        item = self.items.get(_place(key))
        self.used += capacity.read(item, consistent=consistent)
        return item

    def _check(self, request: Wire, place: tuple[str, str]) -> None:
        item = self.items.get(place, {})
        names = request.get("ExpressionAttributeNames", {})
        values = request.get("ExpressionAttributeValues", {})
        for clause in request.get("ConditionExpression", "").split(" AND "):
            absent = re.fullmatch(r"attribute_not_exists\((\S+)\)", clause)
            if absent and names.get(absent[1], absent[1]) in item:
                raise ConditionRefused([item])
            equal = re.fullmatch(r"[#\w]+ = :\w+", clause)
            if equal:
                name, value = _condition(clause)
                if item.get(names.get(name, name)) != values[value]:
                    raise ConditionRefused([item])


class _Update:
    """An update expression: SET, REMOVE and ADD of attributes, SET also of those in a map."""

    def __init__(self, request: Wire) -> None:
        self._names: Mapping[str, str] = request.get("ExpressionAttributeNames", {})
        self._values: Mapping[str, Wire] = request.get("ExpressionAttributeValues", {})
        self._tokens: list[str] = _TOKEN.findall(request["UpdateExpression"])

    def applied_to(self, item: Wire) -> Wire:
        clause, old, new = "", item, dict(item)
        while self._tokens:
            token = self._tokens.pop(0)
            if token in ("SET", "REMOVE", "ADD", "DELETE"):
                clause = token
            elif token != ",":
                self._one(clause, self._name(token), old, new)
        return new

    def _one(self, clause: str, name: str, old: Wire, new: Wire) -> None:
        if clause == "SET":
            inner = self._inner()
            self._tokens.pop(0)  # the equals sign
            value = self._sum(old)
            new[name] = {"M": new[name]["M"] | {inner: value}} if inner else value
        elif clause == "ADD":
            new[name] = _joined(old.get(name), self._values[self._tokens.pop(0)])
        elif clause == "REMOVE":
            if self._tokens and self._tokens[0].startswith("["):
                new[name] = {"L": _without(new[name]["L"], int(self._tokens.pop(0)[1:-1]))}
            else:
                new.pop(name, None)
        else:
            raise NotImplementedError(clause)

    def _inner(self) -> str | None:
        """The name after a dot, if one follows."""
        if self._tokens[0] != ".":
            return None
        self._tokens.pop(0)
        return self._name(self._tokens.pop(0))

    def _sum(self, old: Wire) -> Wire:
        value = self._operand(old)
        while self._tokens and self._tokens[0] in ("+", "-"):
            sign = self._tokens.pop(0)
            value = _added(value, self._operand(old), sign)
        return value

    def _operand(self, old: Wire) -> Wire:
        token = self._tokens.pop(0)
        if token.startswith(":"):
            return self._values[token]
        if token not in ("if_not_exists", "list_append"):
            attribute: Wire = old[self._name(token)]
            return attribute
        self._tokens.pop(0)  # the bracket
        if token == "if_not_exists":
            name = self._name(self._tokens.pop(0))
            self._tokens.pop(0)  # the comma
            value: Wire = old.get(name, self._operand(old))
        else:
            first = self._operand(old)
            self._tokens.pop(0)  # the comma
            value = {"L": [*first["L"], *self._operand(old)["L"]]}
        self._tokens.pop(0)  # the bracket
        return value

    def _name(self, token: str) -> str:
        return self._names.get(token, token)


def _place(item: Wire) -> tuple[str, str]:
    return item["PK"]["S"], item["SK"]["S"]


def _condition(clause: str) -> tuple[str, str]:
    name, _, value = clause.partition(" = ")
    return name, value


def _joined(old: Wire | None, added: Wire) -> Wire:
    """What ADD makes of a number or of a set."""
    if "N" in added:
        return _added(old or {"N": "0"}, added, "+")
    [kind] = added
    return {kind: sorted({*(old or {}).get(kind, []), *added[kind]})}


def _added(augend: Wire, addend: Wire, sign: str) -> Wire:
    number = Decimal(augend["N"]) + Decimal(addend["N"]) * (1 if sign == "+" else -1)
    return {"N": str(number)}


def _without(items: list[Wire], index: int) -> list[Wire]:
    return [item for number, item in enumerate(items) if number != index]

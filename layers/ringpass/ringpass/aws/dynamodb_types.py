"""Converts values of items to DynamoDB's typed form (``{"S": "text"}``) and back.

boto3 has the same in ``boto3.dynamodb.types``; ``ringpass.aws.session`` says why it is not
imported. A test compares the two.
"""

import re
from collections.abc import Mapping, Set
from decimal import Decimal
from typing import Any, Final

type Item = Mapping[str, Any]

# DynamoDB keeps UTF-8, which cannot write half a surrogate pair: JSON and headers can.
_HALF_PAIR: Final = re.compile("[\ud800-\udfff]")
_DIGITS: Final = 38
"""The most digits of a DynamoDB number."""


def to_wire(item: Item) -> dict[str, Any]:
    """Returns an item in DynamoDB's typed form, without attributes that are None.

    Raises:
        TypeError: A value is of a type that items do not hold here: floats and bytes in particular.
        ValueError: A number that DynamoDB cannot hold.
    """
    return {name: _to_wire(value) for name, value in item.items() if value is not None}


def from_wire(wire: Mapping[str, Any]) -> Item:
    """Returns the plain values of an item in DynamoDB's typed form; whole numbers are ``int``."""
    return {name: _from_wire(value) for name, value in wire.items()}


def _to_wire(value: object) -> dict[str, Any]:
    match value:
        case None:
            wire: tuple[str, Any] = "NULL", True
        case str():
            wire = "S", value if value.isascii() else _HALF_PAIR.sub("\ufffd", value)
        case bool():
            wire = "BOOL", value
        case int() | Decimal():
            wire = "N", _number(value)
        case Mapping():
            wire = "M", {name: _to_wire(inner) for name, inner in value.items()}
        case list() | tuple():
            wire = "L", [_to_wire(inner) for inner in value]
        case Set() if value and all(isinstance(element, str) for element in value):
            wire = "SS", sorted(value)
        case _:
            raise TypeError(f"items hold no {type(value).__name__}")
    kind, encoded = wire
    return {kind: encoded}


def _number(value: int | Decimal) -> str:
    exact = Decimal(value)
    if not exact.is_finite() or len(exact.as_tuple().digits) > _DIGITS:
        raise ValueError("a number has at most 38 digits")
    return str(exact)


def _from_wire(wire: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any DynamoDB value
    [(kind, value)] = wire.items()
    match kind:
        case "S" | "BOOL":
            plain = value
        case "N":
            number = Decimal(value)
            plain = int(number) if number == number.to_integral_value() else number
        case "NULL":
            plain = None
        case "M":
            plain = from_wire(value)
        case "L":
            plain = [_from_wire(inner) for inner in value]
        case "SS":
            plain = set(value)
        case _:
            raise TypeError(f"items hold no {kind}")
    return plain

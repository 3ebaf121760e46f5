"""Values of items: as boto3 would write and read them."""

from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from hypothesis import given, settings
from hypothesis import strategies as st

from ringpass.aws.dynamodb_types import from_wire, to_wire
from ringpass.outcomes import Status

NUMBERS = st.integers(-(10**37), 10**37) | st.decimals(
    min_value=-1_000_000, max_value=1_000_000, places=4
)
VALUES = st.recursive(
    st.text() | st.booleans() | st.none() | NUMBERS | st.sets(st.text(), min_size=1),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
ITEMS = st.dictionaries(st.text(min_size=1), VALUES.filter(lambda value: value is not None))


@pytest.mark.slow
@settings(max_examples=40)
@given(ITEMS)
def test_they_are_written_so_that_boto3_reads_the_same(item: dict[str, Any]) -> None:
    plain_item = {
        name: TypeDeserializer().deserialize(value) for name, value in to_wire(item).items()
    }
    assert plain_item == item


@pytest.mark.slow
@settings(max_examples=40)
@given(ITEMS)
def test_what_boto3_writes_is_read(item: dict[str, Any]) -> None:
    wire = {name: TypeSerializer().serialize(value) for name, value in item.items()}
    assert from_wire(wire) == item


def test_none_is_left_out_and_whole_numbers_are_int() -> None:
    assert to_wire({"a": None, "b": Status.BUSY}) == {"b": {"S": "busy"}}
    value = from_wire({"a": {"N": "3"}, "b": {"N": "0.35"}})
    assert value == {"a": 3, "b": Decimal("0.35")}
    assert type(value["a"]) is int


@pytest.mark.parametrize("value", [1.5, b"x", object(), {1, 2}, [1.5], set()])
def test_no_item_holds_such_a_value(value: object) -> None:
    with pytest.raises(TypeError, match="items hold no"):
        to_wire({"a": value})


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), 10**38 + 1])
def test_a_number_is_one_that_dynamodb_can_hold(value: object) -> None:
    with pytest.raises(ValueError, match="38 digits"):
        to_wire({"a": value})


def test_another_kind_is_not_read() -> None:
    with pytest.raises(TypeError, match="items hold no B"):
        from_wire({"a": {"B": "eA=="}})

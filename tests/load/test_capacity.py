"""Request units by AWS's published rules: its own examples, and our table's indexes."""

import pytest

from tests.load import capacity
from tests.load.capacity import Units, Wire

KEY: Wire = {"PK": {"S": "A"}, "SK": {"S": "B"}}


def sized(size: int) -> Wire:
    """An item of so many bytes."""
    return KEY | {"x": {"S": "x" * (size - 7)}}


def test_the_size_of_an_item_is_that_of_its_names_and_values() -> None:
    assert capacity.item_bytes(KEY) == 6
    assert capacity.item_bytes({"a": {"S": "xa"}, "é": {"S": "ü"}}) == 3 + 4
    assert capacity.item_bytes({"n": {"N": "27"}}) == 1 + 2
    assert capacity.item_bytes({"n": {"N": "-27"}}) == 1 + 3
    assert capacity.item_bytes({"n": {"N": "1795249800"}}) == 1 + 5
    assert capacity.item_bytes({"b": {"BOOL": True}, "c": {"NULL": True}}) == 4
    assert capacity.item_bytes({"l": {"L": []}, "m": {"M": {}}}) == 8
    assert capacity.item_bytes({"l": {"L": [{"S": "a"}, {"S": "b"}]}}) == 1 + 3 + 4
    assert capacity.item_bytes({"m": {"M": {"k": {"S": "v"}}}}) == 1 + 3 + 3
    assert capacity.item_bytes({"s": {"SS": ["ab", "c"]}}) == 1 + 3


@pytest.mark.parametrize(("size", "units"), [(1_024, 1), (1_025, 2), (3_072, 3)])
def test_a_write_unit_is_a_kilobyte_and_two_in_a_transaction(size: int, units: int) -> None:
    assert capacity.item_bytes(sized(size)) == size
    assert capacity.write(None, sized(size)).writes == units
    assert capacity.write(None, sized(size), in_transaction=True).writes == 2 * units
    assert capacity.write(sized(size), KEY).writes == units, "the larger of before and after"


@pytest.mark.parametrize(("size", "units"), [(4_096, 1), (4_097, 2), (8_192, 2)])
def test_a_read_unit_is_four_kilobytes_and_half_of_it_if_not_consistent(
    size: int, units: int
) -> None:
    assert capacity.read(sized(size), consistent=True).reads == units
    assert capacity.read(sized(size), consistent=False).reads == units / 2


def test_what_is_not_there_costs_one() -> None:
    assert capacity.read(None, consistent=True) == Units(reads=1)
    assert capacity.write(None, None, in_transaction=True) == Units(writes=2)


def test_an_index_entry_that_is_made_or_goes_is_a_write_and_one_that_moves_is_two() -> None:
    due = {"due_bucket": {"S": "due#1"}, "due_at": {"S": "2026"}}
    later = due | {"due_at": {"S": "2027"}}
    assert capacity.write(None, KEY | due).writes == 1 + 1
    assert capacity.write(KEY | due, KEY | due | {"x": {"S": "y"}}).writes == 1
    assert capacity.write(KEY | due, KEY | later).writes == 1 + 2
    assert capacity.write(KEY | due, KEY).writes == 1 + 1
    assert capacity.write(KEY, KEY | {"due_at": {"S": "2026"}}).writes == 1, "half of a key"


def test_a_query_counts_its_items_together() -> None:
    assert capacity.query([sized(100)] * 40, consistent=False).reads == 0.5
    assert capacity.query([sized(100)] * 41, consistent=True).reads == 2

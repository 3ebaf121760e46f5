"""Client index: a record's position is its instant and its id, and sorts as both do."""

import re
from dataclasses import dataclass

import pytest

from ringpass.aws.client_index import listed_at, position_pattern

POSITION = position_pattern(re.compile("[a-z]{2}"))


@dataclass(frozen=True)
class Record:
    id: str
    created_at: str = "2026-11-21T08:30:00.000Z"


def test_a_record_is_listed_at_its_creation_and_its_id() -> None:
    assert listed_at(Record("ab")) == "2026-11-21T08:30:00.000Z#ab"
    assert POSITION.fullmatch(listed_at(Record("ab")))


def test_records_of_one_instant_are_told_apart_by_their_ids() -> None:
    assert listed_at(Record("ab")) < listed_at(Record("ac"))
    assert listed_at(Record("zz")) < listed_at(Record("aa", "2026-11-21T08:30:00.001Z"))


@pytest.mark.parametrize(
    "text", ["", "2026-11-21T08:30:00.000Z", "2026-11-21T08:30:00Z#ab", "x#ab", "9"]
)
def test_another_text_is_no_position(text: str) -> None:
    assert not POSITION.fullmatch(text)

"""Optimistic lock: a write that meets a conflict is tried again, with a growing pause."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringpass.aws import optimistic_lock
from ringpass.aws.dynamodb import ConditionFailed, Table
from ringpass.aws.optimistic_lock import TRIES, attempts, retry_on_conflict
from ringpass.errors import Unavailable

KEY = {"PK": "CLI#shop", "SK": "CLIENT"}


@given(st.integers(0, 30))
def test_only_the_second_attempt_follows_at_once(tries: int) -> None:
    pauses: list[float] = []
    assert list(attempts(tries, pauses.append)) == list(range(tries))
    assert len(pauses) == max(0, tries - 2)
    for number, pause in enumerate(pauses):
        assert 0 <= pause <= min(0.005 * 2**number, 0.08)


def test_there_is_no_pause_after_the_last_attempt() -> None:
    pauses: list[float] = []
    for number in attempts(5, pauses.append):
        if number == 1:
            break
    assert pauses == []


def test_two_writers_both_count(table: Table) -> None:
    """Each attempt reads the item again: the faster writer's count is not lost."""
    table.put({**KEY, "count": 0}, None)
    others = [1, 1, 1]

    def attempt() -> int:
        item = table.get(KEY) or {}
        if others:
            table.put({**KEY, "count": item["count"] + others.pop()}, None)
        new = item["count"] + 1
        table.update(
            KEY,
            "SET #count = :new",
            {":new": new, ":old": item["count"]},
            names={"#count": "count"},
            condition="#count = :old",
        )
        return int(new)

    assert retry_on_conflict(attempt, "too often") == 4
    assert (table.get(KEY) or {})["count"] == 4


@pytest.mark.parametrize("tries", [1, 2, TRIES])
def test_the_last_conflict_ends_it(tries: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(optimistic_lock, "_FIRST_PAUSE", 0.0)
    calls: list[None] = []

    def attempt() -> None:
        calls.append(None)
        raise ConditionFailed(None)

    with pytest.raises(Unavailable, match="too often"):
        retry_on_conflict(attempt, "too often", tries=tries)
    assert len(calls) == tries


def test_another_error_is_no_conflict() -> None:
    calls: list[None] = []

    def attempt() -> None:
        calls.append(None)
        raise KeyError

    with pytest.raises(KeyError):
        retry_on_conflict(attempt, "too often", conflict=ConditionFailed)
    assert len(calls) == 1

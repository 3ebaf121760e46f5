"""Counters of sends: no list of instants is longer than the cap, whoever writes at once."""

from typing import Any, Final

import pytest

from ringpass.aws.dynamodb import Table
from ringpass.aws.transaction import ConditionsFailed
from ringpass.limits.arithmetic import LimitExceeded
from ringpass.limits.counters import CounterRepository, SendCounter
from ringpass.limits.settings import Window
from tests.transactions import commit

KEY: Final = {"PK": "LIM#PHONE#acme#key", "SK": "LIM"}
WINDOW: Final = Window(2, 600)
SECOND: Final = 1_000
EARLY: Final = 1_795_000_000_000
# The two sends of the beginning count no more, nor could a clock that is late count them.
LATER: Final = EARLY + 3_600 * SECOND


@pytest.fixture
def counters(table: Table) -> CounterRepository:
    return CounterRepository(table)


def guess(now: int) -> SendCounter:
    return SendCounter.optimistic("phone", (KEY,), WINDOW, None, now, lambda _: 0)


def item(table: Table) -> dict[str, Any]:
    return dict(table.get(KEY) or {})


def write(table: Table, counter: SendCounter) -> None:
    commit(table, counter.write)


def filled(table: Table) -> None:
    for second in range(WINDOW.cap):
        write(table, guess(EARLY + second * SECOND))


def test_sends_are_counted_up_to_the_cap(table: Table, counters: CounterRepository) -> None:
    filled(table)
    late = guess(EARLY + 2 * SECOND)
    with pytest.raises(ConditionsFailed):
        write(table, late)
    with pytest.raises(LimitExceeded) as full:
        late.replanned(item(table), counters)
    assert (full.value.limit, full.value.cap, full.value.counted) == ("phone", 2, 2)
    assert full.value.wait_ms == WINDOW.seconds * SECOND - 2 * SECOND
    assert len(item(table)["sent_at"]) == 2


def test_what_no_longer_counts_makes_room(table: Table, counters: CounterRepository) -> None:
    filled(table)
    write(table, guess(LATER).replanned(item(table), counters))
    assert item(table)["sent_at"] == [LATER]
    assert item(table)["prunes"] == 1
    write(table, guess(LATER + SECOND))
    assert item(table)["sent_at"] == [LATER, LATER + SECOND]


def test_of_two_that_make_room_at_once_one_is_written(
    table: Table, counters: CounterRepository
) -> None:
    filled(table)
    one = guess(LATER).replanned(item(table), counters)
    other = guess(LATER + 1).replanned(item(table), counters)
    write(table, one)
    with pytest.raises(ConditionsFailed):
        write(table, other)
    assert item(table)["sent_at"] == [LATER]


def test_a_list_of_the_same_length_may_be_another_one(
    table: Table, counters: CounterRepository
) -> None:
    filled(table)
    stale = guess(LATER + 2).replanned(item(table), counters)
    # Meanwhile room is made and filled again: as many instants as there were, all of which count.
    write(table, guess(LATER).replanned(item(table), counters))
    write(table, guess(LATER + 1))
    assert len(item(table)["sent_at"]) == WINDOW.cap
    with pytest.raises(ConditionsFailed):
        write(table, stale)
    with pytest.raises(LimitExceeded):
        stale.replanned(item(table), counters)
    # And once more, now that there has been room before.
    much_later = LATER + 3_600 * SECOND
    stale = guess(much_later + 2).replanned(item(table), counters)
    write(table, guess(much_later).replanned(item(table), counters))
    write(table, guess(much_later + 1))
    assert item(table)["prunes"] == 2
    with pytest.raises(ConditionsFailed):
        write(table, stale)


def test_a_send_that_was_taken_out_meanwhile_is_not_put_back(
    table: Table, counters: CounterRepository
) -> None:
    filled(table)
    stale = guess(LATER).replanned(item(table), counters)
    table.delete(KEY)
    with pytest.raises(ConditionsFailed):
        write(table, stale)
    assert item(table) == {}


def test_a_send_that_was_appended_meanwhile_is_not_taken_out(
    table: Table, counters: CounterRepository
) -> None:
    filled(table)
    stale = guess(LATER).replanned(item(table), counters)
    # Another function does not know yet that the cap was lowered.
    wider = SendCounter.optimistic("phone", (KEY,), Window(5, 600), None, LATER - 1, lambda _: 0)
    write(table, wider)
    with pytest.raises(ConditionsFailed):
        write(table, stale)
    write(table, stale.replanned(item(table), counters))
    assert item(table)["sent_at"] == [LATER - 1, LATER]

"""Sends of all clients to a number: none is lost or counted for another client."""

from typing import Any, Final

import pytest

from ringpass.aws.dynamodb import Table
from ringpass.aws.transaction import ConditionsFailed
from ringpass.limits.arithmetic import LimitExceeded
from ringpass.limits.counters import LATE_WRITE_SECONDS, CounterRepository
from ringpass.limits.settings import Window
from ringpass.limits.shared_sends import SharedSendCounter
from tests.limits.test_counters import EARLY, LATER, SECOND, WINDOW, counters
from tests.transactions import commit

__all__ = ["counters"]

KEY: Final = {"PK": "LIM#ALL#key", "SK": "LIM"}


def guess(now: int, client: str = "shop", window: Window = WINDOW) -> SharedSendCounter:
    return SharedSendCounter.optimistic("key", window, client, now)


def item(table: Table) -> dict[str, Any]:
    return dict(table.get(KEY) or {})


def listed(table: Table) -> list[tuple[int, str]]:
    """The sends that are listed: when each was, and whose."""
    counter = item(table)
    return list(zip(counter["sent_at"], counter["sent_by"], strict=True))


def write(table: Table, counter: SharedSendCounter) -> None:
    commit(table, counter.write)


def filled(table: Table, client: str = "shop") -> None:
    for second in range(WINDOW.cap):
        write(table, guess(EARLY + second * SECOND, client))


def test_the_list_is_no_longer_than_the_cap_while_nothing_was_read(table: Table) -> None:
    filled(table)
    with pytest.raises(ConditionsFailed):
        write(table, guess(EARLY + 2 * SECOND, "bank"))
    assert len(listed(table)) == WINDOW.cap


def test_what_no_longer_counts_makes_room_and_each_send_stays_its_client_s(
    table: Table, counters: CounterRepository
) -> None:
    write(table, guess(EARLY, "bank"))
    write(table, guess(LATER, "bank"))
    write(table, guess(LATER + 1).replanned(item(table), counters))
    assert listed(table) == [(LATER, "bank"), (LATER + 1, "shop")]


def test_a_send_counts_until_its_window_is_over(table: Table, counters: CounterRepository) -> None:
    filled(table)
    end = EARLY + WINDOW.seconds * SECOND
    with pytest.raises(LimitExceeded) as full:
        guess(end - 1).replanned(item(table), counters)
    assert (full.value.wait_ms, full.value.counted) == (1, 2)
    write(table, guess(end).replanned(item(table), counters))
    # What a function that comes late may still count stays in the list.
    assert [at for at, _ in listed(table)] == [EARLY, EARLY + SECOND, end]
    much_later = end + LATE_WRITE_SECONDS * SECOND + SECOND
    write(table, guess(much_later).replanned(item(table), counters))
    assert [at for at, _ in listed(table)] == [end, much_later]


def test_a_refusal_tells_what_counts_now(table: Table, counters: CounterRepository) -> None:
    write(table, guess(EARLY))
    for second in (0, 1):
        at = LATER + second * SECOND
        write(table, guess(at, window=Window(5, 600)))
    with pytest.raises(LimitExceeded) as full:
        guess(LATER + 2 * SECOND).replanned(item(table), counters)
    assert (full.value.cap, full.value.counted) == (2, 2)


def test_of_two_that_make_room_at_once_one_is_written(
    table: Table, counters: CounterRepository
) -> None:
    filled(table)
    one = guess(LATER).replanned(item(table), counters)
    other = guess(LATER + 1, "bank").replanned(item(table), counters)
    write(table, one)
    with pytest.raises(ConditionsFailed):
        write(table, other)
    assert listed(table) == [(LATER, "shop")]


def test_a_list_of_the_same_length_may_be_another_one(
    table: Table, counters: CounterRepository
) -> None:
    filled(table)
    for now in (LATER, LATER + 3_600 * SECOND):
        stale = guess(now + 2).replanned(item(table), counters)
        # Meanwhile room is made and filled again.
        write(table, guess(now).replanned(item(table), counters))
        write(table, guess(now + 1))
        with pytest.raises(ConditionsFailed):
            write(table, stale)
        assert listed(table) == [(now, "shop"), (now + 1, "shop")]


def test_a_send_that_was_appended_meanwhile_is_not_taken_out(
    table: Table, counters: CounterRepository
) -> None:
    filled(table)
    stale = guess(LATER).replanned(item(table), counters)
    # Another client's cap is higher.
    write(table, guess(LATER - 1, "bank", Window(5, 600)))
    with pytest.raises(ConditionsFailed):
        write(table, stale)
    write(table, stale.replanned(item(table), counters))
    assert listed(table) == [(LATER - 1, "bank"), (LATER, "shop")]

"""Places in time: no second, and no hour, wherever it begins, ever has more than is allowed."""

from bisect import bisect_left, bisect_right

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringpass.limits.rate import LATE, MAX_WAIT, RateLimit, until_next_window, window_start

CARESOFT = RateLimit(15, 54_000)
TRANSIT = 150


def test_caresoft_s_rate_is_eleven_a_second() -> None:
    assert CARESOFT.slot_length == 90
    assert 3_600_000 // CARESOFT.slot_length == 40_000
    assert CARESOFT.per_window is None, "there are fewer places than an hour allows"


def test_three_seconds_of_places_can_be_waited_for() -> None:
    slots = CARESOFT.slots(1_000_035)
    assert slots[0] == CARESOFT.slot(1_000_035) == 999_990
    assert slots[-1] < 1_000_035 + MAX_WAIT <= slots[-1] + CARESOFT.slot_length
    assert len(slots) == 34


def test_who_is_late_takes_another_place() -> None:
    assert not CARESOFT.is_over(900, 900)
    assert not CARESOFT.is_over(900, 900 + CARESOFT.slot_length + LATE - 1)
    assert CARESOFT.is_over(900, 900 + CARESOFT.slot_length + LATE)


def most_within(arrivals: list[float], milliseconds: float) -> int:
    """The most that came in any stretch of so long, wherever it begins."""
    ordered = sorted(arrivals)
    return max(
        bisect_left(ordered, begin + milliseconds) - bisect_right(ordered[:at], begin - 1)
        for at, begin in enumerate(ordered)
    )


def delays(rate: RateLimit) -> st.SearchStrategy[float]:
    """From the begin of a request's place to its arrival."""
    longest = rate.slot_length + LATE + TRANSIT
    return st.one_of(st.just(0.0), st.just(longest - 0.01), st.floats(0, longest - 0.01))


@pytest.mark.slow
@given(st.data(), st.integers(2, 100))
def test_no_second_has_more_than_is_allowed_however_requests_are_delayed(
    data: st.DataObject, allowed: int
) -> None:
    rate = RateLimit(allowed, 3_600 * allowed)
    arrivals = [
        slot * rate.slot_length + data.draw(delays(rate)) for slot in range(min(2 * allowed, 40))
    ]
    assert most_within(arrivals, 1_000) <= allowed


@pytest.mark.parametrize("allowed", [2, 3, 10, 15, 30, 60, 100])
def test_nor_if_all_of_the_first_ones_are_late_and_the_others_are_not(allowed: int) -> None:
    rate = RateLimit(allowed, 3_600 * allowed)
    longest = rate.slot_length + LATE + TRANSIT - 0.01
    for late in range(3 * allowed):
        arrivals = [
            slot * rate.slot_length + (longest if slot < late else 0.0)
            for slot in range(3 * allowed)
        ]
        assert most_within(arrivals, 1_000) <= allowed


def test_an_hour_that_is_the_narrower_one_is_shared_by_its_stretches() -> None:
    rate = RateLimit(15, 1_400)
    assert rate.per_window == 100
    # Any hour meets 13 stretches, and some of another one's that waited.
    assert 13 * 100 + MAX_WAIT // rate.slot_length <= 1_400


def test_stretches_are_of_the_clock() -> None:
    assert window_start(300_000) == window_start(599_999) == 300_000
    assert until_next_window(599_999) == 1
    assert until_next_window(300_000) == 300_000

"""When an event is tried again, and when an endpoint is left alone."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringpass.webhook_endpoints.retry_schedule import DELAYS, MOST_TRIES, next_try, pause_end

NOW = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)


def test_ten_tries_take_three_days() -> None:
    assert MOST_TRIES == 10
    hours = sum(DELAYS, timedelta()) / timedelta(hours=1)
    assert 72 < hours < 80


@given(st.integers(1, MOST_TRIES - 1))
def test_a_delay_is_longer_by_a_tenth_at_most(tries: int) -> None:
    at = next_try(tries, NOW)
    assert at is not None
    assert DELAYS[tries - 1] <= at - NOW <= 1.1 * DELAYS[tries - 1]


def test_there_is_no_try_after_the_last_one() -> None:
    assert next_try(MOST_TRIES, NOW, "5") is None


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        (" 120 ", 120),
        ("Sat, 21 Nov 2026 08:32:00 GMT", 120),
        ("Sat, 21 Nov 2026 08:00:00 GMT", 0),
        ("Sat, 21 Nov 2026 10:32:00 +0200", 120),
        ("Sat, 21 Nov 2026 08:32:00 -0000", 120),
        ("999999999", 86_400),
        ("Fri, 21 Nov 2036 08:30:00 GMT", 86_400),
        ("soon", 0),
        ("-5", 0),
        ("", 0),
        ("1e9", 0),
        (None, 0),
    ],
)
def test_retry_after(header: str | None, seconds: int) -> None:
    at = next_try(1, NOW, header)
    assert at is not None
    assert at - NOW >= timedelta(seconds=max(seconds, 5))
    assert at - NOW <= timedelta(seconds=max(seconds, 5.5))
    pause = pause_end(1, NOW, header)
    assert pause == (NOW + timedelta(seconds=seconds) if seconds else None)


@given(st.text(max_size=40))
def test_any_retry_after_is_read_or_ignored(header: str) -> None:
    at = next_try(1, NOW, header)
    assert at is not None
    assert timedelta(seconds=5) <= at - NOW <= timedelta(days=1)


def test_a_pause_begins_with_the_third_failure_and_ends_within_five_minutes() -> None:
    pauses = [pause_end(failures, NOW) for failures in range(1, 40)]
    assert pauses[:2] == [None, None]
    waits = [(pause - NOW).total_seconds() for pause in pauses[2:] if pause is not None]
    assert waits[:7] == [5, 10, 20, 40, 80, 160, 300]
    assert set(waits[6:]) == {300}
    assert len(waits) == 37

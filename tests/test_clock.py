"""Instants that callers write: every spelling of RFC 3339, and nothing without an offset."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringpass.clock import from_text, read_instant, to_text, whole_seconds

A_SECOND = timedelta(seconds=1)
WANTED = datetime(2026, 11, 29, 13, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-29T13:30:00Z",
        "2026-11-29T13:30:00z",
        "2026-11-29t13:30:00z",
        "2026-11-29 13:30:00Z",
        "2026-11-29T13:30:00.000Z",
        "2026-11-29T13:30:00.000000000z",
        "2026-11-29T13:30:00+00:00",
        "2026-11-29T13:30:00-00:00",
        "2026-11-29T20:30:00+07:00",
        "2026-11-29T20:30:00 07:00",  # a + of a query string that was not percent-encoded
        " 2026-11-29T13:29:60Z ",
    ],
)
def test_an_instant_is_read_in_every_spelling(text: str) -> None:
    assert read_instant(text) == WANTED


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-29",
        "2026-11-29T13:30:00",
        "2026-11-29 13:30",
        "2026-11-29T13:61:00Z",
        "2026-11-29T13:30:61Z",
        "0001-01-01T00:00:00+10:00",
        "9999-12-31T23:59:60Z",
        "yesterday",
    ],
)
def test_what_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_instant(text)


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001 - zones are given below
    st.integers(-12 * 60, 14 * 60),
    st.sampled_from(["T", "t", " "]),
)
def test_it_is_the_same_instant_however_it_is_written(
    local: datetime, offset: int, separator: str
) -> None:
    instant = local.replace(tzinfo=timezone(timedelta(minutes=offset)))
    assert read_instant(instant.isoformat(separator)) == instant
    assert read_instant(to_text(instant).lower()) == from_text(to_text(instant))


@given(st.timedeltas(timedelta(days=-1), timedelta(days=400)))
def test_a_wait_is_over_after_its_whole_seconds_and_not_a_second_before(wait: timedelta) -> None:
    seconds = whole_seconds(wait)
    assert seconds * A_SECOND >= wait
    assert seconds == 1 or (seconds - 1) * A_SECOND < wait

"""An OA's hours: every weekday, zone and minute, against an oracle that looks minute by minute."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ringpass.oa.desk.hours import Hours, Span, Weekday

MINUTE = timedelta(minutes=1)
DAY = 24 * 60
# Far from UTC and near, with parts of hours, with changes of clocks north and south, of half an
# hour (Lord Howe), at midnight (Beirut, Santiago), and across the date line.
ZONES = (
    "Asia/Ho_Chi_Minh",
    "UTC",
    "Europe/Moscow",
    "Asia/Kathmandu",
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Asia/Beirut",
    "America/Santiago",
    "Pacific/Apia",
    "Pacific/Kiritimati",
)
# Weeks in which clocks change, and others.
CHANGES = (
    datetime(2026, 3, 8, tzinfo=UTC),
    datetime(2026, 3, 28, tzinfo=UTC),
    datetime(2026, 4, 4, tzinfo=UTC),
    datetime(2026, 9, 5, tzinfo=UTC),
    datetime(2026, 10, 3, tzinfo=UTC),
    datetime(2026, 10, 24, tzinfo=UTC),
    datetime(2026, 11, 1, tzinfo=UTC),
    datetime(2026, 6, 15, tzinfo=UTC),
)

spans = st.builds(Span, st.integers(0, DAY - 1), st.integers(0, DAY)).filter(
    lambda span: span.start != span.end
)
weeks = st.dictionaries(st.sampled_from(list(Weekday)), spans, max_size=7)
hours_of_any_zone = st.builds(Hours, st.sampled_from(ZONES), weeks)
instants = st.one_of(
    st.builds(
        lambda change, minutes, seconds: change + timedelta(minutes=minutes, seconds=seconds),
        st.sampled_from(CHANGES),
        st.integers(-2 * DAY, 2 * DAY),
        st.sampled_from([0, 0, 1, 59.999]),
    ),
    st.integers(0, 50_000_000).map(lambda minutes: CHANGES[0] + minutes * MINUTE),
)


def open_by_the_wall_clock(hours: Hours, at: datetime) -> bool:
    """The rule as one would tell it: today's span, or the one of yesterday that goes on."""
    local = at.astimezone(ZoneInfo(hours.time_zone))
    minute = local.hour * 60 + local.minute
    today, yesterday = list(Weekday)[local.weekday()], list(Weekday)[local.weekday() - 1]
    for span in filter(None, [hours.days.get(today)]):
        if span.start < span.end and span.start <= minute < span.end:
            return True
        if span.start > span.end and span.start <= minute:
            return True
    before = hours.days.get(yesterday)
    return before is not None and before.start > before.end and minute < before.end


def first_minute(hours: Hours, at: datetime, *, is_open: bool) -> datetime | None:
    """The first instant from ``at`` on: it is ``at``, or the beginning of a minute."""
    if open_by_the_wall_clock(hours, at) is is_open:
        return at
    moment = at.replace(second=0, microsecond=0)
    for _ in range(15 * DAY):
        moment += MINUTE
        if open_by_the_wall_clock(hours, moment) is is_open:
            return moment
    return None


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@given(hours_of_any_zone, instants)
def test_open_is_what_the_wall_clock_says(hours: Hours, at: datetime) -> None:
    assert hours.is_open(at) is open_by_the_wall_clock(hours, at)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(hours_of_any_zone, instants)
def test_the_next_opening_is_the_first_open_minute(hours: Hours, at: datetime) -> None:
    assume(not hours.never_open)
    assert hours.next_opening(at) == first_minute(hours, at, is_open=True)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(hours_of_any_zone, instants)
def test_the_next_closing_is_the_first_closed_minute(hours: Hours, at: datetime) -> None:
    assert hours.next_closing(at) == first_minute(hours, at, is_open=False)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(hours_of_any_zone, instants, st.floats(0.000001, 60))
def test_within_the_minute_before_it_the_same_moment_is_the_next(
    hours: Hours, at: datetime, seconds: float
) -> None:
    for next_one, is_open in ((hours.next_opening, True), (hours.next_closing, False)):
        moment = next_one(at)
        if moment is None or moment == at:
            continue
        before = moment - timedelta(seconds=seconds)
        assert hours.is_open(before) is not is_open
        assert next_one(before) == moment


@pytest.mark.parametrize("seconds", [0, 1, 60, 3600])
def test_an_opening_in_the_hour_that_a_clock_change_skips(seconds: int) -> None:
    hours = Hours("America/New_York", {Weekday.SUNDAY: Span(120, 0)})  # from 02:00 on
    change = datetime(2026, 3, 8, 7, 0, tzinfo=UTC)  # 02:00 is 03:00
    assert hours.next_opening(change - timedelta(seconds=seconds)) == change


@pytest.mark.slow
@given(hours_of_any_zone)
def test_hours_come_back_from_the_table_as_they_were(hours: Hours) -> None:
    assert Hours.from_item(hours.to_item()) == hours


@pytest.mark.slow
@settings(max_examples=8, deadline=None)
@given(hours_of_any_zone, st.sampled_from(CHANGES))
def test_every_minute_of_a_week(hours: Hours, start: datetime) -> None:
    minutes = [start + minute * MINUTE for minute in range(7 * DAY)]
    wrong = [at for at in minutes if hours.is_open(at) is not open_by_the_wall_clock(hours, at)]
    assert not wrong


@pytest.mark.slow
@pytest.mark.parametrize("day", list(Weekday))
def test_a_span_is_open_for_its_length_and_no_more(day: Weekday) -> None:
    monday = datetime(2026, 6, 15, tzinfo=UTC)
    for span in (Span(0, DAY), Span(480, 1050), Span(1320, 120), Span(1439, 0), Span(1, 0)):
        hours = Hours("Europe/Berlin", {day: span})
        opened = sum(hours.is_open(monday + minute * MINUTE) for minute in range(7 * DAY))
        assert opened == span.length


# ------------------------------------------------------------------------------------ examples

OFFICE = Hours(days=dict.fromkeys(list(Weekday)[:5], Span.from_text("08:00", "17:30")))


def vietnam(text: str) -> datetime:
    """An instant by a wall clock in Vietnam; 2026-11-23 is a Monday."""
    return datetime.fromisoformat(f"{text}+07:00")


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2026-11-23T07:59:59.999", False),
        ("2026-11-23T08:00:00", True),
        ("2026-11-23T17:29:59.999", True),
        ("2026-11-23T17:30:00", False),
        ("2026-11-22T12:00:00", False),
    ],
)
def test_the_start_belongs_to_a_span_and_the_end_does_not(at: str, is_open: bool) -> None:
    assert OFFICE.is_open(vietnam(at)) is is_open


@pytest.mark.parametrize(
    ("at", "opening"),
    [
        ("2026-11-23T07:00:00", "2026-11-23T08:00:00"),
        ("2026-11-23T12:00:30", "2026-11-23T12:00:30"),
        ("2026-11-23T17:30:00", "2026-11-24T08:00:00"),
        ("2026-11-27T17:30:00", "2026-11-30T08:00:00"),
    ],
)
def test_the_next_opening_is_over_a_weekend_too(at: str, opening: str) -> None:
    assert OFFICE.next_opening(vietnam(at)) == vietnam(opening)


def test_a_span_over_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    night = Hours(days={Weekday.SUNDAY: Span.from_text("22:00", "02:00")})
    expected = {
        "2026-11-22T21:59:59": False,
        "2026-11-22T22:00:00": True,
        "2026-11-23T01:59:59": True,
        "2026-11-23T02:00:00": False,
        "2026-11-22T01:00:00": False,
    }
    assert {at: night.is_open(vietnam(at)) for at in expected} == expected


def test_a_span_until_midnight_has_two_ways_to_be_written() -> None:
    for end in ("24:00", "00:00"):
        evening = Hours(days={Weekday.MONDAY: Span.from_text("20:00", end)})
        assert evening.is_open(vietnam("2026-11-23T23:59:59"))
        assert not evening.is_open(vietnam("2026-11-24T00:00:00"))


def test_a_span_over_midnight_and_the_next_one_are_one_opening() -> None:
    hours = Hours(
        days={
            Weekday.MONDAY: Span.from_text("20:00", "08:00"),
            Weekday.TUESDAY: Span.from_text("06:00", "12:00"),
        }
    )
    assert hours.next_closing(vietnam("2026-11-23T20:00:00")) == vietnam("2026-11-24T12:00:00")


def test_whole_days_never_close() -> None:
    always = Hours(days=dict.fromkeys(Weekday, Span.from_text("00:00", "24:00")))
    assert always.next_closing(vietnam("2026-11-23T20:00:00")) is None


def test_without_a_span_it_never_opens() -> None:
    assert Hours().never_open
    assert Hours().next_opening(vietnam("2026-11-23T20:00:00")) is None


def berlin(text: str, *, fold: int = 0) -> datetime:
    local = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Berlin"), fold=fold)
    return local.astimezone(UTC)


def test_the_hour_that_comes_twice_is_open_twice() -> None:
    """On 2026-10-25 clocks in Berlin go from 03:00 back to 02:00."""
    hours = Hours("Europe/Berlin", {Weekday.SUNDAY: Span.from_text("02:15", "02:45")})
    for fold in (0, 1):
        assert hours.is_open(berlin("2026-10-25T02:15:00", fold=fold))
        assert not hours.is_open(berlin("2026-10-25T02:45:00", fold=fold))
    again = hours.next_opening(berlin("2026-10-25T02:45:00"))
    assert again == berlin("2026-10-25T02:15:00", fold=1)


def test_clocks_that_are_put_back_may_open_again() -> None:
    """At 03:00 it is 02:00 once more, which is before the end of this span."""
    hours = Hours("Europe/Berlin", {Weekday.SUNDAY: Span.from_text("00:00", "02:30")})
    assert hours.next_opening(berlin("2026-10-25T02:30:00")) == berlin(
        "2026-10-25T02:00:00", fold=1
    )


def test_what_would_begin_in_the_hour_that_is_left_out_begins_after_it() -> None:
    """On 2026-03-29 clocks in Berlin go from 02:00 to 03:00."""
    hours = Hours("Europe/Berlin", {Weekday.SUNDAY: Span.from_text("02:30", "12:00")})
    assert hours.next_opening(berlin("2026-03-29T01:00:00")) == berlin("2026-03-29T03:00:00")


def test_a_span_that_lies_in_the_hour_that_is_left_out_comes_a_week_later() -> None:
    hours = Hours("Europe/Berlin", {Weekday.SUNDAY: Span.from_text("02:10", "02:50")})
    assert hours.next_opening(berlin("2026-03-29T00:00:00")) == berlin("2026-04-05T02:10:00")

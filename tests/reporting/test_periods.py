"""Days and months of time zones: exact to the hour, or refused."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringpass.errors import ValidationFailed
from ringpass.http.pagination import Parameters
from ringpass.reporting.periods import ONE_DAY, DayRange, HourRange, read_days

ZONES = sorted(available_timezones())


def errors(**query: str) -> list[dict[str, Any]]:
    """What is wrong with a request; nothing: it can be answered."""
    try:
        days(**query)
    except ValidationFailed as refusal:
        return refusal.errors
    return []


def days(**query: str) -> DayRange:
    """The days of a request at 08:30 (UTC) of 2026-11-21."""
    params = Parameters(query, frozenset({"month", "from", "to", "tz"}))
    return read_days(params, datetime(2026, 11, 21, 8, 30, tzinfo=UTC))


@pytest.mark.parametrize(
    ("zone", "start", "end"),
    [
        ("UTC", "2026-11-01T00:00:00", "2026-12-01T00:00:00"),
        ("Asia/Ho_Chi_Minh", "2026-10-31T17:00:00", "2026-11-30T17:00:00"),
        ("Europe/Moscow", "2026-10-31T21:00:00", "2026-11-30T21:00:00"),
        ("Asia/Kamchatka", "2026-10-31T12:00:00", "2026-11-30T12:00:00"),
        # Clocks are set back on the 1st, after its beginning.
        ("America/New_York", "2026-11-01T04:00:00", "2026-12-01T05:00:00"),
        ("Pacific/Kiritimati", "2026-10-31T10:00:00", "2026-11-30T10:00:00"),
    ],
)
def test_a_month_begins_and_ends_at_midnight_of_its_zone(zone: str, start: str, end: str) -> None:
    month = days(month="2026-11", tz=zone)
    assert month.hours.start == datetime.fromisoformat(f"{start}+00:00")
    assert month.hours.end == datetime.fromisoformat(f"{end}+00:00")
    assert [day.name for day in month.days] == [f"2026-11-{n:02d}" for n in range(1, 31)]
    assert {day.is_utc for day in month.days} == {zone == "UTC"}


@pytest.mark.parametrize(
    ("month", "zone", "number", "hours"),
    [
        # 31 days and an hour.
        ("2026-10", "Europe/Berlin", 31, 31 * 24 + 1),
        ("2026-03", "Europe/Berlin", 31, 31 * 24 - 1),
        ("2028-02", "Asia/Ho_Chi_Minh", 29, 29 * 24),
        ("2026-12", "Asia/Ho_Chi_Minh", 31, 31 * 24),
    ],
)
def test_a_month_has_the_hours_of_its_days(month: str, zone: str, number: int, hours: int) -> None:
    period = days(month=month, tz=zone)
    assert len(period.days) == number
    assert (period.hours.end - period.hours.start).total_seconds() == hours * 3600
    for before, after in zip(period.days, period.days[1:], strict=False):
        assert before.hours.end == after.hours.start


@pytest.mark.parametrize(
    ("day", "zone", "start", "hours"),
    [
        # Clocks go from 24:00 to 01:00: there is no midnight.
        ("2026-04-24", "Africa/Cairo", "2026-04-23T22:00:00", 23),
        # Clocks go from 01:00 back to 00:00: there are two.
        ("2026-11-01", "America/Havana", "2026-11-01T04:00:00", 25),
        ("2026-10-25", "Europe/London", "2026-10-24T23:00:00", 25),
    ],
)
def test_a_day_begins_once_although_clocks_change_at_midnight(
    day: str, zone: str, start: str, hours: int
) -> None:
    [first] = days(**{"from": day, "tz": zone, "to": f"{day[:-2]}{int(day[-2:]) + 1:02d}"}).days
    assert first.hours.start == datetime.fromisoformat(f"{start}+00:00")
    assert (first.hours.end - first.hours.start).total_seconds() == hours * 3600


@pytest.mark.parametrize(
    "zone", ["Asia/Kolkata", "Asia/Kathmandu", "Australia/Adelaide", "America/St_Johns"]
)
def test_a_zone_whose_days_begin_within_an_hour_is_refused_not_rounded(zone: str) -> None:
    with pytest.raises(ValidationFailed) as refusal_info:
        days(month="2026-11", tz=zone)
    [error] = refusal_info.value.errors
    assert (error["loc"], error["type"]) == (["query", "tz"], "tz_offset")


def test_today_is_that_of_the_zone() -> None:
    assert [day.name for day in days().days] == ["2026-11-21"]
    # 08:30 UTC is 22:30 of the day before in Honolulu, 22:30 of the 21st in Kiritimati.
    assert [day.name for day in days(tz="Pacific/Honolulu").days] == ["2026-11-20"]
    assert [day.name for day in days(tz="Pacific/Kiritimati").days] == ["2026-11-21"]


@given(st.integers(2001, 2100), st.integers(1, 12), st.sampled_from(ZONES))
def test_a_month_of_any_zone_has_each_hour_once_or_is_refused(
    year: int, month: int, zone: str
) -> None:
    query = {"month": f"{year}-{month:02d}", "tz": zone}
    if wrong := errors(**query):
        assert [error["type"] for error in wrong] == ["tz_offset"]
        return
    period = days(**query)
    names = {name for day in period.days for name, _, _ in day.hours.days()}
    assert len(names) in range(len(period.days), len(period.days) + 2)
    for before, after in zip(period.days, period.days[1:], strict=False):
        assert before.hours.end == after.hours.start
    for day in period.days:
        assert day.hours.start.minute == day.hours.start.second == 0
        assert day.name[:7] == f"{year}-{month:02d}"
        if day.is_utc:
            assert [day.name] == [name for name, _, _ in day.hours.days()]
            assert day.hours.end - day.hours.start == ONE_DAY


@given(
    st.dictionaries(
        st.sampled_from(["month", "from", "to", "tz"]),
        st.text(max_size=12) | st.from_regex(r"[0-9]{4}-[0-9]{2}(-[0-9]{2})?", fullmatch=True),
    )
)
def test_any_text_is_read_or_refused_by_name(query: dict[str, str]) -> None:
    wrong = errors(**query)
    assert {error["loc"][1] for error in wrong} <= {"month", "from", "to", "tz"}
    assert wrong or 1 <= len(days(**query).days) <= 31


def test_a_days_hours_are_read_from_the_days_of_utc() -> None:
    [day] = days(tz="Asia/Ho_Chi_Minh").days
    assert list(day.hours.days()) == [("2026-11-20", "17", "24"), ("2026-11-21", "00", "17")]
    [day] = days().days
    assert list(day.hours.days()) == [("2026-11-21", "00", "24")]
    span = HourRange(day.hours.start + timedelta(hours=7), day.hours.start + timedelta(hours=9))
    assert list(span.days()) == [("2026-11-21", "07", "09")]


def test_the_period_names_its_zone() -> None:
    assert (days().zone, days(tz="Europe/Moscow").zone) == ("UTC", "Europe/Moscow")


@pytest.mark.parametrize(
    ("query", "name", "type_"),
    [
        ({"from": "2026-11-21T00:00:00Z"}, "from", "from_format"),
        ({"from": "2000-01-01", "to": "2000-01-02"}, "from", "from_format"),
        ({"to": "2026-11-31"}, "to", "to_format"),
        ({"from": "2026-11-21", "to": "2026-11-21"}, "from", "range"),
        ({"from": "2026-11-22", "to": "2026-11-21"}, "from", "range"),
        ({"from": "2026-10-20", "to": "2026-11-21"}, "from", "range"),
        ({"month": "2026-13"}, "month", "month_format"),
        ({"month": "2026-11-01"}, "month", "month_format"),
        ({"month": "9999-12"}, "month", "month_format"),
        ({"month": "2026-11", "from": "2026-11-01"}, "from", "extra_forbidden"),
        ({"month": "2026-11", "to": "2026-11-02"}, "to", "extra_forbidden"),
        ({"tz": "Asia/Saigon2"}, "tz", "tz_format"),
        ({"tz": "Asia"}, "tz", "tz_format"),
        ({"tz": ""}, "tz", "tz_format"),
        ({"tz": "../../etc/passwd"}, "tz", "tz_format"),
        ({"tz": "Asia/Kolkata"}, "tz", "tz_offset"),
    ],
)
def test_what_cannot_be_answered_is_refused_by_name(
    query: dict[str, str], name: str, type_: str
) -> None:
    [error] = errors(**query)
    assert (error["loc"], error["type"]) == (["query", name], type_)
    assert error["msg"]


def test_31_days_can_be_answered() -> None:
    assert len(days(**{"from": "2026-10-21", "to": "2026-11-21"}).days) == 31
    assert days(**{"from": "2000-01-02", "to": "2000-01-03"}).days[0].name == "2000-01-02"

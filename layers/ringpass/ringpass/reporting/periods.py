"""Periods of reports: hours of UTC, days and months of a time zone.

Statistics are counted by hours of UTC. So a day of a time zone can be read exactly if it begins and
ends at a full hour of UTC: a zone 5:30 ahead of UTC has no such days.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from ringpass.http.pagination import EPOCH, Parameters
from ringpass.http.time_zones import read_time_zone

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

MAX_DAYS: Final = 31
ONE_DAY: Final = timedelta(days=1)
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_MONTH: Final = re.compile(r"\d{4}-\d\d")
_DAY_FORMAT: Final = "a day, such as 2026-11-21"
_MONTH_FORMAT: Final = "a month, such as 2026-11"
_ZONE_FORMAT: Final = "a name of the tz database, such as Asia/Ho_Chi_Minh"


@dataclass(frozen=True, slots=True)
class HourRange:
    """The hours from ``start`` to before ``end``; both are full hours, UTC."""

    start: datetime
    end: datetime

    def days(self) -> Iterator[tuple[str, str, str]]:
        """Yield each day (UTC) with its first hour and the one after its last: two digits."""
        midnight = self.start.replace(hour=0)
        # No instant after ``end`` is made: there is none after the year 9999.
        for number in range(-((midnight - self.end) // ONE_DAY)):
            day = midnight + number * ONE_DAY
            first = self.start.hour if day < self.start else 0
            after = self.end.hour if self.end - day < ONE_DAY else 24
            yield day.date().isoformat(), f"{first:02d}", f"{after:02d}"


@dataclass(frozen=True, slots=True)
class LocalDay:
    """A day of a time zone: of 23 or 25 hours where clocks change.

    Attributes:
        name: ``2026-11-21``.
        hours: Its hours.
    """

    name: str
    hours: HourRange

    @property
    def is_utc(self) -> bool:
        """Whether it is a day of UTC, too."""
        start = self.hours.start
        return start.hour == 0 and self.hours.end - start == ONE_DAY


@dataclass(frozen=True, slots=True)
class DayRange:
    """Days of a time zone, in their order; at least one.

    Attributes:
        zone: The zone's name.
        days: The days.
    """

    zone: str
    days: tuple[LocalDay, ...]

    @property
    def hours(self) -> HourRange:
        """Their hours."""
        return HourRange(self.days[0].hours.start, self.days[-1].hours.end)


def read_days(params: Parameters, now: datetime) -> DayRange:
    """Read ``month`` or ``from`` and ``to``, with ``tz``; by default today, in UTC.

    Raises:
        ValidationFailed: Names each parameter at fault.
    """
    zone = params.read("tz", None, read_time_zone, _ZONE_FORMAT) or read_time_zone("UTC")
    first, end = _read_dates(params, now.astimezone(zone).date())
    params.check()
    midnights = [_midnight(first + n * ONE_DAY, zone) for n in range((end - first).days + 1)]
    if any((at.minute, at.second) != (0, 0) for at in midnights):
        params.refuse("tz", "tz_offset", "a zone whose days begin at a full hour of UTC")
        params.check()
    days = (
        LocalDay((first + n * ONE_DAY).isoformat(), HourRange(midnights[n], midnights[n + 1]))
        for n in range(len(midnights) - 1)
    )
    return DayRange(zone.key, tuple(days))


def _read_dates(params: Parameters, today: date) -> tuple[date, date]:
    """Read the first day, and the one after the last."""
    month = params.read("month", None, _month, _MONTH_FORMAT)
    if params.has("month"):
        for name in ("from", "to"):
            if params.has(name):
                params.refuse(name, "extra_forbidden", "either month, or from and to")
        return month or (today, today + ONE_DAY)
    end = params.read("to", today + ONE_DAY, _day, _DAY_FORMAT)
    start = params.read("from", end - ONE_DAY, _day, _DAY_FORMAT)
    if start >= end:
        params.refuse("from", "range", "from is before to")
    elif end - start > MAX_DAYS * ONE_DAY:
        params.refuse("from", "range", f"at most {MAX_DAYS} days before to")
    return start, end


def _midnight(day: date, zone: "ZoneInfo") -> datetime:
    """The beginning of a day.

    Where clocks skip midnight, the day begins when they are set forward; where they repeat it, it
    begins with the first one.
    """
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _day(text: str) -> date:
    if not _DAY.fullmatch(text) or (day := date.fromisoformat(text)) <= EPOCH.date():
        raise ValueError("day")
    return day


def _month(text: str) -> tuple[date, date]:
    """The first day of a month, and the first one of the next month."""
    if not _MONTH.fullmatch(text):
        raise ValueError("month")
    first = _day(f"{text}-01")
    is_last = first.month == 12  # noqa: PLR2004 - December
    return first, date(first.year + is_last, 1 if is_last else first.month + 1, 1)

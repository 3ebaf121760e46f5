"""Opening hours of an OA: one span for each weekday, by the wall clock of its time zone.

Only the time on the wall clock decides:

- A span includes its first minute and excludes its last one: ``08:00`` to ``17:30`` holds at
  08:00:00 and at 17:29:59, but not at 17:30:00.
- A span whose end is before its start goes over midnight. It belongs to the weekday on which it
  begins. With the next day's span it is one opening, if they touch or overlap.
- When clocks are set back, the repeated hour is open both times, or closed both times. When they
  are set forward, the skipped hour does not exist: a span that would begin in it begins after it,
  and a span that lies in it is skipped on that day.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Self
from zoneinfo import ZoneInfo

DEFAULT_TIME_ZONE: Final = "Asia/Ho_Chi_Minh"
_HOUR_MINUTES: Final = 60
_DAY_MINUTES: Final = 24 * _HOUR_MINUTES
_WEEK_MINUTES: Final = 7 * _DAY_MINUTES
_MINUTE: Final = timedelta(minutes=1)
_HOUR: Final = timedelta(hours=1)
# If clocks are set forward, the only span of a week may be skipped: the next week has it.
_LOOK_AHEAD: Final = timedelta(days=15)


class Weekday(StrEnum):
    """The days in the order of ``datetime.weekday()``."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


@dataclass(frozen=True, slots=True)
class Span:
    """From ``start`` on, until before ``end``; both in minutes of the day.

    Attributes:
        start: 0 to 1439.
        end: 0 to 1440, and not ``start``; up to ``start``, it is on the next day.
    """

    start: int
    end: int

    @classmethod
    def from_text(cls, start: str, end: str) -> Self:
        """Read ``hh:mm`` and ``hh:mm``; an end may be ``24:00``."""
        return cls(_minutes(start), _minutes(end))

    def to_text(self) -> tuple[str, str]:
        """Start and end as ``hh:mm``."""
        return _text(self.start), _text(self.end)

    @property
    def length(self) -> int:
        """The length in minutes, on a day without a clock change."""
        return (self.end - self.start) % _DAY_MINUTES or _DAY_MINUTES


@dataclass(frozen=True, slots=True)
class Hours:
    """The weekly opening hours of an OA.

    Attributes:
        time_zone: A name of the tz database.
        days: The span that begins on each day; a day without a span is not in it.
    """

    time_zone: str = DEFAULT_TIME_ZONE
    days: Mapping[Weekday, Span] = field(default_factory=dict)

    @property
    def never_open(self) -> bool:
        """Whether no day has a span."""
        return not self.days

    def is_open(self, at: datetime) -> bool:
        """Whether the OA takes and makes calls at this instant."""
        return self._is_open(_minute_of_week(self.local(at)))

    def next_opening(self, at: datetime) -> datetime | None:
        """Returns the first instant from ``at`` on at which the OA is open; None: never.

        It is ``at`` itself if the OA is open then.
        """
        return self._next(at, is_open=True)

    def next_closing(self, at: datetime) -> datetime | None:
        """Returns the first instant from ``at`` on at which the OA is closed; None: never."""
        return self._next(at, is_open=False)

    def local(self, at: datetime) -> datetime:
        """Returns the local time in the zone."""
        return at.astimezone(ZoneInfo(self.time_zone))

    def _is_open(self, minute: int) -> bool:
        """Whether it is open at a minute of the week, counted from Monday's midnight."""
        return any((minute - start) % _WEEK_MINUTES < length for start, length in self._spans())

    def _spans(self) -> list[tuple[int, int]]:
        """Returns the start of each span, in minutes of the week, and its length."""
        return [
            (index * _DAY_MINUTES + self.days[day].start, self.days[day].length)
            for index, day in enumerate(Weekday)
            if day in self.days
        ]

    def _next(self, at: datetime, *, is_open: bool) -> datetime | None:
        """Find the next change, hour by hour.

        In an hour without a clock change only a start or an end of a span can change the state.
        """
        if self.is_open(at) is is_open:
            return at
        marks = {
            mark % _WEEK_MINUTES
            for start, length in self._spans()
            for mark in (start, start + length)
        }
        moment = _next_minute(at)
        end = moment + _LOOK_AHEAD
        while moment < end:
            for minutes in self._candidates(moment, marks):
                candidate = moment + timedelta(minutes=minutes)
                if self.is_open(candidate) is is_open:
                    return candidate
            moment += _HOUR
        return None

    def _candidates(self, moment: datetime, marks: set[int]) -> Iterable[int]:
        """Returns the minutes of the next hour after which it may open or close."""
        now = self.local(moment)
        # A clock change at the moment itself skips marks, too.
        before, next_hour = self.local(moment - _MINUTE), self.local(moment + _HOUR)
        if before.utcoffset() != next_hour.utcoffset():
            return range(_HOUR_MINUTES)
        remaining = ((mark - _minute_of_week(now)) % _WEEK_MINUTES for mark in marks)
        return sorted(minutes for minutes in remaining if minutes < _HOUR_MINUTES)

    def to_item(self) -> dict[str, Any]:
        """Its attributes in the table."""
        return {
            "time_zone": self.time_zone,
            "days": {str(day): list(span.to_text()) for day, span in self.days.items()},
        }

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> Self:
        """Read what ``to_item`` returned."""
        days = {Weekday(day): Span.from_text(*span) for day, span in item["days"].items()}
        return cls(item["time_zone"], days)


def _minute_of_week(local: datetime) -> int:
    return local.weekday() * _DAY_MINUTES + local.hour * _HOUR_MINUTES + local.minute


def _next_minute(at: datetime) -> datetime:
    """Returns the next whole minute: since 1972 the offset of every zone is whole minutes."""
    return at.astimezone(UTC).replace(second=0, microsecond=0) + _MINUTE


def _minutes(text: str) -> int:
    hour, minute = text.split(":")
    return int(hour) * _HOUR_MINUTES + int(minute)


def _text(minutes: int) -> str:
    return f"{minutes // _HOUR_MINUTES:02}:{minutes % _HOUR_MINUTES:02}"

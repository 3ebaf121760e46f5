"""Instants as the API and the table write them: RFC 3339, UTC, milliseconds.

``2026-11-21T08:30:00.000Z`` sorts as text in the order of time.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

# In a query string a + that was not percent-encoded arrives as a blank.
_BLANK_OFFSET: Final = re.compile(r" (\d\d:?\d\d)$")
_LEAP_SECOND: Final = re.compile(r"(:\d\d):60(?=[.,]|Z|[+-]|$)")

type Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Returns the current instant; injected into use cases, so that tests choose their own."""
    return datetime.now(UTC)


def to_text(instant: datetime) -> str:
    """Returns RFC 3339 in UTC with milliseconds."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def from_text(text: str) -> datetime:
    """Read what ``to_text`` wrote; an offset is required.

    Raises:
        ValueError: Not an instant, or without an offset.
    """
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("an instant needs an offset, such as Z")
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise ValueError("an instant is in the years 1 to 9999, also in UTC") from None


def whole_seconds(wait: timedelta) -> int:
    """Returns a wait in seconds, rounded up and at least 1: after them it is over."""
    return max(1, -(-wait // timedelta(seconds=1)))


def read_instant(text: str) -> datetime:
    """Read an instant of a caller, in any format that RFC 3339 allows.

    RFC 3339, section 5.6: ``t`` and ``z`` may be lower-case, a blank may stand for the ``T``, and a
    second may be the 60th (a leap second; the next second is taken).

    Raises:
        ValueError: Not an instant, or without an offset.
    """
    normalized = _BLANK_OFFSET.sub(r"+\1", text.strip().upper())
    normalized, leap_seconds = _LEAP_SECOND.subn(r"\1:59", normalized)
    try:
        return from_text(normalized) + timedelta(seconds=leap_seconds)
    except OverflowError:
        raise ValueError("an instant is in the years 1 to 9999, also in UTC") from None

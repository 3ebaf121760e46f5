"""Instants as the API and the table write them: RFC 3339, UTC, milliseconds.

``2026-11-21T08:30:00.000Z`` sorts as text in the order of time.
"""

from collections.abc import Callable
from datetime import UTC, datetime

type Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The present instant; passed to use cases, so that tests choose their own."""
    return datetime.now(UTC)


def to_text(instant: datetime) -> str:
    """RFC 3339 in UTC with milliseconds."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def from_text(text: str) -> datetime:
    """Read RFC 3339; an offset is required.

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

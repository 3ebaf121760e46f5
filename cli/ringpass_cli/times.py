"""Times that a person types: instants, days, and spans such as 10m."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from ringpass_cli.errors import usage

_SPAN: Final = re.compile(r"(\d{1,6})([smhd])")
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
FORMS: Final = "10m, 2h, 3d, 2026-11-30, or 2026-11-30T08:00:00+07:00"


def instant(text: str, now: datetime) -> str:
    """RFC 3339 in UTC, of a span before now, a local day or an instant.

    Raises:
        CliError: it is none of them.
    """
    if match := _SPAN.fullmatch(text):
        at = now - timedelta(**{_UNITS[match[2]]: int(match[1])})
    else:
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            raise usage(f"{text!r} is no time", f"Times look like {FORMS}.") from None
    return to_text(at)


def utc_now() -> datetime:
    """The time."""
    return datetime.now(UTC)


def to_text(at: datetime) -> str:
    """RFC 3339 in UTC, with milliseconds; a time without a zone is a local one."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

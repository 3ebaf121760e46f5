"""Parser of Zalo's timestamps: milliseconds since 1970, as a number or as text.

Zalo's reference shows both. A value that cannot be a timestamp counts as missing.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

_NUMBER: Final = re.compile(r"[0-9]{1,15}")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# Seconds instead of milliseconds would be in January 1970.
_FIRST: Final = datetime(2015, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(9000, 1, 1, tzinfo=UTC)

NEVER: Final = "never"
"""Stands for the end of something that has no end."""


def instant_of(value: object) -> datetime | None:
    """Returns the instant in a field; None if there is none."""
    if isinstance(value, bool) or _NUMBER.fullmatch(str(value)) is None:
        return None
    try:
        instant = _EPOCH + timedelta(milliseconds=int(str(value)))
    except OverflowError:
        return None
    return instant if _FIRST <= instant <= _LAST else None


def is_never(value: object) -> bool:
    """Whether an ``expired_time`` means that there is no end: 0."""
    return not isinstance(value, bool) and str(value) == "0"

"""Instants as Zalo writes them: milliseconds since 1970, as a number or as text.

Zalo's reference shows both. What cannot be an instant is taken for not told.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

_NUMBER: Final = re.compile(r"[0-9]{1,15}")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# Seconds in the place of milliseconds would be in January 1970.
_FIRST: Final = datetime(2015, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(9000, 1, 1, tzinfo=UTC)

NEVER: Final = "never"
"""In the place of an instant at which something ends: it does not."""


def instant_of(said: object) -> datetime | None:
    """The instant that a field names; None if it names none."""
    if isinstance(said, bool) or _NUMBER.fullmatch(str(said)) is None:
        return None
    try:
        found = _EPOCH + timedelta(milliseconds=int(str(said)))
    except OverflowError:
        return None
    return found if _FIRST <= found <= _LAST else None


def is_never(said: object) -> bool:
    """Whether an ``expired_time`` says that there is no end: 0."""
    return not isinstance(said, bool) and str(said) == "0"

"""When an event is tried again, and when an endpoint is left alone for a while."""

import random
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

DELAYS: Final = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""The wait after each failed try but the last; with the first try at once, ten tries in three days
and some hours."""
MOST_TRIES: Final = len(DELAYS) + 1

# A delay is longer by this part at most, so that tries that failed together do not come together.
_JITTER: Final = 0.1
_LONGEST_RETRY_AFTER: Final = DELAYS[-1]
_SECONDS: Final = re.compile(r"[0-9]{1,9}")

_FAILURES_BEFORE_PAUSE: Final = 3
_FIRST_PAUSE: Final = timedelta(seconds=5)
_LONGEST_PAUSE: Final = timedelta(minutes=5)


def next_try(tries: int, now: datetime, retry_after: str | None = None) -> datetime | None:
    """Returns when an event is tried again; None: it was the last try.

    Args:
        tries: How often it was tried.
        now: When the last try ended.
        retry_after: The header ``Retry-After`` of the response; a longer wait is kept.
    """
    if tries >= MOST_TRIES:
        return None
    delay = DELAYS[tries - 1] * (1 + random.uniform(0, _JITTER))  # noqa: S311 - spreads
    return now + max(delay, _read_retry_after(retry_after, now))


def pause_end(failures: int, now: datetime, retry_after: str | None = None) -> datetime | None:
    """Returns until when an endpoint gets nothing at all; None: it is not paused.

    Args:
        failures: How many tries have failed since the last success, of whatever event.
        now: When the last one ended.
        retry_after: The header ``Retry-After`` of its response.
    """
    pause = _read_retry_after(retry_after, now)
    if failures >= _FAILURES_BEFORE_PAUSE:
        doublings = min(failures - _FAILURES_BEFORE_PAUSE, 16)
        pause = max(pause, min(_FIRST_PAUSE * 2**doublings, _LONGEST_PAUSE))
    return now + pause if pause else None


def _read_retry_after(text: str | None, now: datetime) -> timedelta:
    """Returns the wait of a ``Retry-After``, a day at most: seconds or a date (RFC 9110, 10.2.3).

    A header that is neither is ignored.
    """
    if text is None:
        return timedelta(0)
    if _SECONDS.fullmatch(text.strip()):
        wait = timedelta(seconds=int(text))
    else:
        try:
            at = parsedate_to_datetime(text)
        except ValueError:
            return timedelta(0)
        wait = (at if at.tzinfo else at.replace(tzinfo=UTC)) - now
    return min(max(wait, timedelta(0)), _LONGEST_RETRY_AFTER)

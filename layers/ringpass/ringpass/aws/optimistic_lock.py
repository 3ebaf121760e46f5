"""Optimistic lock: read, decide, and write on a condition; after a conflict, begin again."""

import random
import time
from collections.abc import Callable, Iterator
from typing import Final

from ringpass.aws.dynamodb import ConditionFailed
from ringpass.aws.transaction import ConditionsFailed, Tag
from ringpass.errors import Unavailable

TRIES: Final = 10
"""How often a caller tries that names no other number."""
_FIRST_PAUSE: Final = 0.005
_LONGEST_PAUSE: Final = 0.08


def attempts(tries: int, sleep: Callable[[float], None] = time.sleep) -> Iterator[int]:
    """Yields the numbers of attempts, with exponential backoff and full jitter between them.

    The second attempt follows at once: most conflicts are over by then.
    """
    longest = _FIRST_PAUSE
    for number in range(tries):
        if number > 1:
            sleep(random.uniform(0, longest))  # noqa: S311 - spreads, hides nothing
            longest = min(2 * longest, _LONGEST_PAUSE)
        yield number


def retry_on_conflict[T](
    attempt: Callable[[], T],
    detail: str,
    *,
    tries: int = TRIES,
    conflict: type[Exception] = ConditionFailed,
    tag: Tag | None = None,
) -> T:
    """Returns the result of the first attempt that meets no conflict.

    Args:
        attempt: Reads, decides and writes. It raises ``conflict`` if another writer was faster.
        detail: What the error says if every attempt meets a conflict.
        tries: How many attempts there are at most.
        conflict: The exception of a conflict.
        tag: Names the write of a transaction whose refusal is a conflict, too.

    Raises:
        Unavailable: Every attempt met a conflict.
    """
    for _ in attempts(tries):
        try:
            return attempt()
        except conflict:
            continue
        except ConditionsFailed as refusal:
            if tag not in refusal.items:
                raise
    raise Unavailable(detail)

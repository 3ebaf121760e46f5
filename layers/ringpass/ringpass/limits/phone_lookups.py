"""Rate limiter for look-ups by phone of API keys that may not see phones.

Lists mask numbers for such a key, but statistics name their prefixes. A key that could look up each
number of a prefix would find out which one it is. So a key may look up a limited number of unknown
numbers an hour: those of which its client has no record. After that every look-up is refused,
whether there is a record or not. Known numbers are not counted: a support desk looks up the numbers
that its client has sent to.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from ringpass.aws.dynamodb import ConditionFailed
from ringpass.clock import Clock, whole_seconds
from ringpass.errors import LimitReached
from ringpass.http.pagination import Page
from ringpass.limits.phone_lookups_store import PhoneLookupRepository
from ringpass.observability import logger
from ringpass.phone import Phone

LIMIT: Final = "phone_lookups"
MOST: Final = 100
"""How many unknown numbers a key may look up in an hour of the clock."""
_AN_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class PhoneLookups:
    """Rate limiter for look-ups by phone.

    Attributes:
        repository: Repository of look-up counts.
        clock: Tells the time.
    """

    repository: PhoneLookupRepository
    clock: Clock

    def page[T](
        self,
        key_id: str | None,
        phone: Phone,
        phone_key: str,
        read: Callable[[], Page[T]],
        is_known: Callable[[], bool] = lambda: False,
    ) -> Page[T]:
        """Returns a page of a list by phone.

        Args:
            key_id: The API key of the request; None: it may see phones, and is not limited.
            phone: The number. Test numbers belong to nobody, and are not counted.
            phone_key: Its look-up key.
            read: Reads the page.
            is_known: Whether the client has a record of the number although the page is empty.

        Raises:
            LimitReached: The key has looked up too many unknown numbers. Nothing was read.
            Unavailable: The table cannot be reached.
        """
        if key_id is None or phone.is_test:
            return read()
        now = self.clock()
        hour = now.replace(minute=0, second=0, microsecond=0)
        # The look-up is counted before the page is read: many at once cannot pass the limit.
        try:
            self.repository.count(key_id, hour, phone_key, MOST)
        except ConditionFailed:
            logger().warning("phone look-ups used up", key=key_id)
            raise LimitReached(
                f"This key has asked for {MOST} unknown numbers within the hour.",
                limit=LIMIT,
                retry_after=whole_seconds(hour + _AN_HOUR - now),
            ) from None
        page = read()
        if page.items or is_known():
            self.repository.forget(key_id, hour, phone_key)
        return page

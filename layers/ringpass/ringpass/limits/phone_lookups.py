"""Rate limiter for look-ups by phone of API keys that may not see phones.

Lists mask a number for such a key, and statistics name its prefix. Whoever may ask for each number
of the prefix finds out which one it is. So a key is answered about so many numbers an hour of which
its client has no record, and then about none, whether there is a record or not. What is found is
not counted: a support desk asks for numbers that its client has sent to.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from ringpass.aws.dynamodb import ConditionFailed
from ringpass.clock import Clock
from ringpass.errors import LimitReached
from ringpass.http.pagination import Page
from ringpass.limits.phone_lookups_store import PhoneLookupRepository
from ringpass.observability import logger
from ringpass.phone import Phone

LIMIT: Final = "phone_lookups"
MOST: Final = 100
"""How many numbers that are not found a key may ask for in an hour of the clock."""
_AN_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class PhoneLookups:
    """Limits look-ups by phone.

    Attributes:
        repository: The table's counts of look-ups.
        clock: Tells the time.
    """

    repository: PhoneLookupRepository
    clock: Clock

    def page[T](
        self, key_id: str | None, phone: Phone, number_key: str, read: Callable[[], Page[T]]
    ) -> Page[T]:
        """A page of a list by phone.

        Args:
            key_id: The API key that asks; None: it may see phones, and learns nothing here.
            phone: The number. Test numbers are nobody's, and are not counted.
            number_key: Its look-up key.
            read: Reads the page.

        Raises:
            LimitReached: The key has asked for too many numbers in vain. Nothing was read.
            Unavailable: The table cannot be reached.
        """
        if key_id is None or phone.is_test:
            return read()
        now = self.clock()
        hour = now.replace(minute=0, second=0, microsecond=0)
        # The look-up is counted before it is answered: of many at once none passes the limit.
        try:
            self.repository.count(key_id, hour, number_key, MOST)
        except ConditionFailed:
            logger().warning("phone look-ups used up", key=key_id)
            raise LimitReached(
                f"This key has asked for {MOST} unknown numbers within the hour.",
                limit=LIMIT,
                retry_after=max(1, -((now - hour - _AN_HOUR) // timedelta(seconds=1))),
            ) from None
        page = read()
        if page.items:
            self.repository.forget(key_id, hour, number_key)
        return page

"""Rate limiter arithmetic: time is divided into slots, and each slot holds one request. Pure.

    slots    |  0  |  1  |  2  |  3  |       a request is sent within its slot,
                                             or at most LATE after its end

The provider starts its count of a second at any moment, and a request arrives somewhat after it was
sent. So a slot is so long that a second, plus the longest difference between two delays, never
holds more requests than the provider allows:

    (allowed - 1) slots = 1 s + LATE + TRANSIT

For CareSoft's 15 requests a second that is a slot of 90 ms: 11 a second, 40,000 an hour. Instants
are milliseconds since 1970.
"""

from dataclasses import dataclass
from typing import Final

LATE: Final = 100
"""How long after its slot a request may still be sent; a later one takes another slot."""
_TRANSIT: Final = 150
MAX_WAIT: Final = 3_000
"""How long a request waits for its slot at most."""

# An hour overlaps at most 13 windows of five minutes, wherever it begins; one more for the requests
# that wait for their slot when a window ends.
_WINDOW: Final = 300_000
_WINDOWS: Final = 14


@dataclass(frozen=True, slots=True)
class RateLimit:
    """The rate that a provider accepts.

    Attributes:
        per_second: Requests in any second; 2 at least.
        per_hour: Requests in any hour.
    """

    per_second: int
    per_hour: int

    @property
    def slot_length(self) -> int:
        """The length of a slot."""
        return -(-(1_000 + LATE + _TRANSIT) // (self.per_second - 1))

    @property
    def per_window(self) -> int | None:
        """How many requests may be sent in five minutes; None if there are not so many slots."""
        cap = self.per_hour // _WINDOWS
        return cap if cap < _WINDOW // self.slot_length + 1 else None

    def slot(self, instant: int) -> int:
        """The begin of the slot that an instant is in."""
        return instant - instant % self.slot_length

    def slots(self, now: int) -> list[int]:
        """The slots that a request may wait for, the present one first."""
        return list(range(self.slot(now), now + MAX_WAIT, self.slot_length))

    def is_over(self, slot: int, now: int) -> bool:
        """Whether it is too late to send in a slot."""
        return now >= slot + self.slot_length + LATE


def window_start(now: int) -> int:
    """The begin of the five minutes that an instant is in."""
    return now - now % _WINDOW


def until_next_window(now: int) -> int:
    """How long these five minutes still last."""
    return window_start(now) + _WINDOW - now

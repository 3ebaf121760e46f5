"""How often a provider may be asked: a place in time for each request. Pure.

    places   |  0  |  1  |  2  |  3  |       each holds one request, which leaves within it
                                             or at most LATE after it

Whoever counts at the other end begins a second wherever it likes, and a request arrives somewhat
after it has left. So a place lasts so long that a second, and as much as requests may be delayed
against each other, never holds more of them than are allowed:

    (allowed - 1) places = 1 s + LATE + TRANSIT

For the 15 a second of CareSoft that is a place every 90 ms, 11 a second. Over an hour these are
40,000. Instants are milliseconds since 1970.
"""

from dataclasses import dataclass
from typing import Final

LATE: Final = 100
"""How long after its place a request may leave; who is later takes another place."""
_TRANSIT: Final = 150
PATIENCE: Final = 3_000
"""How long a request waits for its place at most."""

# An hour that begins anywhere meets at most 13 stretches of five minutes; one more for those that
# wait for their place when a stretch ends.
_STRETCH: Final = 300_000
_STRETCHES: Final = 14


@dataclass(frozen=True, slots=True)
class RateLimit:
    """What a provider takes.

    Attributes:
        per_second: Requests in any second; 2 at least.
        per_hour: Requests in any hour.
    """

    per_second: int
    per_hour: int

    @property
    def gap(self) -> int:
        """How long a place lasts."""
        return -(-(1_000 + LATE + _TRANSIT) // (self.per_second - 1))

    @property
    def per_stretch(self) -> int | None:
        """How many requests may leave in five minutes; None if there are not as many places."""
        most = self.per_hour // _STRETCHES
        return most if most < _STRETCH // self.gap + 1 else None

    def place(self, instant: int) -> int:
        """When the place begins that an instant is in."""
        return instant - instant % self.gap

    def places(self, now: int) -> list[int]:
        """The places that can be waited for: the present one first."""
        return list(range(self.place(now), now + PATIENCE, self.gap))

    def is_over(self, place: int, now: int) -> bool:
        """Whether it is too late to leave in a place."""
        return now >= place + self.gap + LATE


def stretch(now: int) -> int:
    """When the five minutes began that an instant is in."""
    return now - now % _STRETCH


def until_next_stretch(now: int) -> int:
    """How long they still last."""
    return stretch(now) + _STRETCH - now

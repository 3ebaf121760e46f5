"""Keeps a provider's rate on our side: a request takes a place in time, and leaves in it.

    counters   what takes a place, for the transaction that reserves the delivery
    wait       before the request: until its place begins
    take       a place for a request that no transaction took one for

A refusal for want of a place comes before anything is reserved. Whoever is too late for the place
that was taken takes another one; if there is none, the provider is not asked.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from secrets import randbelow
from typing import Final

from ringpass.aws.dynamodb import ConditionFailed, Table
from ringpass.clock import Clock
from ringpass.errors import Unavailable
from ringpass.limits.arithmetic import LimitExceeded
from ringpass.limits.counters import Counter, CounterRepository, milliseconds
from ringpass.limits.rate import PATIENCE, RateLimit
from ringpass.limits.rate_slots import HourlyCapCounter, Pick, SlotCounter
from ringpass.observability import logger

_TRIES: Final = 12
# How long whoever comes too late each time goes on taking places, in milliseconds.
_LONGEST: Final = 5_000
RATE_FULL: Final = "rate_full"
"""Why a delivery that was reserved was not sent after all: there was no place in time."""


@dataclass(frozen=True, slots=True)
class RateLimiter:
    """One provider's rate.

    Attributes:
        provider: The provider's name.
        rate: What it takes.
        table: The table.
        clock: Tells the time.
        sleep: Waits so many seconds.
        pick: Chooses one of so many places.
    """

    provider: str
    rate: RateLimit
    table: Table
    clock: Clock
    sleep: Callable[[float], None] = time.sleep
    pick: Pick = randbelow

    @property
    def limit(self) -> str:
        """The name of the limit, as a refusal tells it."""
        return f"{self.provider}_rate"

    def counters(self) -> tuple[Counter, ...]:
        """What counts one request: a place, and an hour's share where that is the narrower one."""
        place = self._guess()
        cap = self.rate.per_stretch
        if cap is None:
            return (place,)
        now = milliseconds(self.clock())
        return place, HourlyCapCounter.guess(self.limit, self.provider, cap, now)

    def wait(self, place: SlotCounter) -> bool:
        """Wait for a place that is taken; whether the request may leave now."""
        taken: SlotCounter | None = place
        last, ahead = milliseconds(self.clock()) + _LONGEST, 0
        while taken is not None:
            now = self._until(taken.place)
            if not taken.is_over(now):
                return True
            if now >= last:
                break
            # The write took too long: its place is lost, and another one is needed. The next write
            # will take as long, so that place is so far ahead.
            ahead = min(PATIENCE, ahead + now - taken.place)
            taken = self._take(self._guess(ahead))
        logger().warning("no place in the rate", provider=self.provider)
        return False

    def take(self) -> bool:
        """Take a place and wait for it; whether the request may leave now."""
        place = self._take(self._guess())
        return place is not None and self.wait(place)

    def _guess(self, ahead: int = 0) -> SlotCounter:
        return SlotCounter.guess(self.limit, self.provider, self.rate, self.clock, self.pick, ahead)

    def _until(self, place: int) -> int:
        """Wait until a place begins; the time that it is then."""
        while (now := milliseconds(self.clock())) < place:
            self.sleep((place - now) / 1000)
        return now

    def _take(self, place: SlotCounter) -> SlotCounter | None:
        """A place that nobody else has; None if there is none within reach."""
        reader = CounterRepository(self.table)
        try:
            for _ in range(_TRIES):
                try:
                    write = place.write
                    self.table.update(
                        write.key, write.update, write.values, condition=write.condition
                    )
                except ConditionFailed as taken:
                    place = place.corrected(taken.item or {}, reader)
                else:
                    return place
        except (LimitExceeded, Unavailable):
            return None
        return None

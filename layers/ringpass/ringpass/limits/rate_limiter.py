"""Rate limiter: keeps our requests to a provider within the rate that it accepts.

    slot_counters   reserve a slot in the transaction that reserves the delivery
    wait            before the request: wait until its slot begins
    acquire         reserve a slot outside a transaction, and wait for it

If no slot is free, the send is refused before anything is reserved. A request that is too late for
its slot reserves another one; if none is free, nothing is sent to the provider.
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
from ringpass.limits.rate import MAX_WAIT, RateLimit
from ringpass.limits.rate_slots import HourlyCapCounter, Pick, SlotCounter
from ringpass.observability import logger

_TRIES: Final = 12
# How long a request that is late each time goes on reserving slots, in milliseconds.
_LONGEST: Final = 5_000
RATE_FULL: Final = "rate_full"
"""Why a delivery that was reserved was not sent after all: no slot was free."""


@dataclass(frozen=True, slots=True)
class RateLimiter:
    """Rate limiter for one provider.

    Attributes:
        provider: The provider's name.
        rate: The rate that it accepts.
        table: The table.
        clock: Tells the time.
        sleep: Waits so many seconds.
        pick: Chooses one of so many slots.
    """

    provider: str
    rate: RateLimit
    table: Table
    clock: Clock
    sleep: Callable[[float], None] = time.sleep
    pick: Pick = randbelow

    @property
    def limit(self) -> str:
        """The name of the limit in a refusal."""
        return f"{self.provider}_rate"

    def slot_counters(self) -> tuple[Counter, ...]:
        """Returns the counters of one request: its slot, and the window's cap if it is narrower."""
        slot = self._optimistic()
        cap = self.rate.per_window
        if cap is None:
            return (slot,)
        now = milliseconds(self.clock())
        return slot, HourlyCapCounter.optimistic(self.limit, self.provider, cap, now)

    def wait(self, slot: SlotCounter) -> bool:
        """Wait for a reserved slot; returns whether the request may be sent now."""
        current: SlotCounter | None = slot
        deadline, ahead = milliseconds(self.clock()) + _LONGEST, 0
        while current is not None:
            now = self._sleep_until(current.slot)
            if not current.is_over(now):
                return True
            if now >= deadline:
                break
            # The write took too long: its slot is lost, and another one is needed. The next write
            # will take as long, so the next slot is so far ahead.
            ahead = min(MAX_WAIT, ahead + now - current.slot)
            current = self._reserve(self._optimistic(ahead))
        logger().warning("no place in the rate", provider=self.provider)
        return False

    def acquire(self) -> bool:
        """Reserve a slot and wait for it; returns whether the request may be sent now."""
        slot = self._reserve(self._optimistic())
        return slot is not None and self.wait(slot)

    def _optimistic(self, ahead: int = 0) -> SlotCounter:
        return SlotCounter.optimistic(
            self.limit, self.provider, self.rate, self.clock, self.pick, ahead
        )

    def _sleep_until(self, slot: int) -> int:
        """Wait until a slot begins; returns the time then."""
        while (now := milliseconds(self.clock())) < slot:
            self.sleep((slot - now) / 1000)
        return now

    def _reserve(self, slot: SlotCounter) -> SlotCounter | None:
        """Reserve a slot under an optimistic lock; returns None if no slot is free."""
        reader = CounterRepository(self.table)
        try:
            for _ in range(_TRIES):
                try:
                    write = slot.write
                    self.table.update(
                        write.key, write.update, write.values, condition=write.condition
                    )
                except ConditionFailed as conflict:
                    slot = slot.replanned(conflict.item or {}, reader)
                else:
                    return slot
        except (LimitExceeded, Unavailable):
            return None
        return None

"""Slots of a rate limiter: each is reserved in the transaction that reserves the delivery.

    PK LIM#RATE#<provider>#<0 to 511>   SK LIM   the slot that was last reserved here
    PK LIM#RATE#<provider>#<begin>      SK LIM   requests of five minutes, where they are capped

A slot is identified by the millisecond at which it begins. The items are reused in turn, so that no
request has to create and delete one. A request reserves a slot by writing its begin, under an
optimistic lock: an item that has this or a later begin refuses the write. All clients and all
functions of the stack share the slots.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Self

from ringpass.aws.dynamodb import Item
from ringpass.aws.transaction import Update
from ringpass.clock import Clock
from ringpass.limits.arithmetic import LimitExceeded
from ringpass.limits.counters import Counter, CounterRepository, milliseconds
from ringpass.limits.rate import RateLimit, until_next_window, window_start

# More than the slots that a request may wait for, at any rate.
_ITEMS: Final = 512
_TTL_SECONDS: Final = 86_400

type Pick = Callable[[int], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotCounter(Counter):
    """A slot for one request.

    Attributes:
        provider: The provider's name.
        rate: The rate that it accepts.
        clock: Tells the time; some of it passes between two tries.
        pick: Chooses one of so many slots.
        slot: When the slot begins, in milliseconds since 1970.
        ahead: How far ahead the first slot is that may be reserved, in milliseconds.
        tries: How often another request reserved the chosen slot first.
    """

    name: str
    provider: str
    rate: RateLimit
    clock: Clock
    pick: Pick
    slot: int
    ahead: int = 0
    tries: int = 0
    write: Update

    @classmethod
    def optimistic(
        cls, name: str, provider: str, rate: RateLimit, clock: Clock, pick: Pick, ahead: int = 0
    ) -> Self:
        """Reserve the present slot, or the one so far ahead, assuming that it is free."""
        slot = rate.slot(milliseconds(clock()) + ahead)
        return cls(
            name=name,
            provider=provider,
            rate=rate,
            clock=clock,
            pick=pick,
            slot=slot,
            ahead=ahead,
            write=_reservation(provider, rate, slot),
        )

    def replanned(self, item: Item, counters: CounterRepository) -> Self:  # noqa: ARG002 - it reads all
        """See ``Counter``: reserves one of the next free slots.

        Requests at the same moment see the same free slots. So each chooses at random among some,
        and among more after each lost try: the more requests compete, the wider they spread.
        """
        slots = self.rate.slots(milliseconds(self.clock()) + self.ahead)
        items = counters.read([_key(self.provider, self.rate, slot) for slot in slots])
        free = [
            slot for slot, item in zip(slots, items, strict=True) if item.get("place", 0) < slot
        ]
        if not free:
            # In a moment another slot is within reach.
            raise LimitExceeded(self.name, self.rate.slot_length, self.rate.per_second)
        slot = free[self.pick(min(len(free), 2 << self.tries))]
        return replace(
            self,
            slot=slot,
            tries=self.tries + 1,
            write=_reservation(self.provider, self.rate, slot),
        )

    def is_over(self, now: int) -> bool:
        """Whether it is too late to send in this slot."""
        return self.rate.is_over(self.slot, now)


def _reservation(provider: str, rate: RateLimit, slot: int) -> Update:
    return Update(
        _key(provider, rate, slot),
        "SET entity = :entity, place = :place, expires_at = :expires",
        {":entity": "counter", ":place": slot, ":expires": slot // 1000 + _TTL_SECONDS},
        "attribute_not_exists(place) OR place < :place",
    )


def _key(provider: str, rate: RateLimit, slot: int) -> Item:
    return {
        "PK": f"LIM#RATE#{provider}#{slot // rate.slot_length % _ITEMS}",
        "SK": "LIM",
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class HourlyCapCounter(Counter):
    """Requests of five minutes; needed only where fewer are allowed than there are slots."""

    name: str
    provider: str
    cap: int
    now: int
    write: Update

    @classmethod
    def optimistic(cls, name: str, provider: str, cap: int, now: int) -> Self:
        """Count one more, assuming that there is room."""
        write = Update(
            {"PK": f"LIM#RATE#{provider}#{window_start(now)}", "SK": "LIM"},
            "SET entity = :entity, expires_at = :expires ADD requests :one",
            {
                ":entity": "counter",
                ":expires": now // 1000 + _TTL_SECONDS,
                ":one": 1,
                ":cap": cap,
            },
            "attribute_not_exists(requests) OR requests < :cap",
        )
        return cls(name=name, provider=provider, cap=cap, now=now, write=write)

    def replanned(self, item: Item, counters: CounterRepository) -> Self:  # noqa: ARG002 - one item
        """See ``Counter``: no room until the five minutes are over."""
        raise LimitExceeded(self.name, until_next_window(self.now), self.cap, item.get("requests"))

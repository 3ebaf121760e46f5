"""Places in a provider's rate: each is taken in the transaction that reserves the delivery.

    PK LIM#RATE#<provider>#<0 to 511>   SK LIM   the place that was last taken here
    PK LIM#RATE#<provider>#<begin>      SK LIM   requests of five minutes, where they are capped

A place is known by the millisecond at which it begins, and the items are used in turn, so that none
has to be made and thrown away for each request. A place is taken by who writes its begin; an item
with this or a later one has no room. Over all clients and all functions of the stack.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Self

from ringpass.aws.dynamodb import Item, Update
from ringpass.clock import Clock
from ringpass.limits.arithmetic import LimitExceeded
from ringpass.limits.counters import Counter, CounterRepository, milliseconds
from ringpass.limits.rate import RateLimit, stretch, until_next_stretch

# More than there are places to be waited for, at any rate.
_ITEMS: Final = 512
_KEPT_SECONDS: Final = 86_400

type Pick = Callable[[int], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotCounter(Counter):
    """A place for one request.

    Attributes:
        provider: Whose rate.
        rate: What it takes.
        clock: Tells the time; between two tries some of it passes.
        pick: Chooses one of so many places.
        place: When the place begins, in milliseconds since 1970.
        ahead: How far ahead the first place is that may be taken, in milliseconds.
        tries: How often a place was chosen that somebody else took.
    """

    name: str
    provider: str
    rate: RateLimit
    clock: Clock
    pick: Pick
    place: int
    ahead: int = 0
    tries: int = 0
    write: Update

    @classmethod
    def guess(
        cls, name: str, provider: str, rate: RateLimit, clock: Clock, pick: Pick, ahead: int = 0
    ) -> Self:
        """Take the present place, or the one so far ahead: nobody has."""
        place = rate.place(milliseconds(clock()) + ahead)
        return cls(
            name=name,
            provider=provider,
            rate=rate,
            clock=clock,
            pick=pick,
            place=place,
            ahead=ahead,
            write=_take(provider, rate, place),
        )

    def corrected(self, found: Item, counters: CounterRepository) -> Self:  # noqa: ARG002 - it looks at all
        """See ``Counter``: another place that is free, one of the next.

        Who asks at the same moment sees the same places free. So each chooses among some, among
        more the more often it was too late: they spread as far as there are too many of them.
        """
        places = self.rate.places(milliseconds(self.clock()) + self.ahead)
        items = counters.read([_key(self.provider, self.rate, place) for place in places])
        free = [
            place for place, item in zip(places, items, strict=True) if item.get("place", 0) < place
        ]
        if not free:
            # In a moment there is another one within reach.
            raise LimitExceeded(self.name, self.rate.gap, self.rate.per_second)
        chosen = free[self.pick(min(len(free), 2 << self.tries))]
        return replace(
            self,
            place=chosen,
            tries=self.tries + 1,
            write=_take(self.provider, self.rate, chosen),
        )

    def is_over(self, now: int) -> bool:
        """Whether it is too late to leave in this place."""
        return self.rate.is_over(self.place, now)


def _take(provider: str, rate: RateLimit, place: int) -> Update:
    return Update(
        _key(provider, rate, place),
        "SET entity = :entity, place = :place, expires_at = :expires",
        {":entity": "counter", ":place": place, ":expires": place // 1000 + _KEPT_SECONDS},
        "attribute_not_exists(place) OR place < :place",
    )


def _key(provider: str, rate: RateLimit, place: int) -> Item:
    return {"PK": f"LIM#RATE#{provider}#{place // rate.gap % _ITEMS}", "SK": "LIM"}


@dataclass(frozen=True, slots=True, kw_only=True)
class HourlyCapCounter(Counter):
    """Requests of five minutes; needed only where fewer are allowed than there are places."""

    name: str
    provider: str
    cap: int
    now: int
    write: Update

    @classmethod
    def guess(cls, name: str, provider: str, cap: int, now: int) -> Self:
        """Count one more: there is room."""
        write = Update(
            {"PK": f"LIM#RATE#{provider}#{stretch(now)}", "SK": "LIM"},
            "SET entity = :entity, expires_at = :expires ADD requests :one",
            {
                ":entity": "counter",
                ":expires": now // 1000 + _KEPT_SECONDS,
                ":one": 1,
                ":cap": cap,
            },
            "attribute_not_exists(requests) OR requests < :cap",
        )
        return cls(name=name, provider=provider, cap=cap, now=now, write=write)

    def corrected(self, found: Item, counters: CounterRepository) -> Self:  # noqa: ARG002 - one item
        """See ``Counter``: there is room for none until the five minutes are over."""
        raise LimitExceeded(
            self.name, until_next_stretch(self.now), self.cap, found.get("requests")
        )

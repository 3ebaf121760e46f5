"""The arithmetic of limits: what is left, and how long until there is more. Pure.

Instants are milliseconds since 1970, as counters keep them.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

# Requests that write the same item at the same time wait for each other: where there may be many,
# a count is spread over so many items, and each of them holds its share of the cap.
SHARDS: Final = 8
_MANY: Final = 800
_BEST_OF_DAYS: Final = 14


class LimitExceeded(Exception):
    """A limit has no room.

    Attributes:
        limit: Its name.
        wait_ms: How long until there is room for one, at the latest; None if time does not help.
        cap: What it allows.
        counted: What is counted now; None where that is not known.
    """

    def __init__(
        self,
        limit: str,
        wait_ms: int | None,
        cap: int | Decimal,
        counted: int | Decimal | None = None,
    ) -> None:
        super().__init__(f"the limit {limit} is reached")
        self.limit = limit
        self.wait_ms = wait_ms
        self.cap = cap
        self.counted = counted


class Sent(NamedTuple):
    """A send to a number.

    Attributes:
        at: When it was.
        by: Whose it was.
    """

    at: int
    by: str


@dataclass(frozen=True, slots=True)
class Starts:
    """Verifications of one number that were started since the pauses began.

    Attributes:
        last: When the last one was.
        count: How many.
    """

    last: int
    count: int


def shards_of(*caps: int | Decimal | None) -> int:
    """Over how many items a count is spread: many only if each cap is worth it."""
    return SHARDS if all(cap is None or cap >= _MANY for cap in caps) else 1


def share(cap: int, shards: int, shard: int) -> int:
    """A shard's part of a cap; all parts together are the cap."""
    return cap // shards + (shard < cap % shards)


def still_counted(sent_at: Iterable[int], seconds: int, now: int) -> list[int]:
    """The sends of the last ``seconds``, the oldest first."""
    return sorted(at for at in sent_at if at > now - seconds * 1000)


def wait_for_place(counted: Sequence[int], cap: int, seconds: int, now: int) -> int:
    """How long until one more send is no more than ``cap`` within ``seconds``; 0 if it is now.

    ``counted`` is what ``still_counted`` gave.
    """
    if len(counted) < cap:
        return 0
    return counted[len(counted) - cap] + seconds * 1000 - now


def counted_for(client: str, sent: Iterable[Sent], cap: int) -> int:
    """How many of all clients' sends count for one client against its cap.

    Its own count in full; those of each other client up to half of the cap, so that one of them
    cannot take the number from it. A cap of one has no half: it is one send of anybody's.
    """
    by = Counter(one.by for one in sent)
    most = max(1, cap // 2)
    return sum(count if of == client else min(count, most) for of, count in by.items())


def wait_for_share(sent: Iterable[Sent], client: str, cap: int, seconds: int, now: int) -> int:
    """How long until one more send of the client's has room under its cap; 0 if it has now."""
    counted = sorted(one for one in sent if one.at > now - seconds * 1000)
    if counted_for(client, counted, cap) < cap:
        return 0
    for place, one in enumerate(counted, start=1):
        if counted_for(client, counted[place:], cap) < cap:
            return one.at + seconds * 1000 - now
    raise ValueError("a cap is at least one")


def next_start(
    pauses: Sequence[int], reset_seconds: int, before: Starts | None, now: int
) -> Starts | int:
    """The starts with one more; or how long it has to wait, in milliseconds."""
    if before is None or now - before.last >= reset_seconds * 1000:
        return Starts(now, 1)
    pause = pauses[min(before.count, len(pauses)) - 1] * 1000
    if now - before.last < pause:
        return before.last + pause - now
    return Starts(now, before.count + 1)


def until_tomorrow(now: int) -> int:
    """How long the day (UTC) still lasts."""
    return 86_400_000 - now % 86_400_000


def verified_days(today: datetime) -> list[str]:
    """The days whose verified codes a budget looks at: today, then the days before."""
    return [day(today - timedelta(days=back)) for back in range(_BEST_OF_DAYS + 1)]


def day(instant: datetime) -> str:
    """The day (UTC) of an instant: ``2026-11-21``."""
    return instant.astimezone(UTC).date().isoformat()


def earned_budget(percent: int, verified: Sequence[Mapping[str, int]], hour: int) -> int:
    """How many codes of a country may be unverified today for those that were verified lately.

    Args:
        percent: The part of the verified ones that may be.
        verified: For each of ``verified_days`` the verified codes by the hour (UTC) in which they
            were: ``{"00": 3, "13": 20}``.
        hour: The hour (UTC) that it is.

    The last 24 hours are those of today and of yesterday's hours after this one.
    """
    today, *before = ({int(at): count for at, count in one.items()} for one in verified)
    best = max((sum(one.values()) for one in before), default=0)
    yesterday = before[0] if before else {}
    lately = sum(today.values()) + sum(n for at, n in yesterday.items() if at > hour)
    return max(best, lately) * percent // 100


def address_budget(least: int, percent: int, verified: int) -> int:
    """How many codes that one address of an end user asked for may be unverified today."""
    return max(least, verified * percent // 100)

"""Arithmetic of limits: how much room there is, and how long until there is more. Pure.

Instants are milliseconds since 1970, as counters keep them.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

# Requests that write the same item at the same time wait for each other. So a count with a large
# cap is spread over so many items, and each of them holds its share of the cap.
SHARDS: Final = 8
_LARGE_CAP: Final = 800
_BEST_OF_DAYS: Final = 14
# A day's codes come in some six busy hours: authgear's figure.
_BUSY_HOURS: Final = 6


class LimitExceeded(Exception):
    """A limit has no room.

    Attributes:
        limit: Its name.
        wait_ms: How long until there is room for one, at the latest; None if time does not help.
        cap: What it allows.
        counted: The present count; None where that is not known.
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


class ClientSend(NamedTuple):
    """A client's send to a number.

    Attributes:
        at: When it was.
        client: Whose it was.
    """

    at: int
    client: str


@dataclass(frozen=True, slots=True)
class Starts:
    """Verifications of one number that were started since the pauses began.

    Attributes:
        last: When the last one was started.
        count: How many.
    """

    last: int
    count: int


def shard_count(*caps: int | Decimal | None) -> int:
    """Returns over how many items a count is spread: many only if each cap is large."""
    return SHARDS if all(cap is None or cap >= _LARGE_CAP for cap in caps) else 1


def share(cap: int, shards: int, shard: int) -> int:
    """Returns a shard's part of a cap; all parts together are the cap."""
    return cap // shards + (shard < cap % shards)


def sends_in_window(sent_at: Iterable[int], seconds: int, now: int) -> list[int]:
    """Returns the sends of the last ``seconds``, the oldest first."""
    return sorted(at for at in sent_at if at > now - seconds * 1000)


def wait_for_room(in_window: Sequence[int], cap: int, seconds: int, now: int) -> int:
    """Returns how long until one more send stays within ``cap`` in ``seconds``; 0: it does now.

    ``in_window`` is the result of ``sends_in_window``.
    """
    if len(in_window) < cap:
        return 0
    return in_window[len(in_window) - cap] + seconds * 1000 - now


def count_for(client: str, sends: Iterable[ClientSend], cap: int) -> int:
    """Returns how many of all clients' sends count for one client against its cap.

    Its own sends count in full, those of each other client up to half of the cap: so no other
    client can use up the number. A cap of one has no half: it is one send of any client.
    """
    counts = Counter(send.client for send in sends)
    share_of_others = max(1, cap // 2)
    return sum(
        count if owner == client else min(count, share_of_others) for owner, count in counts.items()
    )


def wait_for_share(
    sends: Iterable[ClientSend], client: str, cap: int, seconds: int, now: int
) -> int:
    """Returns how long until the client's next send has room under its cap; 0: it has now."""
    in_window = sorted(send for send in sends if send.at > now - seconds * 1000)
    if count_for(client, in_window, cap) < cap:
        return 0
    for index, send in enumerate(in_window, start=1):
        if count_for(client, in_window[index:], cap) < cap:
            return send.at + seconds * 1000 - now
    raise ValueError("a cap is at least one")


def next_start(
    pauses: Sequence[int], reset_seconds: int, before: Starts | None, now: int
) -> Starts | int:
    """Returns the starts with one more; or how long it has to wait, in milliseconds."""
    if before is None or now - before.last >= reset_seconds * 1000:
        return Starts(now, 1)
    pause = pauses[min(before.count, len(pauses)) - 1] * 1000
    if now - before.last < pause:
        return before.last + pause - now
    return Starts(now, before.count + 1)


def until_tomorrow(now: int) -> int:
    """Returns how long the day (UTC) still lasts."""
    return 86_400_000 - now % 86_400_000


def until_next_hour(now: int) -> int:
    """Returns how long the hour of the clock (UTC) still lasts."""
    return 3_600_000 - now % 3_600_000


def budget_days(today: datetime) -> list[str]:
    """Returns the days whose verified codes a budget counts: today, then the days before."""
    return [day(today - timedelta(days=back)) for back in range(_BEST_OF_DAYS + 1)]


def day(instant: datetime) -> str:
    """Returns the day (UTC) of an instant: ``2026-11-21``."""
    return instant.astimezone(UTC).date().isoformat()


class Verified(NamedTuple):
    """Verified codes of a country, from which its budget grows.

    Attributes:
        best_day: On the best of the 14 days before.
        last_24_hours: Today, and yesterday after the present hour of the clock.
        last_hour: In the present hour of the clock or in the one before, whichever has more: the
            present one has just begun at times.
    """

    best_day: int = 0
    last_24_hours: int = 0
    last_hour: int = 0


def sum_verified(verified_by_hour: Sequence[Mapping[str, int]], hour: int) -> Verified:
    """Sum up the verified codes of a country.

    Args:
        verified_by_hour: For each of ``budget_days``, the verified codes by the hour (UTC) in which
            they were verified: ``{"00": 3, "13": 20}``.
        hour: The present hour (UTC).
    """
    today, *before = (
        {int(at): count for at, count in counts.items()} for counts in verified_by_hour
    )
    yesterday = before[0] if before else {}
    hour_before = today.get(hour - 1, 0) if hour else yesterday.get(23, 0)
    return Verified(
        best_day=max((sum(counts.values()) for counts in before), default=0),
        last_24_hours=sum(today.values()) + sum(n for at, n in yesterday.items() if at > hour),
        last_hour=max(today.get(hour, 0), hour_before),
    )


def country_budget(least: int, percent: int, verified: Verified) -> int:
    """Returns how many codes of a country may be unverified today."""
    return max(least, max(verified.best_day, verified.last_24_hours) * percent // 100)


def hourly_country_budget(least: int, percent: int, verified: Verified) -> int:
    """Returns how many codes of a country may be unverified in this hour."""
    of_best_day = verified.best_day * percent // (100 * _BUSY_HOURS)
    return max(least, of_best_day, verified.last_hour * percent // 100)


def address_budget(least: int, percent: int, verified: int) -> int:
    """Returns how many codes of one end user's address may be unverified today."""
    return max(least, verified * percent // 100)


def hourly_address_budget(least: int, percent: int, verified: int) -> int:
    """Returns how many codes of one end user's address may be unverified in this hour.

    ``verified`` are those of its day.
    """
    return max(least, verified * percent // (100 * _BUSY_HOURS))

"""Counters of limits: items that count, and the writes that count one more where there is room.

    PK LIM#PHONE#<client>#<phone key>               SK LIM   sends to a number, and pauses
    PK LIM#ALL#<phone key>                          SK LIM   all clients' sends to a number
                                                             (in ``shared_sends``)
    PK LIM#PREFIX#<client>#<prefix key>#<shard>     SK LIM   sends to a prefix
    PK LIM#OPEN#..., LIM#IP#..., LIM#DONE#...       SK LIM   the fraud budget (in ``fraud_budget``)
    PK LED#<client>#<day>#<shard>                   SK LED   sends and money of a day

Optimistic lock: each counter makes one conditional write, for the transaction that reserves the
delivery. Nothing is read before. The first write (``optimistic``) assumes that there is room, and
its condition checks it. If the condition fails, ``replanned`` makes the write that fits the item in
the table, or raises ``LimitExceeded``. The condition of that write holds for this item alone, or
for any that has room. So a cap is never passed, however many requests come at once, and every
refused write means that another one succeeded.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Self

from ringpass.aws.dynamodb import Item, Table
from ringpass.aws.transaction import Tag, Update
from ringpass.aws.ttl_cache import TtlCache
from ringpass.config import SEND_TIMEOUT_SECONDS
from ringpass.costs import Cost
from ringpass.limits.arithmetic import (
    SHARDS,
    LimitExceeded,
    Starts,
    Verified,
    day,
    next_start,
    sends_in_window,
    shard_count,
    share,
    until_tomorrow,
    wait_for_room,
)
from ringpass.limits.settings import LimitSettings, Window

_DAY_SECONDS: Final = 86_400
# The longest window and the longest pause are a day.
SENDS_TTL_SECONDS: Final = 25 * 3600
_SPENT: Final = "spent_"
# A function may write a send this late, because it planned it earlier or its clock is behind. Its
# window begins before the present one by so much, so sends of that time stay listed.
LATE_WRITE_SECONDS: Final = SEND_TIMEOUT_SECONDS + 1
_VERIFIED_TTL_SECONDS: Final = 60

type Keys = tuple[Item, ...]
# Chooses one of so many equal shards: a number below the argument.
type Pick = Callable[[int], int]


@dataclass(frozen=True, slots=True)
class Day:
    """A client's ledger of a day.

    Attributes:
        sends: Deliveries that were reserved.
        spent: Their cost by currency; an estimate until each is settled.
    """

    sends: int
    spent: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class CounterRepository:
    """Repository of counters.

    Attributes:
        table: The table.
        retention_seconds: How long the ledger of a day is kept after it.
    """

    table: Table
    retention_seconds: int = 0
    _verified: TtlCache[str, Verified] = field(
        default_factory=lambda: TtlCache(_VERIFIED_TTL_SECONDS), repr=False
    )

    def cached_verified(self, key: str, now: datetime) -> Verified:
        """Returns the cached verified codes of a country; none if they were not read just now.

        It saves each start of a busy country a refused transaction. Slightly old ones are like
        verified codes that come through the stream slightly later.
        """
        return self._verified.get(key, now) or Verified()

    def cache_verified(self, key: str, now: datetime, verified: Verified) -> None:
        """Cache the verified codes of a country."""
        self._verified.put(key, verified, now)

    def read(self, keys: Sequence[Item]) -> list[Item]:
        """Returns the items in the order of the keys; an empty item where there is none."""
        by_key = {item["PK"]: item for item in self.table.get_many(keys)}
        return [by_key.get(key["PK"], {}) for key in keys]

    def days(self, client: str, days: Sequence[str]) -> Mapping[str, Day]:
        """Returns a client's ledger of these days (``2026-11-21``)."""
        keys = [key for on in days for key in _ledger_keys(client, on, SHARDS)]
        items = self.read(keys)
        return {
            on: _day(items[index * SHARDS : (index + 1) * SHARDS]) for index, on in enumerate(days)
        }


def _day(items: Iterable[Item]) -> Day:
    sends, spent = 0, dict[str, Decimal]()
    for item in items:
        sends += item.get("sends", 0)
        for name, amount in item.items():
            if name.startswith(_SPENT):
                currency = name.removeprefix(_SPENT)
                spent[currency] = spent.get(currency, Decimal(0)) + amount
    return Day(sends, spent)


class Counter(ABC):
    """Counter of one limit: counts a send by one conditional write.

    Attributes:
        name: Name of the limit.
        write: The write; a transaction may hold one action for each item.
    """

    __slots__ = ()
    name: str
    write: Update

    @property
    def tag(self) -> Tag:
        """Names the write in a transaction, by its item: counters may have the same name."""
        return "limit", self.write.key["PK"]

    @abstractmethod
    def replanned(self, item: Item, counters: CounterRepository) -> Self:
        """Returns the counter with a write that fits the item in the table.

        Args:
            item: The item whose condition failed; empty if there is none.
            counters: Reads the other items, where there are several.

        Raises:
            LimitExceeded: There is no room.
        """

    @property
    def excesses(self) -> tuple[LimitExceeded, ...]:
        """The limits that would have refused the send, were they not in mode ``record``."""
        return ()


# -------------------------------------------------------------------------------- sends in a window


@dataclass(frozen=True, slots=True)
class Pauses:
    """The pauses between starts to one number.

    Attributes:
        seconds: The first pause, and so on; the last one repeats.
        reset_seconds: After so long without a start, the pauses begin anew.
    """

    seconds: tuple[int, ...]
    reset_seconds: int


@dataclass(frozen=True, slots=True)
class _Clause:
    """A part of a conditional update."""

    sets: str
    condition: str
    values: Item


@dataclass(frozen=True, slots=True, kw_only=True)
class SendCounter(Counter):
    """Counter of sends in a sliding window; and of starts, if there are pauses between them.

    An item lists the times of sends. A send is appended while the list is shorter than the cap,
    whatever the times are; once the list is full, times before the window are removed.
    """

    name: str
    keys: Keys
    window: Window | None
    pauses: Pauses | None
    now: int
    shard: int
    write: Update

    @classmethod
    def optimistic(
        cls,
        name: str,
        keys: Keys,
        window: Window | None,
        pauses: Pauses | None,
        now: int,
        pick: Pick,
    ) -> Self:
        """Count a send in one of the items, assuming that it has room and no pause is on."""
        shard = pick(len(keys)) if len(keys) > 1 else 0
        clauses = []
        if window:
            clauses.append(_append(now, share(window.cap, len(keys), shard)))
        if pauses:
            clauses.append(_first_start(pauses, now))
        return cls(
            name=name,
            keys=keys,
            window=window,
            pauses=pauses,
            now=now,
            shard=shard,
            write=_update(keys[shard], clauses, now),
        )

    def replanned(self, item: Item, counters: CounterRepository) -> Self:
        """See ``Counter``."""
        if len(self.keys) == 1:
            return self._for_shard(0, item)
        items = counters.read(self.keys)
        refusals: list[LimitExceeded] = []
        for shard in sorted(range(len(self.keys)), key=lambda index: self._count(items[index])):
            try:
                return self._for_shard(shard, items[shard])
            except LimitExceeded as refusal:
                refusals.append(refusal)
        # There is room as soon as the first shard has some.
        first = min(refusals, key=lambda refusal: refusal.wait_ms or 0)
        assert self.window is not None  # noqa: S101 - pauses are in no item of several
        raise LimitExceeded(self.name, first.wait_ms, self.window.cap, sum(map(self._count, items)))

    def _count(self, item: Item) -> int:
        assert self.window is not None  # noqa: S101
        return len(sends_in_window(item.get("sent_at", ()), self.window.seconds, self.now))

    def _for_shard(self, shard: int, item: Item) -> Self:
        clauses, refusals = list[_Clause](), list[LimitExceeded]()
        if self.window:
            try:
                clauses.append(self._append_or_prune(self.window, shard, item))
            except LimitExceeded as refusal:
                refusals.append(refusal)
        if self.pauses:
            try:
                clauses.append(_start(self.pauses, item, self.now))
            except LimitExceeded as refusal:
                refusals.append(refusal)
        if refusals:
            raise max(refusals, key=lambda refusal: refusal.wait_ms or 0)
        return replace(self, shard=shard, write=_update(self.keys[shard], clauses, self.now))

    def _append_or_prune(self, window: Window, shard: int, item: Item) -> _Clause:
        cap = share(window.cap, len(self.keys), shard)
        sent_at = item.get("sent_at", ())
        if len(sent_at) < cap:
            return _append(self.now, cap)
        in_window = sends_in_window(sent_at, window.seconds, self.now)
        if wait := wait_for_room(in_window, cap, window.seconds, self.now):
            raise LimitExceeded(self.name, wait, window.cap, len(in_window))
        current = sends_in_window(sent_at, window.seconds + LATE_WRITE_SECONDS, self.now)
        return _prune(item, current, self.now)


def _append(now: int, cap: int) -> _Clause:
    return _Clause(
        "sent_at = list_append(if_not_exists(sent_at, :none), :sent)",
        "(attribute_not_exists(sent_at) OR size(sent_at) < :cap)",
        {":none": [], ":sent": [now], ":cap": cap},
    )


def _prune(item: Item, sends: Sequence[int], now: int) -> _Clause:
    """Remove the sends that no longer count, under an optimistic lock."""
    condition, values = unchanged_list(item)
    return _Clause(
        "sent_at = :sent, prunes = :prunes", condition, {":sent": [*sends, now], **values}
    )


def unchanged_list(item: Item) -> tuple[str, dict[str, Any]]:
    """Optimistic lock on a list of sends: nothing was appended or removed since it was read.

    Returns the condition and its values; the write must set ``prunes`` to ``:prunes``.
    """
    prunes = item.get("prunes", 0)
    unpruned = "prunes = :was" if prunes else "attribute_not_exists(prunes)"
    values = {
        ":prunes": prunes + 1,
        ":size": len(item["sent_at"]),
        **({":was": prunes} if prunes else {}),
    }
    return f"attribute_exists(sent_at) AND size(sent_at) = :size AND {unpruned}", values


_STARTED: Final = "started_at = :started, starts = :starts"


def _first_start(pauses: Pauses, now: int) -> _Clause:
    return _Clause(
        _STARTED,
        "(attribute_not_exists(started_at) OR started_at <= :before)",
        {":started": now, ":starts": 1, ":before": now - pauses.reset_seconds * 1000},
    )


def _start(pauses: Pauses, item: Item, now: int) -> _Clause:
    if "started_at" not in item:
        return _first_start(pauses, now)
    before = Starts(item["started_at"], item["starts"])
    starts = next_start(pauses.seconds, pauses.reset_seconds, before, now)
    if isinstance(starts, int):
        cap = pauses.seconds[min(before.count, len(pauses.seconds)) - 1]
        raise LimitExceeded("pauses", starts, cap, before.count)
    return _Clause(
        _STARTED,
        "started_at = :last AND starts = :count",
        {
            ":started": starts.last,
            ":starts": starts.count,
            ":last": before.last,
            ":count": before.count,
        },
    )


def _update(key: Item, clauses: Iterable[_Clause], now: int) -> Update:
    sets, conditions = list[str](), list[str]()
    values: dict[str, Any] = {":entity": "counter", ":expires": now // 1000 + SENDS_TTL_SECONDS}
    for clause in clauses:
        sets.append(clause.sets)
        conditions.append(clause.condition)
        values |= clause.values
    update = f"SET {', '.join([*sets, 'entity = :entity', 'expires_at = :expires'])}"
    return Update(key, update, values, " AND ".join(conditions))


# ------------------------------------------------------------------------------- the day's ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerCounter(Counter):
    """Counter of a client's sends and money of a day.

    Attributes:
        cost: The estimated cost of the send, if it is known.
        sends: The day's cap of sends, if there is one.
        money: The day's cap in the currency of ``cost``, if there is one.
    """

    name: str = "daily_sends"
    keys: Keys
    cost: Cost | None
    sends: int | None
    money: Decimal | None
    now: int
    expires_at: int
    shard: int
    write: Update

    @classmethod
    def optimistic(
        cls,
        counters: CounterRepository,
        client: str,
        cost: Cost | None,
        limits: LimitSettings,
        now: datetime,
        pick: Pick,
    ) -> Self:
        """Count a send in one of the day's items, assuming that it has room.

        Raises:
            LimitExceeded: The send alone costs more than an item has room for.
        """
        # The number of shards must not depend on the currency: sends in all currencies share them.
        shards = shard_count(limits.daily_sends, *limits.daily_money.values())
        keys = _ledger_keys(client, day(now), shards)
        draft = cls(
            keys=keys,
            cost=cost,
            sends=limits.daily_sends,
            money=limits.money_cap(cost.currency) if cost else None,
            now=milliseconds(now),
            expires_at=midnight(now) + _DAY_SECONDS + counters.retention_seconds,
            shard=0,
            write=Update({}, "", {}, ""),
        )
        if draft.money is not None and draft._max_spent < 0:
            raise draft._refusal([])
        return draft._for_shard(pick(shards) if shards > 1 else 0)

    def replanned(self, item: Item, counters: CounterRepository) -> Self:
        """See ``Counter``."""
        items = [item] if len(self.keys) == 1 else counters.read(self.keys)
        free = [shard for shard, item in enumerate(items) if self._has_room(shard, item)]
        if not free:
            raise self._refusal(items)
        return self._for_shard(min(free, key=lambda shard: items[shard].get("sends", 0)))

    @property
    def _max_spent(self) -> Decimal:
        """What an item may have spent, so that this send fits in."""
        assert self.money is not None  # noqa: S101 - read only where there is a cap
        assert self.cost is not None  # noqa: S101
        return self.money / len(self.keys) - self.cost.amount

    def _has_sends(self, shard: int, item: Item) -> bool:
        return self.sends is None or item.get("sends", 0) < share(self.sends, len(self.keys), shard)

    def _has_money(self, item: Item) -> bool:
        return self.money is None or item.get(self._spent_name, 0) <= self._max_spent

    def _has_room(self, shard: int, item: Item) -> bool:
        return self._has_sends(shard, item) and self._has_money(item)

    def _refusal(self, items: Sequence[Item]) -> LimitExceeded:
        wait = until_tomorrow(self.now)
        if self.money is not None and (
            not items or any(self._has_sends(shard, item) for shard, item in enumerate(items))
        ):
            spent = sum((Decimal(item.get(self._spent_name, 0)) for item in items), Decimal(0))
            return LimitExceeded("daily_money", wait, self.money, spent if items else None)
        sends = sum(item.get("sends", 0) for item in items)
        return LimitExceeded("daily_sends", wait, self.sends or 0, sends)

    @property
    def _spent_name(self) -> str:
        return _SPENT + (self.cost.currency if self.cost else "")

    def _for_shard(self, shard: int) -> Self:
        adds, conditions = ["sends :one"], list[str]()
        values: dict[str, Any] = {":one": 1, ":entity": "ledger", ":expires": self.expires_at}
        if self.cost:
            adds.append(f"{self._spent_name} :cost")
            values[":cost"] = self.cost.amount
        if self.sends is not None:
            conditions.append("(attribute_not_exists(sends) OR sends < :sends)")
            values[":sends"] = share(self.sends, len(self.keys), shard)
        if self.money is not None:
            spent = self._spent_name
            conditions.append(f"(attribute_not_exists({spent}) OR {spent} <= :room)")
            values[":room"] = self._max_spent
        update = f"SET entity = :entity, expires_at = :expires ADD {', '.join(adds)}"
        return replace(
            self,
            shard=shard,
            write=Update(self.keys[shard], update, values, " AND ".join(conditions)),
        )


def _ledger_keys(client: str, on: str, shards: int) -> Keys:
    return tuple({"PK": f"LED#{client}#{on}#{shard}", "SK": "LED"} for shard in range(shards))


def correct_spent(
    client: str, on: str, shard: int, currency: str, difference: Decimal, expires_at: int
) -> Update:
    """Correct the money spent on a day: the cost of a delivery differs from its estimate.

    Args:
        client: Whose ledger.
        on: The day (UTC) on which the delivery was reserved: ``2026-11-21``.
        shard: The delivery's ``ledger_shard``.
        currency: ISO 4217.
        difference: The cost now, less the cost in the ledger.
        expires_at: When that day's ledger expires, if it must be written anew: seconds since 1970.
    """
    return Update(
        {"PK": f"LED#{client}#{on}#{shard}", "SK": "LED"},
        "SET entity = :entity, expires_at = if_not_exists(expires_at, :expires)"
        f" ADD {_SPENT}{currency} :difference",
        {":entity": "ledger", ":expires": expires_at, ":difference": difference},
        "",
    )


def phone_keys(client: str, phone_key: str) -> Keys:
    """Returns the keys of a client's sends to a number."""
    return ({"PK": f"LIM#PHONE#{client}#{phone_key}", "SK": "LIM"},)


def prefix_keys(client: str, prefix_key: str, window: Window) -> Keys:
    """Returns the keys of a client's sends to a prefix."""
    return tuple(
        {"PK": f"LIM#PREFIX#{client}#{prefix_key}#{shard}", "SK": "LIM"}
        for shard in range(shard_count(window.cap))
    )


def milliseconds(instant: datetime) -> int:
    """Returns an instant as counters keep it: since 1970."""
    return int(instant.timestamp() * 1000)


def midnight(instant: datetime) -> int:
    """Returns the begin of an instant's day (UTC), in seconds since 1970."""
    return milliseconds(instant) // 1000 // _DAY_SECONDS * _DAY_SECONDS

"""Counters of limits: items that count, and the writes that count one more where there is room.

    PK LIM#PHONE#<client>#<phone key>               SK LIM   sends to a number, and pauses
    PK LIM#ALL#<phone key>                          SK LIM   all clients' sends to a number
                                                             (in ``shared_sends``)
    PK LIM#PREFIX#<client>#<prefix key>#<shard>     SK LIM   sends to a prefix
    PK LIM#OPEN#<client>#<country>#<day>#<shard>    SK LIM   unverified codes and single sends
    PK LIM#IP#<client>#<address key>#<day>          SK LIM   codes of an end user's address
    PK LIM#DONE#<client>#<country>#<day>            SK LIM   verified codes of a country, by hour
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
    address_budget,
    budget_days,
    day,
    earned_budget,
    next_start,
    sends_in_window,
    shard_count,
    share,
    until_tomorrow,
    wait_for_room,
)
from ringpass.limits.settings import FraudBudget, LimitSettings, Mode, Window

_DAY_SECONDS: Final = 86_400
# The longest window and the longest pause are a day.
SENDS_TTL_SECONDS: Final = 25 * 3600
# A verification lasts a day at most, and its stream records come a day later at most.
_UNVERIFIED_TTL_SECONDS: Final = 4 * _DAY_SECONDS
_VERIFIED_TTL_SECONDS: Final = 17 * _DAY_SECONDS
_SPENT: Final = "spent_"
# Verified codes by the hour: ours, and those that the caller chose.
_HOUR: Final = "h"
_OWN_HOUR: Final = "o"
# A function may write a send this late, because it planned it earlier or its clock is behind. Its
# window begins before the present one by so much, so sends of that time stay listed.
LATE_WRITE_SECONDS: Final = SEND_TIMEOUT_SECONDS + 1
_BUDGET_TTL_SECONDS: Final = 60

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
    _budgets: TtlCache[str, int] = field(
        default_factory=lambda: TtlCache(_BUDGET_TTL_SECONDS), repr=False
    )

    def cached_budget(self, key: str, now: datetime) -> int:
        """Returns the cached cap that a fraud budget has earned; 0 if none was read just now.

        It saves each start of a busy country a refused transaction. A slightly old budget is like
        one whose verified codes come through the stream slightly later.
        """
        return self._budgets.get(key, now) or 0

    def cache_budget(self, key: str, now: datetime, cap: int) -> None:
        """Cache the cap that a fraud budget has earned."""
        self._budgets.put(key, cap, now)

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
    def excess(self) -> LimitExceeded | None:
        """The limit that would have refused the send, were it not in mode ``record``."""
        return None


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
            expires_at=_midnight(now) + _DAY_SECONDS + counters.retention_seconds,
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


# ----------------------------------------------------------------------------- unverified codes


@dataclass(frozen=True, slots=True)
class _Caps:
    """Caps of a country's counts.

    Attributes:
        unverified: Unverified codes of verifications.
        codes: Unverified codes and single sends.
    """

    unverified: int
    codes: int

    def part(self, shards: int, shard: int) -> "_Caps":
        """Returns the share of one shard."""
        return _Caps(share(self.unverified, shards, shard), share(self.codes, shards, shard))

    def room_left(self, item: Item, *, starts: bool) -> int:
        """Returns how many more fit into an item."""
        codes: int = self.codes - item.get("codes", 0)
        unverified: int = self.unverified - item.get("unverified", 0)
        return min(codes, unverified) if starts else codes


@dataclass(frozen=True, slots=True, kw_only=True)
class CountryCounter(Counter):
    """Fraud budget of a country and day: counts unverified codes and single sends.

    Single sends are never verified. The caps grow with the verified codes of the last days, which
    only ``replanned`` reads.

    Attributes:
        budget: The rule for the caps.
        starts: Whether the send starts a verification; else it is a single send.
        excess: See ``Counter``.
    """

    name: str = "fraud_budget_country"
    keys: Keys
    verified_keys: Keys
    budget: FraudBudget
    starts: bool
    now: datetime
    shard: int
    write: Update
    excess: LimitExceeded | None = None

    @classmethod
    def optimistic(
        cls,
        counters: CounterRepository,
        client: str,
        country: str,
        budget: FraudBudget,
        shards: int,
        now: datetime,
        pick: Pick,
        *,
        starts: bool,
    ) -> Self:
        """Count an unverified code in one of the items, assuming that it has room."""
        today = day(now)
        draft = cls(
            keys=tuple(_unverified_key(client, country, today, shard) for shard in range(shards)),
            verified_keys=tuple(_verified_key(client, country, on) for on in budget_days(now)),
            budget=budget,
            starts=starts,
            now=now,
            shard=0,
            write=Update({}, "", {}, ""),
        )
        caps = draft._caps(counters.cached_budget(draft._cache_key, now))
        return draft._for_shard(pick(shards) if shards > 1 else 0, caps)

    def replanned(self, item: Item, counters: CounterRepository) -> Self:  # noqa: ARG002 - it reads all
        """See ``Counter``. It reads the verified codes of 15 days, in one request."""
        items = counters.read([*self.keys, *self.verified_keys])
        unverified, verified = items[: len(self.keys)], items[len(self.keys) :]
        verified_by_hour = [_by_hour(counts, self.budget) for counts in verified]
        earned = earned_budget(self.budget.percent, verified_by_hour, self.now.hour)
        counters.cache_budget(self._cache_key, self.now, earned)
        caps, shards = self._caps(earned), len(unverified)
        room_left = [
            caps.part(shards, shard).room_left(item, starts=self.starts)
            for shard, item in enumerate(unverified)
        ]
        shard = max(range(shards), key=room_left.__getitem__)
        if room_left[shard] > 0:
            return self._for_shard(shard, caps)
        refusal = self._refusal(unverified, caps)
        if self.budget.mode is Mode.ENFORCE:
            raise refusal
        return replace(self._for_shard(shard, None), excess=refusal)

    def _refusal(self, items: Sequence[Item], caps: _Caps) -> LimitExceeded:
        wait = until_tomorrow(milliseconds(self.now))
        unverified = sum(item.get("unverified", 0) for item in items)
        if self.starts and unverified >= caps.unverified:
            return LimitExceeded(self.name, wait, caps.unverified, unverified)
        return LimitExceeded(
            self.name, wait, caps.codes, sum(item.get("codes", 0) for item in items)
        )

    def _caps(self, earned: int) -> _Caps:
        unverified = max(self.budget.country_least, earned)
        return _Caps(unverified, max(self.budget.sends_least, unverified))

    def _for_shard(self, shard: int, caps: _Caps | None) -> Self:
        names = ("unverified", "codes") if self.starts else ("codes",)
        part = None if caps is None else caps.part(len(self.keys), shard)
        caps_by_name = {name: None if part is None else getattr(part, name) for name in names}
        write = _count_unverified(self.keys[shard], caps_by_name, self.now)
        return replace(self, shard=shard, write=write)

    @property
    def _cache_key(self) -> str:
        """Names the client, the country and the rule: a changed setting applies at once."""
        return f"{self.verified_keys[0]['PK']}#{self.budget.percent}#{self.budget.own_codes}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressCounter(Counter):
    """Fraud budget of an end user's address and day: counts unverified codes."""

    name: str = "fraud_budget_ip"
    ip_key: str = field(repr=False)
    budget: FraudBudget
    key: Item = field(repr=False)
    now: datetime
    write: Update
    excess: LimitExceeded | None = None

    @classmethod
    def optimistic(cls, client: str, ip_key: str, budget: FraudBudget, now: datetime) -> Self:
        """Count an unverified code, assuming that there is room."""
        key = _address_key(client, ip_key, day(now))
        write = _count_unverified(key, {"unverified": budget.ip_least}, now)
        return cls(ip_key=ip_key, budget=budget, key=key, now=now, write=write)

    def replanned(self, item: Item, counters: CounterRepository) -> Self:  # noqa: ARG002 - one item
        """See ``Counter``."""
        verified, unverified = item.get("verified", 0), item.get("unverified", 0)
        if self.budget.own_codes:
            verified += item.get("own_verified", 0)
        cap = address_budget(self.budget.ip_least, self.budget.percent, verified)
        if unverified < cap:
            return replace(self, write=_count_unverified(self.key, {"unverified": cap}, self.now))
        refusal = LimitExceeded(self.name, until_tomorrow(milliseconds(self.now)), cap, unverified)
        if self.budget.mode is Mode.ENFORCE:
            raise refusal
        write = _count_unverified(self.key, {"unverified": None}, self.now)
        return replace(self, write=write, excess=refusal)


def count_verified_code(
    client: str, country: str, open_at: Mapping[str, Any] | None, at: datetime, *, own_code: bool
) -> tuple[Update, ...]:
    """Returns the writes that count a verified code, and give its part of the fraud budget back.

    To be written once for each verification that is approved and whose code was read off a phone
    (``fraud_budget.was_readable``). A code that the caller chose is counted apart.

    Args:
        client: The client of the verification.
        country: The country of its number.
        open_at: Where its code was counted as unverified: ``LimitPlan.unverified`` of its start.
        at: When it was approved.
        own_code: Whether the caller chose the code.
    """
    hour = f"{_OWN_HOUR if own_code else _HOUR}{at.hour:02}"
    updates = [
        Update(
            _verified_key(client, country, day(at)),
            f"SET entity = :entity, expires_at = :expires ADD {hour} :one",
            {":entity": "counter", ":expires": _midnight(at) + _VERIFIED_TTL_SECONDS, ":one": 1},
            "",
        )
    ]
    if open_at and not (own_code and open_at.get("keeps_own")):
        # If the item has expired, the new one expires, too.
        sets = "SET entity = :entity, expires_at = if_not_exists(expires_at, :expires)"
        values = {":entity": "counter", ":expires": _midnight(at) + _UNVERIFIED_TTL_SECONDS}
        values |= {":less": -1, ":one": 1}
        on, shard = open_at["day"], open_at["shard"]
        counted = "own_verified" if own_code else "verified"
        refund = f"{sets} ADD unverified :less, {counted} :one"
        key = _unverified_key(client, country, on, shard)
        updates.append(Update(key, f"{refund}, codes :less", values, ""))
        if ip_key := open_at.get("ip_key"):
            updates.append(Update(_address_key(client, ip_key, on), refund, values, ""))
    return tuple(updates)


def _count_unverified(key: Item, caps: Mapping[str, int | None], now: datetime) -> Update:
    """Count one in each of these attributes, if it is below its cap (None: in any case)."""
    values: dict[str, Any] = {
        ":one": 1,
        ":entity": "counter",
        ":expires": _midnight(now) + _UNVERIFIED_TTL_SECONDS,
    }
    conditions = []
    for name, cap in caps.items():
        if cap is None:
            continue
        values[f":{name}"] = cap
        # A missing item has no room if the cap is 0. One below zero, by refunds, has.
        absent = f"attribute_not_exists({name}) OR " if cap > 0 else ""
        conditions.append(f"({absent}{name} < :{name})")
    adds = ", ".join(f"{name} :one" for name in caps)
    update = f"SET entity = :entity, expires_at = :expires ADD {adds}"
    return Update(key, update, values, " AND ".join(conditions))


def _by_hour(item: Item, budget: FraudBudget) -> dict[str, int]:
    """Returns the verified codes of a day that count for the budget, by the hour."""
    kinds = (_HOUR, _OWN_HOUR) if budget.own_codes else (_HOUR,)
    counts: dict[str, int] = {}
    for name, count in item.items():
        if name[0] in kinds and name[1:].isdigit():
            counts[name[1:]] = counts.get(name[1:], 0) + count
    return counts


def _unverified_key(client: str, country: str, on: str, shard: int) -> Item:
    return {"PK": f"LIM#OPEN#{client}#{country}#{on}#{shard}", "SK": "LIM"}


def _verified_key(client: str, country: str, on: str) -> Item:
    return {"PK": f"LIM#DONE#{client}#{country}#{on}", "SK": "LIM"}


def _address_key(client: str, ip_key: str, on: str) -> Item:
    return {"PK": f"LIM#IP#{client}#{ip_key}#{on}", "SK": "LIM"}


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


def _midnight(instant: datetime) -> int:
    """Returns the begin of an instant's day (UTC), in seconds since 1970."""
    return milliseconds(instant) // 1000 // _DAY_SECONDS * _DAY_SECONDS

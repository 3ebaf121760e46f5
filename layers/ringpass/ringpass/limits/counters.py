"""Items that count, and the writes that count one more only where there is room.

    PK LIM#PHONE#<client>#<phone key>               SK LIM   sends to a number, and pauses
    PK LIM#ALL#<phone key>                          SK LIM   all clients' sends to a number
                                                             (in ``shared_sends``)
    PK LIM#PREFIX#<client>#<prefix key>#<shard>     SK LIM   sends to a prefix
    PK LIM#OPEN#<client>#<country>#<day>#<shard>    SK LIM   unverified codes and single sends
    PK LIM#IP#<client>#<address key>#<day>          SK LIM   codes of an end user's address
    PK LIM#DONE#<client>#<country>#<day>            SK LIM   verified codes of a country, by hour
    PK LED#<client>#<day>#<shard>                   SK LED   sends and money of a day

Each counter makes one write, for the transaction that reserves the delivery. Nothing is read
before: the first write is a guess that there is room, and its condition makes sure. Where it was
refused, ``corrected`` makes the write that fits to what was found there, or says that there is no
room. Its condition holds for that item alone, or for any that has room; so a cap is never passed,
however many ask at once, and every refused write means that another one was made.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Self

from ringpass.aws.dynamodb import Item, Table, Update
from ringpass.config import SEND_TIMEOUT_SECONDS
from ringpass.costs import Cost
from ringpass.limits.arithmetic import (
    SHARDS,
    LimitExceeded,
    Starts,
    address_budget,
    day,
    earned_budget,
    next_start,
    shards_of,
    share,
    still_counted,
    until_tomorrow,
    verified_days,
    wait_for_place,
)
from ringpass.limits.settings import FraudBudget, LimitSettings, Mode, Window

_DAY_SECONDS: Final = 86_400
# The longest window and the longest pause are a day.
SENDS_KEPT: Final = 25 * 3600
# A verification lasts a day at most, and what the stream tells of it comes a day later at most.
_OPEN_KEPT: Final = 4 * _DAY_SECONDS
_DONE_KEPT: Final = 17 * _DAY_SECONDS
_SPENT: Final = "spent_"
# Verified codes by the hour: ours, and those that the caller chose.
_HOUR: Final = "h"
_OWN_HOUR: Final = "o"
# A send is written down this late at most, by a function that planned it earlier, or whose clock is
# behind: so long its window begins before the present one, and what is in it is kept.
KEPT_LATE: Final = SEND_TIMEOUT_SECONDS + 1
_BUDGET_HELD: Final = 60_000
_MOST_BUDGETS_HELD: Final = 1_000

type Keys = tuple[Item, ...]
# Which shard is taken where one is as good as another: a number below the one given.
type Pick = Callable[[int], int]


@dataclass(frozen=True, slots=True)
class Day:
    """What a client's ledger says of a day.

    Attributes:
        sends: Deliveries that were reserved.
        spent: What they cost, by currency; an estimate, until each is settled.
    """

    sends: int
    spent: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class CounterRepository:
    """Reads counters.

    Attributes:
        table: The table.
        retention_seconds: How long the ledger of a day is kept after it.
    """

    table: Table
    retention_seconds: int = 0
    _budgets: dict[str, tuple[int, int]] = field(default_factory=dict, repr=False)

    def budget(self, of: str, now: datetime) -> int:
        """What a fraud budget had earned when it was read, if that was just now; 0 if it was not.

        It saves a busy country's starts a refused transaction each; a budget that is somewhat old
        is no other than one whose verified codes the stream tells of somewhat later.
        """
        held_until, cap = self._budgets.get(of, (0, 0))
        return cap if milliseconds(now) < held_until else 0

    def remember_budget(self, of: str, now: datetime, cap: int) -> None:
        """What it is now."""
        if len(self._budgets) >= _MOST_BUDGETS_HELD:
            self._budgets.clear()
        self._budgets[of] = milliseconds(now) + _BUDGET_HELD, cap

    def read(self, keys: Sequence[Item]) -> list[Item]:
        """What is there, in the order of the keys; an empty item where there is none."""
        found = {item["PK"]: item for item in self.table.get_many(keys)}
        return [found.get(key["PK"], {}) for key in keys]

    def days(self, client: str, days: Sequence[str]) -> Mapping[str, Day]:
        """A client's ledger of these days (``2026-11-21``)."""
        keys = [key for each in days for key in _ledger_keys(client, each, SHARDS)]
        items = self.read(keys)
        return {
            each: _day(items[place * SHARDS : (place + 1) * SHARDS])
            for place, each in enumerate(days)
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
    """Something that is counted with a send.

    Attributes:
        name: Name of the limit.
        write: What is to be written, for the item of which there is one action in a transaction.
    """

    __slots__ = ()
    name: str
    write: Update

    @abstractmethod
    def corrected(self, found: Item, counters: CounterRepository) -> Self:
        """The counter with the write that fits to what is there.

        Args:
            found: The item that refused the write; empty if there is none.
            counters: Reads the other items, where there are several.

        Raises:
            Full: There is no room.
        """

    @property
    def beyond(self) -> LimitExceeded | None:
        """What would have been refused, were it not only recorded."""
        return None


# -------------------------------------------------------------------------------- sends in a window


@dataclass(frozen=True, slots=True)
class Pauses:
    """The pauses between starts to one number.

    Attributes:
        seconds: The first pause, and so on; the last one stays.
        reset_seconds: After so long without a start they begin anew.
    """

    seconds: tuple[int, ...]
    reset_seconds: int


@dataclass(frozen=True, slots=True)
class _Clause:
    """A part of an update: what it sets, if what holds."""

    sets: str
    condition: str
    values: Item


@dataclass(frozen=True, slots=True, kw_only=True)
class SendCounter(Counter):
    """Sends within the last so many seconds; and starts, if there are pauses between them.

    An item lists when each send was. It is appended to while the list is shorter than the cap,
    whatever is in it; once it is full, those that no longer count are taken out.
    """

    name: str
    keys: Keys
    window: Window | None
    pauses: Pauses | None
    now: int
    place: int
    write: Update

    @classmethod
    def guess(
        cls,
        name: str,
        keys: Keys,
        window: Window | None,
        pauses: Pauses | None,
        now: int,
        pick: Pick,
    ) -> Self:
        """Count a send in one of the items: each has room, and no start is too near."""
        place = pick(len(keys)) if len(keys) > 1 else 0
        clauses = []
        if window:
            clauses.append(_append(now, share(window.cap, len(keys), place)))
        if pauses:
            clauses.append(_first_start(pauses, now))
        return cls(
            name=name,
            keys=keys,
            window=window,
            pauses=pauses,
            now=now,
            place=place,
            write=_update(keys[place], clauses, now),
        )

    def corrected(self, found: Item, counters: CounterRepository) -> Self:
        """See ``Counter``."""
        if len(self.keys) == 1:
            return self._at(0, found)
        items = counters.read(self.keys)
        fulls: list[LimitExceeded] = []
        for place in sorted(range(len(self.keys)), key=lambda each: self._taken(items[each])):
            try:
                return self._at(place, items[place])
            except LimitExceeded as full:
                fulls.append(full)
        # A place becomes free where it does so first.
        first = min(fulls, key=lambda full: full.wait_ms or 0)
        assert self.window is not None  # noqa: S101 - pauses are in no item of several
        raise LimitExceeded(self.name, first.wait_ms, self.window.cap, sum(map(self._taken, items)))

    def _taken(self, item: Item) -> int:
        assert self.window is not None  # noqa: S101
        return len(still_counted(item.get("sent_at", ()), self.window.seconds, self.now))

    def _at(self, place: int, item: Item) -> Self:
        clauses, fulls = list[_Clause](), list[LimitExceeded]()
        if self.window:
            try:
                clauses.append(self._room(self.window, place, item))
            except LimitExceeded as full:
                fulls.append(full)
        if self.pauses:
            try:
                clauses.append(_start(self.pauses, item, self.now))
            except LimitExceeded as full:
                fulls.append(full)
        if fulls:
            raise max(fulls, key=lambda full: full.wait_ms or 0)
        return replace(self, place=place, write=_update(self.keys[place], clauses, self.now))

    def _room(self, window: Window, place: int, item: Item) -> _Clause:
        cap = share(window.cap, len(self.keys), place)
        listed = item.get("sent_at", ())
        if len(listed) < cap:
            return _append(self.now, cap)
        counted = still_counted(listed, window.seconds, self.now)
        if wait := wait_for_place(counted, cap, window.seconds, self.now):
            raise LimitExceeded(self.name, wait, window.cap, len(counted))
        return _prune(item, still_counted(listed, window.seconds + KEPT_LATE, self.now), self.now)


def _append(now: int, cap: int) -> _Clause:
    return _Clause(
        "sent_at = list_append(if_not_exists(sent_at, :none), :sent)",
        "(attribute_not_exists(sent_at) OR size(sent_at) < :cap)",
        {":none": [], ":sent": [now], ":cap": cap},
    )


def _prune(item: Item, kept: Sequence[int], now: int) -> _Clause:
    """Take out what no longer counts."""
    condition, values = unchanged_list(item)
    return _Clause(
        "sent_at = :sent, prunes = :prunes", condition, {":sent": [*kept, now], **values}
    )


def unchanged_list(item: Item) -> tuple[str, dict[str, Any]]:
    """An optimistic lock on a list of sends: nothing was appended or taken out since it was read.

    Gives the condition and its values; ``:prunes`` is what the write must set ``prunes`` to.
    """
    prunes = item.get("prunes", 0)
    was = "prunes = :was" if prunes else "attribute_not_exists(prunes)"
    values = {
        ":prunes": prunes + 1,
        ":size": len(item["sent_at"]),
        **({":was": prunes} if prunes else {}),
    }
    return f"attribute_exists(sent_at) AND size(sent_at) = :size AND {was}", values


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
    values: dict[str, Any] = {":entity": "counter", ":expires": now // 1000 + SENDS_KEPT}
    for clause in clauses:
        sets.append(clause.sets)
        conditions.append(clause.condition)
        values |= clause.values
    update = f"SET {', '.join([*sets, 'entity = :entity', 'expires_at = :expires'])}"
    return Update(key, update, values, " AND ".join(conditions))


# ------------------------------------------------------------------------------- the day's ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerCounter(Counter):
    """A client's sends and money of a day.

    Attributes:
        cost: What the send is estimated to cost, if that is known.
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
    place: int
    write: Update

    @classmethod
    def guess(
        cls,
        counters: CounterRepository,
        client: str,
        cost: Cost | None,
        limits: LimitSettings,
        now: datetime,
        pick: Pick,
    ) -> Self:
        """Count a send in one of the day's items: each has room.

        Raises:
            Full: It alone costs more than an item has room for.
        """
        # The number of items must not depend on the currency: one send's would be another's.
        shards = shards_of(limits.daily_sends, *limits.daily_money.values())
        keys = _ledger_keys(client, day(now), shards)
        made = cls(
            keys=keys,
            cost=cost,
            sends=limits.daily_sends,
            money=limits.money_cap(cost.currency) if cost else None,
            now=milliseconds(now),
            expires_at=_midnight(now) + _DAY_SECONDS + counters.retention_seconds,
            place=0,
            write=Update({}, "", {}, ""),
        )
        if made.money is not None and made._room < 0:
            raise made._full([])
        return made._at(pick(shards) if shards > 1 else 0)

    def corrected(self, found: Item, counters: CounterRepository) -> Self:
        """See ``Counter``."""
        items = [found] if len(self.keys) == 1 else counters.read(self.keys)
        roomy = [place for place, item in enumerate(items) if self._has_room(place, item)]
        if not roomy:
            raise self._full(items)
        return self._at(min(roomy, key=lambda place: items[place].get("sends", 0)))

    @property
    def _room(self) -> Decimal:
        """What an item may have spent, so that this send fits in."""
        assert self.money is not None  # noqa: S101 - asked for only where there is a cap
        assert self.cost is not None  # noqa: S101
        return self.money / len(self.keys) - self.cost.amount

    def _has_sends(self, place: int, item: Item) -> bool:
        return self.sends is None or item.get("sends", 0) < share(self.sends, len(self.keys), place)

    def _has_money(self, item: Item) -> bool:
        return self.money is None or item.get(self._spent, 0) <= self._room

    def _has_room(self, place: int, item: Item) -> bool:
        return self._has_sends(place, item) and self._has_money(item)

    def _full(self, items: Sequence[Item]) -> LimitExceeded:
        wait = until_tomorrow(self.now)
        if self.money is not None and (
            not items or any(self._has_sends(place, item) for place, item in enumerate(items))
        ):
            spent = sum((Decimal(item.get(self._spent, 0)) for item in items), Decimal(0))
            return LimitExceeded("daily_money", wait, self.money, spent if items else None)
        sent = sum(item.get("sends", 0) for item in items)
        return LimitExceeded("daily_sends", wait, self.sends or 0, sent)

    @property
    def _spent(self) -> str:
        return _SPENT + (self.cost.currency if self.cost else "")

    def _at(self, place: int) -> Self:
        adds, conditions = ["sends :one"], list[str]()
        values: dict[str, Any] = {":one": 1, ":entity": "ledger", ":expires": self.expires_at}
        if self.cost:
            adds.append(f"{self._spent} :cost")
            values[":cost"] = self.cost.amount
        if self.sends is not None:
            conditions.append("(attribute_not_exists(sends) OR sends < :sends)")
            values[":sends"] = share(self.sends, len(self.keys), place)
        if self.money is not None:
            conditions.append(f"(attribute_not_exists({self._spent}) OR {self._spent} <= :room)")
            values[":room"] = self._room
        update = f"SET entity = :entity, expires_at = :expires ADD {', '.join(adds)}"
        return replace(
            self,
            place=place,
            write=Update(self.keys[place], update, values, " AND ".join(conditions)),
        )


def _ledger_keys(client: str, on: str, shards: int) -> Keys:
    return tuple({"PK": f"LED#{client}#{on}#{shard}", "SK": "LED"} for shard in range(shards))


def correct_spent(
    client: str, on: str, shard: int, currency: str, difference: Decimal, expires_at: int
) -> Update:
    """Add to what was spent on a day: a delivery cost otherwise than was estimated.

    Args:
        client: Whose ledger.
        on: The day (UTC) on which the delivery was reserved: ``2026-11-21``.
        shard: The delivery's ``ledger_shard``.
        currency: ISO 4217.
        difference: What it costs now, less what is in the ledger.
        expires_at: When the ledger of that day goes, should it have gone: seconds since 1970.
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
    """What an item of a country's counts may hold at most.

    Attributes:
        unverified: Codes of verifications that are not verified.
        codes: Those, and single sends.
    """

    unverified: int
    codes: int

    def part(self, shards: int, shard: int) -> "_Caps":
        """One of several items' share."""
        return _Caps(share(self.unverified, shards, shard), share(self.codes, shards, shard))

    def left(self, item: Item, *, starts: bool) -> int:
        """How many more fit into an item."""
        codes: int = self.codes - item.get("codes", 0)
        unverified: int = self.unverified - item.get("unverified", 0)
        return min(codes, unverified) if starts else codes


@dataclass(frozen=True, slots=True, kw_only=True)
class CountryCounter(Counter):
    """Unverified codes of a country and day, and single sends, which are never verified.

    Its caps grow with the verified codes of the last days, which only ``corrected`` reads.

    Attributes:
        budget: How the caps are made.
        starts: Whether a verification is started; else it is a single send.
        over: What would have been refused.
    """

    name: str = "fraud_budget_country"
    keys: Keys
    done_keys: Keys
    budget: FraudBudget
    starts: bool
    now: datetime
    place: int
    write: Update
    over: LimitExceeded | None = None

    @classmethod
    def guess(
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
        """Count an unverified code in one of the items: each has room."""
        today = day(now)
        made = cls(
            keys=tuple(_open_key(client, country, today, shard) for shard in range(shards)),
            done_keys=tuple(_done_key(client, country, each) for each in verified_days(now)),
            budget=budget,
            starts=starts,
            now=now,
            place=0,
            write=Update({}, "", {}, ""),
        )
        caps = made._caps(counters.budget(made._of, now))
        return made._at(pick(shards) if shards > 1 else 0, caps)

    def corrected(self, found: Item, counters: CounterRepository) -> Self:  # noqa: ARG002 - read anew
        """See ``Counter``. It reads the verified codes of 15 days, in one request."""
        items = counters.read([*self.keys, *self.done_keys])
        opened, done = items[: len(self.keys)], items[len(self.keys) :]
        verified_by_hour = [_by_hour(each, self.budget) for each in done]
        earned = earned_budget(self.budget.percent, verified_by_hour, self.now.hour)
        counters.remember_budget(self._of, self.now, earned)
        caps, shards = self._caps(earned), len(opened)
        left = [
            caps.part(shards, place).left(item, starts=self.starts)
            for place, item in enumerate(opened)
        ]
        place = max(range(shards), key=left.__getitem__)
        if left[place] > 0:
            return self._at(place, caps)
        full = self._full(opened, caps)
        if self.budget.mode is Mode.ENFORCE:
            raise full
        return replace(self._at(place, None), over=full)

    def _full(self, items: Sequence[Item], caps: _Caps) -> LimitExceeded:
        wait = until_tomorrow(milliseconds(self.now))
        unverified = sum(item.get("unverified", 0) for item in items)
        if self.starts and unverified >= caps.unverified:
            return LimitExceeded(self.name, wait, caps.unverified, unverified)
        return LimitExceeded(
            self.name, wait, caps.codes, sum(item.get("codes", 0) for item in items)
        )

    @property
    def beyond(self) -> LimitExceeded | None:
        """See ``Counter``."""
        return self.over

    def _caps(self, earned: int) -> _Caps:
        unverified = max(self.budget.country_least, earned)
        return _Caps(unverified, max(self.budget.sends_least, unverified))

    def _at(self, place: int, caps: _Caps | None) -> Self:
        names = ("unverified", "codes") if self.starts else ("codes",)
        part = None if caps is None else caps.part(len(self.keys), place)
        held = {name: None if part is None else getattr(part, name) for name in names}
        return replace(self, place=place, write=_one_open(self.keys[place], held, self.now))

    @property
    def _of(self) -> str:
        """Whose budget, and of which rule: a setting that is changed holds at once."""
        return f"{self.done_keys[0]['PK']}#{self.budget.percent}#{self.budget.own_codes}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressCounter(Counter):
    """Unverified codes that one address of an end user asked for on a day."""

    name: str = "fraud_budget_ip"
    ip_key: str = field(repr=False)
    budget: FraudBudget
    key: Item = field(repr=False)
    now: datetime
    write: Update
    over: LimitExceeded | None = None

    @classmethod
    def guess(cls, client: str, ip_key: str, budget: FraudBudget, now: datetime) -> Self:
        """Count an unverified code: there is room."""
        key = _address_key(client, ip_key, day(now))
        write = _one_open(key, {"unverified": budget.ip_least}, now)
        return cls(ip_key=ip_key, budget=budget, key=key, now=now, write=write)

    def corrected(self, found: Item, counters: CounterRepository) -> Self:  # noqa: ARG002 - one item
        """See ``Counter``."""
        verified, unverified = found.get("verified", 0), found.get("unverified", 0)
        if self.budget.own_codes:
            verified += found.get("own_verified", 0)
        cap = address_budget(self.budget.ip_least, self.budget.percent, verified)
        if unverified < cap:
            return replace(self, write=_one_open(self.key, {"unverified": cap}, self.now))
        full = LimitExceeded(self.name, until_tomorrow(milliseconds(self.now)), cap, unverified)
        if self.budget.mode is Mode.ENFORCE:
            raise full
        write = _one_open(self.key, {"unverified": None}, self.now)
        return replace(self, write=write, over=full)

    @property
    def beyond(self) -> LimitExceeded | None:
        """See ``Counter``."""
        return self.over


def verified(
    client: str, country: str, open_at: Mapping[str, Any] | None, at: datetime, *, own_code: bool
) -> tuple[Update, ...]:
    """The writes that count a verified code, and give back what it took of the fraud budget.

    To be written once for each verification that is approved and whose code was read off a phone
    (``fraud_budget.was_readable``). A code that the caller chose is counted apart.

    Args:
        client: Whose verification.
        country: The country of its number.
        open_at: Where its code was counted as unverified: ``Plan.unverified`` of its start.
        at: When it was approved.
        own_code: Whether the caller chose the code.
    """
    hour = f"{_OWN_HOUR if own_code else _HOUR}{at.hour:02}"
    updates = [
        Update(
            _done_key(client, country, day(at)),
            f"SET entity = :entity, expires_at = :expires ADD {hour} :one",
            {":entity": "counter", ":expires": _midnight(at) + _DONE_KEPT, ":one": 1},
            "",
        )
    ]
    if open_at and not (own_code and open_at.get("keeps_own")):
        # Should the item have gone, what is made of it goes, too.
        kept = "SET entity = :entity, expires_at = if_not_exists(expires_at, :expires)"
        values = {":entity": "counter", ":expires": _midnight(at) + _OPEN_KEPT}
        values |= {":less": -1, ":one": 1}
        on, shard = open_at["day"], open_at["shard"]
        counted = "own_verified" if own_code else "verified"
        back = f"{kept} ADD unverified :less, {counted} :one"
        key = _open_key(client, country, on, shard)
        updates.append(Update(key, f"{back}, codes :less", values, ""))
        if ip_key := open_at.get("ip_key"):
            updates.append(Update(_address_key(client, ip_key, on), back, values, ""))
    return tuple(updates)


def _one_open(key: Item, caps: Mapping[str, int | None], now: datetime) -> Update:
    """Count one in each of these attributes, if it is less than its cap (None: in any case)."""
    values: dict[str, Any] = {
        ":one": 1,
        ":entity": "counter",
        ":expires": _midnight(now) + _OPEN_KEPT,
    }
    conditions = []
    for name, cap in caps.items():
        if cap is None:
            continue
        values[f":{name}"] = cap
        # An item that is not there has no room for none; one from which more was given back has.
        absent = f"attribute_not_exists({name}) OR " if cap > 0 else ""
        conditions.append(f"({absent}{name} < :{name})")
    adds = ", ".join(f"{name} :one" for name in caps)
    update = f"SET entity = :entity, expires_at = :expires ADD {adds}"
    return Update(key, update, values, " AND ".join(conditions))


def _by_hour(item: Item, budget: FraudBudget) -> dict[str, int]:
    """The verified codes of a day that the budget grows with, by the hour."""
    kinds = (_HOUR, _OWN_HOUR) if budget.own_codes else (_HOUR,)
    found: dict[str, int] = {}
    for name, count in item.items():
        if name[0] in kinds and name[1:].isdigit():
            found[name[1:]] = found.get(name[1:], 0) + count
    return found


def _open_key(client: str, country: str, on: str, shard: int) -> Item:
    return {"PK": f"LIM#OPEN#{client}#{country}#{on}#{shard}", "SK": "LIM"}


def _done_key(client: str, country: str, on: str) -> Item:
    return {"PK": f"LIM#DONE#{client}#{country}#{on}", "SK": "LIM"}


def _address_key(client: str, ip_key: str, on: str) -> Item:
    return {"PK": f"LIM#IP#{client}#{ip_key}#{on}", "SK": "LIM"}


def phone_keys(client: str, phone_key: str) -> Keys:
    """Where a client's sends to a number are counted."""
    return ({"PK": f"LIM#PHONE#{client}#{phone_key}", "SK": "LIM"},)


def prefix_keys(client: str, prefix_key: str, window: Window) -> Keys:
    """Where a client's sends to a prefix are counted."""
    return tuple(
        {"PK": f"LIM#PREFIX#{client}#{prefix_key}#{shard}", "SK": "LIM"}
        for shard in range(shards_of(window.cap))
    )


def milliseconds(instant: datetime) -> int:
    """An instant as counters keep it: since 1970."""
    return int(instant.timestamp() * 1000)


def _midnight(instant: datetime) -> int:
    """When the day (UTC) of an instant began, in seconds since 1970."""
    return milliseconds(instant) // 1000 // _DAY_SECONDS * _DAY_SECONDS

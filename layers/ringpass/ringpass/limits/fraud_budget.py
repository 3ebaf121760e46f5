"""Fraud budget: counts codes until they are verified; beyond the budget they look like toll fraud.

    PK LIM#OPEN#<client>#<country>#<day>#<shard>   SK LIM   unverified, codes, u<hour>
    PK LIM#IP#<client>#<address key>#<day>         SK LIM   unverified, u<hour>, countries
    PK LIM#DONE#<client>#<country>#<day>           SK LIM   h<hour>, o<hour>: verified codes

    unverified           codes of verifications that were started on the day
    codes                the same, and single sends
    u<hour>              codes of verifications that were started in the hour (``u08``)
    countries            to numbers of which countries an address has started verifications
    verified_countries   of which of them it has verified a code

A start writes one item for its country and one for its address, with all of their counts. Each
count is on its own: where it is full, its mode says what becomes of the start.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Self

from ringpass.aws.dynamodb import Item
from ringpass.aws.transaction import Update
from ringpass.limits.arithmetic import (
    LimitExceeded,
    Verified,
    address_budget,
    budget_days,
    country_budget,
    day,
    hourly_address_budget,
    hourly_country_budget,
    share,
    sum_verified,
    until_next_hour,
    until_tomorrow,
)
from ringpass.limits.counters import (
    Counter,
    CounterRepository,
    Keys,
    Pick,
    midnight,
    milliseconds,
)
from ringpass.limits.settings import FraudBudget, Mode

COUNTRY_HOUR: Final = "fraud_budget_country_hour"
IP_HOUR: Final = "fraud_budget_ip_hour"
IP_COUNTRIES: Final = "fraud_budget_ip_countries"
_DAY_SECONDS: Final = 86_400
# A verification lasts a day at most, and its stream records come a day later at most.
_UNVERIFIED_TTL_SECONDS: Final = 4 * _DAY_SECONDS
_VERIFIED_TTL_SECONDS: Final = 17 * _DAY_SECONDS
# Verified codes by the hour: ours, and those that the caller chose.
_HOUR: Final = "h"
_OWN_HOUR: Final = "o"


@dataclass(frozen=True, slots=True)
class _Count:
    """One count of an item.

    Attributes:
        limit: The name of the limit.
        attribute: The attribute that counts.
        cap: What it may reach.
        mode: What becomes of a code beyond the cap.
        wait_ms: How long until a new count begins.
    """

    limit: str
    attribute: str
    cap: int
    mode: Mode
    wait_ms: int

    def excess(self, counted: int) -> LimitExceeded:
        """The limit as it is exceeded."""
        return LimitExceeded(self.limit, self.wait_ms, self.cap, counted)


@dataclass(frozen=True, slots=True)
class _Country:
    """A part of the write that counts a code: the country of its number, if it is a new one.

    Attributes:
        name: ISO 3166 code.
        condition: What must hold; empty: nothing.
        values: Values of the condition.
    """

    name: str
    condition: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


def _hourly_attribute(hour: int) -> str:
    return f"u{hour:02}"


def _hourly_count(limit: str, cap: int, budget: FraudBudget, now: datetime) -> _Count:
    wait = until_next_hour(milliseconds(now))
    return _Count(limit, _hourly_attribute(now.hour), cap, budget.hourly.mode, wait)


type _Excess = tuple[Mode, LimitExceeded]


def _split(counts: Iterable[_Count], items: Sequence[Item]) -> tuple[list[_Count], list[_Excess]]:
    """Returns the counts that have room, and what is exceeded by the others."""
    with_room, exceeded = list[_Count](), list[_Excess]()
    for count in counts:
        counted = sum(item.get(count.attribute, 0) for item in items)
        if counted < count.cap:
            with_room.append(count)
        else:
            exceeded.append((count.mode, count.excess(counted)))
    return with_room, exceeded


def _recorded(exceeded: Iterable[_Excess]) -> tuple[LimitExceeded, ...]:
    """Returns what is only recorded, once a limit.

    Raises:
        LimitExceeded: One is enforced; of several, the one that lasts longest.
    """
    enforced = [excess for mode, excess in exceeded if mode is Mode.ENFORCE]
    if enforced:
        raise max(enforced, key=lambda excess: excess.wait_ms or 0)
    by_limit: dict[str, LimitExceeded] = {}
    for _, excess in exceeded:
        by_limit.setdefault(excess.limit, excess)
    return tuple(by_limit.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class CountryCounter(Counter):
    """Fraud budget of a country: counts unverified codes and single sends of a day and an hour.

    Single sends are not verified here. The caps grow with the verified codes of the last days,
    which only ``replanned`` reads.

    Attributes:
        budget: The rule for the caps.
        starts: Whether the send starts a verification; else it is a single send.
        excesses: See ``Counter``.
    """

    name: str = "fraud_budget_country"
    keys: Keys
    verified_keys: Keys
    budget: FraudBudget
    starts: bool
    now: datetime
    shard: int
    write: Update
    excesses: tuple[LimitExceeded, ...] = ()

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
        counts = draft._counts(counters.cached_verified(draft._cache_key, now))
        return draft._for_shard(pick(shards) if shards > 1 else 0, counts, counts)

    def replanned(self, item: Item, counters: CounterRepository) -> Self:  # noqa: ARG002 - it reads all
        """See ``Counter``. It reads the verified codes of 15 days, in one request."""
        items = counters.read([*self.keys, *self.verified_keys])
        unverified, verified_items = items[: len(self.keys)], items[len(self.keys) :]
        by_hour = [_by_hour(counts, self.budget) for counts in verified_items]
        verified = sum_verified(by_hour, self.now.hour)
        counters.cache_verified(self._cache_key, self.now, verified)
        counts = self._counts(verified)
        with_room, exceeded = _split(counts, unverified)
        excesses = _recorded(exceeded)
        # Where the counts have room in different items, those that are only recorded give way.
        enforced = [count for count in with_room if count.mode is Mode.ENFORCE]
        for checked in (with_room, enforced):
            room_left = [
                self._room_left(shard, shard_item, checked)
                for shard, shard_item in enumerate(unverified)
            ]
            shard = max(range(len(room_left)), key=room_left.__getitem__)
            if room_left[shard] > 0:
                return replace(self._for_shard(shard, counts, checked), excesses=excesses)
        codes = sum(each.get("codes", 0) for each in unverified)
        raise next(count for count in counts if count.attribute == "codes").excess(codes)

    def _room_left(self, shard: int, item: Item, counts: Iterable[_Count]) -> int:
        """Returns how many more codes fit into an item; one, where nothing limits them."""
        shards = len(self.keys)
        rooms = [share(count.cap, shards, shard) - item.get(count.attribute, 0) for count in counts]
        return min(rooms, default=1)

    def _counts(self, verified: Verified) -> list[_Count]:
        budget, wait = self.budget, until_tomorrow(milliseconds(self.now))
        unverified = country_budget(budget.country_least, budget.percent, verified)
        codes = max(budget.sends_least, unverified)
        counts = [_Count(self.name, "codes", codes, budget.mode, wait)]
        if self.starts:
            counts.insert(0, _Count(self.name, "unverified", unverified, budget.mode, wait))
            if self.counts_hours:
                cap = hourly_country_budget(
                    budget.hourly.country_least, budget.hourly.percent, verified
                )
                counts.append(_hourly_count(COUNTRY_HOUR, cap, budget, self.now))
        return counts

    @property
    def counts_hours(self) -> bool:
        """Whether the code is counted in its hour, too."""
        return self.starts and self.budget.hourly.mode is not Mode.OFF

    def _for_shard(self, shard: int, counts: Iterable[_Count], checked: Collection[_Count]) -> Self:
        """Count a code in one of the items; ``checked`` are the counts that must have room."""
        caps = {
            count.attribute: share(count.cap, len(self.keys), shard) if count in checked else None
            for count in counts
        }
        return replace(self, shard=shard, write=_count_code(self.keys[shard], caps, self.now))

    @property
    def _cache_key(self) -> str:
        """Names the client, the country and what counts as verified."""
        return f"{self.verified_keys[0]['PK']}#{self.budget.own_codes}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressCounter(Counter):
    """Fraud budget of an end user's address: counts unverified codes, and countries.

    Attributes:
        ip_key: The address's look-up key.
        country: The country of the number.
        budget: The rule for the caps.
        excesses: See ``Counter``.
    """

    name: str = "fraud_budget_ip"
    ip_key: str = field(repr=False)
    country: str
    budget: FraudBudget
    key: Item = field(repr=False)
    now: datetime
    write: Update
    excesses: tuple[LimitExceeded, ...] = ()

    @classmethod
    def optimistic(
        cls, client: str, ip_key: str, country: str, budget: FraudBudget, now: datetime
    ) -> Self:
        """Count an unverified code, assuming that there is room."""
        draft = cls(
            ip_key=ip_key,
            country=country,
            budget=budget,
            key=_address_key(client, ip_key, day(now)),
            now=now,
            write=Update({}, "", {}, ""),
        )
        counts = draft._counts(verified=0)
        return draft._with_write(counts, counts, draft._country_with_room())

    def replanned(self, item: Item, counters: CounterRepository) -> Self:  # noqa: ARG002 - one item
        """See ``Counter``."""
        verified = item.get("verified", 0)
        if self.budget.own_codes:
            verified += item.get("own_verified", 0)
        counts = self._counts(verified)
        country, country_excess = self._replanned_country(item)
        with_room, exceeded = _split(counts, [item])
        if country_excess:
            exceeded.append((self.budget.ip_countries.mode, country_excess))
        excesses = _recorded(exceeded)
        return replace(self._with_write(counts, with_room, country), excesses=excesses)

    def _counts(self, verified: int) -> list[_Count]:
        budget, hourly = self.budget, self.budget.hourly
        cap = address_budget(budget.ip_least, budget.percent, verified)
        wait = until_tomorrow(milliseconds(self.now))
        counts = [_Count(self.name, "unverified", cap, budget.mode, wait)]
        if hourly.mode is not Mode.OFF:
            cap = hourly_address_budget(hourly.ip_least, hourly.percent, verified)
            counts.append(_hourly_count(IP_HOUR, cap, budget, self.now))
        return counts

    def _country_with_room(self) -> _Country | None:
        """Count the country, assuming that it is not one too many; None: countries have no cap."""
        if self.budget.ip_countries.mode is Mode.OFF:
            return None
        return _Country(
            self.country,
            "(attribute_not_exists(countries) OR size(countries) < :most"
            " OR contains(countries, :country) OR contains(verified_countries, :country))",
            {":most": self.budget.ip_countries.cap, ":country": self.country},
        )

    def _replanned_country(self, item: Item) -> tuple[_Country | None, LimitExceeded | None]:
        """Count the country, or say that it is one too many.

        A country of which the address has verified a code counts no more. One too many is not
        counted either, as ``enforce`` refuses it: so in ``record`` each start to it is recorded.
        """
        rule = self.budget.ip_countries
        if rule.mode is Mode.OFF:
            return None, None
        countries, verified = item.get("countries", set()), item.get("verified_countries", set())
        if self.country in countries | verified:
            return _Country(self.country), None
        unverified = len(countries - verified)
        if unverified < rule.cap:
            if not countries:
                return _Country(self.country, "attribute_not_exists(countries)"), None
            size = {":size": len(countries)}
            return _Country(self.country, "size(countries) = :size", size), None
        wait = until_tomorrow(milliseconds(self.now))
        excess = LimitExceeded(IP_COUNTRIES, wait, rule.cap, unverified)
        return None, excess

    def _with_write(
        self, counts: Iterable[_Count], checked: Collection[_Count], country: _Country | None
    ) -> Self:
        """Count a code; ``checked`` are the counts that must have room."""
        caps = {count.attribute: count.cap if count in checked else None for count in counts}
        return replace(self, write=_count_code(self.key, caps, self.now, country))


def count_verified_code(
    client: str, country: str, counted_at: Mapping[str, Any] | None, at: datetime, *, own_code: bool
) -> tuple[Update, ...]:
    """Returns the writes that count a verified code, and give its part of the fraud budget back.

    To be written once for each code that is verified and that a person can have read off a phone
    (``deliveries.readability``). A code that the caller chose is counted apart.

    Args:
        client: The client.
        country: The country of its number.
        counted_at: Where its code was counted: ``LimitPlan.unverified`` of its send.
        at: When it was verified.
        own_code: Whether the caller chose the code.
    """
    hour = f"{_OWN_HOUR if own_code else _HOUR}{at.hour:02}"
    updates = [
        Update(
            _verified_key(client, country, day(at)),
            f"SET entity = :entity, expires_at = :expires ADD {hour} :one",
            {":entity": "counter", ":expires": midnight(at) + _VERIFIED_TTL_SECONDS, ":one": 1},
            "",
        )
    ]
    if counted_at and not (own_code and counted_at.get("keeps_own")):
        updates += _give_back(client, country, counted_at, at, own_code=own_code)
    return tuple(updates)


def _give_back(
    client: str, country: str, counted_at: Mapping[str, Any], at: datetime, *, own_code: bool
) -> list[Update]:
    # If the item has expired, the new one expires, too.
    sets = "SET entity = :entity, expires_at = if_not_exists(expires_at, :expires)"
    values = {":entity": "counter", ":expires": midnight(at) + _UNVERIFIED_TTL_SECONDS}
    values |= {":less": -1, ":one": 1}
    on = counted_at["day"]
    adds = [f"{'own_verified' if own_code else 'verified'} :one"]
    # A single send was counted as a code that a caller checks, not as one of a verification.
    if not counted_at.get("single"):
        adds.append("unverified :less")
    if "hour" in counted_at:
        adds.append(f"{_hourly_attribute(counted_at['hour'])} :less")
    key = _unverified_key(client, country, on, counted_at["shard"])
    updates = [Update(key, f"{sets} ADD {', '.join([*adds, 'codes :less'])}", values, "")]
    if ip_key := counted_at.get("ip_key"):
        adds.append("verified_countries :country")
        values = {**values, ":country": {country}}
        key = _address_key(client, ip_key, on)
        updates.append(Update(key, f"{sets} ADD {', '.join(adds)}", values, ""))
    return updates


def _count_code(
    key: Item, caps: Mapping[str, int | None], now: datetime, country: _Country | None = None
) -> Update:
    """Count one in each of these attributes, if it is below its cap (None: in any case)."""
    values: dict[str, Any] = {
        ":one": 1,
        ":entity": "counter",
        ":expires": midnight(now) + _UNVERIFIED_TTL_SECONDS,
    }
    adds, conditions = [f"{name} :one" for name in caps], list[str]()
    for name, cap in caps.items():
        if cap is None:
            continue
        values[f":{name}"] = cap
        # A missing item has no room if the cap is 0. One below zero, by refunds, has.
        absent = f"attribute_not_exists({name}) OR " if cap > 0 else ""
        conditions.append(f"({absent}{name} < :{name})")
    if country is not None:
        adds.append("countries :countries")
        values |= {":countries": {country.name}, **country.values}
        conditions += [country.condition] if country.condition else []
    update = f"SET entity = :entity, expires_at = :expires ADD {', '.join(adds)}"
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

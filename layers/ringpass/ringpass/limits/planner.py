"""Whether a client may send to a number now, and the writes that make it so.

    plan    the writes that count the send; they are a guess that there is room
    ...     the transaction that reserves the delivery takes them along
    after   it was refused: the writes that fit to what it found, or a refusal

Nothing is read before a send. A plan is followed by at most ``MOST_TRIES`` transactions: each that
is refused means that somebody else's send was counted, or that the next one knows better.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from secrets import randbelow
from typing import Any, Final, Self

from ringpass.aws.dynamodb import Item, Update
from ringpass.aws.secrets import Secrets
from ringpass.clock import to_text
from ringpass.costs import Cost
from ringpass.errors import LimitReached, NotAllowed, Unavailable
from ringpass.ids import decision_id, list_key, prefix_key
from ringpass.limits.arithmetic import LimitExceeded, day, shards_of
from ringpass.limits.counters import (
    AddressCounter,
    Counter,
    CounterRepository,
    CountryCounter,
    Keys,
    LedgerCounter,
    Pauses,
    Pick,
    SendCounter,
    milliseconds,
    phone_keys,
    prefix_keys,
)
from ringpass.limits.refusals_store import Refusal, RefusalRepository
from ringpass.limits.settings import UNLIMITED, FraudBudget, LimitSettings, Mode, Window
from ringpass.limits.shared_sends import SharedSendCounter
from ringpass.observability import logger
from ringpass.phone import Phone

MOST_TRIES: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitRequest:
    """Who asks for what.

    Attributes:
        client: Who asks.
        limits: The client's limits.
        phone: The number.
        phone_key: Its look-up key.
        channel: How it is to be reached.
        cost: What that is estimated to cost, if it is known.
        starts: Whether it starts a verification: the pauses and the fraud budget apply.
        single: Whether it belongs to no verification, and is not the repetition of a send: it
            counts in the fraud budget, too.
        ip_key: Look-up key of the end user's address, if one was given.
        deliveries: How many its verification has already.
    """

    client: str
    limits: LimitSettings
    phone: Phone
    phone_key: str = field(repr=False)
    channel: str
    cost: Cost | None
    starts: bool
    single: bool = False
    ip_key: str | None = None
    deliveries: int = 0


@dataclass(frozen=True, slots=True)
class LimitPlan:
    """The writes that count one send.

    Attributes:
        counters: What is counted, each with its one write.
        reader: Reads counters that are spread over several items.
        remarks: What else is to be said of the decision.
    """

    counters: tuple[Counter, ...]
    reader: CounterRepository
    remarks: Mapping[str, Any] = field(default_factory=dict)

    @property
    def writes(self) -> tuple[Update, ...]:
        """For the transaction that reserves the delivery: all of them, or none."""
        return tuple(counter.write for counter in self.counters)

    @property
    def ledger_shard(self) -> int | None:
        """Which part of the day's ledger holds the delivery's cost; None if none does."""
        ledgers = (each.place for each in self.counters if isinstance(each, LedgerCounter))
        return next(ledgers, None)

    @property
    def unverified(self) -> Mapping[str, Any] | None:
        """Where the code is counted until it is verified, for ``store.counters.verified``."""
        for counter in self.counters:
            if isinstance(counter, CountryCounter) and counter.starts:
                address = [each for each in self.counters if isinstance(each, AddressCounter)]
                return {
                    "day": day(counter.now),
                    "shard": counter.place,
                    **({"ip_key": address[0].ip_key} if address else {}),
                    **({} if counter.budget.own_codes else {"keeps_own": True}),
                }
        return None

    @property
    def decision(self) -> Mapping[str, Any]:
        """What was looked at, and what would have been refused were it not only recorded."""
        beyond = [each.beyond for each in self.counters if each.beyond]
        return {
            **self.remarks,
            "limits": [counter.name for counter in self.counters],
            "would_refuse": [
                {"limit": full.limit, "cap": full.cap, "counted": full.counted} for full in beyond
            ],
        }

    def after(self, found: Mapping[int, Item | None]) -> Self:
        """The plan that fits to what refused this one's writes.

        Args:
            found: For each write whose condition failed, by its place among ``writes``: the item
                that was found, or None if there is none.

        Raises:
            LimitReached: There is no room.
            Unavailable: The table cannot be reached.
        """
        counters, fulls = list(self.counters), list[LimitExceeded]()
        for place, item in found.items():
            try:
                counters[place] = counters[place].corrected(item or {}, self.reader)
            except LimitExceeded as full:
                fulls.append(full)
        if fulls:
            raise _reached(max(fulls, key=lambda full: full.wait_ms or 0))
        return type(self)(tuple(counters), self.reader, self.remarks)


@dataclass(frozen=True, slots=True)
class LimitPlanner:
    """Plans sends.

    Attributes:
        counters: The table's counters.
        decisions: The table's decisions.
        secrets: The stack's secrets.
        pick: Chooses one of so many items that count the same.
    """

    counters: CounterRepository
    decisions: RefusalRepository
    secrets: Secrets
    pick: Pick = randbelow

    def plan(self, asking: LimitRequest, now: datetime) -> LimitPlan:
        """The writes that count this send; makes no request to the table.

        Args:
            asking: What is asked for.
            now: When the delivery is made.

        Raises:
            NotAllowed: The number is on the client's deny list.
            LimitReached: There cannot be room.
            Unavailable: A secret cannot be reached.
        """
        if asking.phone.is_test:
            return LimitPlan((), self.counters, {"test": True})
        limits, allowed = asking.limits, _allowed(asking)
        # The operator's ceiling holds for numbers on the client's allow list, too.
        held = (limits.ceiling or UNLIMITED) if allowed else limits
        if asking.deliveries >= limits.verification_deliveries:
            raise _reached(
                LimitExceeded(
                    "verification_deliveries",
                    None,
                    limits.verification_deliveries,
                    asking.deliveries,
                )
            )
        counters: list[Counter] = [
            *self._of_the_number(asking, held, now),
            *self._of_the_budget(asking, held.fraud_budget, now),
            self._of_the_day(asking, now),
        ]
        return LimitPlan(tuple(counters), self.counters, {"allow_list": True} if allowed else {})

    def plan_of_the_day(self, asking: LimitRequest, now: datetime) -> LimitPlan:
        """The writes that count what is paid for and is no send: in the ledger of the day alone.

        Raises:
            NotAllowed: The number is on the client's deny list.
            LimitReached: There cannot be room.
        """
        _allowed(asking)
        if asking.phone.is_test:
            return LimitPlan((), self.counters, {"test": True})
        return LimitPlan((self._of_the_day(asking, now),), self.counters)

    def _of_the_day(self, asking: LimitRequest, now: datetime) -> LedgerCounter:
        try:
            return LedgerCounter.guess(
                self.counters, asking.client, asking.cost, asking.limits, now, self.pick
            )
        except LimitExceeded as full:
            raise _reached(full) from None

    def _of_the_number(
        self, asking: LimitRequest, limits: LimitSettings, now: datetime
    ) -> list[Counter]:
        at = milliseconds(now)
        pauses = None
        if asking.starts and limits.pauses:
            pauses = Pauses(limits.pauses, limits.pauses_reset_seconds)
        counters: list[Counter] = []

        def count(name: str, keys: Keys, window: Window | None, pauses: Pauses | None) -> None:
            if window or pauses:
                counters.append(SendCounter.guess(name, keys, window, pauses, at, self.pick))

        count("phone", phone_keys(asking.client, asking.phone_key), limits.phone, pauses)
        if limits.phone_all_clients:
            counters.append(
                SharedSendCounter.guess(
                    asking.phone_key, limits.phone_all_clients, asking.client, at
                )
            )
        # Where the ceiling has one, the client's own has one as well, and the items are the same.
        if limits.prefix and asking.limits.prefix:
            prefix = prefix_key(self.secrets.value("lookup", "key"), asking.phone.e164)
            keys = prefix_keys(asking.client, prefix, asking.limits.prefix)
            count("prefix", keys, limits.prefix, None)
        return counters

    def _of_the_budget(
        self, asking: LimitRequest, budget: FraudBudget, now: datetime
    ) -> list[Counter]:
        if not (asking.starts or asking.single) or budget.mode is Mode.OFF:
            return []
        # Not as many as the cap would be worth, which changes: whoever counts must know them all.
        shards = shards_of(asking.limits.fraud_budget.country_least)
        counters: list[Counter] = [
            CountryCounter.guess(
                self.counters,
                asking.client,
                asking.phone.region,
                budget,
                shards,
                now,
                self.pick,
                starts=asking.starts,
            )
        ]
        if asking.starts and asking.ip_key:
            counters.append(AddressCounter.guess(asking.client, asking.ip_key, budget, now))
        return counters

    def record_refusal(
        self,
        asking: LimitRequest,
        refusal: LimitReached | NotAllowed,
        now: datetime,
        *,
        verification_id: str | None = None,
        step: int | None = None,
    ) -> None:
        """Write down that this send was refused, and why; neither code nor number is in it.

        An error here is only logged: the refusal stands without its record, too.
        """
        decision = Refusal(
            id=decision_id(),
            client=asking.client,
            at=to_text(now),
            code=refusal.code,
            limit=refusal.limit,
            channel=asking.channel,
            country=asking.phone.region,
            phone=asking.phone.masked,
            phone_key=asking.phone_key,
            starts=asking.starts,
            ip_key=asking.ip_key,
            verification_id=verification_id,
            step=step,
            **_counted(refusal),
        )
        try:
            self.decisions.add(decision)
        except Unavailable:
            logger().exception("refusal not recorded", limit=decision.limit)


def _allowed(asking: LimitRequest) -> int:
    """How long the entry of the client's allow list is that takes in the number; 0: none does.

    Raises:
        NotAllowed: The deny list does, at least as closely.
    """
    limits, e164 = asking.limits, asking.phone.e164
    key = list_key(asking.phone_key, asking.client)
    if limits.denies(e164, key):
        raise NotAllowed("The number is on the deny list.", limit="deny_list")
    return limits.allow.rank(e164, key)


def _counted(refusal: LimitReached | NotAllowed) -> dict[str, Any]:
    if isinstance(refusal, NotAllowed):
        return {}
    return {"retry_after": refusal.retry_after, **refusal.counted}


def _reached(full: LimitExceeded) -> LimitReached:
    counted = {"cap": full.cap, "counted": full.counted}
    if full.wait_ms is None:
        return LimitReached(
            f"The limit '{full.limit}' is reached.", limit=full.limit, counted=counted
        )
    seconds = max(1, -(-full.wait_ms // 1000))
    return LimitReached(
        f"The limit '{full.limit}' is reached; it ends in {seconds} s at the latest.",
        limit=full.limit,
        retry_after=seconds,
        counted=counted,
    )

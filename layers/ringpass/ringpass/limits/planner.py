"""Limit planner: plans the writes that count a send, and refuses it where a limit has no room.

    plan         the writes that count the send; they assume that there is room
    ...          the transaction that reserves the delivery executes them
    replanned    it was refused: the writes that fit the items in the table, or a refusal

Optimistic lock: nothing is read before a send. A plan is tried in at most ``MOST_TRIES``
transactions. Each refused one means that another send was counted, or that the next plan is better
informed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import randbelow
from typing import Any, Final, Self

from ringpass.aws.secrets import Secrets
from ringpass.aws.transaction import ConditionsFailed, Transaction
from ringpass.clock import to_text, whole_seconds
from ringpass.costs import Cost
from ringpass.errors import LimitReached, NotAllowed, Unavailable
from ringpass.ids import decision_id, list_key, prefix_key
from ringpass.limits.arithmetic import LimitExceeded, day, shard_count
from ringpass.limits.counters import (
    Counter,
    CounterRepository,
    Keys,
    LedgerCounter,
    Pauses,
    Pick,
    SendCounter,
    milliseconds,
    phone_keys,
    prefix_keys,
)
from ringpass.limits.fraud_budget import AddressCounter, CountryCounter
from ringpass.limits.refusals_store import Refusal, RefusalRepository
from ringpass.limits.settings import UNLIMITED, FraudBudget, LimitSettings, Mode, Window
from ringpass.limits.shared_sends import SharedSendCounter
from ringpass.observability import logger
from ringpass.phone import Phone

MOST_TRIES: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitRequest:
    """A send that limits are to allow.

    Attributes:
        client: The client that sends.
        limits: The client's limits.
        phone: The number.
        phone_key: Its look-up key.
        channel: The channel of the send.
        cost: The estimated cost, if it is known.
        starts: Whether it starts a verification: the pauses and the fraud budget apply.
        single: Whether it belongs to no verification, and does not repeat a send: it counts in the
            fraud budget, too.
        ip_key: Look-up key of the end user's address, if there is one.
        deliveries: How many deliveries its verification has already.
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
        counters: The counters, each with its one write.
        reader: Reads counters that are spread over several items.
        remarks: More fields of the decision.
    """

    counters: tuple[Counter, ...]
    reader: CounterRepository
    remarks: Mapping[str, Any] = field(default_factory=dict)

    def add_to(self, tx: Transaction) -> None:
        """Add the writes to the transaction that reserves the delivery."""
        for counter in self.counters:
            tx.add(counter.write, counter.tag)

    def is_refused(self, refusal: ConditionsFailed) -> bool:
        """Whether the condition of one of the writes failed."""
        return any(counter.tag in refusal.items for counter in self.counters)

    @property
    def ledger_shard(self) -> int | None:
        """The shard of the day's ledger that holds the delivery's cost; None if none does."""
        shards = (counter.shard for counter in self.counters if isinstance(counter, LedgerCounter))
        return next(shards, None)

    @property
    def unverified(self) -> Mapping[str, Any] | None:
        """Where the code is counted until it is verified, for ``count_verified_code``."""
        for counter in self.counters:
            if isinstance(counter, CountryCounter):
                addresses = [
                    address for address in self.counters if isinstance(address, AddressCounter)
                ]
                return {
                    "day": day(counter.now),
                    "shard": counter.shard,
                    **({"hour": counter.now.hour} if counter.counts_hours else {}),
                    **({"ip_key": addresses[0].ip_key} if addresses else {}),
                    **({} if counter.starts else {"single": True}),
                    **({} if counter.budget.own_codes else {"keeps_own": True}),
                }
        return None

    @property
    def excesses(self) -> tuple[LimitExceeded, ...]:
        """The limits that would have refused the send in mode ``enforce``."""
        return tuple(excess for counter in self.counters for excess in counter.excesses)

    @property
    def decision(self) -> Mapping[str, Any]:
        """The limits that were checked, and those that would have refused in mode ``enforce``."""
        return {
            **self.remarks,
            "limits": [counter.name for counter in self.counters],
            "would_refuse": [
                {"limit": excess.limit, "cap": excess.cap, "counted": excess.counted}
                for excess in self.excesses
            ],
        }

    def replanned(self, refusal: ConditionsFailed) -> Self:
        """Returns a plan that fits the items that refused this one's writes.

        Raises:
            LimitReached: There is no room.
            Unavailable: The table cannot be reached.
        """
        counters, excesses = list[Counter](), list[LimitExceeded]()
        for counter in self.counters:
            try:
                if counter.tag in refusal.items:
                    item = refusal.items[counter.tag]
                    counter = counter.replanned(item or {}, self.reader)  # noqa: PLW2901
                counters.append(counter)
            except LimitExceeded as excess:
                excesses.append(excess)
        if excesses:
            raise _limit_reached(max(excesses, key=lambda excess: excess.wait_ms or 0))
        return type(self)(tuple(counters), self.reader, self.remarks)


@dataclass(frozen=True, slots=True)
class LimitPlanner:
    """Plans the writes that count a send.

    Attributes:
        counters: Repository of counters.
        refusals: Repository of refusals.
        secrets: The stack's secrets.
        pick: Chooses one of so many items of the same count.
    """

    counters: CounterRepository
    refusals: RefusalRepository
    secrets: Secrets
    pick: Pick = randbelow

    def plan(self, limit_request: LimitRequest, now: datetime) -> LimitPlan:
        """Returns the writes that count a send; makes no request to the table.

        Args:
            limit_request: The send.
            now: When the delivery is created.

        Raises:
            NotAllowed: The number is on the client's deny list.
            LimitReached: There cannot be room.
            Unavailable: A secret cannot be reached.
        """
        if limit_request.phone.is_test:
            return LimitPlan((), self.counters, {"test": True})
        limits, allow_rank = limit_request.limits, _allow_rank(limit_request)
        # The operator's ceiling holds for numbers on the client's allow list, too.
        effective = (limits.ceiling or UNLIMITED) if allow_rank else limits
        if limit_request.deliveries >= limits.verification_deliveries:
            raise _limit_reached(
                LimitExceeded(
                    "verification_deliveries",
                    None,
                    limits.verification_deliveries,
                    limit_request.deliveries,
                )
            )
        counters: list[Counter] = [
            *self._send_counters(limit_request, effective, now),
            *self._budget_counters(limit_request, effective.fraud_budget, now),
            self._ledger_counter(limit_request, now),
        ]
        return LimitPlan(tuple(counters), self.counters, {"allow_list": True} if allow_rank else {})

    def plan_fee(self, limit_request: LimitRequest, now: datetime) -> LimitPlan:
        """Returns the writes that count a fee that is no send: in the ledger of the day alone.

        Raises:
            NotAllowed: The number is on the client's deny list.
            LimitReached: There cannot be room.
        """
        _allow_rank(limit_request)
        if limit_request.phone.is_test:
            return LimitPlan((), self.counters, {"test": True})
        return LimitPlan((self._ledger_counter(limit_request, now),), self.counters)

    def _ledger_counter(self, limit_request: LimitRequest, now: datetime) -> LedgerCounter:
        try:
            return LedgerCounter.optimistic(
                self.counters,
                limit_request.client,
                limit_request.cost,
                limit_request.limits,
                now,
                self.pick,
            )
        except LimitExceeded as refusal:
            raise _limit_reached(refusal) from None

    def _send_counters(
        self, limit_request: LimitRequest, limits: LimitSettings, now: datetime
    ) -> list[Counter]:
        at = milliseconds(now)
        pauses = None
        if limit_request.starts and limits.pauses:
            pauses = Pauses(limits.pauses, limits.pauses_reset_seconds)
        counters: list[Counter] = []

        def count(name: str, keys: Keys, window: Window | None, pauses: Pauses | None) -> None:
            if window or pauses:
                counters.append(SendCounter.optimistic(name, keys, window, pauses, at, self.pick))

        count(
            "phone", phone_keys(limit_request.client, limit_request.phone_key), limits.phone, pauses
        )
        if limits.phone_all_clients:
            counters.append(
                SharedSendCounter.optimistic(
                    limit_request.phone_key, limits.phone_all_clients, limit_request.client, at
                )
            )
        # Where the ceiling has a prefix limit, the client has one, too: the items are the same.
        if limits.prefix and limit_request.limits.prefix:
            prefix = prefix_key(self.secrets.value("lookup", "key"), limit_request.phone.e164)
            keys = prefix_keys(limit_request.client, prefix, limit_request.limits.prefix)
            count("prefix", keys, limits.prefix, None)
        return counters

    def _budget_counters(
        self, limit_request: LimitRequest, budget: FraudBudget, now: datetime
    ) -> list[Counter]:
        if not (limit_request.starts or limit_request.single) or budget.mode is Mode.OFF:
            return []
        # Not by the present cap, which changes: every send must use the same number of shards.
        shards = shard_count(limit_request.limits.fraud_budget.country_least)
        counters: list[Counter] = [
            CountryCounter.optimistic(
                self.counters,
                limit_request.client,
                limit_request.phone.region,
                budget,
                shards,
                now,
                self.pick,
                starts=limit_request.starts,
            )
        ]
        if limit_request.starts and limit_request.ip_key:
            counters.append(
                AddressCounter.optimistic(
                    limit_request.client,
                    limit_request.ip_key,
                    limit_request.phone.region,
                    budget,
                    now,
                )
            )
        return counters

    def record_refusal(
        self,
        limit_request: LimitRequest,
        refusal: LimitReached | NotAllowed,
        now: datetime,
        *,
        verification_id: str | None = None,
        step: int | None = None,
    ) -> None:
        """Write down that a send was refused, and why; without the code.

        An error here is only logged: the refusal is valid without its record, too.
        """
        record = _record(
            limit_request,
            refusal,
            now,
            verification_id=verification_id,
            step=step,
        )
        try:
            self.refusals.add(record)
        except Unavailable:
            logger().exception("refusal not recorded", limit=record.limit)

    def add_excesses(
        self,
        tx: Transaction,
        limit_request: LimitRequest,
        plan: LimitPlan,
        now: datetime,
        *,
        verification_id: str | None,
        step: int | None,
    ) -> None:
        """Add a decision for each limit that would have refused the send in mode ``enforce``."""
        for excess in plan.excesses:
            record = _record(
                limit_request,
                _limit_reached(excess),
                now,
                verification_id=verification_id,
                step=step,
                refused=False,
            )
            tx.add(self.refusals.put(record))


def _record(
    limit_request: LimitRequest,
    refusal: LimitReached | NotAllowed,
    now: datetime,
    **about: Any,  # noqa: ANN401 - fields of it
) -> Refusal:
    """Returns the record of a refusal, without the code."""
    return Refusal(
        id=decision_id(),
        client=limit_request.client,
        at=to_text(now),
        code=refusal.code,
        limit=refusal.limit,
        channel=limit_request.channel,
        country=limit_request.phone.region,
        phone=limit_request.phone.masked,
        number=limit_request.phone.e164,
        phone_key=limit_request.phone_key,
        starts=limit_request.starts,
        ip_key=limit_request.ip_key,
        **about,
        **_counts(refusal),
    )


def _allow_rank(limit_request: LimitRequest) -> int:
    """Returns the length of the allow list's entry that matches the number; 0: none does.

    Raises:
        NotAllowed: An entry of the deny list matches it at least as closely.
    """
    limits, e164 = limit_request.limits, limit_request.phone.e164
    key = list_key(limit_request.phone_key, limit_request.client)
    if limits.denies(e164, key):
        raise NotAllowed("The number is on the deny list.", limit="deny_list")
    return limits.allow.rank(e164, key)


def _counts(refusal: LimitReached | NotAllowed) -> dict[str, Any]:
    if isinstance(refusal, NotAllowed):
        return {}
    return {"retry_after": refusal.retry_after, **refusal.counted}


def _limit_reached(refusal: LimitExceeded) -> LimitReached:
    counted = {"cap": refusal.cap, "counted": refusal.counted}
    if refusal.wait_ms is None:
        return LimitReached(
            f"The limit '{refusal.limit}' is reached.", limit=refusal.limit, counted=counted
        )
    seconds = whole_seconds(timedelta(milliseconds=refusal.wait_ms))
    return LimitReached(
        f"The limit '{refusal.limit}' is reached; it ends in {seconds} s at the latest.",
        limit=refusal.limit,
        retry_after=seconds,
        counted=counted,
    )

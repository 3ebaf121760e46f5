"""Sends that overlap in every way: no limit is passed, and none refuses while there is room.

A plan is made at one moment and tried at another, while others are tried in between; so their
writes meet as those of parallel functions do. What was taken is recounted from a list.
"""

import json
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
)
from moto import mock_aws

from ringpass.aws.secrets import Secrets
from ringpass.aws.transaction import ConditionsFailed, Put, Transaction
from ringpass.costs import Cost
from ringpass.errors import LimitReached
from ringpass.ids import phone_key
from ringpass.limits.counters import CounterRepository
from ringpass.limits.fraud_budget import count_verified_code
from ringpass.limits.planner import MOST_TRIES, LimitPlan, LimitPlanner, LimitRequest
from ringpass.limits.refusals_store import RefusalRepository
from ringpass.limits.settings import FraudBudget, HourlyBudget, LimitSettings, Mode, Window
from ringpass.phone import Phone
from ringpass.redaction import Secret
from tests.moto_table import make_table, moto_client
from tests.transactions import commit

KEY: Final = Secret("k" * 64)
PHONES: Final = [Phone("+79777777771", "RU"), Phone("+79777777772", "RU")]
CALL: Final = Cost(Decimal("1.50"), "RUB", "estimated")
COSTS: Final = [CALL, CALL, None, Cost(Decimal(2), "RUB", "estimated")]
LATEST: Final = timedelta(seconds=29)
GAPS: Final = [0.001, 0.01, 0.5, 3, 9, 25]

FREE: Final[dict[str, Any]] = {
    "phone": None,
    "phone_all_clients": None,
    "prefix": None,
    "pauses": None,
    "daily_sends": None,
    "daily_money": {},
    "fraud_budget": FraudBudget(Mode.OFF),
}
NAMES: Final = sorted(FREE)

sends = st.tuples(
    st.sampled_from(["shop", "shop", "shop", "bank"]),
    st.sampled_from([PHONES[0], PHONES[0], PHONES[1]]),
    st.sampled_from(COSTS),
    st.booleans(),
)


@dataclass(frozen=True, eq=False)
class Pending:
    """A send that is under way; two that are alike are two."""

    asking: LimitRequest
    at: datetime
    plan: LimitPlan

    @property
    def day(self) -> str:
        return self.at.date().isoformat()


class Sends(RuleBasedStateMachine):
    """Sends side by side, time that passes, codes that are verified."""

    def __init__(self) -> None:
        super().__init__()
        self.mock = mock_aws()
        self.mock.start()
        self.table = make_table()
        manager = moto_client("secretsmanager")
        manager.create_secret(Name="lookup", SecretString=json.dumps({"key": KEY.reveal()}))
        self.allowance = LimitPlanner(
            CounterRepository(self.table),
            RefusalRepository(self.table),
            Secrets(manager, lambda name: name),
        )
        self.now = datetime(2026, 11, 21, 23, 59, tzinfo=UTC)
        self.limits = LimitSettings()
        self.successes: list[Pending] = []
        self.verified: list[Pending] = []

    def teardown(self) -> None:
        self.mock.stop()

    @initialize(
        which=st.sampled_from([*NAMES, *NAMES, "all"]), cap=st.integers(1, 4), first=st.booleans()
    )
    def begin(self, which: str, cap: int, first: bool) -> None:
        """One limit at a time is met more often than all of them."""
        limits = {
            "phone": Window(cap, 60),
            "phone_all_clients": Window(cap, 600),
            "prefix": Window(cap, 90),
            "pauses": (5,) if first else (5, 10, 20),
            "daily_sends": 2 * cap,
            "daily_money": {"RUB": Decimal(3 * cap)},
            "fraud_budget": FraudBudget(
                country_least=cap,
                percent=0,
                sends_least=cap + 2,
                hourly=HourlyBudget(
                    Mode.ENFORCE if first else Mode.RECORD, max(1, cap - 1), percent=0
                ),
            ),
        }
        self.limits = LimitSettings(
            **FREE | (limits if which == "all" else {which: limits[which]}),
            pauses_reset_seconds=60,
        )

    @rule(
        batch=st.lists(sends, min_size=1, max_size=6),
        turns=st.lists(st.tuples(st.integers(0, 5), st.sampled_from(GAPS)), max_size=12),
    )
    def send_together(
        self,
        batch: list[tuple[str, Phone, Cost | None, bool]],
        turns: list[tuple[int, float]],
    ) -> None:
        """Some sends that are planned at once; each is tried whenever it is its turn."""
        running = [self.plan(*each) for each in batch]
        for turn, gap in [*turns, *((0, 0.001) for _ in range(MOST_TRIES * len(batch)))]:
            if not running:
                return
            attempt = running.pop(turn % len(running))
            next_attempt = self.try_once(attempt) if self.now - attempt.at <= LATEST else None
            if next_attempt:
                running.insert(0, next_attempt)
            self.now += timedelta(seconds=gap)
        assert not running, "so many tries are enough"

    def plan(self, client: str, phone: Phone, cost: Cost | None, starts: bool) -> Pending:
        asking = LimitRequest(
            client=client,
            limits=self.limits,
            phone=phone,
            phone_key=phone_key(KEY, phone.e164),
            channel="password_call",
            cost=cost,
            starts=starts,
            single=not starts,
        )
        return Pending(asking, self.now, self.allowance.plan(asking, self.now))

    def try_once(self, pending: Pending) -> Pending | None:
        """One transaction; it is over, or there is another try."""
        own = {"PK": f"OWN#{len(self.successes)}", "SK": "OWN"}
        try:
            tx = Transaction(self.table)
            tx.add(Put(own, "attribute_not_exists(PK)"))
            pending.plan.add_to(tx)
            tx.commit()
        except ConditionsFailed as blocked:
            try:
                return replace(pending, plan=pending.plan.replanned(blocked))
            except LimitReached as refusal:
                self.check_refusal(refusal, pending)
        else:
            everyone = self.limits.phone_all_clients
            assert everyone is None or self.counted(pending) < everyone.cap
            self.successes.append(pending)
        return None

    def counted(self, pending: Pending) -> int:
        """How many sends to the number count for this one's client, before this one."""
        window = self.limits.phone_all_clients
        assert window
        since = pending.at - timedelta(seconds=window.seconds)
        by = Counter(
            each.asking.client
            for each in self.successes
            if each.asking.phone == pending.asking.phone and each.at > since
        )
        own = by.pop(pending.asking.client, 0)
        return own + sum(min(count, max(1, window.cap // 2)) for count in by.values())

    @rule(seconds=st.sampled_from([1, 5, 20, 59.999, 60, 600]))
    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(place=st.integers(0, 50))
    def verify(self, place: int) -> None:
        open_ones = [each for each in self.successes if each.plan.unverified]
        some = [each for each in open_ones if each not in self.verified]
        if some:
            one = some[place % len(some)]
            self.verified.append(one)
            writes = count_verified_code(
                one.asking.client, "RU", one.plan.unverified, self.now, own_code=False
            )
            commit(self.table, *writes)

    def sends(self, like: Pending, name: str) -> list[datetime]:
        """When sends were that count towards a limit together with this one."""
        same_phone, same_client = like.asking.phone, like.asking.client
        return sorted(
            each.at
            for each in self.successes
            if name == "prefix" or each.asking.phone == same_phone
            if name == "phone_all_clients" or each.asking.client == same_client
        )

    def unverified(self, client: str, day: str) -> int:
        return sum(
            each.asking.starts and each not in self.verified
            for each in self.successes
            if (each.asking.client, each.day) == (client, day)
        )

    def unverified_in_hour(self, like: Pending) -> int:
        return sum(
            each.asking.starts and each not in self.verified
            for each in self.successes
            if each.asking.client == like.asking.client
            if (each.day, each.at.hour) == (like.day, like.at.hour)
        )

    def singles(self, client: str, day: str) -> int:
        return sum(
            each.asking.single
            for each in self.successes
            if (each.asking.client, each.day) == (client, day)
        )

    def starts(self, like: Pending) -> list[datetime]:
        return sorted(
            each.at
            for each in self.successes
            if each.asking.starts
            if (each.asking.client, each.asking.phone) == (like.asking.client, like.asking.phone)
        )

    def check_refusal(self, refusal: LimitReached, pending: Pending) -> None:
        """There was no room, indeed."""
        assert refusal.retry_after is not None
        client, name = pending.asking.client, refusal.limit
        today = [
            each
            for each in self.successes
            if (each.asking.client, each.day) == (client, pending.day)
        ]
        if name in {"phone", "phone_all_clients", "prefix"}:
            window = getattr(self.limits, name)
            since = pending.at - timedelta(seconds=window.seconds)
            if name == "phone_all_clients":
                assert self.counted(pending) >= window.cap
            else:
                assert len([at for at in self.sends(pending, name) if at > since]) >= window.cap
            if pending.at == self.now:
                assert 0 < refusal.retry_after <= window.seconds
        elif name == "pauses":
            assert self.limits.pauses
            last = self.starts(pending)[-1]
            assert (pending.at - last).total_seconds() < self.limits.pauses[-1]
        elif name == "daily_sends":
            assert len(today) == self.limits.daily_sends
        elif name == "daily_money":
            spent = sum((each.asking.cost.amount for each in today if each.asking.cost), Decimal(0))
            assert pending.asking.cost
            assert spent + pending.asking.cost.amount > self.limits.daily_money["RUB"]
        elif name == "fraud_budget_country_hour":
            least = self.limits.fraud_budget.hourly.country_least
            assert self.unverified_in_hour(pending) >= least
        else:
            assert name == "fraud_budget_country"
            budget, unverified = self.limits.fraud_budget, self.unverified(client, pending.day)
            assert (
                unverified >= budget.country_least and pending.asking.starts
            ) or unverified + self.singles(client, pending.day) >= budget.sends_least

    @invariant()
    def no_limit_is_passed(self) -> None:
        if not self.successes:
            return
        last = self.successes[-1]
        for name in ("phone", "phone_all_clients", "prefix"):
            window: Window | None = getattr(self.limits, name)
            if window:
                sends, most = self.sends(last, name), window.cap
                if name == "phone_all_clients":
                    # One client's count in full, and half of the cap is the others'.
                    most += window.cap - max(1, window.cap // 2)
                for first, over in zip(sends, sends[most:], strict=False):
                    assert over - first >= timedelta(seconds=window.seconds)
        if self.limits.pauses:
            starts = self.starts(last)
            for one, after in pairwise(starts):
                assert after - one >= timedelta(seconds=self.limits.pauses[0])
        budget = self.limits.fraud_budget
        if budget.mode is Mode.ENFORCE:
            unverified = self.unverified(last.asking.client, last.day)
            assert unverified <= budget.country_least
            assert unverified + self.singles(last.asking.client, last.day) <= budget.sends_least
            if budget.hourly.mode is Mode.ENFORCE:
                assert self.unverified_in_hour(last) <= budget.hourly.country_least

    @invariant()
    def the_ledger_is_what_was_sent(self) -> None:
        counts = Counter((each.asking.client, each.day) for each in self.successes)
        for (client, day), sends in counts.items():
            ledger_day = self.allowance.counters.days(client, [day])[day]
            spent = sum(
                each.asking.cost.amount
                for each in self.successes
                if (each.asking.client, each.day) == (client, day) and each.asking.cost
            )
            assert (ledger_day.sends, ledger_day.spent.get("RUB", 0)) == (sends, spent)
            assert self.limits.daily_sends is None or sends <= self.limits.daily_sends
            cap = self.limits.daily_money.get("RUB")
            assert cap is None or spent <= cap


TestSends = pytest.mark.slow(Sends.TestCase)
TestSends.settings = settings(
    max_examples=max(1, settings().max_examples // 12), stateful_step_count=10
)

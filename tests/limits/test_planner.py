"""Who may send to whom, and how often: each limit, what it says, and that none is ever passed."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest

from ringpass.aws.dynamodb import Table
from ringpass.aws.secrets import Secrets
from ringpass.aws.transaction import ConditionsFailed, Put, Transaction
from ringpass.clients.ceilings.model import Ceiling
from ringpass.clock import to_text
from ringpass.costs import Cost
from ringpass.errors import LimitReached, NotAllowed, Unavailable
from ringpass.ids import address_key, list_key, phone_key
from ringpass.limits.counters import CounterRepository, Day, correct_spent
from ringpass.limits.fraud_budget import count_verified_code
from ringpass.limits.planner import MOST_TRIES, LimitPlan, LimitPlanner, LimitRequest
from ringpass.limits.refusals_store import RefusalRepository
from ringpass.limits.settings import (
    FraudBudget,
    HourlyBudget,
    IpCountries,
    LimitSettings,
    Mode,
    PhoneList,
    Window,
)
from ringpass.phone import Phone
from ringpass.redaction import Secret
from tests.moto_table import moto_client
from tests.transactions import commit

NOW = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
RETENTION = 30 * 86_400
KEY = Secret("k" * 64)
FREE = LimitSettings(
    phone=None,
    phone_all_clients=None,
    prefix=None,
    pauses=None,
    daily_sends=None,
    daily_money={},
    fraud_budget=FraudBudget(Mode.OFF),
)
CALL = Cost(Decimal("1.50"), "RUB", "estimated")


def phone(number: int = 0, start: str = "+7977777") -> Phone:
    return Phone(f"{start}{number:04}", "RU" if start.startswith("+7") else "VN")


def listed(client: str = "shop") -> str:
    """The number as it stands in a client's lists."""
    return list_key(phone_key(KEY, phone().e164), client)


def asking(limits: LimitSettings, **changes: Any) -> LimitRequest:  # noqa: ANN401 - its fields
    fields: dict[str, Any] = {
        "client": "shop",
        "limits": limits,
        "phone": phone(),
        "channel": "password_call",
        "cost": None,
        "starts": False,
    } | changes
    return LimitRequest(phone_key=phone_key(KEY, fields["phone"].e164), **fields)


@dataclass
class Desk:
    """Sends as the use case does: a plan, and transactions until one is taken or it is refused."""

    table: Table
    allowance: LimitPlanner
    now: datetime = NOW
    tries: int = 0
    successes: list[tuple[datetime, LimitRequest, LimitPlan]] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=count)

    def turn(self, **by: float) -> None:
        self.now += timedelta(**by)

    def send(self, request: LimitRequest, now: datetime | None = None) -> LimitPlan:
        now = now or self.now
        plan = self.allowance.plan(request, now)
        for self.tries in range(1, MOST_TRIES + 1):
            try:
                self.attempt(plan)
            except ConditionsFailed as blocked:
                plan = plan.replanned(blocked)
            else:
                self.successes.append((now, request, plan))
                return plan
        raise Unavailable("too busy")

    def attempt(self, plan: LimitPlan) -> None:
        own = {"PK": f"OWN#{next(self.numbers)}", "SK": "OWN"}
        tx = Transaction(self.table)
        tx.add(Put(own, "attribute_not_exists(PK)"))
        plan.add_to(tx)
        tx.commit()

    def refused(self, request: LimitRequest) -> LimitReached:
        before = self.items()
        with pytest.raises(LimitReached) as refusal:
            self.send(request)
        assert self.items() == before, "a refusal counts nothing"
        assert refusal.value.status == 429
        assert refusal.value.problem("x")["limit"] == refusal.value.limit
        return refusal.value

    def sends(self, request: LimitRequest, times: int) -> None:
        for _ in range(times):
            self.send(request)

    def items(self) -> list[dict[str, Any]]:
        all_items = self.table.client.scan(TableName=self.table.name)["Items"]
        return sorted(
            (item for item in all_items if not item["PK"]["S"].startswith("OWN")),
            key=lambda item: item["PK"]["S"],
        )

    def day(self) -> Day:
        today = self.now.date().isoformat()
        return self.allowance.counters.days("shop", [today])[today]


@pytest.fixture
def desk(table: Table) -> Desk:
    manager = moto_client("secretsmanager")
    manager.create_secret(Name="lookup", SecretString=json.dumps({"key": KEY.reveal()}))
    return Desk(
        table,
        LimitPlanner(
            CounterRepository(table, RETENTION),
            RefusalRepository(table, RETENTION),
            Secrets(manager, lambda name: name),
            pick=lambda _: 0,
        ),
    )


# ------------------------------------------------------------------------------------ one number


@pytest.mark.slow
def test_five_sends_to_a_number_and_no_sixth_within_ten_minutes(desk: Desk) -> None:
    request = asking(replace(FREE, phone=Window(5, 600)))
    for _ in range(5):
        desk.send(request)
        assert desk.tries == 1, "nothing is read, and no guess is wrong while there is room"
        desk.turn(seconds=60)
    refusal = desk.refused(request)
    assert (refusal.limit, refusal.retry_after) == ("phone", 300)
    assert refusal.retry_after == 300
    assert refusal.counted == {"cap": 5, "counted": 5}

    desk.turn(seconds=299.999)
    assert desk.refused(request).retry_after == 1
    desk.turn(seconds=0.001)
    desk.send(request)
    assert desk.refused(request).retry_after == 60, "one place became free, not five"
    desk.send(replace(request, client="other"))


def test_a_cap_that_was_lowered_holds_at_once_and_one_that_was_raised_too(desk: Desk) -> None:
    desk.sends(asking(replace(FREE, phone=Window(5, 600))), 5)
    assert desk.refused(asking(replace(FREE, phone=Window(2, 600)))).retry_after == 600
    desk.send(asking(replace(FREE, phone=Window(6, 600))))
    desk.turn(seconds=600)
    desk.send(asking(replace(FREE, phone=Window(2, 600))))


@pytest.mark.slow
def test_ten_sends_to_a_number_over_all_clients(desk: Desk) -> None:
    limits = replace(FREE, phone_all_clients=Window(10, 600))
    for number in range(10):
        desk.send(asking(limits, client=f"client{number}"))
    refusal = desk.refused(asking(limits, client="another"))
    assert (refusal.limit, refusal.retry_after) == ("phone_all_clients", 600)
    desk.send(asking(limits, phone=phone(1)))


@pytest.mark.slow
def test_one_client_takes_half_of_a_number_s_places_from_another(desk: Desk) -> None:
    limits = replace(FREE, phone_all_clients=Window(10, 600))
    desk.sends(asking(limits, client="loud"), 10)
    assert desk.refused(asking(limits, client="loud")).limit == "phone_all_clients"
    for _ in range(5):
        desk.turn(seconds=1)
        desk.send(asking(limits, client="quiet"))
    refusal = desk.refused(asking(limits, client="quiet"))
    assert (refusal.limit, refusal.retry_after) == ("phone_all_clients", 595)
    assert refusal.counted == {"cap": 10, "counted": 10}
    # Two of them fill it for a third.
    assert desk.refused(asking(limits, client="third")).limit == "phone_all_clients"
    desk.turn(seconds=595)
    desk.send(asking(limits, client="quiet"))


@pytest.mark.slow
def test_pauses_between_starts_grow_and_begin_anew_after_an_hour(desk: Desk) -> None:
    start = asking(replace(FREE, pauses=(30, 60, 120), pauses_reset_seconds=3600), starts=True)
    for pause in (30, 60, 120, 120):
        desk.send(start)
        refusal = desk.refused(start)
        assert (refusal.limit, refusal.retry_after) == ("pauses", pause)
        desk.send(replace(start, starts=False))
        desk.turn(seconds=pause - 1)
        assert desk.refused(start).retry_after == 1
        desk.turn(seconds=1)
    desk.send(start)
    desk.turn(seconds=3600)
    desk.send(start)
    assert desk.tries == 1
    assert desk.refused(start).retry_after == 30


def test_of_two_limits_the_one_that_lasts_longer_is_named(desk: Desk) -> None:
    limits = replace(FREE, phone=Window(1, 600), phone_all_clients=Window(1, 600), pauses=(30,))
    start = asking(limits, starts=True)
    desk.send(start)
    assert desk.refused(start).limit == "phone"
    desk.turn(seconds=100)
    desk.send(replace(start, client="other", limits=replace(limits, phone_all_clients=None)))
    wider = replace(limits, phone=Window(1, 110), phone_all_clients=Window(1, 600))
    refusal = desk.refused(replace(start, limits=wider))
    assert (refusal.limit, refusal.retry_after) == ("phone_all_clients", 500)


def test_a_pause_that_is_over_makes_no_room_in_a_full_window(desk: Desk) -> None:
    limits = replace(FREE, phone=Window(2, 600), pauses=(30,), pauses_reset_seconds=60)
    start = asking(limits, starts=True)
    for _ in range(2):
        desk.send(start)
        desk.turn(seconds=60)
    assert desk.refused(start).limit == "phone"


def test_room_in_a_window_ends_no_pause(desk: Desk) -> None:
    start = asking(replace(FREE, pauses=(30,)), starts=True)
    desk.send(start)
    # The client sets a limit on sends to a number: no send counts for it yet.
    both = replace(start, limits=replace(start.limits, phone=Window(2, 600)))
    assert desk.refused(both).limit == "pauses"


def test_a_verification_has_so_many_deliveries(desk: Desk) -> None:
    desk.send(asking(FREE, deliveries=9))
    refusal = desk.refused(asking(FREE, deliveries=10))
    assert refusal.limit == "verification_deliveries"
    assert refusal.retry_after is None, "no time ends it"


# ---------------------------------------------------------------------------------------- prefix


def test_numbers_that_differ_in_their_last_four_digits_share_a_limit(desk: Desk) -> None:
    limits = replace(FREE, prefix=Window(3, 3600))
    for number in range(3):
        desk.send(asking(limits, phone=phone(number)))
    assert desk.refused(asking(limits, phone=phone(9999))).limit == "prefix"
    desk.send(asking(limits, phone=phone(9999, start="+7977778")))
    assert "7977777" not in str(desk.items()), "a prefix says who it is but for four digits"


@pytest.mark.slow
def test_a_prefix_with_a_high_cap_is_spread_and_full_only_when_all_parts_are(desk: Desk) -> None:
    request = asking(replace(FREE, prefix=Window(800, 3600)))
    desk.send(request)
    desk.turn(seconds=5)
    [item] = [item for item in desk.items() if "sent_at" in item]
    at = [int(NOW.timestamp() * 1000)] * 98
    first = {"PK": item["PK"]["S"], "SK": "LIM"}
    desk.table.update(first, "SET sent_at = list_append(sent_at, :at)", {":at": at})
    desk.send(request)
    assert desk.tries == 1
    desk.turn(seconds=5)
    desk.sends(request, 8)  # the part that is picked is full: the others are looked at
    assert desk.tries == 2
    keys = [item["PK"]["S"] for item in desk.items() if "sent_at" in item]
    parts = [len(item["sent_at"]["L"]) for item in desk.items() if "sent_at" in item]
    assert sorted(parts) == [1, 1, 1, 1, 1, 1, 2, 100]
    at = [int(NOW.timestamp() * 1000) + 5_000] * 100
    for key in keys[1:]:
        desk.table.update({"PK": key, "SK": "LIM"}, "SET sent_at = :at", {":at": at})
    refusal = desk.refused(request)
    assert (refusal.limit, refusal.retry_after) == ("prefix", 3590)
    assert refusal.counted == {"cap": 800, "counted": 800}
    desk.turn(seconds=3590)
    desk.send(request)


# ------------------------------------------------------------------------------------------- day


def test_sends_of_a_day(desk: Desk) -> None:
    limits = replace(FREE, daily_sends=3)
    for number in range(3):
        assert desk.send(asking(limits, phone=phone(number))).ledger_shard == 0
    refusal = desk.refused(asking(limits, phone=phone(7)))
    assert (refusal.limit, refusal.retry_after) == ("daily_sends", 15.5 * 3600)
    desk.send(asking(limits, client="other"))
    desk.turn(hours=15.5)
    desk.send(asking(limits))


def test_money_of_a_day_by_currency(desk: Desk) -> None:
    request = asking(replace(FREE, daily_money={"RUB": Decimal(5)}), cost=CALL)
    desk.sends(request, 3)
    refusal = desk.refused(request)
    assert (refusal.limit, refusal.retry_after) == ("daily_money", 15.5 * 3600)
    assert refusal.counted == {"cap": 5, "counted": Decimal("4.5")}
    desk.send(replace(request, cost=Cost(Decimal("0.5"), "RUB", "estimated")))
    desk.send(replace(request, cost=Cost(Decimal(7), "VND", "estimated")))
    desk.send(replace(request, cost=None))
    assert desk.day() == Day(6, {"RUB": Decimal(5), "VND": Decimal(7)})


def test_a_send_that_costs_more_than_a_day_may_is_refused_without_a_request(desk: Desk) -> None:
    limits = replace(FREE, daily_money={"RUB": Decimal(1)})
    with pytest.raises(LimitReached) as refusal:
        desk.allowance.plan(asking(limits, cost=CALL), NOW)
    assert refusal.value.limit == "daily_money"


def test_a_cost_that_settles_otherwise_makes_or_takes_room(desk: Desk) -> None:
    request = asking(replace(FREE, daily_money={"RUB": Decimal(3)}), cost=CALL)
    desk.sends(request, 2)
    desk.refused(request)
    settle(desk, Decimal("-1.5"))
    desk.send(request)
    settle(desk, Decimal("0.5"))
    assert desk.day() == Day(3, {"RUB": Decimal("3.5")}), "what was spent was spent"
    assert desk.refused(request).counted["counted"] == Decimal("3.5")


def settle(desk: Desk, difference: Decimal, shard: int = 0) -> None:
    today = desk.now.date().isoformat()
    correction = correct_spent("shop", today, shard, "RUB", difference, 1_800_000_000)
    commit(desk.table, correction)


def test_the_ledger_of_a_day_is_kept_for_the_retention_after_that_day(desk: Desk) -> None:
    desk.send(asking(FREE, cost=CALL))
    [ledger] = desk.items()
    end_of_day = datetime(2026, 11, 22, tzinfo=UTC)
    assert int(ledger["expires_at"]["N"]) == end_of_day.timestamp() + RETENTION


@pytest.mark.slow
def test_a_days_cap_that_is_spread_is_used_up_whole(desk: Desk) -> None:
    request = asking(replace(FREE, daily_sends=803, daily_money={"RUB": Decimal(2000)}), cost=CALL)
    for shard in range(8):
        key = {"PK": f"LED#shop#2026-11-21#{shard}", "SK": "LED"}
        desk.table.put(key | {"sends": 99, "spent_RUB": Decimal(100)}, None)
    shards = [desk.send(request).ledger_shard for _ in range(11)]
    assert sorted(shard or 0 for shard in shards) == [0, 0, 1, 1, 2, 2, 3, 4, 5, 6, 7], (
        "803 is 3 x 101 and 5 x 100"
    )
    refusal = desk.refused(request)
    assert (refusal.limit, refusal.counted) == ("daily_sends", {"cap": 803, "counted": 803})
    assert desk.day() == Day(803, {"RUB": 800 + 11 * Decimal("1.5")})


@pytest.mark.slow
def test_a_days_money_that_is_spread_stops_early_by_less_than_eight_sends(desk: Desk) -> None:
    request = asking(replace(FREE, daily_money={"RUB": Decimal(800)}), cost=CALL)
    for shard in range(8):
        key = {"PK": f"LED#shop#2026-11-21#{shard}", "SK": "LED"}
        desk.table.put(key | {"sends": 9, "spent_RUB": Decimal(97)}, None)
    desk.sends(request, 16)
    refusal = desk.refused(request)
    assert refusal.limit == "daily_money"
    assert 800 - 8 * CALL.amount < refusal.counted["counted"] <= 800


# ----------------------------------------------------------------------------------------- lists


@pytest.mark.parametrize(
    ("deny", "allow", "is_allowed"),
    [
        (PhoneList(), PhoneList(), True),
        (PhoneList(prefixes=frozenset({"+797"})), PhoneList(), False),
        (PhoneList(prefixes=frozenset({"+84"})), PhoneList(), True),
        (PhoneList(frozenset({listed()})), PhoneList(), False),
        (PhoneList(frozenset({listed("other")})), PhoneList(), True),
        (
            PhoneList(prefixes=frozenset({"+7"})),
            PhoneList(prefixes=frozenset({"+7977"})),
            True,
        ),
        (
            PhoneList(prefixes=frozenset({"+7977"})),
            PhoneList(prefixes=frozenset({"+7"})),
            False,
        ),
        (
            PhoneList(prefixes=frozenset({"+7977"})),
            PhoneList(frozenset({listed()})),
            True,
        ),
        (PhoneList(prefixes=frozenset({"+7"})), PhoneList(prefixes=frozenset({"+7"})), False),
    ],
)
def test_the_list_that_names_a_number_more_closely_decides(
    desk: Desk, deny: PhoneList, allow: PhoneList, is_allowed: bool
) -> None:
    request = asking(replace(FREE, deny=deny, allow=allow))
    if is_allowed:
        desk.send(request)
    else:
        with pytest.raises(NotAllowed) as refusal:
            desk.allowance.plan(request, NOW)
        assert refusal.value.problem("x")["limit"] == "deny_list"


def test_a_number_on_the_allow_list_has_the_days_limits_only(desk: Desk) -> None:
    limits = LimitSettings(allow=PhoneList(prefixes=frozenset({"+7977"})), daily_sends=7)
    request = asking(limits, starts=True, cost=CALL)
    desk.sends(request, 7)
    assert desk.successes[0][2].decision == {
        "allow_list": True,
        "limits": ["daily_sends"],
        "would_refuse": [],
    }
    assert desk.refused(request).limit == "daily_sends"


def test_the_operators_ceiling_holds_for_a_number_on_the_allow_list(desk: Desk) -> None:
    own = replace(FREE, prefix=Window(1, 600), allow=PhoneList(prefixes=frozenset({"+7977"})))
    ceiling = {"phone": {"cap": 2, "seconds": 600}, "fraud_budget": {"country_least": 3}}
    limits = own.under(Ceiling.from_document({"limits": ceiling}).limits)
    desk.sends(asking(limits), 2)
    assert desk.refused(asking(limits)).limit == "phone"
    for number in range(1, 4):
        desk.send(asking(limits, phone=phone(number), starts=True))
    refusal = desk.refused(asking(limits, phone=phone(4), starts=True))
    assert refusal.limit == "fraud_budget_country"


def test_money_in_a_currency_that_nobody_named_has_an_end(desk: Desk) -> None:
    limits = replace(FREE, daily_money={"RUB": Decimal(5)})
    dollars = Cost(Decimal(60), "USD", "estimated")
    desk.send(asking(limits, cost=dollars))
    assert desk.refused(asking(limits, cost=dollars)).limit == "daily_money"
    desk.send(asking(limits, cost=Cost(Decimal(900_000), "VND", "estimated")))
    vnd = asking(limits, cost=Cost(Decimal(900_000), "VND", "estimated"))
    assert desk.refused(vnd).counted == {"cap": 1_500_000, "counted": 900_000}


def test_a_test_number_counts_towards_nothing(desk: Desk) -> None:
    test = Phone("+70000000001", "RU")
    limits = LimitSettings(deny=PhoneList(prefixes=frozenset({"+7"})))
    plan = desk.send(asking(limits, phone=test, starts=True))
    assert (plan.counters, plan.ledger_shard, plan.unverified) == ((), None, None)
    assert desk.items() == []


# ---------------------------------------------------------------------------------- fraud budget

DAILY: dict[str, Any] = {"hourly": HourlyBudget(Mode.OFF), "ip_countries": IpCountries(Mode.OFF)}
BUDGET = replace(FREE, fraud_budget=FraudBudget(**DAILY))
IP = address_key(KEY, "203.0.113.42")


def verify(
    desk: Desk,
    plan: LimitPlan,
    at: datetime | None = None,
    country: str = "RU",
    *,
    own_code: bool = False,
) -> None:
    writes = count_verified_code(
        "shop", country, plan.unverified, at or desk.now, own_code=own_code
    )
    commit(desk.table, *writes)


def history(desk: Desk, back: int, **hours: int) -> None:
    on = (desk.now - timedelta(days=back)).date().isoformat()
    desk.table.put({"PK": f"LIM#DONE#shop#RU#{on}", "SK": "LIM"} | hours, None)


@pytest.mark.slow
def test_twenty_codes_of_a_country_may_be_unverified(desk: Desk) -> None:
    start = asking(BUDGET, starts=True)
    plans = [desk.send(start) for _ in range(20)]
    refusal = desk.refused(start)
    assert (refusal.limit, refusal.retry_after) == ("fraud_budget_country", 15.5 * 3600)
    assert refusal.counted == {"cap": 20, "counted": 20}
    desk.send(replace(start, phone=phone(0, start="+8490123")))  # another country
    desk.send(replace(start, starts=False))  # no start
    verify(desk, plans[7])
    desk.send(start)
    desk.refused(start)
    desk.turn(days=1)
    desk.send(start)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("days", "cap"),
    [
        ({}, 20),
        ({1: {"h05": 100}}, 20),
        ({1: {"h05": 70, "h06": 60}}, 26),  # the best day
        ({14: {"h05": 130}}, 26),
        ({15: {"h05": 130}}, 20),  # too long ago
        ({1: {"h08": 50, "h09": 60}, 0: {"h01": 60, "h08": 10}}, 26),  # the last 24 hours
        ({3: {"h00": 150}, 4: {"h00": 149}, 0: {"h00": 149}}, 30),
    ],
)
def test_a_countrys_budget_grows_with_what_was_verified(
    desk: Desk, days: dict[int, dict[str, int]], cap: int
) -> None:
    for back, hours in days.items():
        history(desk, back, **hours)
    key = {"PK": "LIM#OPEN#shop#RU#2026-11-21#0", "SK": "LIM"}
    desk.table.put(key | {"unverified": cap - 1}, None)
    start = asking(BUDGET, starts=True)
    desk.send(start)
    assert desk.refused(start).counted == {"cap": cap, "counted": cap}


@pytest.mark.slow
def test_a_budget_that_was_read_is_the_next_guess(desk: Desk) -> None:
    history(desk, 1, h05=1000)
    start = asking(BUDGET, starts=True)
    desk.sends(start, 20)
    desk.send(start)
    assert desk.tries == 2
    desk.turn(seconds=59)
    desk.send(start)
    assert desk.tries == 1
    desk.turn(seconds=2)
    desk.send(start)
    assert desk.tries == 2


@pytest.mark.parametrize("change", [{"percent": 10}, {"own_codes": False}])
def test_a_budget_that_was_lowered_holds_at_once(desk: Desk, change: dict[str, Any]) -> None:
    history(desk, 1, h05=60, o05=70)
    key = {"PK": "LIM#OPEN#shop#RU#2026-11-21#0", "SK": "LIM"}
    desk.table.put(key | {"unverified": 21}, None)
    desk.send(asking(BUDGET, starts=True))  # 20 percent of 130 are read, and remembered
    lowered = replace(BUDGET, fraud_budget=replace(BUDGET.fraud_budget, **change))
    assert desk.refused(asking(lowered, starts=True)).counted == {"cap": 20, "counted": 22}


@pytest.mark.slow
def test_a_wide_budget_is_spread(desk: Desk) -> None:
    limits = replace(FREE, fraud_budget=FraudBudget(country_least=800, **DAILY))
    start = asking(limits, starts=True)
    for shard in range(8):
        key = {"PK": f"LIM#OPEN#shop#RU#2026-11-21#{shard}", "SK": "LIM"}
        desk.table.put(key | {"unverified": 99}, None)
    plans = [desk.send(start) for _ in range(8)]
    assert sorted(plan.unverified["shard"] for plan in plans if plan.unverified) == [*range(8)]
    desk.refused(start)
    verify(desk, plans[5])
    assert desk.send(start).unverified == plans[5].unverified


@pytest.mark.slow
def test_ten_codes_that_one_address_asked_for_may_be_unverified(desk: Desk) -> None:
    limits = replace(FREE, fraud_budget=FraudBudget(country_least=1000, **DAILY))
    start = asking(limits, starts=True, ip_key=IP)
    plans = [desk.send(start) for _ in range(10)]
    refusal = desk.refused(start)
    assert (refusal.limit, refusal.counted) == ("fraud_budget_ip", {"cap": 10, "counted": 10})
    desk.send(replace(start, ip_key=address_key(KEY, "203.0.113.43")))
    for plan in plans:
        verify(desk, plan)
    key = {"PK": f"LIM#IP#shop#{IP}#2026-11-21", "SK": "LIM"}
    desk.table.update(key, "ADD verified :more", {":more": 45})
    desk.sends(start, 11)  # a fifth of the 55 verified ones
    assert desk.refused(start).counted == {"cap": 11, "counted": 11}
    assert "203.0.113" not in str(desk.items())


def test_a_code_verified_on_the_next_day_gives_back_what_was_taken_on_its_own(desk: Desk) -> None:
    start = asking(BUDGET, starts=True, ip_key=IP)
    plan = desk.send(start)
    verify(desk, plan, at=NOW + timedelta(hours=16))
    by_key = {item["PK"]["S"]: item for item in desk.items()}
    assert by_key["LIM#OPEN#shop#RU#2026-11-21#0"]["unverified"] == {"N": "0"}
    assert by_key[f"LIM#IP#shop#{IP}#2026-11-21"]["verified"] == {"N": "1"}
    assert by_key["LIM#DONE#shop#RU#2026-11-22"]["h00"] == {"N": "1"}


def test_a_budget_that_only_records_refuses_nothing_and_says_what_it_would_have(desk: Desk) -> None:
    limits = replace(
        FREE, fraud_budget=FraudBudget(Mode.RECORD, country_least=2, ip_least=1, **DAILY)
    )
    start = asking(limits, starts=True, ip_key=IP)
    first = desk.send(start)
    assert first.decision == {
        "limits": ["fraud_budget_country", "fraud_budget_ip", "daily_sends"],
        "would_refuse": [],
    }
    second = desk.send(start)
    assert [each["limit"] for each in second.decision["would_refuse"]] == ["fraud_budget_ip"]
    third = desk.send(start)
    assert third.decision["would_refuse"] == [
        {"limit": "fraud_budget_country", "cap": 2, "counted": 2},
        {"limit": "fraud_budget_ip", "cap": 1, "counted": 2},
    ]
    verify(desk, third)
    assert third.unverified == {"day": "2026-11-21", "shard": 0, "ip_key": IP}


def test_a_budget_of_nothing_refuses_every_start(desk: Desk) -> None:
    limits = replace(FREE, fraud_budget=FraudBudget(country_least=0, ip_least=0, **DAILY))
    assert desk.refused(asking(limits, starts=True)).counted == {"cap": 0, "counted": 0}
    limits = replace(FREE, fraud_budget=FraudBudget(ip_least=0, **DAILY))
    assert desk.refused(asking(limits, starts=True, ip_key=IP)).limit == "fraud_budget_ip"


def test_single_sends_count_beside_unverified_codes(desk: Desk) -> None:
    limits = replace(FREE, fraud_budget=FraudBudget(country_least=2, sends_least=4, **DAILY))
    single = asking(limits, single=True)
    desk.sends(single, 3)
    start = asking(limits, starts=True)
    plan = desk.send(start)
    assert desk.refused(single).counted == {"cap": 4, "counted": 4}
    refusal = desk.refused(start)
    assert (refusal.limit, refusal.counted) == ("fraud_budget_country", {"cap": 4, "counted": 4})
    desk.send(asking(limits))  # a further step of a verification
    verify(desk, plan)
    desk.sends(start, 1)
    assert desk.refused(single).limit == "fraud_budget_country"


@pytest.mark.slow
def test_single_sends_leave_room_for_codes_that_are_started(desk: Desk) -> None:
    desk.sends(asking(BUDGET, single=True), 25)
    desk.sends(asking(BUDGET, starts=True), 20)
    assert desk.refused(asking(BUDGET, starts=True)).counted == {"cap": 20, "counted": 20}
    desk.send(asking(BUDGET, single=True))
    single = desk.send(asking(BUDGET, single=True))
    assert single.unverified == {"day": "2026-11-21", "shard": 0, "single": True}


@pytest.mark.slow
def test_single_sends_have_no_less_room_than_codes_that_are_started(desk: Desk) -> None:
    history(desk, 1, h05=8)
    budget = FraudBudget(country_least=1, percent=50, sends_least=2, **DAILY)
    single = asking(replace(FREE, fraud_budget=budget), single=True)
    desk.sends(single, 4)
    assert desk.refused(single).counted == {"cap": 4, "counted": 4}


def test_whoever_sets_how_many_codes_may_be_unverified_means_single_sends_too() -> None:
    own = LimitSettings.from_dict({"fraud_budget": {"country_least": 3}}).fraud_budget
    assert own.sends_least == 3
    assert LimitSettings.from_dict({"fraud_budget": {}}).fraud_budget.sends_least == 1_000


@pytest.mark.slow
def test_single_sends_of_a_wide_budget_are_spread(desk: Desk) -> None:
    budget = FraudBudget(country_least=800, sends_least=880, **DAILY)
    for shard in range(8):
        key = {"PK": f"LIM#OPEN#shop#RU#2026-11-21#{shard}", "SK": "LIM"}
        desk.table.put(key | {"unverified": 9, "codes": 109}, None)
    single = asking(replace(FREE, fraud_budget=budget), single=True)
    desk.sends(single, 8)
    assert desk.refused(single).counted == {"cap": 880, "counted": 880}


@pytest.mark.slow
def test_codes_of_the_callers_own_can_be_kept_from_giving_back_and_from_growing(
    desk: Desk,
) -> None:
    on = replace(FREE, fraud_budget=FraudBudget(country_least=2, percent=50, **DAILY))
    off = replace(FREE, fraud_budget=replace(on.fraud_budget, own_codes=False))
    start = asking(on, starts=True)
    first = desk.send(start)
    verify(desk, first, own_code=True)
    desk.sends(start, 2)
    desk.refused(start)
    history(desk, 1, h05=2, o05=6)
    desk.sends(start, 2)  # half of 8
    assert desk.refused(start).counted == {"cap": 4, "counted": 4}
    request = asking(off, starts=True)
    assert desk.refused(request).counted == {"cap": 2, "counted": 4}
    desk.turn(days=3)
    plan = desk.send(request)
    assert plan.unverified == {"day": "2026-11-24", "shard": 0, "keeps_own": True}
    verify(desk, plan, own_code=True)
    desk.send(request)
    desk.refused(request)
    verify(desk, plan)  # had it been one of ours
    desk.send(request)


def test_what_is_verified_counts_also_where_nothing_was_counted_before(desk: Desk) -> None:
    plan = desk.send(asking(FREE, starts=True))
    assert plan.unverified is None
    verify(desk, plan)
    assert [item["PK"]["S"] for item in desk.items() if "h08" in item] == [
        "LIM#DONE#shop#RU#2026-11-21"
    ]


# ------------------------------------------------------------------- hours, countries of an address


def hourly(
    mode: Mode = Mode.ENFORCE, *, countries: IpCountries | None = None, **least: int
) -> LimitSettings:
    """Limits whose fraud budget refuses nothing by the day."""
    budget = FraudBudget(
        country_least=1_000_000,
        ip_least=1_000_000,
        hourly=HourlyBudget(mode, **least),
        ip_countries=countries or IpCountries(Mode.OFF),
    )
    return replace(FREE, fraud_budget=budget)


def test_three_codes_of_a_country_may_be_unverified_in_an_hour_of_the_clock(desk: Desk) -> None:
    start = asking(hourly(), starts=True)
    plans = [desk.send(start) for _ in range(3)]
    refusal = desk.refused(start)
    assert (refusal.limit, refusal.retry_after) == ("fraud_budget_country_hour", 1800)
    assert refusal.counted == {"cap": 3, "counted": 3}
    desk.send(replace(start, phone=phone(0, start="+8490123")))
    desk.send(replace(start, starts=False, single=True))
    verify(desk, plans[1])
    desk.send(start)
    desk.refused(start)
    desk.turn(minutes=30)
    desk.sends(start, 3)
    # Giving back what another hour has counted makes no room in this one.
    verify(desk, plans[0])
    desk.refused(start)


@pytest.mark.parametrize(
    ("days", "cap"),
    [
        ({}, 3),
        ({1: {"h05": 149}}, 4),  # the best day, a sixth of it, a fifth of that
        ({1: {"h05": 150}}, 5),
        ({0: {"h08": 25}}, 5),  # this hour
        ({0: {"h07": 30, "h08": 25}}, 6),  # or the one before, if it has more
        ({0: {"h06": 1000}}, 3),
    ],
)
def test_an_hours_budget_grows_with_what_was_verified(
    desk: Desk, days: dict[int, dict[str, int]], cap: int
) -> None:
    for back, hours in days.items():
        history(desk, back, **hours)
    key = {"PK": "LIM#OPEN#shop#RU#2026-11-21#0", "SK": "LIM"}
    desk.table.put(key | {"u08": cap - 1}, None)
    start = asking(hourly(), starts=True)
    desk.send(start)
    assert desk.refused(start).counted == {"cap": cap, "counted": cap}


def test_five_codes_of_an_address_may_be_unverified_in_an_hour(desk: Desk) -> None:
    start = asking(hourly(country_least=100), starts=True, ip_key=IP)
    plans = [desk.send(start) for _ in range(5)]
    refusal = desk.refused(start)
    assert (refusal.limit, refusal.retry_after) == ("fraud_budget_ip_hour", 1800)
    verify(desk, plans[0])
    desk.send(start)
    key = {"PK": f"LIM#IP#shop#{IP}#2026-11-21", "SK": "LIM"}
    desk.table.update(key, "ADD verified :more", {":more": 179})
    desk.send(start)  # a fifth of a sixth of 180
    assert desk.refused(start).counted == {"cap": 6, "counted": 6}


def test_the_limit_that_lasts_longer_is_named_of_an_hours_and_a_days(desk: Desk) -> None:
    budget = FraudBudget(country_least=1, hourly=HourlyBudget(Mode.ENFORCE, country_least=1))
    start = asking(replace(FREE, fraud_budget=budget), starts=True)
    desk.send(start)
    assert desk.refused(start).limit == "fraud_budget_country"


@pytest.mark.slow
def test_by_default_hours_and_countries_are_recorded_and_refuse_nothing(desk: Desk) -> None:
    start = asking(replace(FREE, fraud_budget=FraudBudget()), starts=True, ip_key=IP)
    first, second, third = (desk.send(start) for _ in range(3))
    assert desk.tries == 1
    fourth = desk.send(start)
    assert desk.tries == 2, "the first attempt finds the hour full"
    assert first.excesses == second.excesses == third.excesses == ()
    assert [(each.limit, each.cap, each.counted) for each in fourth.excesses] == [
        ("fraud_budget_country_hour", 3, 3)
    ]
    assert fourth.decision["would_refuse"] == [
        {"limit": "fraud_budget_country_hour", "cap": 3, "counted": 3}
    ]
    desk.send(start)
    sixth = desk.send(start)
    assert [(each.limit, each.cap, each.counted) for each in sixth.excesses] == [
        ("fraud_budget_country_hour", 3, 5),
        ("fraud_budget_ip_hour", 5, 5),
    ]
    assert sixth.unverified == {"day": "2026-11-21", "shard": 0, "hour": 8, "ip_key": IP}
    # Beyond the day's half it is refused, although the hour's only records.
    desk.sends(start, 4)
    assert desk.refused(start).limit == "fraud_budget_ip"


@pytest.mark.slow
def test_an_hours_count_of_a_wide_budget_is_spread_and_never_early(desk: Desk) -> None:
    budget = FraudBudget(country_least=800, hourly=HourlyBudget(Mode.ENFORCE, country_least=10))
    start = asking(replace(FREE, fraud_budget=budget), starts=True)
    plans = [desk.send(start) for _ in range(10)]
    shards = [plan.unverified["shard"] for plan in plans if plan.unverified]
    assert sorted(shards) == [0, 0, 1, 1, 2, 3, 4, 5, 6, 7]
    assert desk.refused(start).counted == {"cap": 10, "counted": 10}
    recorded = replace(budget, hourly=replace(budget.hourly, mode=Mode.RECORD))
    plan = desk.send(replace(start, limits=replace(FREE, fraud_budget=recorded)))
    assert [each.counted for each in plan.excesses] == [10]


def test_what_is_only_recorded_gives_way_where_counts_have_room_in_different_items(
    desk: Desk,
) -> None:
    for shard in range(8):
        key = {"PK": f"LIM#OPEN#shop#RU#2026-11-21#{shard}", "SK": "LIM"}
        day, hour = (99, 2) if shard == 0 else (100, 0)
        desk.table.put(key | {"unverified": day, "u08": hour}, None)
    budget = FraudBudget(country_least=800, hourly=HourlyBudget(Mode.RECORD, country_least=16))
    start = asking(replace(FREE, fraud_budget=budget), starts=True)
    plan = desk.send(start)
    assert plan.excesses == (), "14 more codes would have had room in this hour"
    assert plan.unverified == {"day": "2026-11-21", "shard": 0, "hour": 8}
    assert desk.refused(start).limit == "fraud_budget_country"


VN, US, KZ = (
    Phone("+84901230000", "VN"),
    Phone("+12025550100", "US"),
    Phone("+77012345678", "KZ"),
)


def test_an_address_may_start_verifications_to_numbers_of_three_countries(desk: Desk) -> None:
    limits = hourly(Mode.OFF, countries=IpCountries(Mode.ENFORCE))
    ru = asking(limits, starts=True, ip_key=IP)
    vn, us, kz = (
        replace(ru, phone=number, phone_key=phone_key(KEY, number.e164)) for number in (VN, US, KZ)
    )
    plans = [desk.send(request) for request in (ru, vn, us)]
    assert desk.tries == 1
    refusal = desk.refused(kz)
    assert (refusal.limit, refusal.retry_after) == ("fraud_budget_ip_countries", 15.5 * 3600)
    assert refusal.counted == {"cap": 3, "counted": 3}
    for request in (ru, vn, us):
        desk.send(request)
        assert desk.tries == 1, "a country that was counted needs no room"
    desk.send(replace(kz, ip_key=address_key(KEY, "203.0.113.43")))
    desk.send(replace(kz, ip_key=None))
    # A country of which the address has verified a code counts no more.
    verify(desk, plans[1], country="VN")
    desk.send(kz)
    desk.send(vn)
    assert desk.refused(replace(kz, phone=Phone("+447911123456", "GB"))).counted["counted"] == 3
    desk.turn(days=1)
    desk.send(kz)
    assert "203.0.113" not in str(desk.items())


def test_a_country_too_many_is_recorded_each_time_and_takes_no_place(desk: Desk) -> None:
    limits = hourly(Mode.OFF, countries=IpCountries(Mode.RECORD, cap=1))
    ru = asking(limits, starts=True, ip_key=IP)
    vn = replace(ru, phone=VN)
    desk.send(ru)
    for _ in range(2):
        plan = desk.send(vn)
        assert [(each.limit, each.counted) for each in plan.excesses] == [
            ("fraud_budget_ip_countries", 1)
        ]
    assert desk.send(ru).excesses == ()
    verify(desk, plan, country="VN")
    assert desk.send(vn).excesses == ()


def test_of_two_new_countries_at_once_one_gets_the_last_place(desk: Desk) -> None:
    limits = hourly(Mode.OFF, countries=IpCountries(Mode.ENFORCE, cap=2))
    ru = asking(limits, starts=True, ip_key=IP)
    verify(desk, desk.send(ru))
    desk.send(replace(ru, phone=VN))
    waiting = []
    for number in (US, KZ):
        plan = desk.allowance.plan(replace(ru, phone=number), desk.now)
        with pytest.raises(ConditionsFailed) as conflict:
            desk.attempt(plan)  # two countries are counted, of which one is verified
        waiting.append(plan.replanned(conflict.value))
    desk.attempt(waiting[0])
    with pytest.raises(ConditionsFailed) as conflict:
        desk.attempt(waiting[1])
    with pytest.raises(LimitReached):
        waiting[1].replanned(conflict.value)


def test_a_budget_that_is_off_counts_neither_hours_nor_countries(desk: Desk) -> None:
    budget = FraudBudget(
        Mode.OFF, hourly=HourlyBudget(Mode.ENFORCE, 0), ip_countries=IpCountries(Mode.ENFORCE)
    )
    plan = desk.send(asking(replace(FREE, fraud_budget=budget), starts=True, ip_key=IP))
    assert [counter.name for counter in plan.counters] == ["daily_sends"]


# ---------------------------------------------------------------------------- verified single sends


@pytest.mark.parametrize("own_codes", [True, False])
def test_a_single_send_that_is_verified_gives_back_its_place(desk: Desk, own_codes: bool) -> None:
    budget = FraudBudget(country_least=1, sends_least=2, own_codes=own_codes, percent=0)
    single = asking(replace(FREE, fraud_budget=budget), single=True)
    plan = desk.send(single)
    start = desk.send(replace(single, single=False, starts=True))
    assert plan.unverified is not None
    assert plan.unverified["single"]
    assert start.unverified is not None
    assert "single" not in start.unverified
    desk.refused(single)
    verify(desk, plan, own_code=True)
    if not own_codes:
        desk.refused(single)
        return
    desk.send(single)
    desk.refused(single)
    # It was no unverified code of a verification, and gives back none.
    assert desk.refused(replace(single, single=False, starts=True)).counted["counted"] == 1


# ---------------------------------------------------------------------------------------- in all


def test_with_the_defaults_a_start_is_one_transaction_and_every_counter_goes_some_day(
    desk: Desk,
) -> None:
    plan = desk.send(asking(LimitSettings(), starts=True, ip_key=IP, cost=CALL))
    assert desk.tries == 1
    assert [counter.name for counter in plan.counters] == [
        "phone",
        "phone_all_clients",
        "prefix",
        "fraud_budget_country",
        "fraud_budget_ip",
        "daily_sends",
    ]
    verify(desk, plan)
    settle(desk, Decimal(1), shard=3)
    for item in desk.items():
        assert int(item["expires_at"]["N"]) > NOW.timestamp() + 86_400
        assert item["entity"]["S"] in {"counter", "ledger"}
        assert "97777777" not in str(item)


def test_an_item_that_has_gone_in_between_is_made_anew(desk: Desk) -> None:
    request = asking(replace(FREE, phone=Window(1, 600)))
    desk.send(request)
    desk.turn(seconds=600)
    plan = desk.allowance.plan(request, desk.now)
    with pytest.raises(ConditionsFailed) as conflict:
        desk.attempt(plan)
    pruning = plan.replanned(conflict.value)
    [item] = [each for each in desk.items() if "sent_at" in each]
    desk.table.delete({"PK": item["PK"]["S"], "SK": "LIM"})
    with pytest.raises(ConditionsFailed) as conflict:
        desk.attempt(pruning)
    assert conflict.value.items == {pruning.counters[0].tag: None}
    desk.attempt(pruning.replanned(conflict.value))


# -------------------------------------------------------------------------------- side by side


@pytest.mark.parametrize(
    ("limits", "limit"),
    [
        (replace(FREE, phone=Window(1, 30)), "phone"),
        (replace(FREE, pauses=(30,)), "pauses"),
        (replace(FREE, prefix=Window(1, 30)), "prefix"),
    ],
)
def test_of_two_that_find_the_same_room_one_gets_it(
    desk: Desk, limits: LimitSettings, limit: str
) -> None:
    start = asking(limits, starts=True)
    desk.send(start)
    desk.turn(seconds=30)
    corrected = []
    for plan in [desk.allowance.plan(start, desk.now) for _ in range(2)]:
        with pytest.raises(ConditionsFailed) as conflict:
            desk.attempt(plan)
        corrected.append(plan.replanned(conflict.value))
    first, second = corrected
    desk.attempt(first)
    with pytest.raises(ConditionsFailed) as conflict:
        desk.attempt(second)
    with pytest.raises(LimitReached) as refusal:
        second.replanned(conflict.value)
    assert refusal.value.limit == limit


@pytest.mark.slow
def test_a_start_that_comes_late_finds_pauses_that_began_anew(desk: Desk) -> None:
    limits = replace(FREE, pauses=(30,), pauses_reset_seconds=60)
    start = asking(limits, starts=True)
    desk.send(start)
    late = desk.allowance.plan(start, NOW + timedelta(seconds=40))
    with pytest.raises(ConditionsFailed) as conflict:
        desk.attempt(late)
    late = late.replanned(conflict.value)
    # Another start comes first. Its count is one again, as it was when the late one read it.
    desk.send(start, NOW + timedelta(seconds=60))
    with pytest.raises(ConditionsFailed) as conflict:
        desk.attempt(late)
    with pytest.raises(LimitReached):
        late.replanned(conflict.value)


def test_a_send_that_comes_late_finds_what_was_sent_before_it(desk: Desk) -> None:
    request = asking(replace(FREE, phone=Window(3, 60)))
    for second in (0, 1, 45):
        desk.send(request, NOW + timedelta(seconds=second))
    late = desk.allowance.plan(request, NOW + timedelta(seconds=50))
    desk.send(request, NOW + timedelta(seconds=61))  # those of 0 and 1 no longer count for it
    with pytest.raises(ConditionsFailed) as conflict:
        desk.attempt(late)
    with pytest.raises(LimitReached):
        late.replanned(conflict.value)


# -------------------------------------------------------------------------------------- decisions


def test_a_refusal_is_written_down_with_its_number_in_one_attribute(desk: Desk) -> None:
    request = asking(replace(FREE, phone=Window(1, 600)), starts=True, ip_key=IP)
    desk.send(request)
    refusal = desk.refused(request)
    desk.allowance.record_refusal(request, refusal, NOW, verification_id="ver_1", step=2)

    [decision] = desk.allowance.refusals.of_client("shop", "0", "9")
    assert (decision.code, decision.limit, decision.retry_after) == ("limit_reached", "phone", 600)
    assert (decision.cap, decision.counted) == (1, 1)
    assert (decision.channel, decision.country, decision.starts) == ("password_call", "RU", True)
    assert (decision.verification_id, decision.step) == ("ver_1", 2)
    assert (decision.phone, decision.ip_key) == ("+7*******000", IP)
    [item] = [each for each in desk.items() if each["entity"]["S"] == "decision"]
    assert item.pop("number") == {"S": request.phone.e164}
    assert request.phone.digits not in str(item)
    assert request.phone.digits not in repr(decision)
    assert int(item["expires_at"]["N"]) == NOW.timestamp() + RETENTION


def test_what_is_only_recorded_is_written_with_the_send_and_listed_apart(desk: Desk) -> None:
    limits = hourly(Mode.RECORD, country_least=0)
    request = asking(limits, starts=True, ip_key=IP)
    plan = desk.send(request)
    tx = Transaction(desk.table)
    desk.allowance.add_excesses(tx, request, plan, NOW, verification_id="ver_1", step=0)
    tx.commit()
    [decision] = desk.allowance.refusals.of_client("shop", "0", "9", refused=False)
    assert (decision.refused, decision.limit) == (False, "fraud_budget_country_hour")
    assert (decision.cap, decision.counted, decision.retry_after) == (0, 0, 1800)
    assert (decision.verification_id, decision.step, decision.starts) == ("ver_1", 0, True)
    assert list(desk.allowance.refusals.of_client("shop", "0", "9")) == []
    assert "97777777" not in str(desk.items())


def test_decisions_are_listed_by_client_the_newest_first(desk: Desk) -> None:
    request = asking(FREE)
    for minute in range(9):
        limit = NotAllowed("Denied.", limit=f"rule_{minute}")
        desk.allowance.record_refusal(request, limit, NOW + timedelta(minutes=minute))
    desk.allowance.record_refusal(replace(request, client="other"), NotAllowed("Denied."), NOW)

    decisions = desk.allowance.refusals
    limits = [each.limit for each in decisions.of_client("shop", "0", "9")]
    assert limits == [f"rule_{minute}" for minute in reversed(range(9))]
    until = to_text(NOW + timedelta(minutes=2))
    assert [each.limit for each in decisions.of_client("shop", "0", until)] == ["rule_1", "rule_0"]


def test_a_refusal_stands_also_where_it_cannot_be_written_down(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    broken = replace(
        desk.allowance, refusals=RefusalRepository(replace(desk.table, name="gone"), 1)
    )
    broken.record_refusal(asking(FREE), NotAllowed("Denied."), NOW)
    assert "refusal not recorded" in caplog.text

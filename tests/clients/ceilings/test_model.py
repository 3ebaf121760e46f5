"""The operator's ceiling: the stricter of two limits in every field, and what is refused for it."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringpass.clients.ceilings.model import Ceiling
from ringpass.limits.settings import (
    UNLIMITED,
    FraudBudget,
    HourlyBudget,
    IpCountries,
    LimitSettings,
    LimitsInvalid,
    Mode,
    Window,
)


def ceiling(**limits: object) -> Ceiling:
    return Ceiling.from_document({"limits": limits})


def under(limits: LimitSettings, **of_ceiling: object) -> LimitSettings:
    return limits.under(ceiling(**of_ceiling).limits)


@pytest.mark.parametrize(
    ("own", "above", "holds"),
    [
        (Window(5, 600), {"cap": 3, "seconds": 600}, Window(3, 600)),
        (Window(2, 600), {"cap": 3, "seconds": 600}, Window(2, 600)),
        (Window(5, 60), {"cap": 9, "seconds": 600}, Window(5, 600)),
        (Window(5, 600), {"cap": 3, "seconds": 60}, Window(3, 600)),
        (None, {"cap": 3, "seconds": 60}, Window(3, 60)),
        (Window(5, 600), None, Window(5, 600)),
        (None, None, None),
    ],
)
def test_a_window_is_the_smaller_cap_in_the_longer_time(
    own: Window | None, above: object, holds: Window | None
) -> None:
    for name in ("phone", "prefix"):
        limits = replace(UNLIMITED, **{name: own})  # type: ignore[arg-type]
        assert getattr(under(limits, **{name: above}), name) == holds


@pytest.mark.parametrize(
    ("own", "above", "holds"),
    [
        ((30, 60), [10, 90, 120], (30, 90, 120)),
        ((30, 60, 200), [40], (40, 60, 200)),
        (None, [40], (40,)),
        ((30,), None, (30,)),
    ],
)
def test_pauses_are_the_longer_ones(
    own: tuple[int, ...] | None, above: object, holds: tuple[int, ...] | None
) -> None:
    assert under(replace(UNLIMITED, pauses=own), pauses=above).pauses == holds


def test_what_a_ceiling_does_not_name_is_the_clients() -> None:
    limits = LimitSettings(daily_sends=77, pauses_reset_seconds=1800)
    assert replace(limits.under(UNLIMITED), ceiling=None) == limits
    assert replace(under(limits, daily_sends=None), ceiling=None) == limits


def test_a_budget_is_the_stricter_one_in_each_field() -> None:
    own = replace(UNLIMITED, fraud_budget=FraudBudget(Mode.RECORD, 500, 5, 90))
    budget = under(own, fraud_budget={"country_least": 100, "ip_least": 50}).fraud_budget
    assert budget == FraudBudget(Mode.ENFORCE, 100, 5, 20, sends_least=100)
    assert under(own, fraud_budget={"mode": "off"}).fraud_budget == own.fraud_budget


def test_a_ceiling_holds_for_hours_and_countries_only_where_it_names_them() -> None:
    own = FraudBudget(
        hourly=HourlyBudget(Mode.RECORD, 50, 60, 70), ip_countries=IpCountries(Mode.OFF, 9)
    )
    limits = replace(UNLIMITED, fraud_budget=own)
    unnamed = under(limits, fraud_budget={"country_least": 3}).fraud_budget
    assert (unnamed.hourly, unnamed.ip_countries) == (own.hourly, own.ip_countries)
    above = {
        "hourly": {"mode": "enforce", "country_least": 40, "ip_least": 80, "percent": 10},
        "ip_countries": {"mode": "record", "cap": 2},
    }
    named = under(limits, fraud_budget=above).fraud_budget
    assert named.hourly == HourlyBudget(Mode.ENFORCE, 40, 60, 10)
    assert named.ip_countries == IpCountries(Mode.RECORD, 2)


# ------------------------------------------------------------------------------------------- money


@pytest.mark.parametrize(
    ("own", "above", "caps"),
    [
        # Where nobody sets anything there is a cap in every currency.
        (None, None, {"RUB": 5000, "VND": 1_500_000, "USD": 100}),
        # Whoever caps one currency has not said that the others are free.
        ({"RUB": "99"}, None, {"RUB": 99, "VND": 1_500_000, "USD": 100}),
        ({}, None, {"RUB": None, "VND": None, "USD": None}),
        ({}, {"RUB": "70"}, {"RUB": 70, "VND": 1_500_000, "USD": 100}),
        ({"USD": "9000"}, {"RUB": "70"}, {"RUB": 70, "VND": 1_500_000, "USD": 100}),
        ({"USD": "9000"}, {"USD": "500"}, {"RUB": 5000, "VND": 1_500_000, "USD": 500}),
        ({"USD": "50"}, {"USD": "500"}, {"RUB": 5000, "VND": 1_500_000, "USD": 50}),
    ],
)
def test_money_has_a_cap_in_each_currency(
    own: dict[str, str] | None, above: dict[str, str] | None, caps: dict[str, int | None]
) -> None:
    limits = LimitSettings.from_dict({} if own is None else {"daily_money": own})
    result = limits if above is None else under(limits, daily_money=above)
    assert {currency: result.money_cap(currency) for currency in caps} == caps


# --------------------------------------------------------------------------------- never above it


windows = st.none() | st.builds(Window, st.integers(1, 50), st.integers(1, 5000))
budgets = st.builds(
    FraudBudget,
    st.sampled_from(Mode),
    st.integers(0, 50),
    st.integers(0, 50),
    st.integers(0, 100),
    st.integers(0, 50),
    st.booleans(),
)
amounts = st.integers(0, 9_000_000).map(Decimal)
limits_of_any_kind = st.builds(
    LimitSettings,
    phone=windows,
    phone_all_clients=windows,
    prefix=windows,
    pauses=st.none()
    | st.lists(st.integers(0, 100), min_size=1, max_size=5).map(lambda some: tuple(sorted(some))),
    pauses_reset_seconds=st.integers(100, 5000),
    daily_sends=st.none() | st.integers(1, 5000),
    daily_money=st.dictionaries(st.sampled_from(["RUB", "VND", "USD"]), amounts),
    verification_deliveries=st.integers(1, 100),
    fraud_budget=budgets,
)


def most(cap: Any) -> Any:  # noqa: ANN401 - numbers, and none for any number
    return float("inf") if cap is None else cap


@pytest.mark.slow
@given(own=limits_of_any_kind, above=limits_of_any_kind)
def test_what_holds_is_never_above_either(own: LimitSettings, above: LimitSettings) -> None:
    result = own.under(above)
    for each in (own, above):
        for name in ("phone", "phone_all_clients", "prefix"):
            narrow, wide = getattr(result, name), getattr(each, name)
            assert wide is None or (narrow.cap <= wide.cap and narrow.seconds >= wide.seconds)
        for start in range(10):
            if each.pauses:
                assert result.pauses
                longest = each.pauses[min(start, len(each.pauses) - 1)]
                assert result.pauses[min(start, len(result.pauses) - 1)] >= longest
        assert most(result.daily_sends) <= most(each.daily_sends)
        for currency in ("RUB", "VND", "USD", "KZT"):
            assert most(result.money_cap(currency)) <= most(each.money_cap(currency))
        assert result.verification_deliveries <= each.verification_deliveries
        if each.fraud_budget.mode is Mode.ENFORCE:
            assert result.fraud_budget.mode is Mode.ENFORCE
            assert result.fraud_budget.sends_least <= each.fraud_budget.sends_least
            assert each.fraud_budget.own_codes or not result.fraud_budget.own_codes
    assert result.under(above) == result, "once is enough"
    assert not result.pauses or max(result.pauses) <= result.pauses_reset_seconds


# ------------------------------------------------------------------------------------- a document


def test_a_clients_own_ceiling_goes_before_everyones_limit_by_limit() -> None:
    everyone = {"limits": {"daily_sends": 500, "prefix": {"cap": 9, "seconds": 60}}}
    own = {"limits": {"daily_sends": 900, "prefix": None}, "scenario_slots": 1}
    both = Ceiling.merge(everyone | {"end_suspensions": False}, own)
    assert both.limits == replace(UNLIMITED, daily_sends=900)
    assert (both.scenario_slots, both.end_suspensions) == (1, False)
    assert Ceiling.merge({}, {}) == Ceiling()
    assert Ceiling.merge(everyone, {}).limits.daily_sends == 500
    fields = {"bizfly_key_fields": ["api_key", "acme"]}
    assert Ceiling.merge({}, fields).bizfly_key_fields == frozenset({"api_key", "acme"})
    assert Ceiling.merge(fields, {"bizfly_key_fields": None}).bizfly_key_fields is None


@pytest.mark.parametrize(
    ("document", "loc"),
    [
        ({"limit": {}}, ()),
        ({"limits": []}, ("limits",)),
        ({"limits": {"allow": {}}}, ("limits",)),
        ({"limits": {"deny": {"prefixes": ["+7"]}}}, ("limits",)),
        ({"limits": {"phone": 5}}, ("limits", "phone")),
        ({"limits": {"daily_money": {"RUB": "much"}}}, ("limits", "daily_money", "RUB")),
        ({"limits": {"pauses": [2, 1]}}, ("limits", "pauses")),
        ({"bizfly_key_fields": "api_key"}, ("bizfly_key_fields",)),
        ({"bizfly_key_fields": ["a b"]}, ("bizfly_key_fields",)),
        ({"scenario_slots": -1}, ("scenario_slots",)),
        ({"scenario_slots": True}, ("scenario_slots",)),
        ({"end_suspensions": "no"}, ("end_suspensions",)),
    ],
)
def test_a_document_that_cannot_be_read_names_its_field(
    document: dict[str, object], loc: tuple[str, ...]
) -> None:
    with pytest.raises(LimitsInvalid) as refusal:
        Ceiling.from_document(document)
    assert refusal.value.loc == loc

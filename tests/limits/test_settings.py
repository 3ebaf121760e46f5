"""A client's limits as they are given and kept; what cannot be one names its field."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringpass.aws.dynamodb_types import from_wire, to_wire
from ringpass.limits.settings import (
    FraudBudget,
    HourlyBudget,
    IpCountries,
    LimitSettings,
    LimitsInvalid,
    Mode,
    PhoneList,
    Window,
)

KEY = "a" * 64


def windows(most: int, seconds: int | None = None) -> st.SearchStrategy[Window | None]:
    lengths = st.integers(1, 86_400) if seconds is None else st.just(seconds)
    return st.none() | st.builds(Window, st.integers(1, most), lengths)


phone_lists = st.builds(
    PhoneList,
    st.frozensets(st.text("0123456789abcdef", min_size=64, max_size=64), max_size=3),
    st.frozensets(st.from_regex(r"\+[1-9][0-9]{0,13}", fullmatch=True), max_size=3),
)
all_settings = st.builds(
    LimitSettings,
    phone=windows(1_000),
    phone_all_clients=windows(1_000, 600),
    prefix=windows(10_000),
    pauses=st.none() | st.lists(st.integers(0, 900), min_size=1, max_size=9).map(sorted).map(tuple),
    pauses_reset_seconds=st.integers(900, 86_400),
    daily_sends=st.none() | st.integers(1, 1_000_000),
    daily_money=st.dictionaries(
        st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=3, max_size=3),
        st.decimals(0, 10**9, places=2),
        max_size=4,
    ),
    verification_deliveries=st.integers(1, 100),
    deny=phone_lists,
    allow=phone_lists,
    fraud_budget=st.builds(
        FraudBudget,
        st.sampled_from(Mode),
        st.integers(0, 10**6),
        st.integers(0, 10**6),
        st.integers(0, 100),
        st.integers(0, 10**6),
        st.booleans(),
        st.builds(
            HourlyBudget,
            st.sampled_from(Mode),
            st.integers(0, 10**6),
            st.integers(0, 10**6),
            st.integers(0, 100),
        ),
        st.builds(IpCountries, st.sampled_from(Mode), st.integers(1, 300)),
    ),
)


@pytest.mark.slow
@given(all_settings)
def test_what_is_kept_is_what_was_set(limits: LimitSettings) -> None:
    assert LimitSettings.from_dict(limits.to_dict()) == limits
    assert LimitSettings.from_dict(from_wire(to_wire({"limits": limits.to_dict()}))["limits"]) == (
        limits
    )


def test_the_defaults() -> None:
    assert LimitSettings.from_dict({}) == LimitSettings()
    assert LimitSettings().to_dict() == {
        "phone": {"cap": 5, "seconds": 600},
        "phone_all_clients": {"cap": 10, "seconds": 600},
        "prefix": {"cap": 100, "seconds": 3600},
        "pauses": [30, 60, 120, 240, 480, 900],
        "pauses_reset_seconds": 3600,
        "daily_sends": 10_000,
        "daily_money": {"RUB": "5000", "VND": "1500000"},
        "verification_deliveries": 10,
        "deny": {"numbers": [], "prefixes": []},
        "allow": {"numbers": [], "prefixes": []},
        "fraud_budget": {
            "mode": "enforce",
            "country_least": 20,
            "ip_least": 10,
            "percent": 20,
            "sends_least": 1_000,
            "own_codes": True,
            "hourly": {"mode": "record", "country_least": 3, "ip_least": 5, "percent": 20},
            "ip_countries": {"mode": "record", "cap": 3},
        },
    }


def test_an_hours_least_caps_follow_those_of_the_day() -> None:
    day = {"country_least": 600, "ip_least": 40}
    hourly = LimitSettings.from_dict({"fraud_budget": day}).fraud_budget.hourly
    assert hourly == HourlyBudget(Mode.RECORD, 100, 20)
    own = {"mode": "enforce", "country_least": 7, "ip_least": 8, "percent": 9}
    budget = LimitSettings.from_dict({"fraud_budget": {**day, "hourly": own}}).fraud_budget
    assert budget.hourly == HourlyBudget(Mode.ENFORCE, 7, 8, 9)


def test_null_is_no_limit_and_nothing_is_the_default() -> None:
    names = ["phone", "phone_all_clients", "prefix", "pauses", "daily_sends"]
    limits = LimitSettings.from_dict({"daily_money": {}, **dict.fromkeys(names)})
    assert [getattr(limits, name) for name in names] == [None] * 5
    assert limits.daily_money == {}
    assert limits.verification_deliveries == 10


def test_numbers_are_kept_as_look_up_keys() -> None:
    document = {"deny": {"numbers": ["+84389801371", KEY], "prefixes": ["+8490"]}}
    limits = LimitSettings.from_dict(document, number_key=lambda e164: f"key of {e164}")
    assert limits.deny == PhoneList(frozenset({"key of +84389801371", KEY}), frozenset({"+8490"}))


def test_an_amount_may_be_a_whole_number() -> None:
    document = {"daily_money": {"RUB": 50, "VND": "99.50"}}
    assert LimitSettings.from_dict(document).daily_money == {
        "RUB": Decimal(50),
        "VND": Decimal("99.50"),
    }


@pytest.mark.parametrize(
    ("document", "loc", "type_"),
    [
        ({"phone": 5}, ("phone",), "object_type"),
        ({"phone": {"cap": 5}}, ("phone", "seconds"), "integer_range"),
        ({"phone": {"cap": 0, "seconds": 1}}, ("phone", "cap"), "integer_range"),
        ({"phone": {"cap": 1_001, "seconds": 1}}, ("phone", "cap"), "integer_range"),
        ({"phone": {"cap": True, "seconds": 1}}, ("phone", "cap"), "integer_range"),
        ({"phone": {"cap": "5", "seconds": 1}}, ("phone", "cap"), "integer_range"),
        ({"phone": {"cap": 5, "seconds": 86_401}}, ("phone", "seconds"), "integer_range"),
        ({"phone": {"cap": 5, "seconds": 1, "x": 1}}, ("phone",), "extra_forbidden"),
        ({"prefix": {"cap": 10_001, "seconds": 1}}, ("prefix", "cap"), "integer_range"),
        (
            {"phone_all_clients": {"cap": 5, "seconds": 60}},
            ("phone_all_clients", "seconds"),
            "range",
        ),
        ({"pauses": []}, ("pauses",), "pauses_order"),
        ({"pauses": [30, 20]}, ("pauses",), "pauses_order"),
        ({"pauses": "30"}, ("pauses",), "list_type"),
        ({"pauses": [1] * 21}, ("pauses",), "list_type"),
        ({"pauses": [-1]}, ("pauses", 0), "integer_range"),
        ({"pauses": [30, 1.5]}, ("pauses", 1), "integer_range"),
        ({"pauses_reset_seconds": 899}, ("pauses_reset_seconds",), "range"),
        ({"daily_sends": 0}, ("daily_sends",), "integer_range"),
        ({"daily_money": None}, ("daily_money",), "object_type"),
        ({"daily_money": {"rub": "1"}}, ("daily_money",), "currency_format"),
        ({"daily_money": {"RUB": 1.5}}, ("daily_money", "RUB"), "amount_format"),
        ({"daily_money": {"RUB": "-1"}}, ("daily_money", "RUB"), "amount_format"),
        ({"daily_money": {"RUB": "1e9"}}, ("daily_money", "RUB"), "amount_format"),
        ({"daily_money": {"RUB": "NaN"}}, ("daily_money", "RUB"), "amount_format"),
        ({"verification_deliveries": None}, ("verification_deliveries",), "integer_range"),
        ({"deny": {"numbers": ["+84389801371"]}}, ("deny", "numbers", 0), "number_format"),
        ({"deny": {"prefixes": ["+84", "84"]}}, ("deny", "prefixes", 1), "prefix_format"),
        ({"allow": {"phones": []}}, ("allow",), "extra_forbidden"),
        ({"allow": []}, ("allow",), "object_type"),
        ({"fraud_budget": {"mode": "on"}}, ("fraud_budget", "mode"), "mode_format"),
        ({"fraud_budget": {"mode": []}}, ("fraud_budget", "mode"), "mode_format"),
        ({"fraud_budget": {"percent": 101}}, ("fraud_budget", "percent"), "integer_range"),
        ({"fraud_budget": {"hourly": 3}}, ("fraud_budget", "hourly"), "object_type"),
        (
            {"fraud_budget": {"hourly": {"mode": "on"}}},
            ("fraud_budget", "hourly", "mode"),
            "mode_format",
        ),
        (
            {"fraud_budget": {"hourly": {"sends_least": 9}}},
            ("fraud_budget", "hourly"),
            "extra_forbidden",
        ),
        (
            {"fraud_budget": {"ip_countries": {"cap": 0}}},
            ("fraud_budget", "ip_countries", "cap"),
            "integer_range",
        ),
        ({"+84389801371": 1}, (), "extra_forbidden"),
    ],
)
def test_what_cannot_be_a_limit_names_its_field(
    document: Mapping[str, Any], loc: tuple[str | int, ...], type_: str
) -> None:
    with pytest.raises(LimitsInvalid) as refusal:
        LimitSettings.from_dict(document)
    assert (refusal.value.loc, refusal.value.type) == (loc, type_)
    assert "389801371" not in str(refusal.value)


@pytest.mark.slow
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["cap", "seconds", "numbers", "mode"]), inner)
        ),
    ),
    st.sampled_from(sorted(LimitSettings().to_dict())),
)
def test_whatever_is_given_is_a_limit_or_is_refused(value: object, name: str) -> None:
    try:
        limits = LimitSettings.from_dict({name: value})
    except LimitsInvalid:
        return
    assert LimitSettings.from_dict(limits.to_dict()) == limits


def test_more_digits_name_a_number_more_closely() -> None:
    phones = PhoneList(frozenset({KEY}), frozenset({"+84", "+8490", "+7"}))
    assert phones.rank("+84901234567", "") == 5
    assert phones.rank("+84381234567", "") == 3
    assert phones.rank("+3581234567", "") == 0
    assert phones.rank("+84901234567", KEY) == 13

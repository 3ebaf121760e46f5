"""docs/limits.md: every limit that can refuse, with its default."""

from typing import Final

import pytest

from ringpass.limits.fraud_budget import (
    COUNTRY_HOUR,
    IP_COUNTRIES,
    IP_HOUR,
    AddressCounter,
    CountryCounter,
)
from ringpass.limits.settings import FraudBudget, LimitSettings
from tests.docs.test_docs import read, rows

PAGE: Final = read("docs/limits.md")
LIMITS: Final = {row[0].strip("`"): row[1] for row in rows(PAGE) if len(row) == 4}
SETTINGS: Final = LimitSettings()
# Settings that refuse nothing themselves, and lists that refuse under another name.
NOT_LIMITS: Final = {"pauses_reset_seconds", "allow", "deny", "fraud_budget"}


def test_every_limit_is_documented_and_no_other() -> None:
    budgets = {COUNTRY_HOUR, IP_HOUR, IP_COUNTRIES} | {
        kind.__dataclass_fields__["name"].default for kind in (CountryCounter, AddressCounter)
    }
    others = {"deny_list", "caresoft_rate", "zalo_consents", "phone_lookups"}
    names = (SETTINGS.to_dict().keys() - NOT_LIMITS) | budgets | others
    assert LIMITS.keys() - {"limit"} == names


@pytest.mark.parametrize("name", ["phone", "phone_all_clients", "prefix"])
def test_a_windows_default_is_documented(name: str) -> None:
    window = getattr(SETTINGS, name)
    assert LIMITS[name] == f"{window.cap} in {window.seconds} s"


def test_the_other_defaults_are_documented() -> None:
    assert SETTINGS.pauses
    assert LIMITS["pauses"] == ", ".join(map(str, SETTINGS.pauses)) + " s"
    assert LIMITS["daily_sends"] == f"{SETTINGS.daily_sends:,}"
    caps = (f"{cap:,} {currency}" for currency, cap in SETTINGS.daily_money.items())
    assert LIMITS["daily_money"] == ", ".join(caps)
    assert LIMITS["verification_deliveries"] == str(SETTINGS.verification_deliveries)
    budget = FraudBudget()
    assert f"`country_least` ({budget.country_least})" in PAGE
    assert f"`ip_least` ({budget.ip_least})" in PAGE
    assert f"`hourly.country_least` ({budget.hourly.country_least})" in PAGE
    assert f"`hourly.ip_least` ({budget.hourly.ip_least})" in PAGE
    assert f"`ip_countries.cap` ({budget.ip_countries.cap})" in PAGE
    assert budget.percent == budget.hourly.percent == 20, "a fifth"

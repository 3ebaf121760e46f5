"""The budgets: the same in the documents and in the bench; requests counted in every run.

Times are not tested here: they depend on the machine. ``make bench`` measures them.
"""

import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.load import budgets
from tests.load.budgets import ALL, Budget
from tests.load.counting import Counted, count_all
from tests.load.functions import SENDERS, WEBHOOK, Runtime, environment
from tests.load.instant import Instant, instant
from tests.template import ROOT

PAGE = ROOT / "docs" / "performance.md"
OURS = Runtime(Path(sys.executable), (ROOT / "layers" / "ringpass",))
"""The sources on the packages of the tests: what they ask for is the same."""


@pytest.mark.parametrize("budget", ALL, ids=lambda budget: budget.what)
def test_the_page_of_budgets_says_the_same(budget: Budget) -> None:
    aim = "" if budget.aim is None else budget.said(budget.aim)
    row = f"| {budget.what} | {budget.said(budget.most)} | {aim} |"
    assert row.replace("  ", " ") in PAGE.read_text(encoding="utf-8")


def test_the_page_names_no_other_budget() -> None:
    rows = re.findall(r"^\| ([^|]+) \| [0-9.]+ \w+ \|", PAGE.read_text("utf-8"), re.MULTILINE)
    assert [row for row in rows if row not in {budget.what for budget in ALL}] == []


@pytest.fixture(scope="module")
def aws() -> Iterator[Instant]:
    with instant() as running:
        yield running


@pytest.fixture(scope="module")
def counted(aws: Instant) -> dict[str, Counted]:
    return count_all(OURS, aws)


@pytest.mark.parametrize(
    ("operation", "service", "budget"),
    [
        ("send_voice_otp", "dynamodb", budgets.SEND),
        ("send_password_call", "dynamodb", budgets.SEND_JOINED),
        ("send_zns", "dynamodb", budgets.SEND),
        *((sender, "provider", budgets.PLACED) for sender in SENDERS),
        ("replay", "dynamodb", budgets.REPLAY),
        (WEBHOOK, "dynamodb", budgets.CDR),
        ("read", "dynamodb", budgets.READ),
        ("list", "dynamodb", budgets.LIST),
        ("authorizer", "dynamodb", budgets.AUTHORIZE),
    ],
)
def test_requests_are_what_the_budget_says(
    counted: dict[str, Counted], operation: str, service: str, budget: Budget
) -> None:
    found = counted[operation]
    # Neither more nor fewer: a budget that is too high would hide the next request.
    assert {found.cold[service], found.warm[service]} == {int(budget.most)}


def test_a_replay_asks_no_provider(counted: dict[str, Counted]) -> None:
    assert counted["replay"].cold["provider"] == counted["replay"].warm["provider"] == 0


def test_secrets_are_fetched_by_cold_functions_alone(counted: dict[str, Counted]) -> None:
    for found in counted.values():
        assert found.cold["secrets"] <= budgets.SECRETS_COLD.most
        assert found.warm["secrets"] <= budgets.SECRETS_WARM.most
    assert counted["authorizer"].cold == Counter(dynamodb=1)


def test_a_function_gets_the_variables_of_the_template() -> None:
    found = environment("send_password_call", "http://127.0.0.1:1")
    assert found["TABLE"] == "Table"
    assert found["STACK"] == "bench"
    assert found["MCN_BASE_URL"] == "http://127.0.0.1:1/mcn"
    assert found["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1"

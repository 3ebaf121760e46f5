"""The budgets: the same in the documents and in the bench; requests counted in every run.

Times are not tested here: they depend on the machine. ``make bench`` measures them.
"""

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.load import budgets, cold, lives, usage
from tests.load.budgets import ALL, LIVES, OPERATIONS, Budget
from tests.load.counting import Counted, count_all, count_lives
from tests.load.functions import CHECK, SENDERS, START, WEBHOOK, Runtime, environment
from tests.load.instant import Instant, instant
from tests.load.lives import Played
from tests.template import ROOT

PAGE = ROOT / "docs" / "performance.md"
OURS = Runtime(Path(sys.executable), (ROOT / "layers" / "ringpass",))
"""The sources on the packages of the tests: what they ask for is the same."""


@pytest.mark.parametrize("budget", ALL, ids=lambda budget: budget.what)
def test_the_page_of_budgets_says_the_same(budget: Budget) -> None:
    aim = "" if budget.aim is None else budget.text(budget.aim)
    row = f"| {budget.what} | {budget.text(budget.most)} | {aim} |"
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


@pytest.fixture(scope="module")
def rounds() -> list[dict[str, Played]]:
    with instant() as aws:
        return lives.play(OURS, aws, 2)


@pytest.fixture(scope="module")
def verifications(rounds: list[dict[str, Played]]) -> dict[str, Counted]:
    return count_lives(rounds)


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
    counts = counted[operation]
    # Neither more nor fewer: a budget that is too high would hide the next request.
    assert {counts.cold[service], counts.warm[service]} == {int(budget.most)}


def test_a_replay_asks_no_provider(counted: dict[str, Counted]) -> None:
    assert counted["replay"].cold["provider"] == counted["replay"].warm["provider"] == 0


def test_secrets_are_fetched_by_cold_functions_alone(counted: dict[str, Counted]) -> None:
    for counts in counted.values():
        assert counts.cold["secrets"] <= budgets.SECRETS_COLD.most
        assert counts.warm["secrets"] <= budgets.SECRETS_WARM.most
    assert counted["authorizer"].cold == Counter(dynamodb=1)


@pytest.mark.parametrize("sender", SENDERS)
def test_the_clients_settings_are_read_once_a_minute(
    counted: dict[str, Counted], sender: str
) -> None:
    assert counted[sender].cold["settings"] == budgets.SETTINGS_COLD.most
    assert counted[sender].warm["settings"] == budgets.SETTINGS_WARM.most


def test_the_clients_scenarios_are_read_once_a_minute_where_otp_calls_are_placed(
    counted: dict[str, Counted],
) -> None:
    for sender in SENDERS:
        calls = sender == "send_voice_otp"
        assert counted[sender].cold["scenarios"] == calls * budgets.SCENARIOS_COLD.most
        assert counted[sender].warm["scenarios"] == budgets.SCENARIOS_WARM.most


@pytest.mark.parametrize(("operation", "budget"), budgets.STEPS.items())
def test_requests_about_a_verification_are_what_the_budget_says(
    verifications: dict[str, Counted], operation: str, budget: Budget
) -> None:
    counts = verifications[operation]
    assert {counts.cold["dynamodb"], counts.warm["dynamodb"]} == {int(budget.most)}
    assert counts.warm["secrets"] == budgets.SECRETS_WARM.most
    assert counts.warm["settings"] == budgets.SETTINGS_WARM.most


@pytest.mark.parametrize("operation", budgets.PLACING)
def test_a_step_is_one_transaction_and_one_provider_request(
    verifications: dict[str, Counted], operation: str
) -> None:
    counts = verifications[operation]
    for each in (counts.cold, counts.warm):
        assert each["transactions"] == budgets.STEP_TRANSACTIONS.most
        assert each["provider"] == budgets.STEP_PLACED.most
    assert counts.cold["secrets"] <= budgets.SECRETS_STEP.most


def test_operations_use_what_the_table_says(rounds: list[dict[str, Played]]) -> None:
    # An item that outgrows a kilobyte costs more with every write: that is to be seen.
    assert tuple(usage.operations(rounds[-1])) == OPERATIONS


def test_lives_use_what_the_table_says(rounds: list[dict[str, Played]]) -> None:
    assert tuple(usage.life(what, each.parts) for what, each in rounds[-1].items()) == LIVES


def table(head: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The rows of the page's table with this head."""
    _, separator, rest = PAGE.read_text(encoding="utf-8").partition(f"| {' | '.join(head)} |\n")
    assert separator, head
    lines = rest.partition("\n\n")[0].splitlines()[1:]
    return [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]


def test_the_page_says_what_operations_use() -> None:
    assert table(usage.OPERATION_HEAD) == [usage.operation_row(each) for each in OPERATIONS]


def test_the_page_says_what_lives_use() -> None:
    assert table(usage.LIFE_HEAD) == [usage.life_row(each) for each in LIVES]


def test_the_pages_costs_follow_from_its_figures_and_prices() -> None:
    for one, (what, gb_seconds, logs, storage, *dollars) in zip(
        LIVES, table(usage.COST_HEAD), strict=True
    ):
        log_bytes, kept_bytes = (round(float(each.split()[0]) * 1_000) for each in (logs, storage))
        row = usage.cost_row(usage.Measured(one, float(gb_seconds), log_bytes, kept_bytes))
        assert row[0] == what
        # The figures are rounded before, here.
        assert list(map(float, row[4:])) == pytest.approx(list(map(float, dollars)), abs=0.0011)


def test_the_page_says_prices_and_assumptions() -> None:
    rows = table(("per million", "US dollars"))
    assert rows == [
        (what, f"{price * 1_000_000:.7g}")
        for what, price in usage.PRICES.items()
        if not what.startswith("byte")
    ]
    page = " ".join(PAGE.read_text(encoding="utf-8").split())
    for service, milliseconds in usage.WAITING_MS.items():
        assert f"`{service}` {milliseconds} ms" in page
    assert f"{usage.LOGGED_BESIDES} bytes" in page


def test_a_function_gets_the_variables_of_the_template() -> None:
    variables = environment("send_password_call", "http://127.0.0.1:1")
    assert variables["TABLE"] == "Table"
    assert variables["STACK"] == "bench"
    assert variables["MCN_BASE_URL"] == "http://127.0.0.1:1/mcn"
    assert variables["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1"


def test_the_bench_starts_as_make_starts_it() -> None:
    recipe = subprocess.run(
        ["make", "-n", "--no-print-directory", "bench"],  # noqa: S607 - whichever make runs this
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.replace("\\\n", "")
    command, _, _ = recipe.splitlines()[-1].partition("&&")
    bench = subprocess.run(  # noqa: S602 - our own Makefile's line
        f"{command} --help", shell=True, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert bench.returncode == 0, bench.stderr


@pytest.mark.proof
def test_the_cold_starts_of_a_verification_can_be_measured() -> None:
    with instant() as aws:
        lives.play(OURS, aws, 1)  # The bench has played some before.
        starts = {start.name: start for start in cold._starts(OURS, aws)}
        assert {*SENDERS, START, CHECK, WEBHOOK, cold.BARE} == starts.keys()
        for name in (START, CHECK):
            assert cold._once(OURS.python, starts[name]) > 0

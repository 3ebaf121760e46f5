"""What a stack costs while nothing is sent: the documents count what template.yaml has."""

import re
from decimal import Decimal
from typing import Any, Final

from tests.docs.test_docs import read, rows
from tests.template import observability, template

# US dollars, us-east-1, from AWS's price pages in November 2026.
SECRET: Final = Decimal("0.40")
ALARM_METRIC: Final = Decimal("0.10")
KEY: Final = Decimal("1.00")
DASHBOARD: Final = Decimal("3.00")
SNAPSHOT_GB_SECOND: Final = Decimal("0.0000015046")
SECONDS: Final = 730 * 3600
CENT: Final = Decimal("0.01")


def of_type(name: str) -> list[dict[str, Any]]:
    """Properties of all resources of a type, in a stack without what is optional."""
    return [
        one.get("Properties", {})
        for one in (*template()["Resources"].values(), *observability()["Resources"].values())
        if one["Type"] == name and not str(one.get("Condition")).startswith("With")
    ]


def alarm_metrics() -> int:
    """An alarm over several metrics is billed for each of them."""
    alarms = of_type("AWS::CloudWatch::Alarm")
    of_each = [sum("MetricStat" in one for one in alarm.get("Metrics", ())) for alarm in alarms]
    return sum(max(1, metrics) for metrics in of_each)


def snapshot_functions() -> list[dict[str, Any]]:
    """Those that local/snapstart.py has published: what answers HTTP."""
    return [
        function
        for function in of_type("AWS::Serverless::Function")
        if any(event["Type"] == "HttpApi" for event in function.get("Events", {}).values())
    ]


def snapshot_gb() -> Decimal:
    usual = template()["Globals"]["Function"]["MemorySize"]
    return sum(
        (Decimal(function.get("MemorySize", usual)) for function in snapshot_functions()),
        Decimal(0),
    ) / Decimal(1024)


def expected() -> dict[str, tuple[Decimal, Decimal]]:
    """Part -> how many, and the price of one."""
    return {
        "secrets": (Decimal(len(of_type("AWS::SecretsManager::Secret"))), SECRET),
        "metrics of alarms": (Decimal(alarm_metrics()), ALARM_METRIC),
        "the key": (Decimal(len(of_type("AWS::KMS::Key"))), KEY),
        "the dashboard": (Decimal(len(of_type("AWS::CloudWatch::Dashboard"))), DASHBOARD),
        "cached snapshots": (snapshot_gb(), SNAPSHOT_GB_SECOND * SECONDS),
    }


def section() -> str:
    _, _, text = read("docs/operations.md").partition("## What it costs while nothing is sent\n")
    return text.partition("\n## ")[0]


def test_the_table_of_costs_counts_what_there_is() -> None:
    table = {row[0]: row[1:] for row in rows(section())[1:]}
    for name, (number, price) in expected().items():
        [row] = [cells for part, cells in table.items() if part.startswith(name)]
        monthly = (number * price).quantize(CENT)
        assert row == [f"{number:f}", f"{price.quantize(CENT)}", f"{monthly}"], name


def test_the_sums_are_right() -> None:
    costs = {name: number * price for name, (number, price) in expected().items()}
    snapstart = costs.pop("cached snapshots").quantize(CENT)
    quiet, watched = costs["secrets"], sum(costs.values())
    text = re.sub(r"\s+", " ", section())
    assert f"costs {quiet} without `Watching`, and {watched} with it. " in text
    assert f"`SnapStart` adds {snapstart}:" in text
    assert f"({len(snapshot_functions())} functions)" in text
    readme = re.sub(r"\s+", " ", read("README.md"))
    assert f"a stack costs {watched:.0f} US dollars a month: {quiet:.0f} for its secrets" in readme
    assert f"{watched - quiet:.0f} for its alarms" in readme
    assert f"`SnapStart` adds {snapstart:.0f}." in readme


def test_the_readme_has_the_cost_of_a_thousand_verifications() -> None:
    """The cheapest and the dearest life of docs/performance.md, in cents."""
    _, _, text = read("docs/performance.md").partition("| 1,000 lives |")
    dollars = [Decimal(cells[-1]) for cells in rows(text.partition("\n\n")[0])[1:]]
    assert len(dollars) == 3
    low, high = (value.quantize(CENT) for value in (min(dollars), max(dollars)))
    readme = re.sub(r"\s+", " ", read("README.md"))
    assert f"1,000 verifications cost {low} to {high} US dollars." in readme

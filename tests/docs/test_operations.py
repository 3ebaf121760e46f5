"""docs/operations.md: every alarm, log line, metric and queue is on it, and no other."""

import re
from typing import Final

import pytest

from tests import template as template_file
from tests.template import ROOT
from tests.test_metrics import counted, logged

PAGE: Final = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def logical_ids(*types: str) -> set[str]:
    resources = {
        **template_file.template()["Resources"],
        **template_file.observability()["Resources"],
    }
    return {name for name, one in resources.items() if one["Type"] in types}


@pytest.mark.parametrize("alarm", sorted(logical_ids("AWS::CloudWatch::Alarm")))
def test_an_alarm_is_explained(alarm: str) -> None:
    _, heading, text = PAGE.partition(f"\n### `{alarm}`\n")
    assert heading
    # What it means, and what to do.
    assert "\n1. " in text.partition("\n#")[0]


def test_no_alarm_is_explained_that_does_not_exist() -> None:
    explained = set(re.findall(r"^### `(\w+Alarm)`$", PAGE, re.MULTILINE))
    assert explained == logical_ids("AWS::CloudWatch::Alarm")
    alarms = set(re.findall(r"`(\w+Alarm)`", PAGE))
    assert alarms == explained


def section(heading: str) -> str:
    """What stands under a heading, up to the next."""
    _, separator, text = PAGE.partition(f"\n## {heading}\n")
    assert separator
    return re.split(r"^##+ ", text, flags=re.MULTILINE)[0]


def first_cells(heading: str) -> list[str]:
    """What the rows of a section's tables are about."""
    return re.findall(r"^\| `([^`]+)` \|", section(heading), re.MULTILINE)


def test_the_log_lines_are_those_that_the_code_writes() -> None:
    explained = first_cells("Logs")
    assert len(explained) == len(set(explained))
    assert set(explained) == {text for text, _ in logged()}


def test_the_queues_are_those_of_the_template() -> None:
    assert sorted(first_cells("Queues")) == sorted(logical_ids("AWS::SQS::Queue"))


def test_the_metrics_are_those_that_are_counted() -> None:
    rows = re.findall(r"^\| `(\w+)` \|([^|]*)\|", section("Watching"), re.MULTILINE)
    documented = {name: tuple(re.findall(r"`(\w+)`", cell)) for name, cell in rows}
    assert len(documented) == len(rows)
    assert {name: {dimensions} for name, dimensions in documented.items()} == counted()

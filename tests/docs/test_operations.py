"""docs/operations.md: every alarm, every log line, every queue is on it."""

import re
from typing import Final

import pytest

from tests import template as template_file
from tests.local.test_watching import logged
from tests.template import ROOT

PAGE: Final = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def logical_ids(*types: str) -> set[str]:
    resources = template_file.template()["Resources"]
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
    named = set(re.findall(r"`(\w+Alarm)`", PAGE))
    assert named == explained


def test_every_log_line_is_explained() -> None:
    explained = set(re.findall(r"^\| `([^`]+)` \|", PAGE, re.MULTILINE))
    assert {text for text, _ in logged()} - explained == set()


def test_every_queue_is_explained() -> None:
    for queue in logical_ids("AWS::SQS::Queue"):
        assert f"`{queue}`" in PAGE

"""Embedded metrics: each counts a line that the code writes, and CloudWatch can read it."""

import ast
import io
import json
from collections.abc import Iterator
from functools import cache
from typing import Any
from uuid import uuid4

import pytest
from aws_lambda_powertools.logging import Logger

from ringpass.deliveries.receipts.late_matcher import MatchResult
from ringpass.errors import ProviderSuspended, Unauthorized
from ringpass.metrics import METRICS, Metric, embedded
from ringpass.observability import LogFormatter
from ringpass.outcomes import BILLING, Status
from tests.template import ROOT

WORDS: dict[tuple[str, str], set[Any]] = {
    ("provider asked", "reason"): {BILLING},
    ("provider asked", "test"): {False},
    ("cdr", "outcome"): set(Status),
    ("refused", "code"): {ProviderSuspended.code, Unauthorized.code},
    ("cdr joined to no delivery", "why"): set(MatchResult),
    ("call result from the log", "only"): {True},
}
"""What the code can write into the fields that metrics compare."""

_LEVELS = {"debug", "info", "warning", "error", "exception"}


@cache
def logged() -> tuple[tuple[str, set[str]], ...]:
    """The text and the fields of every log line in the layer and the functions."""
    return tuple(_log_lines())


def _log_lines() -> Iterator[tuple[str, set[str]]]:
    layer, functions = ROOT / "layers" / "ringpass" / "ringpass", ROOT / "functions"
    for path in (*layer.rglob("*.py"), *functions.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Attribute(attr=level, value=ast.Call(func=ast.Name(id="logger"))),
                    args=[ast.Constant(value=str(text))],
                    keywords=fields,
                ) if level in _LEVELS:
                    yield text, {field.arg for field in fields if field.arg}


def counted() -> dict[str, set[tuple[str, ...]]]:
    """Each metric -> its dimensions."""
    dimensions: dict[str, set[tuple[str, ...]]] = {}
    for metric in METRICS:
        dimensions.setdefault(metric.name, set()).add(tuple(metric.dimensions))
    return dimensions


def write(text: str, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - as Powertools takes them
    """A line as the functions write it."""
    stream = io.StringIO()
    # Powertools keeps one handler for each service: with this name there is none yet.
    log = Logger(service=uuid4().hex, stream=stream, logger_formatter=LogFormatter())
    log.info(text, **fields)
    line: dict[str, Any] = json.loads(stream.getvalue())
    return line


@pytest.mark.parametrize("metric", METRICS, ids=lambda one: f"{one.name} of {one.message}")
def test_a_metric_counts_a_line_that_the_code_writes(metric: Metric) -> None:
    needed = {*metric.dimensions.values(), *metric.only, *metric.never}
    needed |= {metric.value} if metric.value else set()
    assert any(text == metric.message and needed <= fields for text, fields in logged())
    for field, value in metric.only.items():
        assert value in WORDS[metric.message, field]
    for field, values in metric.never.items():
        assert set(values) <= WORDS[metric.message, field]


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STACK", "shop")


@pytest.mark.usefixtures("stack")
def test_a_line_names_its_metrics_as_cloudwatch_reads_them() -> None:
    line = write("provider asked", provider="mcn", outcome="Rejected", test=False, reason="billing")
    assert line["_aws"]["CloudWatchMetrics"] == [
        {
            "Namespace": "Ringpass/shop",
            "Dimensions": [["Provider", "Outcome"]],
            "Metrics": [{"Name": "Sends", "Unit": "Count"}],
        },
        {
            "Namespace": "Ringpass/shop",
            "Dimensions": [[]],
            "Metrics": [{"Name": "BillingRefusals", "Unit": "Count"}],
        },
    ]
    assert isinstance(line["_aws"]["Timestamp"], int)
    assert line["_aws"]["Timestamp"] > 1_700_000_000_000
    assert {name: line[name] for name in ("Provider", "Outcome", "Sends", "BillingRefusals")} == {
        "Provider": "mcn",
        "Outcome": "Rejected",
        "Sends": 1,
        "BillingRefusals": 1,
    }
    # What the line said before is still there.
    assert (line["provider"], line["outcome"], line["message"]) == (
        "mcn",
        "Rejected",
        "provider asked",
    )


@pytest.mark.usefixtures("stack")
def test_a_number_in_the_line_is_the_value() -> None:
    assert write("overdue", found=7)["Overdue"] == 7


@pytest.mark.usefixtures("stack")
@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("provider asked", {"provider": "mcn", "outcome": "Accepted", "test": True}),
        ("provider asked", {"provider": "mcn", "outcome": "Accepted"}),
        ("refused", {"code": "invalid_request"}),
        ("cdr", {"outcome": None}),
        ("cdr joined to no delivery", {"why": "other_account"}),
        ("cdr joined to no delivery", {"why": "other_sender"}),
        ("call result from the log", {"only": False}),
        ("something else", {}),
    ],
)
def test_other_lines_are_not_counted(text: str, fields: dict[str, Any]) -> None:
    assert "_aws" not in write(text, **fields)


def test_nothing_is_counted_outside_a_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STACK", raising=False)
    assert "_aws" not in write("zalo event")


def test_a_line_that_is_no_text_is_not_counted() -> None:
    assert embedded({"message": {"zalo event": 1}}, "shop", 1) == {}

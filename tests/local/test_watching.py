"""What template.yaml watches is there: log lines that the code writes, metrics that are counted."""

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from ringpass.deliveries.receipts.late_matching import MatchResult
from ringpass.errors import ProviderSuspended, Unauthorized
from ringpass.outcomes import BILLING, Accepted, Status
from tests import template as template_file
from tests.template import ROOT

WORDS: dict[tuple[str, str], set[str]] = {
    ("provider asked", "reason"): {BILLING},
    ("cdr", "outcome"): set(Status),
    ("refused", "code"): {ProviderSuspended.code, Unauthorized.code},
    ("cdr joined to no delivery", "why"): set(MatchResult),
}
"""What the code can write into the fields that filters compare."""

_LEVELS = {"debug", "info", "warning", "error", "exception"}
_TERM = re.compile(r'\$\.(\w+) (!?=|IS) ("[^"]+"|TRUE|FALSE)')


@cache
def template() -> dict[str, Any]:
    return template_file.template()


def of_type(type_name: str) -> dict[str, dict[str, Any]]:
    resources: dict[str, dict[str, Any]] = template()["Resources"]
    return {name: one for name, one in resources.items() if one["Type"] == type_name}


def logged() -> Iterator[tuple[str, set[str]]]:
    """The text and the fields of every log line in the layer and the functions."""
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
    """The metrics that filters make -> their dimensions."""
    found: dict[str, set[tuple[str, ...]]] = {}
    for one in of_type("AWS::Logs::MetricFilter").values():
        [made] = one["Properties"]["MetricTransformations"]
        assert made["MetricNamespace"] == {"Fn::Sub": "Ringpass/${AWS::StackName}"}
        dimensions = tuple(each["Key"] for each in made.get("Dimensions", []))
        found.setdefault(made["MetricName"], set()).add(dimensions)
    return found


@pytest.mark.parametrize("name", sorted(of_type("AWS::Logs::MetricFilter")))
def test_a_filter_reads_a_line_that_the_code_writes(name: str) -> None:
    properties = of_type("AWS::Logs::MetricFilter")[name]["Properties"]
    pattern = properties["FilterPattern"]
    terms = _TERM.findall(pattern)
    assert pattern == "{ " + " && ".join(f"$.{f} {sign} {v}" for f, sign, v in terms) + " }"
    # CloudWatch compares texts by = and !=, and truth values by IS.
    assert all((sign == "IS") == (value in {"TRUE", "FALSE"}) for _, sign, value in terms)

    (field, sign, message), *others = ((f, sign, v.strip('"')) for f, sign, v in terms)
    assert (field, sign) == ("message", "=")
    [made] = properties["MetricTransformations"]
    values = [each["Value"] for each in made.get("Dimensions", [])] + [made["MetricValue"]]
    needed = {value.removeprefix("$.") for value in values if value.startswith("$.")}
    needed |= {field for field, _, _ in others}
    assert any(text == message and needed <= fields for text, fields in logged())
    for field, sign, value in others:
        assert sign == "IS" or value in WORDS[message, field]


def asking_providers() -> set[str]:
    """Functions that ask providers to send something: they know what a send costs."""
    paying = {
        name.removesuffix("Function")
        for name, one in of_type("AWS::Serverless::Function").items()
        if "PRICES" in one["Properties"].get("Environment", {}).get("Variables", {})
    }
    # The one knows the fee for asking a customer of an OA: that is no send. The other only sees
    # whether the prices can be read.
    return paying - {"ManageConsents", "Health"}


def counted_of(function: str) -> dict[str, str]:
    """What is counted in a function's log: the metric -> the pattern."""
    return {
        made["MetricName"]: one["Properties"]["FilterPattern"]
        for one in of_type("AWS::Logs::MetricFilter").values()
        if one["Properties"]["LogGroupName"] == {"Ref": f"{function}LogGroup"}
        for made in one["Properties"]["MetricTransformations"]
    }


def test_all_that_ask_providers_are_counted_alike() -> None:
    behind_the_api = asking_providers() - {"Advance"}
    assert behind_the_api == {"SendVoiceOtp", "SendPasswordCall", "SendZns", "StartVerification"}
    alike = counted_of("SendVoiceOtp")
    assert set(alike) == {
        "Sends",
        "BillingRefusals",
        "Suspensions",
        "SuspendedSends",
        "UnrecordedReplies",
    }
    for function in behind_the_api:
        assert counted_of(function) == alike
    # Nobody is answered 503 by `advance`: it leaves the step out.
    del alike["SuspendedSends"]
    own = {"OrphanCdrs", "LostFunctions", "UnreadableCdrs"}
    of_advance = counted_of("Advance")
    assert {name: of_advance[name] for name in set(of_advance) - own} == alike


def test_a_test_number_is_no_send() -> None:
    for one in of_type("AWS::Logs::MetricFilter").values():
        pattern = one["Properties"]["FilterPattern"]
        assert ('"provider asked"' in pattern) == ("$.test IS FALSE" in pattern)


def watched_by(alarm: str) -> set[str]:
    """The functions whose errors or throttles an alarm adds up."""
    return {
        metric["Dimensions"][0]["Value"]["Ref"].removesuffix("Function")
        for metric in metrics_of(of_type("AWS::CloudWatch::Alarm")[alarm]["Properties"])
        if metric["MetricName"] in {"Errors", "Throttles"}
    }


def test_a_function_that_fails_raises_an_alarm() -> None:
    assert watched_by("SendersFailingAlarm") == asking_providers() - {"Advance"}
    assert watched_by("BackgroundFailingAlarm") == {
        "Outbox",
        "Advance",
        "Sweep",
        "Schedule",
        "Reconcile",
    }
    alarms = of_type("AWS::CloudWatch::Alarm")
    watched = {name for alarm in alarms for name in watched_by(alarm)}
    # The others are the API's: where one fails, its request is answered 5xx.
    others = set(of_type("AWS::Serverless::Function")) - {f"{name}Function" for name in watched}
    functions = of_type("AWS::Serverless::Function")
    for name in others - {"AuthorizerFunction"}:
        events = functions[name]["Properties"]["Events"].values()
        assert {event["Type"] for event in events} == {"HttpApi"}


def metrics_of(alarm: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for one in alarm.get("Metrics", []):
        if "MetricStat" in one:
            yield one["MetricStat"]["Metric"]
    if "MetricName" in alarm:
        yield alarm


@pytest.mark.parametrize("name", sorted(of_type("AWS::CloudWatch::Alarm")))
def test_an_alarm_watches_something_and_tells_of_it(name: str) -> None:
    alarm = of_type("AWS::CloudWatch::Alarm")[name]
    properties = alarm["Properties"]
    assert alarm["Condition"] == "Watched"
    assert properties["AlarmDescription"]
    assert properties["AlarmActions"] == [{"Ref": "AlarmTopic"}]
    assert properties["TreatMissingData"] == "notBreaching"
    watched = list(metrics_of(properties))
    assert watched
    for metric in watched:
        dimensions = {each["Name"]: each["Value"] for each in metric.get("Dimensions", [])}
        if metric["Namespace"] == {"Fn::Sub": "Ringpass/${AWS::StackName}"}:
            assert tuple(dimensions) in counted()[metric["MetricName"]]
        else:
            assert metric["Namespace"] in {"AWS/Lambda", "AWS/ApiGateway", "AWS/SQS"}
            for target in dimensions.values():
                [found] = target.values()
                logical_id = found[0] if isinstance(found, list) else found
                assert logical_id in template()["Resources"]


@pytest.mark.parametrize("name", sorted(of_type("AWS::CloudWatch::Alarm")))
def test_an_expression_uses_every_metric_once_and_fills_its_gaps(name: str) -> None:
    metrics = of_type("AWS::CloudWatch::Alarm")[name]["Properties"].get("Metrics", [])
    ids = [one["Id"] for one in metrics if "MetricStat" in one]
    expressions = [one["Expression"] for one in metrics if "Expression" in one]
    assert len(expressions) == bool(metrics)
    for expression in expressions:
        assert sorted(re.findall(r"FILL\((\w+), 0\)", expression)) == sorted(ids)


def test_calls_that_no_cdr_follows_are_counted_by_names_that_exist() -> None:
    alarm = of_type("AWS::CloudWatch::Alarm")["CdrsMissingAlarm"]["Properties"]
    calls = next(metric for metric in metrics_of(alarm) if metric["MetricName"] == "Sends")
    assert [each["Value"] for each in calls["Dimensions"]] == ["mcn", Accepted.__name__]


def test_every_queue_that_takes_failures_has_an_alarm() -> None:
    watched = {
        metric["Dimensions"][0]["Value"]["Fn::GetAtt"][0]
        for alarm in of_type("AWS::CloudWatch::Alarm").values()
        for metric in metrics_of(alarm["Properties"])
        if metric["Namespace"] == "AWS/SQS"
    }
    assert watched == set(of_type("AWS::SQS::Queue"))


def test_the_topic_is_encrypted_with_a_key_that_alarms_may_use() -> None:
    resources = template()["Resources"]
    assert resources["AlarmTopic"]["Properties"]["KmsMasterKeyId"] == {"Ref": "AlarmKey"}
    statements = resources["AlarmKey"]["Properties"]["KeyPolicy"]["Statement"]
    [alarms] = [one for one in statements if "Service" in one["Principal"]]
    assert alarms["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert set(alarms["Action"]) == {"kms:Decrypt", "kms:GenerateDataKey*"}


def test_only_the_mail_depends_on_an_address() -> None:
    mailed = [
        name for name, one in template()["Resources"].items() if one.get("Condition") == "Mailed"
    ]
    assert mailed == ["AlarmEmailSubscription"]


def test_the_dashboard_is_json_and_shows_what_there_is() -> None:
    text: str = template()["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    body = json.loads(text)
    assert set(of_type("AWS::CloudWatch::Alarm")) == {
        arn[2:].removesuffix(".Arn}") for arn in body["widgets"][0]["properties"]["alarms"]
    }
    for named in re.findall(r"\$\{(\w+)[.}]", text):
        assert named in template()["Resources"]
    for function in of_type("AWS::Serverless::Function"):
        assert f'"Errors", "FunctionName", "${{{function}}}"' in text
        assert f'"Duration", "FunctionName", "${{{function}}}"' in text
    for metric in counted():
        assert f'"{metric}"' in text.replace("\\", "")


def test_the_dashboard_does_not_overlap_itself() -> None:
    text: str = template()["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    taken: set[tuple[int, int]] = set()
    for one in json.loads(text)["widgets"]:
        cells = {
            (x, y)
            for x in range(one["x"], one["x"] + one["width"])
            for y in range(one["y"], one["y"] + one["height"])
        }
        assert not cells & taken
        assert max(x for x, _ in cells) < 24
        taken |= cells

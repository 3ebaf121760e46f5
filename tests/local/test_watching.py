"""observability/template.yaml: alarms and dashboard watch what there is."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from ringpass.outcomes import Accepted
from tests import template as template_file
from tests.test_metrics import counted


def template() -> dict[str, Any]:
    return template_file.observability()


def of_type(type_name: str) -> dict[str, dict[str, Any]]:
    resources: dict[str, dict[str, Any]] = template()["Resources"]
    return {name: one for name, one in resources.items() if one["Type"] == type_name}


def functions() -> dict[str, dict[str, Any]]:
    resources: dict[str, dict[str, Any]] = template_file.template()["Resources"]
    return {n: one for n, one in resources.items() if one["Type"] == "AWS::Serverless::Function"}


def test_the_stack_gives_it_what_it_watches() -> None:
    application = template_file.template()["Resources"]["Observability"]
    assert application["Condition"] == "Watched"
    assert application["Properties"]["Location"] == "observability/template.yaml"
    parameters = application["Properties"]["Parameters"]
    assert set(parameters) == set(template()["Parameters"])
    assert parameters.pop("Stack") == {"Ref": "AWS::StackName"}
    for name, value in parameters.items():
        queue = {"Fn::GetAtt": [name, "QueueName"]}
        assert value == (queue if name.endswith("Queue") else {"Ref": name})


def asking_providers() -> set[str]:
    """Functions that ask providers to send something: they know what a send costs."""
    paying = {
        name.removesuffix("Function")
        for name, one in functions().items()
        if "PRICES" in one["Properties"].get("Environment", {}).get("Variables", {})
    }
    # The one knows the fee for asking a customer of an OA: that is no send. The other only sees
    # whether the prices can be read.
    return paying - {"ManageConsents", "Health"}


def watched_by(alarm: str) -> set[str]:
    """The functions whose errors or throttles an alarm adds up."""
    return {
        metric["Dimensions"][0]["Value"]["Ref"].removesuffix("Function")
        for metric in metrics_of(of_type("AWS::CloudWatch::Alarm")[alarm]["Properties"])
        if metric["MetricName"] in {"Errors", "Throttles"}
    }


def test_a_function_that_fails_raises_an_alarm() -> None:
    assert watched_by("SendersFailingAlarm") == asking_providers() - {"Advance", "RunCommands"}
    assert watched_by("BackgroundFailingAlarm") == {
        "Outbox",
        "PublishEvents",
        "Advance",
        "RunCommands",
        "DeliverWebhooks",
        "Sweep",
        "Schedule",
        "Reconcile",
    }
    alarms = of_type("AWS::CloudWatch::Alarm")
    watched = {name for alarm in alarms for name in watched_by(alarm)}
    # The others are the API's: where one fails, its request is answered 5xx.
    others = set(functions()) - {f"{name}Function" for name in watched}
    for name in others - {"AuthorizerFunction"}:
        events = functions()[name]["Properties"]["Events"].values()
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
    assert properties["AlarmDescription"]
    assert properties["AlarmActions"] == [{"Ref": "AlarmTopic"}]
    assert properties["TreatMissingData"] == "notBreaching"
    watched = list(metrics_of(properties))
    assert watched
    for metric in watched:
        dimensions = {each["Name"]: each["Value"] for each in metric.get("Dimensions", [])}
        if metric["Namespace"] == {"Fn::Sub": "Ringpass/${Stack}"}:
            assert tuple(dimensions) in counted()[metric["MetricName"]]
        else:
            assert metric["Namespace"] in {"AWS/Lambda", "AWS/ApiGateway", "AWS/SQS"}
            for target in dimensions.values():
                assert target["Ref"] in template()["Parameters"]


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
        metric["Dimensions"][0]["Value"]["Ref"]
        for alarm in of_type("AWS::CloudWatch::Alarm").values()
        for metric in metrics_of(alarm["Properties"])
        if metric["Namespace"] == "AWS/SQS"
    }
    resources = template_file.template()["Resources"]
    assert watched == {name for name, one in resources.items() if one["Type"] == "AWS::SQS::Queue"}


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
    for name in re.findall(r"\$\{(\w+)[.}]", text):
        assert name in {*template()["Resources"], *template()["Parameters"]}
    for group in re.findall(r"/aws/lambda/\$\{Stack\}([\w-]+)", text):
        assert f"/aws/lambda/${{AWS::StackName}}{group}" in json.dumps(template_file.template())
    for function in functions():
        assert f'"Errors", "FunctionName", "${{{function}}}"' in text
        assert f'"Duration", "FunctionName", "${{{function}}}"' in text
    for metric in counted():
        assert f'"{metric}"' in text.replace("\\", "")


def test_the_dashboard_does_not_overlap_itself() -> None:
    text: str = template()["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    used: set[tuple[int, int]] = set()
    for one in json.loads(text)["widgets"]:
        cells = {
            (x, y)
            for x in range(one["x"], one["x"] + one["width"])
            for y in range(one["y"], one["y"] + one["height"])
        }
        assert not cells & used
        assert max(x for x, _ in cells) < 24
        used |= cells

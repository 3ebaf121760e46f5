"""What the account may run at once, and what the template asks for. botocore plays AWS."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from local.aws_deployment.concurrency import check_concurrency
from local.failures import DeploymentError
from ringpass.background.worker import MAX_ROUNDS
from tests import template as template_file
from tests.template import resource

SENDERS = {
    "AuthorizerFunction",
    "SendVoiceOtpFunction",
    "SendPasswordCallFunction",
    "SendZnsFunction",
    "StartVerificationFunction",
    "CheckVerificationFunction",
}
RECEIVERS = {
    "ReceiveCdrFunction",
    "ReceiveBizflyFunction",
    "ReceiveCaresoftFunction",
    "ReceiveZaloFunction",
}
STACK = {"StackId": "arn:aws:cloudformation:eu-central-1:123456789012:stack/ringpass/1"}


def values(**others: int) -> dict[str, str]:
    """The parameters that count, with their defaults."""
    names = (
        "AdvanceConcurrency",
        "CommandConcurrency",
        "LongPolls",
        "SenderReserve",
        "WebhookReserve",
    )
    parameters = template_file.template()["Parameters"]
    return {name: str(others.get(name, parameters[name]["Default"])) for name in names}


@contextmanager
def account(
    limit: int, unreserved: int | None = None, reserved: Mapping[str, int] | None = None
) -> Iterator[Any]:
    """A session in an account that may run so many functions at once."""
    lambdas: Any = boto3.client("lambda", region_name="eu-central-1")
    stacks: Any = boto3.client("cloudformation", region_name="eu-central-1")
    with Stubber(lambdas) as answers, Stubber(stacks) as of_stacks:
        limits = {
            "ConcurrentExecutions": limit,
            "UnreservedConcurrentExecutions": limit if unreserved is None else unreserved,
        }
        answers.add_response("get_account_settings", {"AccountLimit": limits})
        if reserved is not None:
            summaries = [
                {
                    "LogicalResourceId": name,
                    "PhysicalResourceId": name,
                    "ResourceType": kind,
                    "ResourceStatus": "CREATE_COMPLETE",
                    "LastUpdatedTimestamp": "2026-11-29T00:00:00Z",
                }
                for name, kind in [
                    *((name, "AWS::Lambda::Function") for name in reserved),
                    ("Table", "AWS::DynamoDB::Table"),
                ]
            ]
            of_stacks.add_response("list_stack_resources", {"StackResourceSummaries": summaries})
            for name, number in reserved.items():
                response = {"ReservedConcurrentExecutions": number} if number else {}
                params = {"FunctionName": name}
                answers.add_response("get_function_concurrency", response, params)
        yield session_of(lambdas, stacks)
        answers.assert_no_pending_responses()
        of_stacks.assert_no_pending_responses()


def session_of(lambdas: Any, stacks: Any = None) -> Any:  # noqa: ANN401 - any client
    """A session whose clients are these."""
    return SimpleNamespace(client={"lambda": lambdas, "cloudformation": stacks}.__getitem__)


def check(session: Any, stack: Mapping[str, Any] | None = None, **others: int) -> list[str]:  # noqa: ANN401
    return check_concurrency(session, template_file.template(), values(**others), stack)


def test_an_account_of_the_usual_size_is_not_spoken_of() -> None:
    with account(1000) as session:
        assert check(session) == []


def test_a_new_account_is_warned_about_and_may_go_on() -> None:
    with account(10) as session:
        polls, sentence = check(session)
    assert "LongPolls is 20" in polls
    assert "may run 10 functions at once" in sentence
    assert "L-B99A9384" in sentence


@pytest.mark.parametrize(("polls", "warns"), [(991, False), (992, True)])
def test_long_polls_that_could_take_everything_are_warned_about(polls: int, warns: bool) -> None:
    with account(1000) as session:
        sentences = check(session, LongPolls=polls)
    assert [f"LongPolls is {polls}" in one for one in sentences] == [True] * warns


@pytest.mark.parametrize(("advance", "commands"), [(10, 2), (11, 2), (8, 2), (2, 8)])
def test_the_queues_may_not_take_everything(advance: int, commands: int) -> None:
    expected = f"AdvanceConcurrency is {advance}, CommandConcurrency {commands}"
    with account(10) as session, pytest.raises(DeploymentError, match=expected):
        check(session, AdvanceConcurrency=advance, CommandConcurrency=commands)


def test_in_a_new_account_nothing_can_be_reserved() -> None:
    with account(10) as session, pytest.raises(DeploymentError, match="at most 0 of this account"):
        check(session, WebhookReserve=1)


@pytest.mark.parametrize(("senders", "webhooks"), [(150, 0), (0, 225), (100, 75)])
def test_all_but_100_can_be_reserved(senders: int, webhooks: int) -> None:
    with account(1000) as session:
        assert check(session, SenderReserve=senders, WebhookReserve=webhooks) == []
    with account(1000, 999) as session, pytest.raises(DeploymentError, match="at most 899"):
        check(session, SenderReserve=senders, WebhookReserve=webhooks)


def test_what_the_stack_has_reserved_before_is_its_own() -> None:
    with account(1000, 100, {"SendZnsFunction": 900, "HealthFunction": 0}) as session:
        assert check(session, STACK, SenderReserve=150) == []
    other_account = account(1000, 100, {"SendZnsFunction": 800, "HealthFunction": 0})
    with other_account as session, pytest.raises(DeploymentError, match="at most 800"):
        check(session, STACK, SenderReserve=150)


def test_who_may_not_read_the_limit_is_told_and_may_go_on() -> None:
    lambdas: Any = boto3.client("lambda", region_name="eu-central-1")
    with Stubber(lambdas) as answers:
        answers.add_client_error("get_account_settings", "AccessDeniedException")
        [sentence] = check(session_of(lambdas))
    assert "lambda:GetAccountSettings" in sentence


# ------------------------------------------------------------------------------- the template


def test_only_senders_and_receivers_can_have_a_reserve_and_none_has_one_by_default() -> None:
    reserves: dict[str, set[str]] = {}
    for name, one in template_file.template()["Resources"].items():
        choice = one.get("Properties", {}).get("ReservedConcurrentExecutions")
        if choice is not None:
            condition, reserve, nothing = choice["Fn::If"]
            assert nothing == {"Ref": "AWS::NoValue"}
            assert template_file.template()["Conditions"][condition] == {
                "Fn::Not": [{"Fn::Equals": [reserve, 0]}]
            }
            reserves.setdefault(reserve["Ref"], set()).add(name)
    assert reserves == {"SenderReserve": SENDERS, "WebhookReserve": RECEIVERS}
    assert values() == {
        "AdvanceConcurrency": "5",
        "CommandConcurrency": "3",
        "LongPolls": "20",
        "SenderReserve": "0",
        "WebhookReserve": "0",
    }


def test_the_queue_fits_the_function_that_takes_its_messages() -> None:
    queue, advance = resource("AdvanceQueue"), resource("AdvanceFunction")
    # AWS: six times the function's time-out, so that a throttled message can be tried again.
    assert queue["VisibilityTimeout"] >= 6 * advance["Timeout"]
    # AWS: five at least, or a few throttles bring a message into the dead-letter queue.
    assert queue["RedrivePolicy"]["maxReceiveCount"] >= 5
    source = advance["Events"]["Queue"]["Properties"]
    assert source["BatchSize"] == 1
    assert source["ScalingConfig"] == {"MaximumConcurrency": {"Ref": "AdvanceConcurrency"}}
    parameter = template_file.template()["Parameters"]["AdvanceConcurrency"]
    assert (parameter["MinValue"], parameter["MaxValue"]) == (2, 1000)
    # Half of the smallest account.
    assert parameter["Default"] * 2 <= 10


def test_commands_leave_something_of_the_smallest_account() -> None:
    source = resource("RunCommandsFunction")["Events"]["Queue"]["Properties"]
    assert source["BatchSize"] == 1
    assert source["ScalingConfig"] == {"MaximumConcurrency": {"Ref": "CommandConcurrency"}}
    parameters = template_file.template()["Parameters"]
    advance, commands = parameters["AdvanceConcurrency"], parameters["CommandConcurrency"]
    assert (commands["MinValue"], commands["MaxValue"]) == (2, 1000)
    assert advance["Default"] + commands["Default"] < 10


def test_every_function_that_somebody_waits_for_has_an_alarm_on_its_throttles() -> None:
    alarms = {
        name: one["Properties"]
        for name, one in template_file.observability()["Resources"].items()
        if one["Type"] == "AWS::CloudWatch::Alarm"
    }
    own = {
        alarm["Dimensions"][0]["Value"]["Ref"]
        for name, alarm in alarms.items()
        if alarm.get("MetricName") == "Throttles"
        and name == alarm["Dimensions"][0]["Value"]["Ref"].replace("Function", "ThrottledAlarm")
    }
    assert own == SENDERS | {
        "OutboxFunction",
        "PublishEventsFunction",
        "AdvanceFunction",
        "RunCommandsFunction",
    }
    shared = {
        name: {
            one["MetricStat"]["Metric"]["Dimensions"][0]["Value"]["Ref"]
            for one in alarm["Metrics"]
            if one.get("MetricStat", {}).get("Metric", {}).get("MetricName") == "Throttles"
        }
        for name, alarm in alarms.items()
        if "Metrics" in alarm
    }
    # Any other alarm that counts throttles counts those of one function.
    assert {name for names in shared.values() for name in names} == RECEIVERS
    assert all(len(names) <= 1 for names in shared.values())


def test_who_may_send_to_the_queue_that_invokes_it() -> None:
    """Lambda stops such loops. `advance` keeps to `worker.MAX_ROUNDS`; a new one has to.

    A lane of webhooks goes on as long as there is something to send, so Lambda may not stop it.
    """
    resources = template_file.template()["Resources"]
    loops = set()
    for name, one in resources.items():
        if one["Type"] != "AWS::Serverless::Function":
            continue
        events = one["Properties"].get("Events", {}).values()
        queues = [event["Properties"]["Queue"] for event in events if event["Type"] == "SQS"]
        role = resources[one["Properties"]["Role"]["Fn::GetAtt"][0]]["Properties"]
        for statement in role["Policies"][0]["PolicyDocument"]["Statement"]:
            arns = statement.get("Resource")  # None: it depends on a condition.
            allowed = arns if isinstance(arns, list) else [arns]
            if "sqs:SendMessage" in statement.get("Action", ()) and any(
                one in queues for one in allowed
            ):
                loops.add(name)
    assert loops == {"AdvanceFunction", "DeliverWebhooksFunction"}
    assert resources["DeliverWebhooksFunction"]["Properties"]["RecursiveLoop"] == "Allow"
    assert MAX_ROUNDS + 1 < 16

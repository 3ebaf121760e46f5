"""A stack's part of AWS: its alarms, who gets them, and queues that need an operator."""

from collections.abc import Iterator, Mapping
from typing import Final

from ringpass_cli.aws import Aws, aws_errors
from ringpass_cli.doctor.finding import Finding, note, ok, problem, skipped

_PENDING: Final = "PendingConfirmation"
_QUEUES: Final = (
    *("AdvanceDeadLetterQueueUrl", "CommandDeadLetterQueueUrl", "WebhookDeadLetterQueueUrl"),
    *("OutboxFailureQueueUrl", "PublishEventsFailureQueueUrl"),
)


def check_aws(aws: Aws) -> Iterator[Finding]:
    """Alarms and queues.

    Raises:
        CliError: AWS refuses or does not answer.
    """
    outputs = aws.outputs()
    yield from _check_alarms(aws, outputs)
    yield from _check_queues(aws, outputs)


def _check_alarms(aws: Aws, outputs: Mapping[str, str]) -> Iterator[Finding]:
    topic = outputs.get("AlarmTopicArn")
    if topic is None:
        if aws.endpoint_url is None:
            yield note("alarms", "The stack has no alarms.", "Set the parameter Watching to on.")
        else:
            yield skipped("alarms", "The local stack has no alarms.")
        return
    sns = aws.client("sns")
    with aws_errors():
        pages = sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
        subscriptions = [one for page in pages for one in page["Subscriptions"]]
    pending = [one for one in subscriptions if one["SubscriptionArn"] == _PENDING]
    for one in pending:
        yield problem(
            "alarms",
            f"A subscription to the alarms ({one['Protocol']}) is not confirmed: it gets none.",
            "Confirm it by the link in the mail of AWS; it is valid for three days.",
        )
    if not subscriptions:
        yield problem("alarms", "Nobody gets the alarms.", "Set the parameter AlarmEmail.")
    elif not pending:
        yield ok("alarms", f"Confirmed subscriptions to the alarms: {len(subscriptions)}.")


def _check_queues(aws: Aws, outputs: Mapping[str, str]) -> Iterator[Finding]:
    sqs = aws.client("sqs")
    names = [name for name in _QUEUES if name in outputs]
    all_empty = True
    for name in names:
        with aws_errors():
            answer = sqs.get_queue_attributes(
                QueueUrl=outputs[name], AttributeNames=["ApproximateNumberOfMessages"]
            )
        count = int(answer["Attributes"]["ApproximateNumberOfMessages"])
        if count:
            all_empty = False
            yield problem(
                "queues",
                f"{name.removesuffix('Url')} has messages that need an operator: {count}.",
                "docs/operations.md#queues says what to do with each.",
            )
    if names and all_empty:
        yield ok("queues", "The queues of failures are empty.")

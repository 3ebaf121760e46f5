"""Runs the commands of the queue, each on its own; SQS delivers again what is not done."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ringpass.commands.message import Message
from ringpass.observability import logger
from ringpass.wiring import commands

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


def handler(event: Mapping[str, Any], context: "LambdaContext") -> Mapping[str, Any]:
    """Run each command; report those that SQS must keep."""
    logger().append_keys(request=context.aws_request_id)
    messages = [Message.from_record(record) for record in event["Records"]]
    unfinished = [
        message.id
        for message in messages
        if not commands.runner().handle(message, context.aws_request_id)
    ]
    return {"batchItemFailures": [{"itemIdentifier": id_} for id_ in unfinished]}

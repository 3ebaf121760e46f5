"""Runs the queue's tasks, each on its own; failed ones are retried."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)

from ringpass.background.tasks import Task
from ringpass.observability import logger
from ringpass.wiring import worker

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
    from aws_lambda_powertools.utilities.typing import LambdaContext


def handler(event: Mapping[str, Any], context: "LambdaContext") -> Mapping[str, Any]:
    """Run each task; report the failed ones, so that SQS retries only these."""
    processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
    return process_partial_response(dict(event), advance, processor, context)


def advance(record: "SQSRecord") -> None:
    """Run one message's task. Failures are logged here: the batch only counts them."""
    try:
        worker.worker().run(Task.from_json(record.body))
    except Exception:
        logger().exception("task failed", task=record.message_id)
        raise

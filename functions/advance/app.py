"""Does what is due: the queue's messages, each on its own, the failed ones again."""

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
    """Do each task; name those that failed, so that only they come again."""
    processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
    return process_partial_response(dict(event), advance, processor, context)


def advance(record: "SQSRecord") -> None:
    """Do one message's task. What fails is logged here: the batch only counts it."""
    try:
        worker.worker().do(Task.from_json(record.body))
    except Exception:
        logger().exception("task failed", task=record.message_id)
        raise

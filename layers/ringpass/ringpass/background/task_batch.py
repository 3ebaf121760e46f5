"""Runs the tasks of a batch of SQS, each on its own; SQS delivers only the failed ones again."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)

from ringpass.background.tasks import Task
from ringpass.observability import logger

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
    from aws_lambda_powertools.utilities.typing import LambdaContext


def run_tasks(
    event: Mapping[str, Any], context: "LambdaContext", run: Callable[[Task], None]
) -> Mapping[str, Any]:
    """Run each message's task; returns the failed ones, as Lambda's poller reads them."""

    def handle(record: "SQSRecord") -> None:
        # Failures are logged here: the batch only counts them.
        try:
            run(Task.from_json(record.body))
        except Exception:
            logger().exception("task failed", task=record.message_id)
            raise

    processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
    return process_partial_response(dict(event), handle, processor, context)

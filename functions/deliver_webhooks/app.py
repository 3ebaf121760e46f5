"""Delivers webhooks: works on the lanes that its queue names, each on its own."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)

from ringpass.background.tasks import Task
from ringpass.observability import logger
from ringpass.webhook_endpoints.lanes_store import Lane
from ringpass.wiring import webhook_dispatcher

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
    from aws_lambda_powertools.utilities.typing import LambdaContext


def handler(event: Mapping[str, Any], context: "LambdaContext") -> Mapping[str, Any]:
    """Work on each lane; report the failed ones, so that SQS delivers only these again."""
    processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
    return process_partial_response(dict(event), deliver, processor, context)


def deliver(record: "SQSRecord") -> None:
    """Work on one message's lane. Failures are logged here: the batch only counts them."""
    try:
        lane = Lane.from_payload(Task.from_json(record.body).payload)
        webhook_dispatcher.dispatcher().work(lane)
    except Exception:
        logger().exception("webhooks not delivered", task=record.message_id)
        raise

"""Delivers webhooks: works on the lanes that its queue names, each on its own."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ringpass.background.task_batch import run_tasks
from ringpass.background.tasks import Task
from ringpass.webhook_endpoints.lanes_store import Lane
from ringpass.wiring import webhook_dispatcher

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


def handler(event: Mapping[str, Any], context: "LambdaContext") -> Mapping[str, Any]:
    """Work on each lane; report the failed ones, so that SQS delivers only these again."""
    return run_tasks(event, context, deliver)


def deliver(task: Task) -> None:
    """Work on the lane that a task names."""
    webhook_dispatcher.dispatcher().work(Lane.from_payload(task.payload))

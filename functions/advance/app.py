"""Runs the queue's tasks, each on its own; failed ones are retried."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ringpass.background.task_batch import run_tasks
from ringpass.wiring import worker

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


def handler(event: Mapping[str, Any], context: "LambdaContext") -> Mapping[str, Any]:
    """Run each task; report the failed ones, so that SQS retries only these."""
    return run_tasks(event, context, lambda task: worker.worker().run(task))

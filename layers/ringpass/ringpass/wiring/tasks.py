"""Creates the task queue, the scheduler and the sweeper."""

from functools import cache

from ringpass.aws import session
from ringpass.aws.due_index import DueIndex
from ringpass.background.scheduler import TaskScheduler
from ringpass.background.sweeper import OverdueSweeper
from ringpass.background.tasks import TaskQueue
from ringpass.clock import utc_now
from ringpass.wiring import stack


@cache
def queue() -> TaskQueue:
    """Returns the queue of the worker's tasks."""
    return TaskQueue(session.client("sqs"), stack.settings().queue_url)


@cache
def every_queue() -> TaskQueue:
    """Returns all queues: records of the due index are of several kinds."""
    settings = stack.settings()
    return TaskQueue(session.client("sqs"), settings.queue_url, settings.webhook_queue_url)


@cache
def sweeper() -> OverdueSweeper:
    """Returns the sweeper of overdue tasks."""
    return OverdueSweeper(DueIndex(stack.table()), every_queue(), utc_now)


@cache
def scheduler() -> TaskScheduler:
    """Returns the scheduler of tasks that are due soon."""
    return TaskScheduler(DueIndex(stack.table()), every_queue(), utc_now)

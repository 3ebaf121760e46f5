"""Makes the task queue and what fills it by the clock."""

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
    """The queue of tasks, which the worker reads."""
    return TaskQueue(session.client("sqs"), stack.settings().queue_url)


@cache
def sweeper() -> OverdueSweeper:
    """Queues what is overdue."""
    return OverdueSweeper(DueIndex(stack.table()), queue(), utc_now)


@cache
def scheduler() -> TaskScheduler:
    """Queues what is due next."""
    return TaskScheduler(DueIndex(stack.table()), queue(), utc_now)

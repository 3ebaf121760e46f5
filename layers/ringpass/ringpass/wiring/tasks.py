"""Makes the task queue and what fills it by the clock."""

from functools import cache

from ringpass.aws import session
from ringpass.aws.due_index import Unfinished
from ringpass.background.scheduler import TaskScheduler
from ringpass.background.sweeper import Sweep
from ringpass.background.tasks import Agenda
from ringpass.clock import utc_now
from ringpass.wiring import stack


@cache
def queue() -> Agenda:
    """The queue of tasks, which the worker reads."""
    return Agenda(session.client("sqs"), stack.settings().queue_url)


@cache
def sweeper() -> Sweep:
    """Queues what is overdue."""
    return Sweep(Unfinished(stack.table()), queue(), utc_now)


@cache
def scheduler() -> TaskScheduler:
    """Queues what is due next."""
    return TaskScheduler(Unfinished(stack.table()), queue(), utc_now)

"""Sweeper: queues overdue tasks once an hour.

A stream keeps its records for 24 hours, and a bug of ours can lose them; the due index loses
nothing. In a healthy stack the sweeper finds nothing: the outbox and the scheduler queue every
task in time.
"""

from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Final

from ringpass.aws.due_index import DueIndex
from ringpass.background.tasks import TaskQueue
from ringpass.background.worker import task_for
from ringpass.clock import Clock
from ringpass.observability import logger

# How long the stream and the queue have had; a reply takes half a minute at most.
OVERDUE_AFTER: Final = timedelta(minutes=5)
_BATCH_LIMIT: Final = 2_000


@dataclass(frozen=True, slots=True)
class OverdueSweeper:
    """Sweeper of overdue tasks.

    Attributes:
        due_index: The index of unfinished items.
        queue: The queue of ``advance``.
        clock: Returns the current time.
    """

    due_index: DueIndex
    queue: TaskQueue
    clock: Clock

    def run(self) -> int:
        """Queue a task for each overdue item; returns their number."""
        now, count = self.clock(), 0
        for item in islice(self.due_index.list_overdue(now - OVERDUE_AFTER), _BATCH_LIMIT):
            self.queue.add(task_for(item, now), now)
            count += 1
        if count:
            logger().error("overdue", found=count)
        return count

"""Scheduler: queues, every five minutes, the tasks that are due within the next 15 minutes.

A message of SQS can be delayed for 15 minutes. A task that was due later when its record was
written waits in the due index; the scheduler queues it once, in time. Two runs in a row may fail
and no task is late.
"""

from dataclasses import dataclass
from typing import Final

from ringpass.aws.due_index import LONGEST_DELAY, DueIndex
from ringpass.background.tasks import TaskQueue
from ringpass.background.worker import task_for
from ringpass.clock import Clock, from_text
from ringpass.observability import logger

# Per shard; the index has four. The next run queues the rest.
_BATCH_LIMIT: Final = 500


@dataclass(frozen=True, slots=True)
class TaskScheduler:
    """Scheduler of the tasks that are due soon.

    Attributes:
        due_index: The index of records that wait.
        queue: The queue of ``advance``.
        clock: Returns the current time.
    """

    due_index: DueIndex
    queue: TaskQueue
    clock: Clock

    def run(self) -> int:
        """Queue a task for each record that is due soon; returns their number."""
        now, count = self.clock(), 0
        for item in self.due_index.list_upcoming(now + LONGEST_DELAY, _BATCH_LIMIT):
            # In this order: a crash in between queues a task twice, which does no harm.
            self.queue.add(task_for(item, from_text(item["due_at"])), now)
            self.due_index.mark_queued(item)
            count += 1
        if count:
            logger().info("tasks queued", count=count)
        return count

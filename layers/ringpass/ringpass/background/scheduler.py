"""Every five minutes: what is due within the next 15 minutes is put on the queue.

A message of SQS can wait 15 minutes. A task that was due later when its record was written waits in
the due index; here it is queued once, in time. Two runs in a row may fail without making one late.
"""

from dataclasses import dataclass
from typing import Final

from ringpass.aws.due_index import LONGEST_DELAY, DueIndex
from ringpass.background.tasks import TaskQueue
from ringpass.background.worker import task_of
from ringpass.clock import Clock, from_text
from ringpass.observability import logger

# Of each of the index's four shards. What is left has its turn in the next run.
_MOST_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class TaskScheduler:
    """Queues the tasks that come next.

    Attributes:
        due_index: The records that wait.
        agenda: The queue of ``advance``.
        clock: Tells the time.
    """

    due_index: DueIndex
    agenda: TaskQueue
    clock: Clock

    def run(self) -> int:
        """Queue a task for each record that is due soon; returns how many there were."""
        now, count = self.clock(), 0
        for item in self.due_index.coming(now + LONGEST_DELAY, _MOST_AT_ONCE):
            # In this order: whoever ends in between queues it twice, which does no harm.
            self.agenda.add(task_of(item, from_text(item["due_at"])), now)
            self.due_index.queued(item)
            count += 1
        if count:
            logger().info("tasks queued", count=count)
        return count

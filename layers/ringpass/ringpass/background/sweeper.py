"""Once an hour: what the stream should have seen to and did not, is seen to.

A stream keeps its records for 24 hours and can lose them to a bug of ours; the due index loses
nothing. In a healthy stack the sweep finds nothing to do: what is only due later is queued in time,
by the outbox or by the scheduler.
"""

from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Final

from ringpass.aws.due_index import DueIndex
from ringpass.background.tasks import TaskQueue
from ringpass.background.worker import task_of
from ringpass.clock import Clock
from ringpass.observability import logger

# The stream and the queue have had this long; a reply, half a minute.
OVERDUE_AFTER: Final = timedelta(minutes=5)
_MOST_AT_ONCE: Final = 2_000


@dataclass(frozen=True, slots=True)
class OverdueSweeper:
    """Queues what is overdue.

    Attributes:
        unfinished: The index of what is not finished.
        agenda: The queue of ``advance``.
        clock: Tells the time.
    """

    unfinished: DueIndex
    agenda: TaskQueue
    clock: Clock

    def run(self) -> int:
        """Queue a task for each overdue item; returns how many there were."""
        now, found = self.clock(), 0
        for item in islice(self.unfinished.before(now - OVERDUE_AFTER), _MOST_AT_ONCE):
            self.agenda.add(task_of(item, now), now)
            found += 1
        if found:
            logger().error("overdue", found=found)
        return found

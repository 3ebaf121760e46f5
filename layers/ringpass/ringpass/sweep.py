"""Once an hour: what the stream should have seen to and did not, is seen to.

A stream keeps its records for 24 hours and can lose them to a bug of ours; the sparse index of what
is not finished loses nothing. In a healthy stack the sweep finds nothing to do.
"""

from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Final

from ringpass.clock import Clock
from ringpass.due import Agenda, Do, Task
from ringpass.observe import logger
from ringpass.store.table import Item
from ringpass.store.unfinished import Unfinished

# The stream and the queue have had this long; a reply, half a minute.
OVERDUE_AFTER: Final = timedelta(minutes=5)
_MOST_AT_ONCE: Final = 2_000


@dataclass(frozen=True, slots=True)
class Sweep:
    """Queues what is overdue.

    Attributes:
        unfinished: The index of what is not finished.
        agenda: The queue of ``advance``.
        clock: Tells the time.
    """

    unfinished: Unfinished
    agenda: Agenda
    clock: Clock

    def run(self) -> int:
        """Queue a task for each overdue item; returns how many there were."""
        now, found = self.clock(), 0
        for item in islice(self.unfinished.before(now - OVERDUE_AFTER), _MOST_AT_ONCE):
            do, about = _what_to_do(item)
            self.agenda.add(Task(do, now, about), now)
            found += 1
        if found:
            logger().error("overdue", found=found)
        return found


def _what_to_do(item: Item) -> tuple[Do, dict[str, str]]:
    if item["entity"] == "delivery":
        return Do.GIVE_UP_RESERVED, {"delivery_id": item["id"]}
    if item["entity"] == "verification":
        return Do.MOVE, {"verification_id": item["id"]}
    if item["entity"] == "oa_event":
        return Do.OA_EVENT, {"digest": item["digest"]}
    return Do.JOIN_CDR, {"provider": item["provider"], "ref": item["ref"]}

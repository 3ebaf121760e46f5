"""Hands new events to their targets: the event bus, for example.

Events come at least once, and those of one subject not always in the order of their sequence: each
is an item of its own, and the stream orders the writes of one item alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ringpass.aws.dynamodb import from_wire
from ringpass.events.model import Event
from ringpass.events.store import from_item
from ringpass.observability import logger

type Target = Callable[[Sequence[Event]], None]


@dataclass(frozen=True, slots=True)
class EventPublisher:
    """Hands events to each target.

    Attributes:
        targets: Each takes events that it may have got before. It raises if it could not take all.
    """

    targets: Sequence[Target]

    def publish(self, records: Sequence[Mapping[str, Any]]) -> None:
        """Hand over the events of stream records, the earliest first.

        Each target is on its own: if one fails, Lambda delivers the records again, but the other
        targets have them.

        Raises:
            Exception: What failed last; the log has what failed before.
        """
        images = [from_wire(record["dynamodb"]["NewImage"]) for record in records]
        events = sorted(map(from_item, images), key=lambda event: event.listed_at)
        failure: Exception | None = None
        for target in self.targets:
            try:
                target(events)
            except Exception as error:  # noqa: BLE001 - it is raised below
                logger().exception("events not published")
                failure = error
        if failure is not None:
            raise failure

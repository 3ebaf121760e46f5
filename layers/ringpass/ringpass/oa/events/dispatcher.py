"""Dispatches Zalo's events about an OA: permissions to call, and calls that have ended."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ringpass.clock import Clock
from ringpass.oa.events.model import OaEvent
from ringpass.oa.events.store import OaEventRepository
from ringpass.observability import logger


class EventHandler(Protocol):
    """Handles events; it is idempotent."""

    def handle(self, event: OaEvent, now: datetime) -> object:
        """Handle an event.

        Raises:
            Unavailable: The table, or a secret, cannot be reached: the event comes again.
        """


@dataclass(frozen=True, slots=True)
class EventDispatcher:
    """Dispatches events to their handlers.

    Attributes:
        events: Repository of events.
        handlers: Makes the handler of an event, by the event's name.
        clock: Tells the time.
    """

    events: OaEventRepository
    handlers: Mapping[str, Callable[[], EventHandler]]
    clock: Clock

    def work(self, digest: str) -> None:
        """Handle an event that is pending, then mark it as done.

        Raises:
            Unavailable: The table, or a secret, cannot be reached: the event stays unfinished.
        """
        event = self.events.get_pending(digest)
        if event is None:
            return
        make_handler = self.handlers.get(event.name)
        if make_handler is not None:
            make_handler().handle(event, self.clock())
        else:
            logger().warning("oa event not known", event=event.name)
        self.events.mark_done(digest, self.clock())

"""Works on what Zalo told of an OA: permissions to call, and calls that have ended."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ringpass.clock import Clock
from ringpass.oa.events.model import OaEvent
from ringpass.oa.events.store import OaEventRepository
from ringpass.observability import logger


class EventHandler(Protocol):
    """Acts on events; doing one twice does no harm."""

    def handle(self, event: OaEvent, now: datetime) -> object:
        """Act on an event.

        Raises:
            Unavailable: The table, or a secret, cannot be reached: it comes again.
        """


@dataclass(frozen=True, slots=True)
class EventDispatcher:
    """Works on events.

    Attributes:
        events: The table's events.
        handlers: Who acts on an event, by its name; made when one comes.
        clock: Tells the time.
    """

    events: OaEventRepository
    handlers: Mapping[str, Callable[[], EventHandler]]
    clock: Clock

    def work(self, digest: str) -> None:
        """Work on an event, unless that was done; only then it is finished.

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

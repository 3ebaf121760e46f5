"""Works on what Zalo told of an OA: permissions to call, and calls that have ended."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ringpass.clock import Clock
from ringpass.oa.events.model import OaEvent
from ringpass.oa.events.store import OaEventRepository as Kept
from ringpass.observability import logger


class EventHandler(Protocol):
    """Acts on events; doing one twice does no harm."""

    def take(self, event: OaEvent, now: datetime) -> object:
        """Act on an event.

        Raises:
            Unavailable: The table, or a secret, cannot be reached: it comes again.
        """


@dataclass(frozen=True, slots=True)
class EventDispatcher:
    """Works on events.

    Attributes:
        kept: The table's events.
        takers: Who acts on an event, by its name; made when one comes.
        clock: Tells the time.
    """

    kept: Kept
    takers: Mapping[str, Callable[[], EventHandler]]
    clock: Clock

    def work(self, digest: str) -> None:
        """Work on an event, unless that was done; only then it is finished.

        Raises:
            Unavailable: The table, or a secret, cannot be reached: the event stays unfinished.
        """
        event = self.kept.waiting(digest)
        if event is None:
            return
        taker = self.takers.get(event.name)
        if taker is not None:
            taker().take(event, self.clock())
        else:
            logger().warning("oa event not known", event=event.name)
        self.kept.done(digest, self.clock())

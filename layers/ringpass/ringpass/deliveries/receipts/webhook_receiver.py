"""What all receivers of webhooks have in common: take the events of a body, keep what is left.

The secret, or the signature, was checked before. What comes here is stored, whatever it is: as what
it tells, or whole, for a replay. A body that is large or tells much is stored first and worked on
behind the queue, so that the provider is answered in time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from ringpass.clock import Clock
from ringpass.deliveries.receipts.unmatched_payloads_store import UnmatchedPayloadRepository
from ringpass.observability import logger

MOST_READ_AT_ONCE: Final = 65_536
"""A body of more bytes is stored before it is read."""
MOST_AT_ONCE: Final = 50
"""Each event costs its writes: of more than these, none is taken before all are stored."""

# A message of the queue works on so many events, and no longer than this.
_MOST_IN_A_ROUND: Final = 200
_LONGEST_ROUND: Final = timedelta(seconds=10)


class WebhookEvent(Protocol):
    """An event as a provider sent it."""

    @property
    def whole(self) -> bool:
        """Whether all of its body could be read."""


class EventSource[E: WebhookEvent](Protocol):
    """One provider's side; ``cdrs.CdrInbox`` is one."""

    @property
    def provider(self) -> str:
        """The provider's name."""

    def read(self, body: bytes, server: str) -> Sequence[E]:
        """The events in a body; none, if it cannot be read. Any bytes are taken."""

    def take(self, event: E, came: datetime, now: datetime) -> str | None:
        """Keep an event, and settle what it settles; idempotent.

        Args:
            event: The event.
            came: When it came.
            now: The time of the writes.

        Returns:
            None, or why the event could not be used as it was read: then its body is kept.

        Raises:
            Unavailable: The table or a secret cannot be reached.
        """


@dataclass(frozen=True, slots=True)
class WebhookReceiver[E: WebhookEvent]:
    """Takes the bodies of one provider.

    Attributes:
        source: The provider's side.
        payloads: Where bodies are kept that could not be used.
        clock: Tells the time.
        most_in_a_round: How many events of a body that was kept are taken in one go.
    """

    source: EventSource[E]
    payloads: UnmatchedPayloadRepository
    clock: Clock
    most_in_a_round: int = _MOST_IN_A_ROUND

    def receive(self, body: bytes, server: str = "") -> int:
        """Take what came; returns the number of events, 0 too where they are read later.

        Raises:
            Unavailable: The table or a secret cannot be reached; the provider tries again.
        """
        now = self.clock()
        if len(body) > MOST_READ_AT_ONCE:
            self._defer(body, "oversized", server, now)
            return 0
        events = self.source.read(body, server)
        if len(events) > MOST_AT_ONCE:
            self._defer(body, "many_events", server, now)
            return len(events)
        left = [why for event in events if (why := self._take(event, now, now))]
        if left or not events:
            why = left[0] if left else "unreadable"
            self._log_unmatched(why, len(body))
            self.payloads.keep(self.source.provider, body, why, now, server=server)
        return len(events)

    def work(self, id_: str) -> None:
        """Work on a body that was kept: on its next events, if there is something to be done.

        The rest is done in the next round, for which the stream asks.

        Raises:
            Unavailable: The table or a secret cannot be reached: it comes again.
        """
        payload = self.payloads.get(self.source.provider, id_)
        if payload is None or payload.next is None:
            return
        body = self.payloads.body(payload)
        events = self.source.read(body, payload.server)
        began, place, unmatched = self.clock(), payload.next, payload.unmatched
        why = payload.why
        for event in events[place : place + self.most_in_a_round]:
            if (left := self._take(event, payload.came_at, self.clock())) is not None:
                why, unmatched = left, unmatched + 1
            place += 1
            if self.clock() - began > _LONGEST_ROUND:
                break
        now = self.clock()
        if place < len(events):
            self.payloads.move_on(payload, place, unmatched, why, now)
            return
        if not events:
            why, unmatched = "unreadable", 1
        self.payloads.finish(payload, len(events), unmatched, why, now)
        if unmatched:
            self._log_unmatched(why, len(body))
        logger().info("webhook delivery worked on", events=len(events), unmatched=unmatched)

    def _take(self, event: E, came: datetime, now: datetime) -> str | None:
        why = self.source.take(event, came, now)
        return why or (None if event.whole else "read_in_part")

    def _defer(self, body: bytes, why: str, server: str, now: datetime) -> None:
        self.payloads.keep(self.source.provider, body, why, now, server=server, is_due=True)
        logger().info("webhook delivery worked on later", why=why, bytes=len(body))

    def _log_unmatched(self, why: str, size: int) -> None:
        provider = self.source.provider
        logger().warning("webhook delivery without a call", provider=provider, why=why, bytes=size)

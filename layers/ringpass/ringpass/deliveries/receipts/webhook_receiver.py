"""Webhook receiver, common to all providers: authenticates a payload, and handles its events.

Whatever comes with a valid token or signature is stored: as receipts, or whole, as a dead letter
for a replay. A payload that is large or has many events is stored first and processed behind the
queue, so that the provider gets its response in time.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import ClassVar, Final, Protocol

from ringpass.aws.secrets import Secrets
from ringpass.clock import Clock
from ringpass.deliveries.receipts.unmatched_payloads_store import UnmatchedPayloadRepository
from ringpass.errors import Unauthorized
from ringpass.http import webhook_auth
from ringpass.observability import logger
from ringpass.redaction import Secret

MAX_BYTES_AT_ONCE: Final = 65_536
"""A body of more bytes is stored before it is read."""
MAX_EVENTS_AT_ONCE: Final = 50
"""Each event costs its writes: a body with more events is stored before any is handled."""

# A message of the queue processes so many events, and for no longer than this.
_MAX_EVENTS_PER_ROUND: Final = 200
_MAX_ROUND_TIME: Final = timedelta(seconds=10)


class WebhookEvent(Protocol):
    """An event as a provider sent it."""

    @property
    def whole(self) -> bool:
        """Whether all of its body could be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookReceiver[E: WebhookEvent](ABC):
    """Receives the payloads of one provider (template method).

    A provider's receiver has ``receive``, which authenticates a payload and calls ``_process``.

    Attributes:
        provider: The provider's name.
        secrets: The stack's secrets.
        payloads: The dead letters.
        clock: Tells the time.
        max_events_per_round: How many events of a stored payload are handled in one round.
    """

    provider: ClassVar[str]
    secrets: Secrets
    payloads: UnmatchedPayloadRepository
    clock: Clock
    max_events_per_round: int = _MAX_EVENTS_PER_ROUND

    @abstractmethod
    def read(self, body: bytes, server: str) -> Sequence[E]:
        """Returns the events in a body; none if it cannot be read. Accepts any bytes."""

    @abstractmethod
    def handle(self, event: E, received_at: datetime, now: datetime) -> str | None:
        """Store an event, and settle its delivery. Idempotent.

        Args:
            event: The event.
            received_at: When it came.
            now: The time of the writes.

        Returns:
            None, or why the event could not be used: then its body is stored as a dead letter.

        Raises:
            Unavailable: The table or a secret cannot be reached.
        """

    def _check_token(self, secret: str, token: str) -> None:
        """Refuse a request without a valid token of a secret.

        Raises:
            Unauthorized: The token is not valid.
            Unavailable: The secret cannot be read.
        """
        if not self.secrets.accepts(secret, "token", partial(webhook_auth.is_valid, token)):
            raise Unauthorized(webhook_auth.REFUSAL)

    def _check_signature(
        self, secret: str, field: str, is_signed: Callable[[Sequence[Secret]], bool]
    ) -> None:
        """Refuse a body that is not signed with a valid key of a secret.

        Raises:
            Unauthorized: The signature is not valid.
            Unavailable: The secret cannot be read.
        """
        if not self.secrets.accepts(secret, field, is_signed):
            raise Unauthorized(webhook_auth.BAD_SIGNATURE)

    def _process(self, body: bytes, server: str = "") -> int:
        """Handle a payload; returns the number of events, also 0 if they are read later.

        Raises:
            Unavailable: The table or a secret cannot be reached; the provider tries again.
        """
        now = self.clock()
        if len(body) > MAX_BYTES_AT_ONCE:
            self._defer(body, "oversized", server, now)
            return 0
        events = self.read(body, server)
        if len(events) > MAX_EVENTS_AT_ONCE:
            self._defer(body, "many_events", server, now)
            return len(events)
        reasons = [reason for event in events if (reason := self._handle(event, now, now))]
        if reasons or not events:
            reason = reasons[0] if reasons else "unreadable"
            self._log_unmatched(reason, len(body))
            self.payloads.put(self.provider, body, reason, now, server=server)
        return len(events)

    def work(self, id_: str) -> None:
        """Process the next events of a stored payload, if any are left.

        The stream queues the next round for the rest.

        Raises:
            Unavailable: The table or a secret cannot be reached: it comes again.
        """
        payload = self.payloads.get(self.provider, id_)
        if payload is None or payload.next is None:
            return
        body = self.payloads.body(payload)
        events = self.read(body, payload.server)
        started_at, position, unmatched = self.clock(), payload.next, payload.unmatched
        reason = payload.reason
        for event in events[position : position + self.max_events_per_round]:
            if (event_reason := self._handle(event, payload.received_at, self.clock())) is not None:
                reason, unmatched = event_reason, unmatched + 1
            position += 1
            if self.clock() - started_at > _MAX_ROUND_TIME:
                break
        now = self.clock()
        if position < len(events):
            self.payloads.advance(payload, position, unmatched, reason, now)
            return
        if not events:
            reason, unmatched = "unreadable", 1
        self.payloads.finish(payload, len(events), unmatched, reason, now)
        if unmatched:
            self._log_unmatched(reason, len(body))
        logger().info("webhook delivery worked on", events=len(events), unmatched=unmatched)

    def _handle(self, event: E, received_at: datetime, now: datetime) -> str | None:
        reason = self.handle(event, received_at, now)
        return reason or (None if event.whole else "read_in_part")

    def _defer(self, body: bytes, reason: str, server: str, now: datetime) -> None:
        self.payloads.put(self.provider, body, reason, now, server=server, is_due=True)
        logger().info("webhook delivery worked on later", why=reason, bytes=len(body))

    def _log_unmatched(self, reason: str, size: int) -> None:
        provider = self.provider
        logger().warning(
            "webhook delivery without a call", provider=provider, why=reason, bytes=size
        )

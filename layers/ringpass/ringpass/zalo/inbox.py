"""Receives Zalo's webhook: the signature first, then everything is kept."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final

from ringpass.cdrs import settle
from ringpass.clock import Clock, to_text
from ringpass.credentials import Secrets
from ringpass.delivery import OUR_ID, Fact, Source, State
from ringpass.errors import Unauthorized
from ringpass.observe import logger
from ringpass.outcomes import Status
from ringpass.redaction import redact
from ringpass.store.deliveries import Deliveries
from ringpass.store.references import Cdr, References
from ringpass.store.strays import Strays
from ringpass.webhooks import zalo

PROVIDER: Final = "zalo"
ARRIVED: Final = "arrived"
"""Why a delivery is delivered, whoever says so: it is one fact."""
REFUSAL: Final = "The webhook's signature is not valid."

_SECRET: Final = "zalo"  # noqa: S105 - a name
_KEY: Final = "oa_secret_key"
# An event of Zalo's has some hundred bytes. What is larger is kept unread.
_MOST_BYTES: Final = 65_536

type Handler = Callable[[zalo.Event, datetime], str | None]
"""Keeps an event, and gives None; or why it is none of ours. Idempotent, as Zalo repeats events."""


@dataclass(frozen=True, slots=True)
class ZaloInbox:
    """Receives webhook deliveries.

    Attributes:
        secrets: The stack's secrets.
        app_id: The app at Zalo whose events are taken; empty: none are.
        deliveries: The table's deliveries.
        references: The table's references.
        strays: Where events go that tell of nothing of ours.
        clock: Tells the time.
        handlers: Who takes further events, by their names. An event without one is a stray.
    """

    secrets: Secrets
    app_id: str
    deliveries: Deliveries
    references: References
    strays: Strays
    clock: Clock
    handlers: Mapping[str, Handler] = field(default_factory=dict)

    def receive(self, signature: str, server: str, body: bytes) -> int:
        """Keep an event, and settle the delivery that it tells of; returns how many were read.

        Whatever is signed is stored: Zalo ends the subscription of an app that does not answer.

        Args:
            signature: The header ``X-ZEvent-Signature``.
            server: The header ``X-ZEvent-Server``.
            body: The raw body.

        Raises:
            Unauthorized: The signature is not valid.
            Unavailable: The table or a secret cannot be reached; Zalo sends it again.
        """
        event = zalo.read(body) if len(body) <= zalo.MOST_BYTES else None
        if event is None or not self._is_signed(signature, event, body):
            raise Unauthorized(REFUSAL)
        now = self.clock()
        if len(body) > _MOST_BYTES:
            self._keep_stray(event, body, "oversized", now)
            return 0
        arrival = zalo.arrival_of(event, server)
        if arrival is not None:
            self._arrived(arrival, event, body, now)
        elif (handler := self.handlers.get(event.name)) is not None:
            if (why := handler(event, now)) is not None:
                self._keep_stray(event, body, why, now)
        else:
            self._keep_stray(event, body, "other_event", now)
        return 1

    def _is_signed(self, signature: str, event: zalo.Event, body: bytes) -> bool:
        fits = partial(zalo.is_signed, signature, event, body, self.app_id)
        return self.secrets.admit(_SECRET, _KEY, fits)

    def _arrived(
        self, arrival: zalo.Arrival, event: zalo.Event, body: bytes, now: datetime
    ) -> None:
        ours = arrival.tracking_id if OUR_ID.fullmatch(arrival.tracking_id or "") else None
        logger().info("zalo event", event=event.name, ref=arrival.msg_id, delivery=ours)
        if arrival.tracking_id is not None and ours is None:
            # Another program sends over the same OA, and calls its messages otherwise.
            self._keep_stray(event, body, "other_sender", now)
        elif arrival.msg_id is not None:
            cdr = Cdr(
                at=to_text(now),
                outcome=Status.DELIVERED,
                reason=ARRIVED,
                digest=_told(arrival),
                raw=redact(body),
                delivery_id=ours,
            )
            reference = self.references.add_cdr(PROVIDER, arrival.msg_id, cdr, now)
            settle(self.deliveries, reference, now)
        elif not self._tell(ours or "", now):
            self._keep_stray(event, body, "no_reference", now)

    def _tell(self, delivery_id: str, now: datetime) -> bool:
        """Tell a delivery that its message has arrived, where only its own id is known."""
        fact = Fact(to_text(now), Status.DELIVERED, ARRIVED, Source.CDR)
        assumed = State(version=2, status=Status.ACCEPTED, replied=True, lines=2)
        return self.deliveries.learn(delivery_id, [fact], assumed, to_text(now)) is not None

    def _keep_stray(self, event: zalo.Event, body: bytes, why: str, now: datetime) -> None:
        logger().info("zalo event kept", event=event.name, why=why, bytes=len(body))
        self.strays.add(PROVIDER, event.digest, redact(body), why, now)


def _told(arrival: zalo.Arrival) -> str:
    """What tells a repetition: Zalo repeats an event with another ``num_retry`` and time."""
    said = f"{arrival.msg_id}\n{arrival.tracking_id}"
    return hashlib.sha256(said.encode()).hexdigest()

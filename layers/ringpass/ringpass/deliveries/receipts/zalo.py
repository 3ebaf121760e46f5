"""Receives Zalo's webhook: stores arrivals as delivery receipts, and settles deliveries."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import ClassVar, Final

from ringpass.clock import to_text
from ringpass.deliveries.correlations_store import CorrelationRepository, DeliveryReceipt
from ringpass.deliveries.model import OUR_ID, DeliverySnapshot, Fact, Source
from ringpass.deliveries.receipts.settlement import settle
from ringpass.deliveries.receipts.unmatched_receipts_store import UnmatchedReceiptRepository
from ringpass.deliveries.receipts.webhook_receiver import WebhookReceiver
from ringpass.deliveries.store import DeliveryRepository
from ringpass.errors import Unauthorized
from ringpass.http import webhook_auth
from ringpass.observability import logger
from ringpass.outcomes import Status
from ringpass.providers.webhook_documents import plain_name
from ringpass.providers.zalo import webhook
from ringpass.providers.zalo.facts import ZALO
from ringpass.redaction import outline

ARRIVED: Final = "arrived"
"""Why a delivery is delivered; the same for webhook and poller, so it is one fact."""

_CLEAR_NAMES: Final = frozenset({plain_name("event_name")})
# Neither errors nor dead letters: events of others (with texts of people), and old copies.
_UNMATCHED_REASONS: Final = frozenset(
    {"other_event", "other_sender", "other_oa", "no_call_desk", webhook.TOO_OLD, webhook.TOO_NEW}
)

type Handler = Callable[[webhook.ZaloEvent, datetime], str | None]
"""Stores an event; returns None, or why it is not ours. Idempotent: Zalo repeats events."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ZaloWebhookReceiver(WebhookReceiver[webhook.ZaloEvent]):
    """Receives Zalo's events.

    Attributes:
        app_id: The app at Zalo whose events are accepted; empty: none are.
        deliveries: The table's deliveries.
        correlations: The table's correlations.
        unmatched_receipts: Events that are not ours.
        handlers: Handlers of further events, by name. An event without one is not ours.
    """

    provider: ClassVar[str] = ZALO.name
    app_id: str
    deliveries: DeliveryRepository
    correlations: CorrelationRepository
    unmatched_receipts: UnmatchedReceiptRepository
    handlers: Mapping[str, Handler] = field(default_factory=dict)

    def receive(self, signature: str, server: str, body: bytes) -> int:
        """Store an event, and settle its delivery; returns how many events were read.

        Whatever is signed is stored: Zalo ends the subscription of an app that does not answer.
        An event about the OA is handled only if it was sent lately: else it is a copy.

        Args:
            signature: The header ``X-ZEvent-Signature``.
            server: The header ``X-ZEvent-Server``.
            body: The raw body.

        Raises:
            Unauthorized: The signature is not valid.
            Unavailable: The table or a secret cannot be reached; Zalo sends it again.
        """
        event = webhook.parse(body)
        if event is None:
            raise Unauthorized(webhook_auth.BAD_SIGNATURE)
        is_signed = partial(webhook.is_signed, signature, event, body, self.app_id)
        self._check_signature("zalo", "oa_secret_key", is_signed)
        return self._process(body, server)

    def read(self, body: bytes, server: str) -> Sequence[webhook.ZaloEvent]:
        """Returns the event in a signed body."""
        event = webhook.parse(body, len(body))
        return [replace(event, server=server)] if event is not None and event.is_read else []

    def handle(self, event: webhook.ZaloEvent, received_at: datetime, now: datetime) -> str | None:
        """Store an event, and settle its delivery; returns why it could not be used, if so."""
        arrival = webhook.arrival_of(event, event.server)
        if arrival is not None:
            # However late: a repeated fact changes nothing in a delivery.
            reason = self._handle_arrival(arrival, event, received_at, now)
        elif (handler := self.handlers.get(event.name)) is None:
            reason = "other_event"
        elif (out_of_time := webhook.untimely_reason(event, received_at)) is not None:
            reason = out_of_time
        else:
            reason = handler(event, received_at)
        if reason not in _UNMATCHED_REASONS:
            return reason
        logger().info("zalo event kept", event=event.name, why=reason)
        text = outline(event.fields, _CLEAR_NAMES, plain_name)
        self.unmatched_receipts.add(self.provider, event.digest, text, reason or "", now)
        return None

    def _handle_arrival(
        self,
        arrival: webhook.Arrival,
        event: webhook.ZaloEvent,
        received_at: datetime,
        now: datetime,
    ) -> str | None:
        delivery_id = arrival.tracking_id if OUR_ID.fullmatch(arrival.tracking_id or "") else None
        logger().info("zalo event", event=event.name, ref=arrival.msg_id, delivery=delivery_id)
        if arrival.tracking_id is not None and delivery_id is None:
            # Another program sends over the same OA, with other ids.
            return "other_sender"
        if arrival.msg_id is None:
            return (
                None if self._apply_arrival(delivery_id or "", received_at, now) else "no_reference"
            )
        receipt = DeliveryReceipt(
            at=to_text(received_at),
            outcome=Status.DELIVERED,
            reason=ARRIVED,
            digest=_arrival_digest(arrival),
            raw=outline(event.fields, _CLEAR_NAMES, plain_name),
            delivery_id=delivery_id,
        )
        correlation = self.correlations.add_receipt(self.provider, arrival.msg_id, receipt, now)
        settle(self.deliveries, correlation, now)
        return None

    def _apply_arrival(self, delivery_id: str, received_at: datetime, now: datetime) -> bool:
        """Apply an arrival to a delivery, where only the delivery's own id is known."""
        fact = Fact(to_text(received_at), Status.DELIVERED, ARRIVED, Source.RECEIPT)
        snapshot = DeliverySnapshot(version=2, status=Status.ACCEPTED, has_reply=True, lines=2)
        return self.deliveries.apply(delivery_id, [fact], snapshot, to_text(now)) is not None


def _arrival_digest(arrival: webhook.Arrival) -> str:
    """Identifies a repetition: Zalo repeats an event with another ``num_retry`` and time."""
    text = f"{arrival.msg_id}\n{arrival.tracking_id}"
    return hashlib.sha256(text.encode()).hexdigest()


def store_simulated_arrival(
    deliveries: DeliveryRepository,
    correlations: CorrelationRepository,
    payload: Mapping[str, str],
    now: datetime,
) -> None:
    """Store a simulated arrival and settle its delivery, as the receiver does."""
    receipt = DeliveryReceipt(
        at=to_text(now),
        outcome=Status.DELIVERED,
        reason=ARRIVED,
        digest=hashlib.sha256(payload["ref"].encode()).hexdigest(),
        raw="{}",
        delivery_id=payload["delivery_id"],
    )
    settle(deliveries, correlations.add_receipt(ZALO.name, payload["ref"], receipt, now), now)

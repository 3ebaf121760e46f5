"""Receives a voice gateway's webhook: stores call results as receipts, and settles deliveries."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import ClassVar

from ringpass.clock import to_text
from ringpass.deliveries.correlations_store import CorrelationRepository, DeliveryReceipt
from ringpass.deliveries.receipts.settlement import settle
from ringpass.deliveries.receipts.webhook_receiver import WebhookReceiver
from ringpass.deliveries.store import DeliveryRepository
from ringpass.errors import Unauthorized
from ringpass.http import webhook_auth
from ringpass.observability import logger
from ringpass.outcomes import Status
from ringpass.providers.voice_gateway import webhook
from ringpass.providers.voice_gateway.facts import VOICE_GATEWAY


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceGatewayWebhookReceiver(WebhookReceiver[webhook.CallResult]):
    """Receives a voice gateway's call results.

    Attributes:
        is_set_up: Whether the stack has a gateway; if not, there is no secret either.
        deliveries: The table's deliveries.
        correlations: The table's correlations.
    """

    provider: ClassVar[str] = VOICE_GATEWAY.name
    is_set_up: bool
    deliveries: DeliveryRepository
    correlations: CorrelationRepository

    def receive(self, headers: Mapping[str, str], body: bytes) -> int:
        """Store a call result, and settle its delivery; returns how many events were read.

        Args:
            headers: The request's headers, names in lower case.
            body: The raw body.

        Raises:
            Unauthorized: The signature is not valid, or it is too old.
            Unavailable: The table or a secret cannot be reached; the gateway tries again.
        """
        if not self.is_set_up:
            raise Unauthorized(webhook_auth.BAD_SIGNATURE)
        is_signed = partial(webhook.is_signed, body, headers)
        self._check_signature("voice_gateway_webhook", "secret", is_signed)
        return self._process(body)

    def read(self, body: bytes, _server: str) -> Sequence[webhook.CallResult]:
        """Returns the event in a body."""
        return webhook.parse(body)

    def handle(self, event: webhook.CallResult, received_at: datetime, now: datetime) -> str | None:
        """Store a call result, and settle its delivery; returns why it could not be used, if so."""
        logger().info(
            "voice gateway result",
            ref=event.call_id,
            delivery=event.delivery_id,
            outcome=event.outcome,
            reason=event.reason,
        )
        if event.type != webhook.CALL_ENDED:
            return "other_event"
        if event.call_id is None:
            return "no_reference"
        receipt = DeliveryReceipt(
            at=to_text(received_at),
            outcome=event.outcome,
            reason=event.reason,
            digest=event.digest,
            raw=event.raw,
            delivery_id=event.delivery_id,
        )
        correlation = self.correlations.add_receipt(self.provider, event.call_id, receipt, now)
        if event.delivery_id not in (None, correlation.owner):
            # A gateway that counts its calls may begin anew after a restart.
            logger().warning(
                "call id of another delivery", ref=event.call_id, owner=correlation.owner
            )
            correlation = self.correlations.add_receipt(
                self.provider, event.delivery_id, receipt, now
            )
        settle(self.deliveries, correlation, now)
        return webhook.NO_CAUSE if event.reason == webhook.NO_CAUSE else None


def store_simulated_call(
    deliveries: DeliveryRepository,
    correlations: CorrelationRepository,
    payload: Mapping[str, str],
    now: datetime,
) -> None:
    """Store a simulated call result and settle its delivery, as the receiver does."""
    receipt = DeliveryReceipt(
        at=to_text(now),
        outcome=Status(payload["outcome"]),
        reason=payload["reason"],
        digest=hashlib.sha256(payload["ref"].encode()).hexdigest(),
        raw="{}",
        delivery_id=payload["delivery_id"],
    )
    correlation = correlations.add_receipt(VOICE_GATEWAY.name, payload["ref"], receipt, now)
    settle(deliveries, correlation, now)

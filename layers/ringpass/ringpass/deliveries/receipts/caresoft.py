"""Receives CareSoft's webhook: stores ticket events as delivery receipts, and settles deliveries.

ticket made for a message   the reply named the ticket, so its events belong to that delivery
ticket of the caller        it may hold several messages: an event belongs to the open delivery that
                            went to its number, into this ticket, a short time before; if there are
                            two of them, to neither
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import ClassVar

from ringpass.deliveries.correlations_store import CorrelationRepository
from ringpass.deliveries.receipts.settlement import settle, to_receipt
from ringpass.deliveries.receipts.unmatched_receipts_store import UnmatchedReceiptRepository
from ringpass.deliveries.receipts.webhook_receiver import WebhookReceiver
from ringpass.deliveries.store import DeliveryRepository
from ringpass.errors import Unauthorized
from ringpass.http import webhook_auth
from ringpass.observability import logger
from ringpass.outcomes import NO_STATUS
from ringpass.providers.caresoft import webhook
from ringpass.providers.caresoft.facts import CARESOFT


@dataclass(frozen=True, slots=True, kw_only=True)
class CaresoftWebhookReceiver(WebhookReceiver[webhook.TicketEvent]):
    """Receives CareSoft's events.

    Attributes:
        deliveries: The table's deliveries.
        correlations: The table's correlations.
        unmatched_receipts: Events that need no work.
    """

    provider: ClassVar[str] = CARESOFT.name
    deliveries: DeliveryRepository
    correlations: CorrelationRepository
    unmatched_receipts: UnmatchedReceiptRepository

    def receive(self, signature: str, body: bytes) -> int:
        """Store every event of a body, and settle their deliveries; returns their number.

        Whatever is signed is stored: it is not known whether CareSoft sends an event again, or how
        many refusals it accepts.

        Raises:
            Unauthorized: The signature does not match this body under any valid secret.
            Unavailable: The table or a secret cannot be reached.
        """
        if not signature:
            raise Unauthorized(webhook_auth.BAD_SIGNATURE)
        is_signed = partial(webhook.is_signed, body, signature)
        self._check_signature("caresoft_webhook", "secret", is_signed)
        return self._process(body)

    def read(self, body: bytes, _server: str) -> Sequence[webhook.TicketEvent]:
        """Returns the events in a body."""
        return webhook.parse(body)

    def handle(
        self, event: webhook.TicketEvent, received_at: datetime, now: datetime
    ) -> str | None:
        """Store an event, and settle its delivery; returns why it could not be used, if so."""
        logger().info(
            "ticket event",
            ref=event.ticket,
            ours=event.is_zns,
            outcome=event.outcome,
            reason=event.reason,
        )
        if not event.is_zns:
            # The webhook is registered for it, but it needs no work: only that it came is stored.
            self.unmatched_receipts.add(self.provider, event.digest, event.raw, "other_event", now)
            return None
        if event.ticket is None:
            return "no_ticket"
        receipt = to_receipt(event, self.secrets, received_at)
        correlation = self.correlations.add_receipt(self.provider, event.ticket, receipt, now)
        # Receipts of a shared ticket are matched by the worker, which the stream triggers.
        if not correlation.is_shared and event.reason != NO_STATUS:
            settle(self.deliveries, correlation, now)
        return None

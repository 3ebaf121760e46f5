"""What CareSoft tells of tickets: received and kept, and joined with the message that it is about.

made for a message    the reply named the ticket, so its events are that delivery's
given by the caller   several messages may be in it: an event is the one's that went to its
                      number, into this ticket, a short time before, and of which nothing is
                      known yet; if there are two of them, neither's
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import ClassVar, Final

from ringpass.aws.secrets import Secrets
from ringpass.clock import Clock
from ringpass.deliveries.receipts.settlement import cdr_of, settle
from ringpass.deliveries.receipts.strays_store import UnmatchedReceiptRepository
from ringpass.deliveries.receipts.unmatched_payloads_store import UnmatchedPayloadRepository
from ringpass.deliveries.receipts.webhook_receiver import WebhookReceiver
from ringpass.deliveries.references_store import CorrelationRepository
from ringpass.deliveries.store import DeliveryRepository
from ringpass.errors import Unauthorized
from ringpass.observability import logger
from ringpass.outcomes import NO_STATUS
from ringpass.providers.caresoft import webhook

_REFUSAL: Final = "The webhook's signature is not valid."


@dataclass(frozen=True, slots=True)
class CaresoftWebhookReceiver:
    """Receives CareSoft's events.

    Attributes:
        secrets: The stack's secrets.
        deliveries: The table's deliveries.
        references: The table's references.
        payloads: Where bodies are kept that could not be read or used.
        strays: Where it is noted that there were events of no use here.
        clock: Tells the time.
    """

    provider: ClassVar[str] = "caresoft"
    secrets: Secrets
    deliveries: DeliveryRepository
    references: CorrelationRepository
    payloads: UnmatchedPayloadRepository
    strays: UnmatchedReceiptRepository
    clock: Clock

    def receive(self, signature: str, body: bytes) -> int:
        """Keep every event of a body and settle what it settles; returns their number.

        Whatever is signed is stored: nobody knows whether CareSoft sends an event again, or how
        long it bears refusals.

        Raises:
            Unauthorized: The signature is none of this body, under any valid secret.
            Unavailable: The table or a secret cannot be reached.
        """
        if not self._is_signed(body, signature):
            raise Unauthorized(_REFUSAL)
        return self.receiver.receive(body)

    @property
    def receiver(self) -> WebhookReceiver[webhook.TicketEvent]:
        """Takes what is signed, and what is replayed."""
        return WebhookReceiver(self, self.payloads, self.clock)

    def _is_signed(self, body: bytes, signature: str) -> bool:
        fits = partial(webhook.is_signed, body, signature)
        return bool(signature) and self.secrets.accepts("caresoft_webhook", "secret", fits)

    def read(self, body: bytes, _server: str) -> Sequence[webhook.TicketEvent]:
        """The events in a body."""
        return webhook.parse(body)

    def take(self, event: webhook.TicketEvent, came: datetime, now: datetime) -> str | None:
        """Keep an event and settle what it settles; why it could not be used, if so."""
        logger().info(
            "ticket event",
            ref=event.ticket,
            ours=event.is_zns,
            outcome=event.outcome,
            reason=event.reason,
        )
        if not event.is_zns:
            # It was registered for, but is of no use here: that it came is kept.
            self.strays.add(self.provider, event.digest, event.raw, "other_event", now)
            return None
        if event.ticket is None:
            return "no_ticket"
        cdr = cdr_of(event, self.secrets, came)
        reference = self.references.add_cdr(self.provider, event.ticket, cdr, now)
        # What is told of a shared ticket is joined by who is told of the write.
        if not reference.shared and event.reason != NO_STATUS:
            settle(self.deliveries, reference, now)
        return None

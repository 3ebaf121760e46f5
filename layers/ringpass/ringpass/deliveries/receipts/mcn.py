"""CDRs: received and kept, settled with their delivery, joined late where the reply never came."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import ClassVar

from ringpass.aws.secrets import Secrets
from ringpass.clock import Clock
from ringpass.deliveries.receipts.late_matching import MatchResult
from ringpass.deliveries.receipts.settlement import cdr_of, settle
from ringpass.deliveries.receipts.unmatched_payloads_store import UnmatchedPayloadRepository
from ringpass.deliveries.receipts.webhook_receiver import WebhookReceiver
from ringpass.deliveries.references_store import CorrelationRepository
from ringpass.deliveries.store import DeliveryRepository
from ringpass.errors import Unauthorized
from ringpass.http import webhook_auth
from ringpass.observability import logger
from ringpass.providers.mcn import webhook


@dataclass(frozen=True, slots=True)
class McnWebhookReceiver:
    """Receives MCN's webhook deliveries.

    Attributes:
        secrets: The stack's secrets.
        deliveries: The table's deliveries.
        references: The table's references.
        payloads: Where bodies are kept that could not be read or used.
        called_field: Name of the variable that carries the called number.
        clock: Tells the time.
    """

    provider: ClassVar[str] = "mcn"
    secrets: Secrets
    deliveries: DeliveryRepository
    references: CorrelationRepository
    payloads: UnmatchedPayloadRepository
    called_field: str
    clock: Clock

    def receive(self, token: str, body: bytes, query: str) -> int:
        """Keep every CDR of a webhook delivery and settle what it settles; returns their number.

        Whatever comes with a valid token is stored: MCN switches off hooks that refuse.

        Raises:
            Unauthorized: The token is not valid.
            Unavailable: The table or a secret cannot be reached; MCN tries again.
        """
        if not self.secrets.accepts("mcn_webhook", "token", partial(webhook_auth.is_valid, token)):
            raise Unauthorized(webhook_auth.REFUSAL)
        # What a GET carries is read like a form.
        return self.receiver.receive(body if body.strip() else query.encode(errors="replace"))

    @property
    def receiver(self) -> WebhookReceiver[webhook.CdrEvent]:
        """Takes what came with a valid token, and what is replayed."""
        return WebhookReceiver(self, self.payloads, self.clock)

    def read(self, body: bytes, _server: str) -> Sequence[webhook.CdrEvent]:
        """The CDRs in a body."""
        return webhook.parse(body, "", self.called_field)

    def take(self, event: webhook.CdrEvent, came: datetime, now: datetime) -> str | None:
        """Keep a CDR and settle its delivery; why it could not be used, if so."""
        logger().info("cdr", ref=event.ref, outcome=event.outcome, reason=event.reason)
        if event.ref is None:
            return "no_reference"
        cdr = cdr_of(event, self.secrets, came)
        reference = self.references.add_cdr(self.provider, event.ref, cdr, now)
        settle(self.deliveries, reference, now)
        if event.reason == webhook.NO_CAUSE:
            return webhook.NO_CAUSE
        # Only the called number could tell whose call it is, unless its reply comes yet.
        return None if reference.delivery_id or event.called else MatchResult.NO_CALLED_NUMBER

"""Receives MCN's webhook: stores CDRs as delivery receipts, and settles their deliveries."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from ringpass.clock import to_text
from ringpass.deliveries.correlations_store import CorrelationRepository, DeliveryReceipt
from ringpass.deliveries.receipts.late_matcher import MatchResult
from ringpass.deliveries.receipts.settlement import settle, to_receipt
from ringpass.deliveries.receipts.webhook_receiver import WebhookReceiver
from ringpass.deliveries.store import DeliveryRepository
from ringpass.observability import logger
from ringpass.providers.mcn import webhook
from ringpass.providers.mcn.facts import MCN
from ringpass.providers.mcn.q931 import NO_CAUSE, outcome_of


@dataclass(frozen=True, slots=True, kw_only=True)
class McnWebhookReceiver(WebhookReceiver[webhook.CdrEvent]):
    """Receives MCN's CDRs.

    Attributes:
        deliveries: The table's deliveries.
        correlations: The table's correlations.
        called_field: Name of the variable that carries the called number.
    """

    provider: ClassVar[str] = MCN.name
    deliveries: DeliveryRepository
    correlations: CorrelationRepository
    called_field: str

    def receive(self, token: str, body: bytes, query: str) -> int:
        """Store every CDR of a payload, and settle their deliveries; returns their number.

        Whatever comes with a valid token is stored: MCN switches off hooks that refuse.

        Raises:
            Unauthorized: The token is not valid.
            Unavailable: The table or a secret cannot be reached; MCN tries again.
        """
        self._check_token("mcn_webhook", token)
        # What a GET carries is read like a form.
        return self._process(body if body.strip() else query.encode(errors="replace"))

    def read(self, body: bytes, _server: str) -> Sequence[webhook.CdrEvent]:
        """Returns the CDRs in a body."""
        return webhook.parse(body, "", self.called_field)

    def handle(self, event: webhook.CdrEvent, received_at: datetime, now: datetime) -> str | None:
        """Store a CDR, and settle its delivery; returns why it could not be used, if so."""
        logger().info("cdr", ref=event.ref, outcome=event.outcome, reason=event.reason)
        if event.ref is None:
            return "no_reference"
        receipt = to_receipt(event, self.secrets, received_at)
        correlation = self.correlations.add_receipt(self.provider, event.ref, receipt, now)
        settle(self.deliveries, correlation, now)
        if event.reason == NO_CAUSE:
            return NO_CAUSE
        # Only the called number could identify the delivery, unless its reply still comes.
        return None if correlation.delivery_id or event.called else MatchResult.NO_CALLED_NUMBER


def store_simulated_cdr(
    deliveries: DeliveryRepository,
    correlations: CorrelationRepository,
    payload: Mapping[str, str],
    now: datetime,
) -> None:
    """Store a simulated CDR and settle its delivery, as the receiver does."""
    outcome, reason = outcome_of(payload["q931_status"], payload["final_status"])
    cdr = DeliveryReceipt(
        at=to_text(now),
        outcome=outcome,
        reason=reason,
        digest=hashlib.sha256(json.dumps(dict(payload), sort_keys=True).encode()).hexdigest(),
        raw="{}",
        callee_keys=(payload["callee_key"],),
    )
    settle(deliveries, correlations.add_receipt(MCN.name, payload["ref"], cdr, now), now)

"""Receives Bizfly's call-result webhook: the token first, then everything is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import ClassVar, Final

from ringpass.aws.secrets import Secrets
from ringpass.clock import Clock
from ringpass.deliveries.call_reports import CallReport, ReportSource
from ringpass.deliveries.receipts.call_results import CallResults
from ringpass.deliveries.receipts.strays_store import UnmatchedReceiptRepository
from ringpass.deliveries.receipts.unmatched_payloads_store import UnmatchedPayloadRepository
from ringpass.deliveries.receipts.webhook_receiver import WebhookReceiver
from ringpass.errors import Unauthorized
from ringpass.http import webhook_auth
from ringpass.ids import phone_key
from ringpass.observability import logger
from ringpass.outcomes import Status
from ringpass.providers.bizfly import webhook

_SECRET: Final = "bizfly_webhook"  # noqa: S105 - a name
# Forty rows stand in one item, which may have 400 KB; a row of the log has some 300 characters.
_KEPT_CHARACTERS: Final = 2_000


@dataclass(frozen=True, slots=True)
class BizflyWebhookReceiver:
    """Receives deliveries of Bizfly's webhook.

    Attributes:
        secrets: The stack's secrets.
        results: Settles deliveries.
        payloads: Where bodies are kept that could not be read or used.
        strays: Where it is noted that somebody called the switchboard.
        states: The stack's own words for what became of a call.
        clock: Tells the time.
    """

    provider: ClassVar[str] = "bizfly"
    secrets: Secrets
    results: CallResults
    payloads: UnmatchedPayloadRepository
    strays: UnmatchedReceiptRepository
    states: Mapping[str, Status]
    clock: Clock

    def receive(self, token: str, body: bytes) -> int:
        """Keep every call that a delivery tells of, and settle what it settles; returns how many.

        Whatever comes with a valid token is stored: how Bizfly treats a hook that refuses is not
        known.

        Args:
            token: The ``Authorization`` header: the token that the webhook was registered with, as
                it is. It is a shared secret, not a signature.
            body: The raw body.

        Raises:
            Unauthorized: The token is not valid.
            Unavailable: The table or a secret cannot be reached.
        """
        if not self.secrets.accepts(_SECRET, "token", partial(webhook_auth.is_valid, token)):
            raise Unauthorized(webhook_auth.REFUSAL)
        return self.receiver.receive(body)

    @property
    def receiver(self) -> WebhookReceiver[webhook.CallEvent]:
        """Takes what came with a valid token, and what is replayed."""
        return WebhookReceiver(self, self.payloads, self.clock)

    def read(self, body: bytes, _server: str) -> Sequence[webhook.CallEvent]:
        """The calls in a body."""
        return webhook.parse(body, self.states)

    def take(self, event: webhook.CallEvent, came: datetime, now: datetime) -> str | None:
        """Keep a call and settle what it settles; why it could not be used, if so."""
        logger().info("call result", outcome=event.outcome, reason=event.reason)
        if event.inbound:
            # The switchboard's daily work: that somebody called is kept, and nobody is alarmed.
            self.strays.add(self.provider, event.key, event.raw, "inbound", now)
            return None
        if event.callee is None:
            return "no_callee"
        key = phone_key(self.secrets.value("lookup", "key"), event.callee)
        self.results.take(self.provider, key, [row_of(event, ReportSource.WEBHOOK, came)], now)
        return None


def row_of(event: webhook.CallEvent, witness: ReportSource, came: datetime) -> CallReport:
    """A call that Bizfly told of at an instant, as a row."""
    return CallReport(
        witness=witness,
        key=event.key,
        came_at=came,
        started_at=event.started_at,
        outcome=event.outcome,
        reason=event.reason,
        request_id=event.request_id,
        raw=event.raw[:_KEPT_CHARACTERS],
    )

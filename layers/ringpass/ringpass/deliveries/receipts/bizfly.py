"""Receives Bizfly's webhook: stores call results as call reports, and settles deliveries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final

from ringpass.deliveries.call_reports import CallReport, ReportSource
from ringpass.deliveries.receipts.call_results import CallResults
from ringpass.deliveries.receipts.unmatched_receipts_store import UnmatchedReceiptRepository
from ringpass.deliveries.receipts.webhook_receiver import WebhookReceiver
from ringpass.ids import phone_key
from ringpass.observability import logger
from ringpass.outcomes import Status
from ringpass.providers.bizfly import webhook
from ringpass.providers.bizfly.call_states import outcome_of
from ringpass.providers.bizfly.facts import BIZFLY

# An item holds forty reports and may have 400 KB; a row of the log has some 300 characters.
_MAX_RAW_CHARACTERS: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class BizflyWebhookReceiver(WebhookReceiver[webhook.BizflyCallEvent]):
    """Receives Bizfly's call results.

    Attributes:
        results: Settles deliveries.
        unmatched_receipts: Inbound calls to the switchboard.
        states: The stack's own mapping of Bizfly's call states.
    """

    provider: ClassVar[str] = BIZFLY.name
    results: CallResults
    unmatched_receipts: UnmatchedReceiptRepository
    states: Mapping[str, Status]

    def receive(self, token: str, body: bytes) -> int:
        """Store every call of a payload, and settle their deliveries; returns their number.

        Whatever comes with a valid token is stored: it is not known how Bizfly treats a hook that
        refuses.

        Args:
            token: The ``Authorization`` header: the token that the webhook was registered with, as
                it is. It is a shared secret, not a signature.
            body: The raw body.

        Raises:
            Unauthorized: The token is not valid.
            Unavailable: The table or a secret cannot be reached.
        """
        self._check_token("bizfly_webhook", token)
        return self._process(body)

    def read(self, body: bytes, _server: str) -> Sequence[webhook.BizflyCallEvent]:
        """Returns the calls in a body."""
        return webhook.parse(body, self.states)

    def handle(
        self, event: webhook.BizflyCallEvent, received_at: datetime, now: datetime
    ) -> str | None:
        """Store a call, and settle its delivery; returns why it could not be used, if so."""
        logger().info("call result", outcome=event.outcome, reason=event.reason)
        if event.inbound:
            # The switchboard's daily work: only that it came is stored, without an alarm.
            self.unmatched_receipts.add(self.provider, event.key, event.raw, "inbound", now)
            return None
        if event.callee is None:
            return "no_callee"
        key = phone_key(self.secrets.value("lookup", "key"), event.callee)
        self.results.apply(
            self.provider, key, [to_report(event, ReportSource.WEBHOOK, received_at)], now
        )
        return None


def to_report(
    event: webhook.BizflyCallEvent, source: ReportSource, received_at: datetime
) -> CallReport:
    """Make the call report of a call event."""
    return CallReport(
        source=source,
        key=event.key,
        received_at=received_at,
        started_at=event.started_at,
        outcome=event.outcome,
        reason=event.reason,
        request_id=event.request_id,
        raw=event.raw[:_MAX_RAW_CHARACTERS],
    )


def store_simulated_result(results: CallResults, payload: Mapping[str, str], now: datetime) -> None:
    """Store a simulated call result and settle its delivery, as the receiver does.

    The result names its delivery: tests that run in parallel may use the same number.
    """
    outcome, reason = outcome_of(payload["state"], {})
    report = CallReport(
        source=ReportSource.WEBHOOK,
        key=f"id:{payload['delivery_id']}",
        received_at=now,
        started_at=None,
        outcome=outcome,
        reason=reason,
        request_id=payload["delivery_id"],
    )
    results.apply(BIZFLY.name, payload["callee_key"], [report], now)

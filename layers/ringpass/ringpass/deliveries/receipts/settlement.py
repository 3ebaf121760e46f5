"""Settles deliveries by their delivery receipts."""

from datetime import datetime
from typing import Protocol

from ringpass.aws.secrets import Secrets
from ringpass.clock import to_text
from ringpass.deliveries.correlations_store import Correlation, DeliveryReceipt
from ringpass.deliveries.model import Delivery, accepted_snapshot
from ringpass.deliveries.store import DeliveryRepository
from ringpass.ids import phone_key
from ringpass.outcomes import Status


class ReceiptEvent(Protocol):
    """A provider's event that is a receipt; ``providers.mcn.webhook.CdrEvent`` is one."""

    @property
    def outcome(self) -> Status:
        """What became of the call or the message."""

    @property
    def reason(self) -> str:
        """Why, as a word."""

    @property
    def digest(self) -> str:
        """Identifies a repetition (idempotency)."""

    @property
    def raw(self) -> str:
        """Its redacted text."""

    @property
    def called(self) -> tuple[str, ...]:
        """The numbers, E.164, that it may be about."""


def to_receipt(event: ReceiptEvent, secrets: Secrets, received_at: datetime) -> DeliveryReceipt:
    """Make the delivery receipt of an event: numbers only as look-up keys.

    Raises:
        Unavailable: The secret of the look-up keys cannot be read.
    """
    callee_keys: tuple[str, ...] = ()
    if event.called:
        lookup_key = secrets.value("lookup", "key")
        callee_keys = tuple(phone_key(lookup_key, number) for number in event.called)
    return DeliveryReceipt(
        at=to_text(received_at),
        outcome=event.outcome,
        reason=event.reason,
        digest=event.digest,
        raw=event.raw,
        callee_keys=callee_keys,
    )


def settle(
    deliveries: DeliveryRepository, correlation: Correlation, now: datetime
) -> Delivery | None:
    """Apply a correlation's facts to its delivery; None if the call has no delivery yet.

    Idempotent: the webhook, the worker and a repeated receipt may all do it. The delivery is
    expected as a receipt usually finds it.
    """
    if correlation.delivery_id is None:
        return None
    snapshot = accepted_snapshot(correlation.ref)
    return deliveries.apply(correlation.delivery_id, correlation.facts, snapshot, to_text(now))

"""Settles a delivery by its receipts."""

from datetime import datetime
from typing import Protocol

from ringpass.aws.dynamodb import Item
from ringpass.aws.secrets import Secrets
from ringpass.clock import to_text
from ringpass.deliveries.model import Delivery, DeliverySnapshot, accepted_once
from ringpass.deliveries.references_store import Correlation, DeliveryReceipt
from ringpass.deliveries.store import DeliveryRepository
from ringpass.ids import phone_key
from ringpass.outcomes import Status


class Told(Protocol):
    """What an event of a provider's tells; ``webhooks.mcn.CdrEvent`` is one."""

    @property
    def outcome(self) -> Status:
        """What became of the call or the message."""

    @property
    def reason(self) -> str:
        """Why, as a word."""

    @property
    def digest(self) -> str:
        """What tells a repetition."""

    @property
    def raw(self) -> str:
        """Its redacted text."""

    @property
    def called(self) -> tuple[str, ...]:
        """The numbers, E.164, that it may be about."""


def cdr_of(told: Told, secrets: Secrets, came: datetime) -> DeliveryReceipt:
    """What an event told at an instant, as the table keeps it: numbers only as look-up keys.

    Raises:
        Unavailable: The secret of the look-up keys cannot be read.
    """
    callees: tuple[str, ...] = ()
    if told.called:
        lookup_key = secrets.value("lookup", "key")
        callees = tuple(phone_key(lookup_key, called) for called in told.called)
    return DeliveryReceipt(
        at=to_text(came),
        outcome=told.outcome,
        reason=told.reason,
        digest=told.digest,
        raw=told.raw,
        callee_keys=callees,
    )


def settle(
    deliveries: DeliveryRepository,
    reference: Correlation,
    now: datetime,
    assumed: DeliverySnapshot | None = None,
    waits: Item | None = None,
) -> Delivery | None:
    """Tell a delivery all that is known of its call; None if the call has no delivery yet.

    Idempotent: the webhook, the stream and a repeated CDR may all do it. Without ``assumed`` the
    delivery is thought to be as a CDR usually finds it; ``waits`` says where it waits to be asked
    about if only its reply is known.
    """
    if reference.delivery_id is None:
        return None
    assumed = assumed or accepted_once(reference.ref)
    return deliveries.learn(reference.delivery_id, reference.facts, assumed, to_text(now), waits)

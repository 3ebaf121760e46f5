"""Receives Zalo's webhook: the signature first, then everything is kept."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import ClassVar, Final

from ringpass.aws.secrets import Secrets
from ringpass.clock import Clock, to_text
from ringpass.deliveries.model import OUR_ID, DeliverySnapshot, Fact, Source
from ringpass.deliveries.receipts.settlement import settle
from ringpass.deliveries.receipts.strays_store import UnmatchedReceiptRepository
from ringpass.deliveries.receipts.unmatched_payloads_store import UnmatchedPayloadRepository
from ringpass.deliveries.receipts.webhook_receiver import WebhookReceiver
from ringpass.deliveries.references_store import CorrelationRepository, DeliveryReceipt
from ringpass.deliveries.store import DeliveryRepository
from ringpass.errors import Unauthorized
from ringpass.observability import logger
from ringpass.outcomes import Status
from ringpass.providers.webhook_documents import plain_name
from ringpass.providers.zalo import webhook
from ringpass.redaction import outline

ARRIVED: Final = "arrived"
"""Why a delivery is delivered, whoever says so: it is one fact."""
REFUSAL: Final = "The webhook's signature is not valid."

_SECRET: Final = "zalo"  # noqa: S105 - a name
_KEY: Final = "oa_secret_key"
_KEPT_NAMES: Final = frozenset({plain_name("event_name")})
# What is no fault, and nothing to be replayed: others' events, people's words among them, and
# copies of old ones.
_NOT_OURS: Final = frozenset(
    {"other_event", "other_sender", "other_oa", "no_call_desk", webhook.TOO_OLD, webhook.TOO_NEW}
)

type Handler = Callable[[webhook.Event, datetime], str | None]
"""Keeps an event, and gives None; or why it is none of ours. Idempotent, as Zalo repeats events."""


@dataclass(frozen=True, slots=True)
class ZaloWebhookReceiver:
    """Receives webhook deliveries.

    Attributes:
        secrets: The stack's secrets.
        app_id: The app at Zalo whose events are taken; empty: none are.
        deliveries: The table's deliveries.
        references: The table's references.
        payloads: Where bodies are kept that could not be read or used.
        strays: Where it is noted that there were events of nothing of ours.
        clock: Tells the time.
        handlers: Who takes further events, by their names. An event without one is a stray.
    """

    provider: ClassVar[str] = "zalo"
    secrets: Secrets
    app_id: str
    deliveries: DeliveryRepository
    references: CorrelationRepository
    payloads: UnmatchedPayloadRepository
    strays: UnmatchedReceiptRepository
    clock: Clock
    handlers: Mapping[str, Handler] = field(default_factory=dict)

    def receive(self, signature: str, server: str, body: bytes) -> int:
        """Keep an event, and settle the delivery that it tells of; returns how many were read.

        Whatever is signed is stored: Zalo ends the subscription of an app that does not answer.
        What is told of the OA is acted on only if it was sent lately: else it is a copy.

        Args:
            signature: The header ``X-ZEvent-Signature``.
            server: The header ``X-ZEvent-Server``.
            body: The raw body.

        Raises:
            Unauthorized: The signature is not valid.
            Unavailable: The table or a secret cannot be reached; Zalo sends it again.
        """
        event = webhook.parse(body)
        if event is None or not self._is_signed(signature, event, body):
            raise Unauthorized(REFUSAL)
        return self.receiver.receive(body, server)

    @property
    def receiver(self) -> WebhookReceiver[webhook.Event]:
        """Takes what is signed, and what is replayed."""
        return WebhookReceiver(self, self.payloads, self.clock)

    def read(self, body: bytes, server: str) -> Sequence[webhook.Event]:
        """The event in a body that was signed."""
        event = webhook.parse(body, len(body))
        return [replace(event, server=server)] if event is not None and event.is_read else []

    def take(self, event: webhook.Event, came: datetime, now: datetime) -> str | None:
        """Keep an event and settle what it settles; why it could not be used, if so."""
        arrival = webhook.arrival_of(event, event.server)
        if arrival is not None:
            # However late: a delivery can only be told once more what it knows.
            why = self._arrived(arrival, event, came, now)
        elif (handler := self.handlers.get(event.name)) is None:
            why = "other_event"
        elif (out_of_time := webhook.untimely_reason(event, came)) is not None:
            why = out_of_time
        else:
            why = handler(event, came)
        if why not in _NOT_OURS:
            return why
        logger().info("zalo event kept", event=event.name, why=why)
        told = outline(event.fields, _KEPT_NAMES, plain_name)
        self.strays.add(self.provider, event.digest, told, why or "", now)
        return None

    def _is_signed(self, signature: str, event: webhook.Event, body: bytes) -> bool:
        fits = partial(webhook.is_signed, signature, event, body, self.app_id)
        return self.secrets.accepts(_SECRET, _KEY, fits)

    def _arrived(
        self, arrival: webhook.Arrival, event: webhook.Event, came: datetime, now: datetime
    ) -> str | None:
        ours = arrival.tracking_id if OUR_ID.fullmatch(arrival.tracking_id or "") else None
        logger().info("zalo event", event=event.name, ref=arrival.msg_id, delivery=ours)
        if arrival.tracking_id is not None and ours is None:
            # Another program sends over the same OA, and calls its messages otherwise.
            return "other_sender"
        if arrival.msg_id is None:
            return None if self._tell(ours or "", came, now) else "no_reference"
        cdr = DeliveryReceipt(
            at=to_text(came),
            outcome=Status.DELIVERED,
            reason=ARRIVED,
            digest=_told(arrival),
            raw=outline(event.fields, _KEPT_NAMES, plain_name),
            delivery_id=ours,
        )
        reference = self.references.add_cdr(self.provider, arrival.msg_id, cdr, now)
        settle(self.deliveries, reference, now)
        return None

    def _tell(self, delivery_id: str, came: datetime, now: datetime) -> bool:
        """Tell a delivery that its message has arrived, where only its own id is known."""
        fact = Fact(to_text(came), Status.DELIVERED, ARRIVED, Source.CDR)
        assumed = DeliverySnapshot(version=2, status=Status.ACCEPTED, replied=True, lines=2)
        return self.deliveries.learn(delivery_id, [fact], assumed, to_text(now)) is not None


def _told(arrival: webhook.Arrival) -> str:
    """What tells a repetition: Zalo repeats an event with another ``num_retry`` and time."""
    said = f"{arrival.msg_id}\n{arrival.tracking_id}"
    return hashlib.sha256(said.encode()).hexdigest()

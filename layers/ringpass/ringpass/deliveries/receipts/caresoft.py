"""What CareSoft tells of tickets: received and kept, and joined with the message that it is about.

made for a message    the reply named the ticket, so its events are that delivery's
given by the caller   several messages may be in it: an event is the one's that went to its
                      number, into this ticket, a short time before, and of which nothing is
                      known yet; if there are two of them, neither's
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import ClassVar, Final

from ringpass.aws.secrets import Secrets
from ringpass.clock import Clock, from_text, to_text
from ringpass.deliveries.model import Delivery, Fact, Source
from ringpass.deliveries.receipts.mcn import Joined, cdr_of, settle
from ringpass.deliveries.receipts.strays_store import Strays
from ringpass.deliveries.receipts.unmatched_payloads_store import UnmatchedPayloads
from ringpass.deliveries.receipts.webhook_receiver import WebhookReceiver
from ringpass.deliveries.references_store import Cdr, Reference, References
from ringpass.deliveries.store import Deliveries
from ringpass.errors import Unauthorized
from ringpass.observability import logger
from ringpass.outcomes import NOTHING_SAID, Status
from ringpass.providers.caresoft import webhook

# An event can come before the request that it belongs to by the reckoning of two clocks of ours.
_CLOCK_MARGIN: Final = timedelta(seconds=1)
_OPEN: Final = (Status.RESERVED, Status.UNKNOWN, Status.ACCEPTED)
_REFUSAL: Final = "The webhook's signature is not valid."


@dataclass(frozen=True, slots=True)
class TicketInbox:
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
    deliveries: Deliveries
    references: References
    payloads: UnmatchedPayloads
    strays: Strays
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
        return bool(signature) and self.secrets.admit("caresoft_webhook", "secret", fits)

    def read(self, body: bytes, _server: str) -> Sequence[webhook.TicketEvent]:
        """The events in a body."""
        return webhook.parse(body)

    def take(self, event: webhook.TicketEvent, came: datetime, now: datetime) -> str | None:
        """Keep an event and settle what it settles; why it could not be used, if so."""
        logger().info(
            "ticket event",
            ref=event.ticket,
            ours=event.ours,
            outcome=event.outcome,
            reason=event.reason,
        )
        if not event.ours:
            # It was registered for, but is of no use here: that it came is kept.
            self.strays.add(self.provider, event.digest, event.raw, "other_event", now)
            return None
        if event.ticket is None:
            return "no_ticket"
        cdr = cdr_of(event, self.secrets, came)
        reference = self.references.add_cdr(self.provider, event.ticket, cdr, now)
        # What is told of a shared ticket is joined by who is told of the write.
        if not reference.shared and event.reason != NOTHING_SAID:
            settle(self.deliveries, reference, now)
        return None


@dataclass(frozen=True, slots=True)
class TicketJoin:
    """Joins what was told of a ticket, where the ticket alone does not say whose it is.

    Attributes:
        deliveries: The table's deliveries.
        references: The table's references.
        window: How much older than the event a delivery may be.
    """

    deliveries: Deliveries
    references: References
    window: timedelta

    def join(self, provider: str, ref: str, now: datetime) -> Joined:
        """Join each event of a ticket with the one delivery that it can be about, or say why not.

        Never one event to two deliveries. While the reply of one of them is awaited, it is too
        early to tell.
        """
        reference = self.references.get(provider, ref)
        if reference is None or not reference.cdrs:
            return Joined.NO_OPEN_DELIVERY
        if reference.delivery_id is not None and not reference.shared:
            settle(self.deliveries, reference, now)
            return Joined.JOINED
        self._tell_again(reference, now)
        found = [self._join_one(reference, place, now) for place in reference.untold]
        if Joined.LATER in found:
            return Joined.LATER
        if not found and not reference.shared:
            # Nothing says what became of a message: nobody has to look again.
            found = [Joined.NO_OPEN_DELIVERY]
        if left := [joined for joined in found if joined is not Joined.JOINED]:
            return self._leave(reference, left[0], now)
        self.references.finish(reference)
        return Joined.JOINED

    def _tell_again(self, reference: Reference, now: datetime) -> None:
        """Whoever joined an event may have died before the delivery was told."""
        for cdr in reference.cdrs:
            if cdr.joined is not None and (delivery := self.deliveries.get(cdr.joined)):
                self._tell(delivery, cdr, now)

    def _join_one(self, reference: Reference, place: int, now: datetime) -> Joined:
        cdr = reference.cdrs[place]
        if not (cdr.callee_keys or reference.callee_keys):
            return Joined.NO_CALLED_NUMBER
        match self._candidates(reference, cdr):
            case []:
                return Joined.NO_OPEN_DELIVERY
            case [delivery] if delivery.status is not Status.RESERVED:
                if not self.references.join_one(reference, place, delivery.id):
                    return Joined.LATER
                self._tell(delivery, cdr, now)
                return Joined.JOINED
            case [*several] if any(one.status is Status.RESERVED for one in several):
                return Joined.LATER
            case [*several]:
                at = to_text(now)
                for delivery in several:
                    fact = Fact(at, Status.UNKNOWN, "ambiguous_event", Source.CDR)
                    self.deliveries.learn(delivery.id, [fact], delivery.state, at)
        return Joined.AMBIGUOUS

    def _candidates(self, reference: Reference, cdr: Cdr) -> list[Delivery]:
        """Messages to this number, in this ticket, of which nothing definite is known."""
        came = from_text(cdr.at)
        after, before = to_text(came - self.window), to_text(came + _CLOCK_MARGIN)
        return [
            delivery
            for callee_key in cdr.callee_keys or reference.callee_keys
            for delivery in self.deliveries.of_every_client(callee_key, after, before)
            if delivery.provider == reference.provider
            and delivery.ticket_id == reference.ref
            and delivery.status in _OPEN
        ]

    def _tell(self, delivery: Delivery, cdr: Cdr, now: datetime) -> None:
        # The ticket stays what the caller gave: it does not become this delivery's own.
        fact = Fact(cdr.at, cdr.outcome, cdr.reason, Source.CDR)
        self.deliveries.learn(delivery.id, [fact], delivery.state, to_text(now))

    def _leave(self, reference: Reference, why: Joined, now: datetime) -> Joined:
        logger().info("event joined to no delivery", ref=reference.ref, why=why)
        # Most tickets hold no message of ours: only what says that one arrived is looked for again.
        says_something = bool(reference.untold)
        self.references.leave_unjoined(
            reference.provider, reference.ref, why, now, is_listed=says_something
        )
        return why

"""Matches CareSoft's tickets with deliveries."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ringpass.clock import from_text, to_text
from ringpass.deliveries.model import Delivery, Fact, Source
from ringpass.deliveries.receipts.late_matching import MatchResult
from ringpass.deliveries.receipts.settlement import settle
from ringpass.deliveries.references_store import Correlation, CorrelationRepository, DeliveryReceipt
from ringpass.deliveries.store import DeliveryRepository
from ringpass.observability import logger
from ringpass.outcomes import Status

# An event can come before the request that it belongs to by the reckoning of two clocks of ours.
_CLOCK_MARGIN: Final = timedelta(seconds=1)


_OPEN: Final = (Status.RESERVED, Status.UNKNOWN, Status.ACCEPTED)


@dataclass(frozen=True, slots=True)
class TicketMatcher:
    """Joins what was told of a ticket, where the ticket alone does not say whose it is.

    Attributes:
        deliveries: The table's deliveries.
        references: The table's references.
        window: How much older than the event a delivery may be.
    """

    deliveries: DeliveryRepository
    references: CorrelationRepository
    window: timedelta

    def join(self, provider: str, ref: str, now: datetime) -> MatchResult:
        """Join each event of a ticket with the one delivery that it can be about, or say why not.

        Never one event to two deliveries. While the reply of one of them is awaited, it is too
        early to tell.
        """
        reference = self.references.get(provider, ref)
        if reference is None or not reference.cdrs:
            return MatchResult.NO_OPEN_DELIVERY
        if reference.delivery_id is not None and not reference.shared:
            settle(self.deliveries, reference, now)
            return MatchResult.JOINED
        self._tell_again(reference, now)
        found = [self._join_one(reference, place, now) for place in reference.untold]
        if MatchResult.LATER in found:
            return MatchResult.LATER
        if not found and not reference.shared:
            # Nothing says what became of a message: nobody has to look again.
            found = [MatchResult.NO_OPEN_DELIVERY]
        if left := [joined for joined in found if joined is not MatchResult.JOINED]:
            return self._leave(reference, left[0], now)
        self.references.finish(reference)
        return MatchResult.JOINED

    def _tell_again(self, reference: Correlation, now: datetime) -> None:
        """Whoever joined an event may have died before the delivery was told."""
        for cdr in reference.cdrs:
            if cdr.joined is not None and (delivery := self.deliveries.get(cdr.joined)):
                self._tell(delivery, cdr, now)

    def _join_one(self, reference: Correlation, place: int, now: datetime) -> MatchResult:
        cdr = reference.cdrs[place]
        if not (cdr.callee_keys or reference.callee_keys):
            return MatchResult.NO_CALLED_NUMBER
        match self._candidates(reference, cdr):
            case []:
                return MatchResult.NO_OPEN_DELIVERY
            case [delivery] if delivery.status is not Status.RESERVED:
                if not self.references.join_one(reference, place, delivery.id):
                    return MatchResult.LATER
                self._tell(delivery, cdr, now)
                return MatchResult.JOINED
            case [*several] if any(one.status is Status.RESERVED for one in several):
                return MatchResult.LATER
            case [*several]:
                at = to_text(now)
                for delivery in several:
                    fact = Fact(at, Status.UNKNOWN, "ambiguous_event", Source.CDR)
                    self.deliveries.learn(delivery.id, [fact], delivery.state, at)
        return MatchResult.AMBIGUOUS

    def _candidates(self, reference: Correlation, cdr: DeliveryReceipt) -> list[Delivery]:
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

    def _tell(self, delivery: Delivery, cdr: DeliveryReceipt, now: datetime) -> None:
        # The ticket stays what the caller gave: it does not become this delivery's own.
        fact = Fact(cdr.at, cdr.outcome, cdr.reason, Source.CDR)
        self.deliveries.learn(delivery.id, [fact], delivery.state, to_text(now))

    def _leave(self, reference: Correlation, why: MatchResult, now: datetime) -> MatchResult:
        logger().info("event joined to no delivery", ref=reference.ref, why=why)
        # Most tickets hold no message of ours: only what says that one arrived is looked for again.
        says_something = bool(reference.untold)
        self.references.leave_unjoined(
            reference.provider, reference.ref, why, now, is_listed=says_something
        )
        return why

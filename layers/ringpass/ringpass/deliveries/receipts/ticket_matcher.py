"""Ticket matching: finds the deliveries of the receipts of CareSoft's tickets."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ringpass.clock import from_text, to_text
from ringpass.deliveries.correlations_store import (
    Correlation,
    CorrelationRepository,
    DeliveryReceipt,
)
from ringpass.deliveries.model import Delivery, Fact, Source
from ringpass.deliveries.receipts.late_matcher import MatchResult
from ringpass.deliveries.receipts.settlement import settle
from ringpass.deliveries.store import DeliveryRepository
from ringpass.observability import logger
from ringpass.outcomes import Status

# By two clocks of ours, an event can come before the request that it belongs to.
_CLOCK_MARGIN: Final = timedelta(seconds=1)


_OPEN: Final = (Status.RESERVED, Status.UNKNOWN, Status.ACCEPTED)


@dataclass(frozen=True, slots=True)
class TicketMatcher:
    """Matches the receipts of a ticket, where the ticket alone does not identify the delivery.

    Attributes:
        deliveries: The table's deliveries.
        correlations: The table's correlations.
        window: How much older than the event a delivery may be.
    """

    deliveries: DeliveryRepository
    correlations: CorrelationRepository
    window: timedelta

    def match(self, provider: str, ref: str, now: datetime) -> MatchResult:
        """Match each receipt of a ticket with its one possible delivery; else returns why not.

        Never one receipt with two deliveries. While one of them waits for its reply, it is too
        early.
        """
        correlation = self.correlations.get(provider, ref)
        if correlation is None or not correlation.receipts:
            return MatchResult.NO_OPEN_DELIVERY
        if correlation.delivery_id is not None and not correlation.is_shared:
            settle(self.deliveries, correlation, now)
            return MatchResult.MATCHED
        self._apply_matched(correlation, now)
        results = [
            self._match_receipt(correlation, at, now) for at in correlation.unmatched_positions
        ]
        if MatchResult.LATER in results:
            return MatchResult.LATER
        if not results and not correlation.is_shared:
            # No receipt says what became of a message: no person has to look at it.
            results = [MatchResult.NO_OPEN_DELIVERY]
        if failures := [result for result in results if result is not MatchResult.MATCHED]:
            return self._record_unmatched(correlation, failures[0], now)
        self.correlations.finish(correlation)
        return MatchResult.MATCHED

    def _apply_matched(self, correlation: Correlation, now: datetime) -> None:
        """Apply matched receipts again: the function that stored the match may have died then."""
        for receipt in correlation.receipts:
            if receipt.matched_delivery_id is not None and (
                delivery := self.deliveries.get(receipt.matched_delivery_id)
            ):
                self._apply(delivery, receipt, now)

    def _match_receipt(self, correlation: Correlation, position: int, now: datetime) -> MatchResult:
        receipt = correlation.receipts[position]
        if not (receipt.callee_keys or correlation.callee_keys):
            return MatchResult.NO_CALLED_NUMBER
        match self._candidates(correlation, receipt):
            case []:
                return MatchResult.NO_OPEN_DELIVERY
            case [delivery] if delivery.status is not Status.RESERVED:
                if not self.correlations.match_receipt(correlation, position, delivery.id):
                    return MatchResult.LATER
                self._apply(delivery, receipt, now)
                return MatchResult.MATCHED
            case [*candidates] if any(
                delivery.status is Status.RESERVED for delivery in candidates
            ):
                return MatchResult.LATER
            case [*candidates]:
                at = to_text(now)
                for delivery in candidates:
                    fact = Fact(at, Status.UNKNOWN, "ambiguous_event", Source.RECEIPT)
                    self.deliveries.apply(delivery.id, [fact], delivery.snapshot, at)
        return MatchResult.AMBIGUOUS

    def _candidates(self, correlation: Correlation, receipt: DeliveryReceipt) -> list[Delivery]:
        """Open deliveries to this number, in this ticket."""
        received_at = from_text(receipt.at)
        after, before = to_text(received_at - self.window), to_text(received_at + _CLOCK_MARGIN)
        return [
            delivery
            for callee_key in receipt.callee_keys or correlation.callee_keys
            for delivery in self.deliveries.list_by_phone(callee_key, after, before)
            if delivery.provider == correlation.provider
            and delivery.ticket_id == correlation.ref
            and delivery.status in _OPEN
        ]

    def _apply(self, delivery: Delivery, receipt: DeliveryReceipt, now: datetime) -> None:
        # The ticket stays the caller's: it does not become this delivery's ``provider_ref``.
        fact = Fact(receipt.at, receipt.outcome, receipt.reason, Source.RECEIPT)
        self.deliveries.apply(delivery.id, [fact], delivery.snapshot, to_text(now))

    def _record_unmatched(
        self, correlation: Correlation, result: MatchResult, now: datetime
    ) -> MatchResult:
        logger().info("event joined to no delivery", ref=correlation.ref, why=result)
        # Most tickets hold no message of ours: a person looks only at definite receipts.
        is_definite = bool(correlation.unmatched_positions)
        self.correlations.record_unmatched(
            correlation.provider, correlation.ref, result, now, is_listed=is_definite
        )
        return result

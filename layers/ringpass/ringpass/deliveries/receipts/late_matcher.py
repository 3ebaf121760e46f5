"""Late matching: finds the delivery of receipts whose reply was lost."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from ringpass.clock import from_text, to_text
from ringpass.deliveries.correlations_store import Correlation, CorrelationRepository
from ringpass.deliveries.model import Delivery, Fact, Source
from ringpass.deliveries.receipts.settlement import settle
from ringpass.deliveries.store import DeliveryRepository
from ringpass.observability import logger
from ringpass.outcomes import OPEN, Status

# By our clock, a receipt can come before the request that it belongs to was written.
_CLOCK_MARGIN: Final = timedelta(seconds=5)


class MatchResult(StrEnum):
    """Result of an attempt to find the delivery of a call whose reply never came."""

    MATCHED = "joined"
    LATER = "later"
    OTHER_ACCOUNT = "other_account"
    OTHER_SENDER = "other_sender"
    NO_CALLED_NUMBER = "no_called_number"
    NO_OPEN_DELIVERY = "no_open_delivery"
    AMBIGUOUS = "ambiguous"


@dataclass(frozen=True, slots=True)
class LateMatcher:
    """Finds the delivery of one provider's receipts: by the called number, or by our id.

    Attributes:
        deliveries: The table's deliveries.
        correlations: The table's correlations.
        window: How much older than the receipt a delivery may be.
        repeats_our_id: Whether the provider's receipts repeat our id of a delivery.
        is_own_ref: Whether a reference is of our account, where others' receipts come, too.
    """

    deliveries: DeliveryRepository
    correlations: CorrelationRepository
    window: timedelta
    repeats_our_id: bool = False
    is_own_ref: Callable[[str], bool] = lambda _ref: True

    def match(self, provider: str, ref: str, now: datetime) -> MatchResult:
        """Match a call with the one delivery that it can belong to; else returns why not.

        Never two calls with one delivery, nor one with two: with several open deliveries to the
        number it is matched with none. While one of them waits for its reply, it is too early.
        """
        correlation = self.correlations.get(provider, ref)
        if correlation is None or not correlation.receipts:
            return MatchResult.NO_OPEN_DELIVERY
        if correlation.delivery_id is not None:
            settle(self.deliveries, correlation, now)
            return MatchResult.MATCHED
        if self.repeats_our_id:
            match = self._find_by_id(correlation)
        else:
            match = self._find_by_number(correlation, now)
        if isinstance(match, Delivery):
            return self._claim(match, correlation, now)
        if match is MatchResult.LATER:
            return match
        return self._record_unmatched(correlation, match, now)

    def _find_by_number(self, correlation: Correlation, now: datetime) -> Delivery | MatchResult:
        """Find the one delivery of a call by the called number; else returns why there is none."""
        if not self.is_own_ref(correlation.ref):
            return MatchResult.OTHER_ACCOUNT
        if not correlation.callee_keys:
            return MatchResult.NO_CALLED_NUMBER
        candidates = self._candidates(correlation)
        if any(delivery.status is Status.RESERVED for delivery in candidates):
            return MatchResult.LATER
        match candidates:
            case []:
                return MatchResult.NO_OPEN_DELIVERY
            case [delivery]:
                return delivery
        self._mark_ambiguous(candidates, now)
        return MatchResult.AMBIGUOUS

    def _find_by_id(self, correlation: Correlation) -> Delivery | MatchResult:
        """Find the delivery that the provider names by our own id; no other is considered."""
        delivery_id = correlation.named_delivery
        delivery = self.deliveries.get(delivery_id) if delivery_id else None
        if delivery is None or delivery.provider != correlation.provider:
            return MatchResult.OTHER_SENDER
        if delivery.status is Status.RESERVED:
            return MatchResult.LATER
        is_same_call = delivery.provider_ref in (None, correlation.ref)
        return delivery if is_same_call else MatchResult.NO_OPEN_DELIVERY

    def _claim(self, delivery: Delivery, correlation: Correlation, now: datetime) -> MatchResult:
        """Write the match: first the delivery, which takes one call only; then the correlation."""
        # A receipt proves that the provider accepted the request, which is what it charges for.
        settled = delivery.cost and replace(delivery.cost, kind="settled")
        facts = [
            replace(fact, details={**fact.details, "cost": settled}) for fact in correlation.facts
        ]
        updated = self.deliveries.apply(delivery.id, facts, delivery.snapshot, to_text(now))
        if updated is None or updated.provider_ref != correlation.ref:
            return MatchResult.LATER
        correlation = self.correlations.set_delivery(
            correlation.provider, correlation.ref, delivery.id, now
        )
        settle(self.deliveries, correlation, now)
        return MatchResult.MATCHED

    def _candidates(self, correlation: Correlation) -> list[Delivery]:
        """Deliveries to this number at this provider that the call may belong to."""
        received_at = from_text(correlation.receipts[0].at)
        after, before = to_text(received_at - self.window), to_text(received_at + _CLOCK_MARGIN)
        return [
            delivery
            for callee_key in correlation.callee_keys
            for delivery in self.deliveries.list_by_phone(callee_key, after, before)
            if delivery.provider == correlation.provider and _may_be(delivery, correlation.ref)
        ]

    def _record_unmatched(
        self, correlation: Correlation, result: MatchResult, now: datetime
    ) -> MatchResult:
        logger().warning("cdr joined to no delivery", ref=correlation.ref, why=result)
        is_ours = result not in (MatchResult.OTHER_ACCOUNT, MatchResult.OTHER_SENDER)
        self.correlations.record_unmatched(
            correlation.provider, correlation.ref, result, now, is_listed=is_ours
        )
        return result

    def _mark_ambiguous(self, candidates: list[Delivery], now: datetime) -> None:
        at = to_text(now)
        for delivery in candidates:
            fact = Fact(at, Status.UNKNOWN, "ambiguous_cdr", Source.RECEIPT)
            self.deliveries.apply(delivery.id, [fact], delivery.snapshot, at)


def _may_be(delivery: Delivery, ref: str) -> bool:
    if delivery.provider_ref is not None:
        # Matched already: an earlier attempt stopped half way.
        return delivery.provider_ref == ref
    return delivery.status is Status.RESERVED or delivery.status in OPEN

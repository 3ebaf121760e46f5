"""Matches delivery receipts that came before their delivery was known."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from ringpass.clock import from_text, to_text
from ringpass.deliveries.model import Delivery, Fact, Source
from ringpass.deliveries.receipts.settlement import settle
from ringpass.deliveries.references_store import Correlation, CorrelationRepository
from ringpass.deliveries.store import DeliveryRepository
from ringpass.observability import logger
from ringpass.outcomes import OPEN, Status
from ringpass.providers.mcn.call_reference import SIMULATED_ACCOUNT, account_of

# A CDR can come before the request that it belongs to has been written by our clock's reckoning.
_CLOCK_MARGIN: Final = timedelta(seconds=5)


# Providers whose events repeat the id that we gave to a message.
_TELLS_OUR_ID: Final = frozenset({"zalo"})


class MatchResult(StrEnum):
    """What became of an attempt to find the delivery of a call whose reply never came."""

    JOINED = "joined"
    LATER = "later"
    OTHER_ACCOUNT = "other_account"
    OTHER_SENDER = "other_sender"
    NO_CALLED_NUMBER = "no_called_number"
    NO_OPEN_DELIVERY = "no_open_delivery"
    AMBIGUOUS = "ambiguous"


@dataclass(frozen=True, slots=True)
class LateMatcher:
    """Finds the delivery of a call by the called number, when its reply was lost.

    Attributes:
        deliveries: The table's deliveries.
        references: The table's references.
        window: How much older than the CDR a delivery may be.
        account: Our account at MCN; empty if it is not known.
    """

    deliveries: DeliveryRepository
    references: CorrelationRepository
    window: timedelta
    account: str

    def join(self, provider: str, ref: str, now: datetime) -> MatchResult:
        """Join a call to the one delivery that it can be, or say why not.

        Never two calls to one delivery nor one to two: with several open deliveries to the number
        it is joined to none. While one of them still waits for its reply, it is too early to tell.
        """
        reference = self.references.get(provider, ref)
        if reference is None or not reference.cdrs:
            return MatchResult.NO_OPEN_DELIVERY
        if reference.delivery_id is not None:
            settle(self.deliveries, reference, now)
            return MatchResult.JOINED
        if reference.provider in _TELLS_OUR_ID:
            found = self._named(reference)
        else:
            found = self._find(reference, now)
        if isinstance(found, Delivery):
            return self._claim(found, reference, now)
        return found if found is MatchResult.LATER else self._leave(reference, found, now)

    def _find(self, reference: Correlation, now: datetime) -> Delivery | MatchResult:
        """The one delivery that this call can be, or why there is none."""
        ours = (self.account, SIMULATED_ACCOUNT)
        if self.account and account_of(reference.ref) not in ours:
            return MatchResult.OTHER_ACCOUNT
        if not reference.callee_keys:
            return MatchResult.NO_CALLED_NUMBER
        candidates = self._candidates(reference)
        if any(delivery.status is Status.RESERVED for delivery in candidates):
            return MatchResult.LATER
        match candidates:
            case []:
                return MatchResult.NO_OPEN_DELIVERY
            case [delivery]:
                return delivery
        self._say_ambiguous(candidates, now)
        return MatchResult.AMBIGUOUS

    def _named(self, reference: Correlation) -> Delivery | MatchResult:
        """The delivery that the provider names by our own id: others do not come into question."""
        named = reference.named_delivery
        delivery = self.deliveries.get(named) if named else None
        if delivery is None or delivery.provider != reference.provider:
            return MatchResult.OTHER_SENDER
        if delivery.status is Status.RESERVED:
            return MatchResult.LATER
        ours = delivery.provider_ref in (None, reference.ref)
        return delivery if ours else MatchResult.NO_OPEN_DELIVERY

    def _claim(self, delivery: Delivery, reference: Correlation, now: datetime) -> MatchResult:
        """First the delivery, which takes one call only; then the reference."""
        # A CDR proves that the provider took the request, which is what its price is for.
        settled = delivery.cost and replace(delivery.cost, kind="settled")
        facts = [
            replace(fact, details={**fact.details, "cost": settled}) for fact in reference.facts
        ]
        learnt = self.deliveries.learn(delivery.id, facts, delivery.state, to_text(now))
        if learnt is None or learnt.provider_ref != reference.ref:
            return MatchResult.LATER
        joined = self.references.join(reference.provider, reference.ref, delivery.id, now)
        settle(self.deliveries, joined, now)
        return MatchResult.JOINED

    def _candidates(self, reference: Correlation) -> list[Delivery]:
        """Deliveries to this number at this provider that may be this call."""
        came = from_text(reference.cdrs[0].at)
        after, before = to_text(came - self.window), to_text(came + _CLOCK_MARGIN)
        return [
            delivery
            for callee_key in reference.callee_keys
            for delivery in self.deliveries.of_every_client(callee_key, after, before)
            if delivery.provider == reference.provider and _may_be(delivery, reference.ref)
        ]

    def _leave(self, reference: Correlation, why: MatchResult, now: datetime) -> MatchResult:
        logger().warning("cdr joined to no delivery", ref=reference.ref, why=why)
        is_ours = why not in (MatchResult.OTHER_ACCOUNT, MatchResult.OTHER_SENDER)
        self.references.leave_unjoined(
            reference.provider, reference.ref, why, now, is_listed=is_ours
        )
        return why

    def _say_ambiguous(self, candidates: list[Delivery], now: datetime) -> None:
        at = to_text(now)
        for delivery in candidates:
            fact = Fact(at, Status.UNKNOWN, "ambiguous_cdr", Source.CDR)
            self.deliveries.learn(delivery.id, [fact], delivery.state, at)


def _may_be(delivery: Delivery, ref: str) -> bool:
    if delivery.provider_ref is not None:
        # Ours already: an earlier attempt to join stopped half way.
        return delivery.provider_ref == ref
    return delivery.status is Status.RESERVED or delivery.status in OPEN

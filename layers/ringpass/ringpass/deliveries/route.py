"""A provider as a channel uses it: caller, circuit breaker, rate limiter."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from ringpass.clock import whole_seconds
from ringpass.errors import LimitReached, QuotaUsedUp
from ringpass.limits.circuit_breaker import CircuitBreaker
from ringpass.limits.planner import LimitPlan
from ringpass.limits.rate_limiter import RATE_FULL, RateLimiter
from ringpass.limits.rate_slots import SlotCounter
from ringpass.outcomes import ProviderResponse, Rejected
from ringpass.phone import Phone
from ringpass.providers.caller import ProviderCaller
from ringpass.providers.facts import ProviderFacts
from ringpass.providers.orders import Order
from ringpass.redaction import Secret


class Meter[O: Order](Protocol):
    """Quota of our account at a provider."""

    def closed_until(self, order: O, now: datetime) -> datetime | None:
        """Until when the provider would reject the order; None if it may be sent."""

    def record_outcome(self, order: O, outcome: ProviderResponse, now: datetime) -> None:
        """Record the quota of an outcome. Never raises: the order has been carried out."""


@dataclass(frozen=True, slots=True)
class Route[O: Order]:
    """One provider of a channel.

    Attributes:
        caller: Sends requests to the provider.
        circuit_breaker: Counts the provider's failures.
        rate_limiter: Keeps the provider's rate; None: it has none.
        meter: Keeps the quota; None where the provider reports none.
    """

    caller: ProviderCaller[O]
    circuit_breaker: CircuitBreaker
    rate_limiter: RateLimiter | None = None
    meter: Meter[O] | None = None

    @property
    def facts(self) -> ProviderFacts:
        """What the provider is like."""
        return self.caller.provider.facts

    @property
    def name(self) -> str:
        """The provider's name."""
        return self.facts.name

    @property
    def is_set_up(self) -> bool:
        """Whether the stack's parameters hold what this provider needs."""
        return self.caller.provider.is_set_up

    def carries(self, order: O) -> bool:
        """Whether this provider can send the order."""
        return self.reaches(order.phone) and self.caller.provider.carries(order)

    def reaches(self, phone: Phone) -> bool:
        """Whether this provider can reach the phone."""
        facts = self.facts
        return phone.region in facts.regions and (facts.reaches_landlines or not phone.is_landline)

    def with_rate_slot(self, plan: LimitPlan) -> LimitPlan:
        """The plan, with a slot of the provider's rate."""
        if self.rate_limiter is None:
            return plan
        return replace(plan, counters=(*plan.counters, *self.rate_limiter.slot_counters()))

    def is_full(self, refusal: LimitReached) -> bool:
        """Whether the refusal comes from the provider's own rate."""
        return self.rate_limiter is not None and refusal.limit == self.rate_limiter.limit

    def call(
        self, order: O, delivery_id: str, credential: Secret, plan: LimitPlan
    ) -> ProviderResponse:
        """Send an order to the provider, in the slot that was planned for it."""
        rate_limiter = self.rate_limiter
        slots = [counter for counter in plan.counters if isinstance(counter, SlotCounter)]
        if rate_limiter is None or not slots:
            return self.caller.call(order, delivery_id, credential)
        if not rate_limiter.wait(slots[0]):
            return Rejected(RATE_FULL)
        return self.caller.call(order, delivery_id, credential, rate_limiter.acquire)

    def check_quota(self, order: O, now: datetime) -> None:
        """Refuse an order that the provider would reject for lack of quota.

        Raises:
            QuotaUsedUp: Nothing more can be sent there today.
        """
        until = self.meter and not order.phone.is_test and self.meter.closed_until(order, now)
        if until:
            raise QuotaUsedUp(
                f"The provider '{self.name}' sends no more of these today; nothing was sent.",
                retry_after=whole_seconds(until - now),
            )

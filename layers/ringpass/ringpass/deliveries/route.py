"""A provider as a channel uses it: caller, circuit breaker, rate limiter."""

from dataclasses import dataclass, replace
from datetime import datetime
from math import ceil
from typing import Protocol

from ringpass.errors import (
    LimitReached,
    QuotaUsedUp,
)
from ringpass.limits.circuit_breaker import CircuitBreaker
from ringpass.limits.planner import LimitPlan
from ringpass.limits.rate_limiter import RATE_FULL, RateLimiter
from ringpass.limits.rate_slots import SlotCounter
from ringpass.outcomes import ProviderResponse, Rejected
from ringpass.phone import Phone
from ringpass.providers.caller import ProviderCaller
from ringpass.providers.orders import Order
from ringpass.redaction import Secret


class Meter[O: Order](Protocol):
    """Keeps what our account at a provider may still send."""

    def closed_until(self, order: O, now: datetime) -> datetime | None:
        """Until when the provider would refuse the order; None if it may be sent."""

    def record_outcome(self, order: O, outcome: ProviderResponse, now: datetime) -> None:
        """Record the quota of an outcome. Never raises: the order has been carried out."""


@dataclass(frozen=True, slots=True)
class Route[O: Order]:
    """One provider of a channel.

    Attributes:
        placing: The provider, and the way to it.
        gate: Keeps count of the provider's failures.
        pacing: Keeps the provider's rate; None: it has none.
        meter: Keeps what may still be sent there; None where the provider tells no quota.
    """

    placing: ProviderCaller[O]
    gate: CircuitBreaker
    pacing: RateLimiter | None = None
    meter: Meter[O] | None = None

    @property
    def name(self) -> str:
        """The provider's name."""
        return self.placing.provider.name

    def carries(self, order: O) -> bool:
        """Whether this provider can carry the order out."""
        return self.reaches(order.phone) and self.placing.provider.carries(order)

    def reaches(self, phone: Phone) -> bool:
        """Whether this provider can reach the phone."""
        provider = self.placing.provider
        return phone.region in provider.regions and (provider.landlines or not phone.is_landline)

    def paced(self, plan: LimitPlan) -> LimitPlan:
        """The plan, with a place in the provider's rate."""
        if self.pacing is None:
            return plan
        return replace(plan, counters=(*plan.counters, *self.pacing.slot_counters()))

    def is_full(self, refusal: LimitReached) -> bool:
        """Whether it is the provider's own rate that refused."""
        return self.pacing is not None and refusal.limit == self.pacing.limit

    def place(
        self, order: O, delivery_id: str, credential: Secret, plan: LimitPlan
    ) -> ProviderResponse:
        """Have an order placed, at the time that was planned for it."""
        pacing = self.pacing
        taken = [each for each in plan.counters if isinstance(each, SlotCounter)]
        if pacing is None or not taken:
            return self.placing.call(order, delivery_id, credential)
        if not pacing.wait(taken[0]):
            return Rejected(RATE_FULL)
        return self.placing.call(order, delivery_id, credential, pacing.acquire)

    def check_quota(self, order: O, now: datetime) -> None:
        """Refuse what the provider would refuse for want of quota.

        Raises:
            QuotaUsedUp: Nothing more can be sent there today.
        """
        until = self.meter and not order.phone.is_test and self.meter.closed_until(order, now)
        if until:
            seconds = max(1, ceil((until - now).total_seconds()))
            raise QuotaUsedUp(
                f"The provider '{self.name}' sends no more of these today; nothing was sent.",
                headers={"Retry-After": str(seconds)},
            )

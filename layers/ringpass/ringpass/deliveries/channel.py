"""A channel: one way to reach a phone, over one of the providers that serve it.

Single sends and the steps of verifications use it in the same way:

    prepare          looks up the names in a command, or in a step; refuses what does not fit
    eligible_routes  the configured providers that can send the order, in the client's order
    draft            a delivery that is not written yet
    plan             a reservation: the delivery, its counters, and the checks that allow it, which
                     the caller commits in one transaction
    dispatch         one request to the provider, then one update; two for a correlation

If anything fails in between, nothing is sent twice: a delivery that stays ``reserved`` becomes
``unknown`` by a timer, and its delivery receipt settles it.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ringpass.clients.settings.model import ClientSettings, Step
from ringpass.clock import Clock, to_text
from ringpass.costs import Prices
from ringpass.deliveries.correlations_store import CorrelationRepository
from ringpass.deliveries.model import Delivery, Fact, HistoryEntry, Source
from ringpass.deliveries.order_builders import CodeSend, OrderBuilder
from ringpass.deliveries.reservation import Reservation
from ringpass.deliveries.route import Route
from ringpass.deliveries.store import DeliveryRepository
from ringpass.errors import NotConfigured, Unavailable, invalid_field
from ringpass.limits.planner import LimitPlanner, LimitRequest
from ringpass.observability import logger
from ringpass.outcomes import Accepted, ProviderResponse, Rejected, Status, Unknown
from ringpass.phone import Phone
from ringpass.providers.facts import ChannelName
from ringpass.providers.orders import Order

if TYPE_CHECKING:
    from ringpass.deliveries.requests import SendCommand


@dataclass(frozen=True, slots=True)
class Channel[C: SendCommand, O: Order]:
    """One channel and its providers.

    Attributes:
        name: Name of the channel.
        order_builder: Makes orders from commands and steps.
        routes: Its providers, in the default order.
        prices: What sends cost.
        planner: Plans what a client may send.
        deliveries: The table's deliveries.
        correlations: The table's correlations.
        allow_test_numbers: Whether the provider is simulated for test numbers.
        clock: Tells the time.
    """

    name: ChannelName
    order_builder: OrderBuilder[C, O]
    routes: tuple[Route[O], ...]
    prices: Prices
    planner: LimitPlanner
    deliveries: DeliveryRepository
    correlations: CorrelationRepository
    allow_test_numbers: bool
    clock: Clock

    def prepare(self, command: C, client: str, settings: ClientSettings) -> O:
        """Returns the order of a client's command.

        Raises:
            ValidationFailed: The number cannot be reached over this channel, the client does not
                allow it, or the command names something that does not exist.
            Unavailable: The table cannot be reached.
        """
        self.check_number(command.phone, settings)
        return self.order_builder.for_command(command, client, settings)

    def prepare_step(self, step: Step, send: CodeSend, settings: ClientSettings) -> O:
        """Returns the order of a verification's step.

        Raises:
            ValidationFailed: As ``prepare``.
            Unavailable: The table cannot be reached.
        """
        self.check_number(send.phone, settings)
        return self.order_builder.for_step(step, send, settings)

    def check_number(self, phone: Phone, settings: ClientSettings) -> None:
        """Refuse a number that no provider of the channel can reach, or the client does not allow.

        Raises:
            ValidationFailed: It names the phone and says why.
        """
        if phone.is_test and not self.allow_test_numbers:
            raise invalid_field(
                ["phone"], "test_number_not_allowed", "test numbers are off in this stack"
            )
        # A provider that the stack does not have widens nothing; without any, all count.
        routes = [route for route in self.routes if route.is_set_up] or self.routes
        regions = {region for route in routes for region in route.facts.regions}
        if phone.region not in regions:
            raise invalid_field(
                ["phone"],
                "country_not_supported",
                f"{self.name} reaches {' and '.join(sorted(regions))} only",
            )
        if not any(route.reaches(phone) for route in routes):
            raise invalid_field(
                ["phone"], "landline_not_supported", f"{self.name} reaches no landlines"
            )
        if not settings.allows(self.name, phone.region):
            raise invalid_field(
                ["phone"],
                "country_not_allowed",
                f"the client's settings do not allow {self.name} to this country",
            )

    def eligible_routes(self, order: O, settings: ClientSettings) -> tuple[Route[O], ...]:
        """Returns the configured providers that can send an order, in the client's order.

        There is at least one.

        Raises:
            ValidationFailed: No provider that the client uses can send it; or those that can are
                not configured, and the others lack something that the request can name.
            NotConfigured: Those that can have no secret. None of them was called.
            Unavailable: A secret cannot be read.
        """
        by_name = {route.name: route for route in self.routes}
        provider_names = settings.providers.get(self.name, tuple(by_name))
        chosen = [by_name[name] for name in provider_names if name in by_name]
        reachable = [route for route in chosen if route.reaches(order.phone)]
        if not reachable:
            raise invalid_field(
                ["phone"],
                "country_not_supported",
                "no provider that is set for the channel reaches this number",
            )
        capable = [route for route in reachable if route.carries(order)]
        eligible = tuple(route for route in capable if route.caller.is_configured(order))
        if not eligible:
            if len(capable) < len(reachable) and (
                refusal := order.refusal(is_carried=bool(capable))
            ):
                raise refusal
            names = [route.name for route in capable]
            raise NotConfigured(
                f"{self.name} has no provider in this stack yet: nobody has set up "
                f"{' or '.join(names)}. Nothing was sent.",
                providers=names,
            )
        return eligible

    def draft(
        self,
        order: O,
        client: str,
        delivery_id: str,
        *,
        metadata: Mapping[str, str],
        consent_reference: str | None,
        **link: Any,  # noqa: ANN401
    ) -> Delivery:
        """Returns a delivery that is not reserved yet; ``link`` says what it belongs to."""
        now = to_text(self.clock())
        return Delivery(
            id=delivery_id,
            client=client,
            channel=self.name,
            provider="",
            phone=order.phone.e164,
            country=order.phone.region,
            status=Status.RESERVED,
            created_at=now,
            updated_at=now,
            attempt=secrets.token_hex(16),
            test=order.phone.is_test,
            metadata=metadata,
            consent_reference=consent_reference,
            history=(HistoryEntry(now, Status.RESERVED, None, Source.REQUEST),),
            **link,
        )

    def plan(
        self,
        order: O,
        routes: Sequence[Route[O]],
        delivery: Delivery,
        limit_request: LimitRequest,
        recorded_limits: set[str] | None = None,
    ) -> Reservation[O]:
        """Plan a reservation at the first available provider, within the limits.

        Nothing is written yet.

        Args:
            order: What is to be sent.
            routes: Providers that can send it, in order of preference; at least one.
            delivery: The delivery.
            limit_request: The send, as limits count it.
            recorded_limits: Limits that refused an earlier step of the same request.

        Raises:
            ProviderSuspended: The circuit breaker of each provider is open.
            QuotaUsedUp: Nor will the first of them send any more today.
            LimitReached: A limit is reached, or a provider's own rate.
            NotAllowed: The client may not send this.
            Unavailable: The table or a secret cannot be reached.
        """
        return Reservation(
            order=order,
            routes=iter(routes),
            delivery=delivery,
            limit_request=limit_request,
            prices=self.prices,
            planner=self.planner,
            deliveries=self.deliveries,
            correlations=self.correlations,
            recorded_limits=set() if recorded_limits is None else recorded_limits,
        )

    def dispatch(self, reservation: Reservation[O]) -> Delivery:
        """Send a reserved delivery, and write the provider's response."""
        delivery, route = reservation.delivery, reservation.route
        outcome = route.call(
            reservation.order, delivery.id, reservation.credential, reservation.plan
        )
        logger().info(
            "provider asked",
            delivery=delivery.id,
            provider=delivery.provider,
            phone=str(reservation.order.phone),
            outcome=type(outcome).__name__,
            reason=getattr(outcome, "reason", None),
            test=delivery.test,
        )
        finished = self._finish(delivery, outcome)
        if not delivery.test:
            self._record_result(reservation, outcome)
            if route.meter is not None:
                route.meter.record_outcome(reservation.order, outcome, self.clock())
        return finished

    def _record_result(self, reservation: Reservation[O], outcome: ProviderResponse) -> None:
        """Record the result in the provider's circuit breaker, for all clients."""
        if isinstance(outcome, Rejected) and reservation.order.has_own_account:
            return  # It may be this account's fault, which nobody else uses.
        client, number = reservation.delivery.client, reservation.limit_request.phone_key
        reservation.route.circuit_breaker.record_result(reservation.permit, outcome, client, number)

    def _finish(self, delivery: Delivery, outcome: ProviderResponse) -> Delivery:
        """Write the provider's response.

        The call has been made, so an error here must not look like a failed call: the result is
        ``unknown``, which is also what the delivery's timer writes.
        """
        now = self.clock()
        reply = _reply(delivery, outcome, to_text(now))
        try:
            facts = self._correlate(delivery, reply, now)
            updated = self.deliveries.apply_and_schedule_poll(delivery, facts, now)
        except Unavailable:
            logger().exception("reply not recorded", delivery=delivery.id)
            updated = None
        return updated or replace(
            delivery,
            status=Status.UNKNOWN,
            reason="not_recorded",
            provider_ref=reply.details.get("provider_ref"),
        )

    def _correlate(self, delivery: Delivery, reply: Fact, now: datetime) -> list[Fact]:
        """Correlate the reply with receipts that came before it; returns the facts of the call."""
        ref = reply.details.get("provider_ref")
        if ref is None:
            return [reply]
        correlation = self.correlations.add_reply(delivery.provider, ref, delivery.id, reply, now)
        if correlation.delivery_id == delivery.id:
            return correlation.facts
        logger().warning("reference of another delivery", delivery=delivery.id, ref=ref)
        return [replace(reply, details={**reply.details, "provider_ref": None})]


type Channels = Mapping[ChannelName, Callable[[], Channel[Any, Any]]]
"""Channels by name; each is made when it is first needed."""


def _reply(delivery: Delivery, outcome: ProviderResponse, at: str) -> Fact:
    """The provider's response as a fact, which also settles the price.

    MCN charges each successful method call, whatever becomes of the phone call. An unknown
    response keeps the estimate.
    """
    estimate = delivery.cost
    match outcome:
        case Accepted(provider_ref, details):
            settled = {
                **details,
                "provider_ref": provider_ref,
                "cost": estimate and replace(estimate, kind="settled"),
            }
            return Fact(at, Status.ACCEPTED, None, Source.REPLY, settled)
        case Rejected(reason):
            zero = estimate and replace(estimate, amount=Decimal(0), kind="settled")
            return Fact(at, Status.REJECTED, reason, Source.REPLY, {"cost": zero})
        case Unknown(reason, provider_ref):
            return Fact(at, Status.UNKNOWN, reason, Source.REPLY, {"provider_ref": provider_ref})

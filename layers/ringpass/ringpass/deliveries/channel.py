"""A channel: one way to reach a phone, over one of the providers that serve it.

What a single send and a step of a verification have in common:

    prepare    the names in a command are looked up; what does not fit is refused
    usable     the configured providers that can carry the order, in the client's order
    reserve    one transaction: the delivery, what counts it, and that nobody forbids it
    carry_out  one request to the provider, then one update; two where its reference is joined

Whatever fails in between, nothing is sent twice: a delivery that stays ``reserved`` becomes
``unknown`` by a timer, and its CDR settles it.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from ringpass.aws.dynamodb import Check, ConditionsFailed, Put, Update
from ringpass.clients.settings.model import ClientSettings
from ringpass.clock import Clock, from_text, to_text
from ringpass.costs import Prices
from ringpass.deliveries.callees_store import calling
from ringpass.deliveries.model import Delivery, Fact, HistoryEntry, Source
from ringpass.deliveries.order_builders import OrderBuilder
from ringpass.deliveries.poll_schedule import ask_later
from ringpass.deliveries.references_store import CorrelationRepository
from ringpass.deliveries.requests import SendCommand
from ringpass.deliveries.route import Route
from ringpass.deliveries.store import DeliveryRepository
from ringpass.errors import (
    LimitReached,
    NotAllowed,
    NotConfigured,
    ProviderSuspended,
    Unavailable,
    invalid_field,
)
from ringpass.limits.circuit_breaker import Permit
from ringpass.limits.circuit_store import any_mark
from ringpass.limits.planner import MOST_TRIES, LimitPlan, LimitPlanner, LimitRequest
from ringpass.observability import logger
from ringpass.outcomes import Accepted, ProviderResponse, Rejected, Status, Unknown
from ringpass.phone import Phone
from ringpass.providers.orders import Order
from ringpass.redaction import Secret

type Action = Put | Update | Check
type Write = Callable[[Put, LimitPlan, Sequence[Action]], None]
"""Writes a delivery, counted by the plan, together with the actions that are given to it, before
any action of its own; raises ``ConditionsFailed`` if the condition of one of them fails."""

_ABSENT: Final = "attribute_not_exists(PK)"
_WITHOUT_ID: Final = frozenset({"bizfly"})
_WITH_TICKETS: Final = frozenset({"caresoft"})


@dataclass(frozen=True, slots=True)
class Reserved[O: Order]:
    """A delivery that is reserved, and all that is needed to have it placed."""

    delivery: Delivery
    phone_key: str = field(repr=False)
    order: O
    route: Route[O]
    passed: Permit
    credential: Secret
    plan: LimitPlan


@dataclass(frozen=True, slots=True)
class Channel[C: SendCommand, O: Order]:
    """One channel and its providers.

    Attributes:
        name: Name of the channel.
        preparation: Looks up what commands name.
        routes: Its providers, in the order that holds where a client has set none.
        prices: What sends cost.
        allowance: What a client may send.
        deliveries: The table's deliveries.
        references: The table's references.
        allow_test_numbers: Whether somebody plays the provider for test numbers.
        clock: Tells the time.
    """

    name: str
    preparation: OrderBuilder[C, O]
    routes: tuple[Route[O], ...]
    prices: Prices
    allowance: LimitPlanner
    deliveries: DeliveryRepository
    references: CorrelationRepository
    allow_test_numbers: bool
    clock: Clock

    def prepare(
        self, command: C, client: str, settings: ClientSettings, code: Secret | None = None
    ) -> O:
        """The order that a command stands for.

        Args:
            command: The command.
            client: Who gives it.
            settings: The client's settings.
            code: A verification's code, where the command has no place for it.

        Raises:
            ValidationFailed: The number cannot be reached over this channel, the client does not
                allow it, or the command names what there is not.
            Unavailable: The table cannot be reached.
        """
        self.check_number(command.phone, settings)
        return self.preparation.order(command, client, settings, code)

    def check_number(self, phone: Phone, settings: ClientSettings) -> None:
        """Refuse a number that no provider of the channel can reach, or the client does not allow.

        Raises:
            ValidationFailed: It names the phone and says why.
        """
        if phone.is_test and not self.allow_test_numbers:
            raise invalid_field(
                ["phone"], "test_number_not_allowed", "test numbers are off in this stack"
            )
        regions = {region for route in self.routes for region in route.placing.provider.regions}
        if phone.region not in regions:
            raise invalid_field(
                ["phone"],
                "country_not_supported",
                f"{self.name} reaches {' and '.join(sorted(regions))} only",
            )
        if not any(route.reaches(phone) for route in self.routes):
            raise invalid_field(
                ["phone"], "landline_not_supported", f"{self.name} reaches no landlines"
            )
        if not settings.allows(self.name, phone.region):
            raise invalid_field(
                ["phone"],
                "country_not_allowed",
                f"the client's settings do not allow {self.name} to this country",
            )

    def usable(self, order: O, settings: ClientSettings) -> tuple[Route[O], ...]:
        """The configured providers that can carry an order out, in the client's order.

        There is at least one.

        Raises:
            ValidationFailed: No provider that the client uses can carry it.
            NotConfigured: Those that can have no secret. None of them was asked.
            Unavailable: A secret cannot be read.
        """
        by_name = {route.name: route for route in self.routes}
        wanted = settings.providers.get(self.name, tuple(by_name))
        chosen = (by_name[name] for name in wanted if name in by_name)
        able = [route for route in chosen if route.carries(order)]
        if not able:
            raise invalid_field(
                ["template"], "no_provider", "no provider that is set for it has this template"
            )
        usable = tuple(route for route in able if route.placing.is_configured(order))
        if not usable:
            names = [route.name for route in able]
            raise NotConfigured(
                f"{self.name} has no provider in this stack yet: nobody has set up "
                f"{' or '.join(names)}. Nothing was sent.",
                providers=names,
            )
        return usable

    def new(
        self,
        order: O,
        client: str,
        delivery_id: str,
        *,
        metadata: Mapping[str, str],
        **link: Any,  # noqa: ANN401
    ) -> Delivery:
        """A delivery to be reserved, at no provider yet; ``link`` says what it belongs to."""
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
            history=(HistoryEntry(now, Status.RESERVED, None, Source.REQUEST),),
            **link,
        )

    def reserve(
        self,
        order: O,
        routes: Sequence[Route[O]],
        delivery: Delivery,
        asking: LimitRequest,
        write: Write,
    ) -> Reserved[O]:
        """Have a delivery written at the first provider that may be asked, within the limits.

        Args:
            order: What is to be sent.
            routes: Providers that can carry it out, the first one wanted most; at least one.
            delivery: The delivery.
            asking: Who asks for what, as limits count it.
            write: Writes the delivery.

        Raises:
            ProviderSuspended: Nobody may ask any of the providers now. Nothing was written.
            QuotaUsedUp: Nor will the first of them send any more today. Nothing was written.
            LimitReached: A limit is reached, or a provider's own rate. Nothing was written.
            NotAllowed: The client may not send this. Nothing was written.
            Unavailable: The table or a secret cannot be reached, or the table is too busy. Nothing
                was written.
        """
        refused: ProviderSuspended | LimitReached | None = None
        # The delivery's own instant: its day is the day of the ledger that counts it.
        now = from_text(delivery.created_at)
        for route in routes:
            cost = self.prices.estimate(route.name, order.phone)
            ticket = _given_ticket(order, route.name)
            own = replace(delivery, provider=route.name, cost=cost, ticket_id=ticket)
            asked = replace(asking, cost=cost)
            try:
                route.check_quota(order, now)
                return self._reserve(order, route, own, asked, write)
            except ProviderSuspended as refusal:
                refused = refused or refusal
            except LimitReached as refusal:
                if not route.is_full(refusal):
                    self._record(asked, refusal, delivery, now)
                    raise
                refused = refused or refusal
            except NotAllowed as refusal:
                self._record(asked, refusal, delivery, now)
                raise
        if isinstance(refused, LimitReached):
            self._record(asking, refused, delivery, now)
        raise refused or Unavailable("No provider is left.")

    def _record(
        self,
        asking: LimitRequest,
        refusal: LimitReached | NotAllowed,
        delivery: Delivery,
        now: datetime,
    ) -> None:
        logger().info("limit", limit=refusal.limit, client=asking.client)
        self.allowance.record_refusal(
            asking,
            refusal,
            now,
            # A verification that is only started may never come to be.
            verification_id=None if asking.starts else delivery.verification_id,
            step=delivery.step,
        )

    def _reserve(
        self, order: O, route: Route[O], delivery: Delivery, asking: LimitRequest, write: Write
    ) -> Reserved[O]:
        credential, passed = route.placing.credential(order), Permit.UNCHECKED
        plan = self.allowance.plan(asking, from_text(delivery.created_at))
        # A test number asks nobody's leave: what becomes of it says nothing of the provider.
        guards = [] if delivery.test else [Check(any_mark(route.name), _ABSENT)]
        plan = plan if delivery.test else route.paced(plan)
        for _ in range(MOST_TRIES):
            counted = replace(delivery, ledger_shard=plan.ledger_shard)
            put = self.deliveries.reservation(counted, asking.phone_key)
            noted = (*_noted(counted, asking.phone_key), *self._shared(counted))
            try:
                write(put, plan, [*guards, *plan.writes, *noted])
            except ConditionsFailed as blocked:
                first = len(guards)
                # Behind the limits' writes come the writer's own, which are its own affair.
                limits = {
                    at - first: item
                    for at, item in blocked.items.items()
                    if 0 <= at - first < len(plan.writes)
                }
                if limits:
                    plan = plan.replanned(limits)
                elif any(at < first for at in blocked.items):
                    # Asked last: whoever is let through as the one that tries must be sent.
                    passed, guards = route.gate.acquire(), []
                else:
                    raise
            else:
                return Reserved(counted, asking.phone_key, order, route, passed, credential, plan)
        raise Unavailable("The table is too busy.")

    def _shared(self, delivery: Delivery) -> Sequence[Action]:
        """A ticket that the caller gave may hold others' messages: what is told of it, too."""
        if delivery.ticket_id is None:
            return ()
        now = from_text(delivery.created_at)
        return (self.references.share(delivery.provider, delivery.ticket_id, now),)

    def carry_out(self, reserved: Reserved[O]) -> Delivery:
        """Have a reserved delivery placed, and write what the provider said."""
        delivery, route = reserved.delivery, reserved.route
        outcome = route.place(reserved.order, delivery.id, reserved.credential, reserved.plan)
        logger().info(
            "provider asked",
            delivery=delivery.id,
            provider=delivery.provider,
            phone=str(reserved.order.phone),
            outcome=type(outcome).__name__,
            reason=getattr(outcome, "reason", None),
            test=delivery.test,
        )
        finished = self._finish(delivery, outcome)
        if not delivery.test:
            self._count(reserved, outcome)
            if route.meter is not None:
                route.meter.record_outcome(reserved.order, outcome, self.clock())
        return finished

    def _count(self, reserved: Reserved[O], outcome: ProviderResponse) -> None:
        """Count what this request says of the provider, for all clients."""
        if isinstance(outcome, Rejected) and reserved.order.has_own_account:
            return  # It may be this account's fault, which nobody else uses.
        client, number = reserved.delivery.client, reserved.phone_key
        reserved.route.gate.record_result(reserved.passed, outcome, client, number)

    def _finish(self, delivery: Delivery, outcome: ProviderResponse) -> Delivery:
        """Write what the provider said.

        The call is made, so an error here must not look as if it were not: the delivery is
        answered as ``unknown``, which is what its timer will make of it.
        """
        now = self.clock()
        reply = _reply(delivery, outcome, to_text(now))
        try:
            facts = self._rendezvous(delivery, reply, now)
            waits = ask_later(delivery, now)
            learnt = self.deliveries.learn(delivery.id, facts, delivery.state, to_text(now), waits)
        except Unavailable:
            logger().exception("reply not recorded", delivery=delivery.id)
            learnt = None
        return learnt or replace(
            delivery,
            status=Status.UNKNOWN,
            reason="not_recorded",
            provider_ref=reply.details.get("provider_ref"),
        )

    def _rendezvous(self, delivery: Delivery, reply: Fact, now: datetime) -> list[Fact]:
        """All that is known of the call: the reply, and CDRs that came before it."""
        ref = reply.details.get("provider_ref")
        if ref is None:
            return [reply]
        reference = self.references.add_reply(delivery.provider, ref, delivery.id, reply, now)
        if reference.delivery_id == delivery.id:
            return reference.facts
        logger().warning("reference of another delivery", delivery=delivery.id, ref=ref)
        return [replace(reply, details={**reply.details, "provider_ref": None})]


def _given_ticket(order: Order, provider: str) -> str | None:
    ticket = getattr(order, "ticket_id", None) if provider in _WITH_TICKETS else None
    return None if ticket is None else str(ticket)


def _noted(delivery: Delivery, callee_key: str) -> Sequence[Action]:
    """Where a provider gives calls no id, a callee's calls are known before they are made."""
    if delivery.provider not in _WITHOUT_ID:
        return ()
    return (calling(delivery.provider, callee_key, delivery.id, delivery.created_at),)


type Channels = Mapping[str, Callable[[], Channel[Any, Any]]]
"""Each channel by its name; made when it is first needed."""


def _reply(delivery: Delivery, outcome: ProviderResponse, at: str) -> Fact:
    """What the provider said, as a fact; its price is settled by what it said, too.

    MCN charges each successful method call, whatever becomes of the phone call. What is unknown
    keeps its estimate.
    """
    estimate = delivery.cost
    match outcome:
        case Accepted(provider_ref, details):
            told = {
                **details,
                "provider_ref": provider_ref,
                "cost": estimate and replace(estimate, kind="settled"),
            }
            return Fact(at, Status.ACCEPTED, None, Source.REPLY, told)
        case Rejected(reason):
            nothing = estimate and replace(estimate, amount=Decimal(0), kind="settled")
            return Fact(at, Status.REJECTED, reason, Source.REPLY, {"cost": nothing})
        case Unknown(reason, provider_ref):
            told = {"provider_ref": provider_ref}
            return Fact(at, Status.UNKNOWN, reason, Source.REPLY, told)

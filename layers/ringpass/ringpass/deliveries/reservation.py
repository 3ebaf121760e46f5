"""Reservation of a delivery: planned at one provider, committed in one transaction, sent once.

    Channel.plan   at the first available provider, within the limits; nothing is written
    add_to         adds the delivery, its counters and the checks that allow it to a transaction
    replan         after a refusal by one of them: with the items in the table, or at the next
                   provider

A caller with writes of its own makes the transaction and commits it; ``commit`` does so for others.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from ringpass.aws.transaction import Check, ConditionsFailed, Transaction, Update
from ringpass.clock import from_text
from ringpass.costs import Prices
from ringpass.deliveries.callees_store import register_delivery
from ringpass.deliveries.correlations_store import CorrelationRepository
from ringpass.deliveries.model import Delivery
from ringpass.deliveries.route import Route
from ringpass.deliveries.store import DELIVERY, DeliveryRepository, check_attempt
from ringpass.errors import LimitReached, NotAllowed, ProviderSuspended, Unavailable
from ringpass.limits.circuit_breaker import Permit
from ringpass.limits.circuit_store import any_mark
from ringpass.limits.planner import MOST_TRIES, LimitPlan, LimitPlanner, LimitRequest
from ringpass.observability import logger
from ringpass.providers.orders import Order
from ringpass.redaction import Secret

CIRCUIT: Final = "circuit"
"""Tag of the check that the provider has no failures."""
_ABSENT: Final = "attribute_not_exists(PK)"


@dataclass(slots=True, kw_only=True)
class Reservation[O: Order]:
    """Reservation of a delivery, and all that is needed to send it.

    Attributes:
        order: What is to be sent.
        routes: The providers that are left, in order of preference.
        delivery: The delivery; the provider, its cost and ticket are of the current plan.
        limit_request: The send, as limits count it, with its cost at the provider.
        prices: What sends cost.
        planner: Plans what a client may send.
        deliveries: The table's deliveries.
        correlations: The table's correlations.
        route: The provider.
        credential: For the request to it.
        recorded_limits: Limits whose refusals are recorded: a limit that refuses each step of a
            verification in turn refuses one request, and has one record.
        permit: How its circuit breaker admits the send.
        plan: The counters of the send.
    """

    order: O
    routes: Iterator[Route[O]]
    delivery: Delivery
    limit_request: LimitRequest = field(repr=False)
    prices: Prices
    planner: LimitPlanner
    deliveries: DeliveryRepository
    correlations: CorrelationRepository
    recorded_limits: set[str] = field(default_factory=set)
    route: Route[O] = field(init=False)
    credential: Secret = field(init=False)
    permit: Permit = field(init=False)
    plan: LimitPlan = field(init=False)
    _replans: int = field(init=False)
    _first_refusal: ProviderSuspended | LimitReached | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        """Plan the delivery at the first available provider."""
        self._plan_at_next()

    def add_to(self, tx: Transaction) -> None:
        """Add the delivery, its counters, and the checks that allow it, to a transaction."""
        provider, phone_key = self.delivery.provider, self.limit_request.phone_key
        created_at = self.delivery.created_at
        self.deliveries.add(tx, self.delivery, phone_key)
        # A test number skips the circuit breaker: its outcome says nothing of the provider.
        if self.permit is Permit.UNCHECKED and not self.delivery.test:
            tx.add(Check(any_mark(provider), _ABSENT), CIRCUIT)
        self.plan.add_to(tx)
        self.planner.add_excesses(
            tx,
            self.limit_request,
            self.plan,
            from_text(created_at),
            verification_id=self.delivery.verification_id,
            step=self.delivery.step,
        )
        if not self.route.facts.replies_with_id:
            tx.add(register_delivery(provider, phone_key, self.delivery.id, created_at))
        if self.delivery.ticket_id is not None:
            # The caller's own ticket may hold receipts of other messages.
            now = from_text(created_at)
            tx.add(self.correlations.mark_shared(provider, self.delivery.ticket_id, now))

    def commit(self, link: Update | None = None) -> None:
        """Write the delivery, planned anew as long as a limit or the circuit breaker refuses it.

        Args:
            link: What links it to the delivery that it repeats.

        Raises:
            AlreadyReserved: There is a delivery with its id.
            ConditionsFailed: The link's condition does not hold.
            ProviderSuspended, LimitReached, NotAllowed, Unavailable: As ``replan``.
        """
        while True:
            tx = Transaction(self.deliveries.table)
            self.add_to(tx)
            if link is not None:
                tx.add(link)
            try:
                return tx.commit()
            except ConditionsFailed as refusal:
                if DELIVERY in refusal.items:
                    return check_attempt(refusal, self.delivery)
                self.replan(refusal)

    def replan(self, refusal: ConditionsFailed) -> None:
        """Plan the delivery anew, after a limit or the circuit breaker refused a transaction.

        Raises:
            ConditionsFailed: It was something else that refused.
            ProviderSuspended: The circuit breaker of each provider is open.
            LimitReached: A limit is reached, or a provider's own rate.
            NotAllowed: The client may not send this.
            Unavailable: The table or a secret cannot be reached, or the table is too busy.
        """
        try:
            if self.plan.is_refused(refusal):
                self._set_plan(self.plan.replanned(refusal))
            elif CIRCUIT in refusal.items:
                # Last of all: a send that the breaker lets through as its probe must be made.
                self.permit = self.route.circuit_breaker.acquire()
            else:
                raise refusal
        except (ProviderSuspended, LimitReached) as reason:
            self._skip_route(reason)
            self._plan_at_next()
            return
        self._replans += 1
        if self._replans == MOST_TRIES:
            raise Unavailable("The table is too busy.")

    def _plan_at_next(self) -> None:
        """Plan the delivery at the next available provider."""
        for route in self.routes:
            self.route = route
            try:
                self._plan_at(route)
            except (ProviderSuspended, LimitReached) as refusal:
                self._skip_route(refusal)
            except NotAllowed as refusal:
                self._record_refusal(refusal)
                raise
            else:
                return
        if isinstance(self._first_refusal, LimitReached):
            self._record_refusal(self._first_refusal)
        raise self._first_refusal or Unavailable("No provider is left.")

    def _plan_at(self, route: Route[O]) -> None:
        cost = self.prices.estimate(route.name, self.order.phone)
        self.limit_request = replace(self.limit_request, cost=cost)
        self.delivery = replace(
            self.delivery, provider=route.name, cost=cost, ticket_id=self._ticket()
        )
        # The delivery's own instant: its day is the day of the ledger that counts it.
        now = from_text(self.delivery.created_at)
        route.check_quota(self.order, now)
        self.credential = route.caller.credential(self.order)
        self.permit, self._replans = Permit.UNCHECKED, 0
        plan = self.planner.plan(self.limit_request, now)
        self._set_plan(plan if self.delivery.test else route.with_rate_slot(plan))

    def _set_plan(self, plan: LimitPlan) -> None:
        self.plan = plan
        # A verification keeps itself where its code is counted; a repeated send is counted already.
        unverified = plan.unverified if self.limit_request.single else self.delivery.unverified
        self.delivery = replace(
            self.delivery, ledger_shard=plan.ledger_shard, unverified=unverified
        )

    def _ticket(self) -> str | None:
        """Returns the caller's own ticket, where the provider has tickets."""
        has_tickets = self.route.facts.has_tickets
        ticket = getattr(self.order, "ticket_id", None) if has_tickets else None
        return None if ticket is None else str(ticket)

    def _skip_route(self, refusal: ProviderSuspended | LimitReached) -> None:
        """Remember why this provider does not take the delivery, if the next one may."""
        if isinstance(refusal, LimitReached) and not self.route.is_full(refusal):
            self._record_refusal(refusal)
            raise refusal
        self._first_refusal = self._first_refusal or refusal

    def _record_refusal(self, refusal: LimitReached | NotAllowed) -> None:
        if refusal.limit in self.recorded_limits:
            return
        self.recorded_limits.add(refusal.limit)
        logger().info("limit", limit=refusal.limit, client=self.limit_request.client)
        self.planner.record_refusal(
            self.limit_request,
            refusal,
            from_text(self.delivery.created_at),
            # A verification that is being started may never exist.
            verification_id=(None if self.limit_request.starts else self.delivery.verification_id),
            step=self.delivery.step,
        )

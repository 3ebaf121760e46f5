"""A channel: one way to reach a phone, with the provider that serves it.

What a single send and a step of a verification have in common:

    check      what the provider cannot carry out is refused
    reserve    one transaction: the delivery, what counts it, and that nobody forbids it
    carry_out  one request to the provider, then one update; two where its reference is joined

Whatever fails in between, nothing is sent twice: a delivery that stays ``reserved`` becomes
``unknown`` by a timer, and its CDR settles it.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from ringpass.allowance import MOST_TRIES, Allowance, Asking, Plan
from ringpass.clock import Clock, from_text, to_text
from ringpass.commands import SendCommand
from ringpass.credentials import Secret
from ringpass.delivery import Delivery, Entry, Fact, Source
from ringpass.errors import LimitReached, NotAllowed, Unavailable, invalid_field
from ringpass.gate import Gate, Pass
from ringpass.observe import logger
from ringpass.outcomes import Accepted, Outcome, Rejected, Status, Unknown
from ringpass.placing import Placing
from ringpass.prices import Prices
from ringpass.providers.wire import Provider
from ringpass.store.deliveries import Deliveries
from ringpass.store.references import References
from ringpass.store.suspensions import any_mark
from ringpass.store.table import Blocked, Check, Put, Update

type Action = Put | Update | Check

_ABSENT: Final = "attribute_not_exists(PK)"


@dataclass(frozen=True, slots=True)
class Channel[C: SendCommand]:
    """One channel and its provider.

    Attributes:
        name: Name of the channel.
        placing: The provider, and the way to it.
        gate: Keeps count of the provider's failures.
        prices: What sends cost.
        allowance: What a client may send.
        deliveries: The table's deliveries.
        references: The table's references.
        allow_test_numbers: Whether somebody plays the provider for test numbers.
        clock: Tells the time.
    """

    name: str
    placing: Placing[C]
    gate: Gate
    prices: Prices
    allowance: Allowance
    deliveries: Deliveries
    references: References
    allow_test_numbers: bool
    clock: Clock

    @property
    def provider(self) -> Provider[C]:
        """Who serves it."""
        return self.placing.provider

    def check(self, command: C) -> None:
        """Refuse what cannot be sent.

        Raises:
            ValidationFailed: The number cannot be reached over this channel, or the provider
                cannot carry the command out.
        """
        if command.phone.is_test and not self.allow_test_numbers:
            raise invalid_field(
                ["phone"], "test_number_not_allowed", "test numbers are off in this stack"
            )
        if command.phone.region not in self.provider.regions:
            raise invalid_field(
                ["phone"],
                "country_not_supported",
                f"{self.name} reaches {' and '.join(sorted(self.provider.regions))} only",
            )
        self.provider.check(command)

    def new(self, command: C, client: str, delivery_id: str, **link: Any) -> Delivery:  # noqa: ANN401
        """A delivery to be reserved; ``link`` are attributes that say what it belongs to."""
        now = to_text(self.clock())
        return Delivery(
            id=delivery_id,
            client=client,
            channel=self.name,
            provider=self.provider.name,
            phone=command.phone.e164,
            country=command.phone.region,
            status=Status.RESERVED,
            created_at=now,
            updated_at=now,
            attempt=secrets.token_hex(16),
            test=command.phone.is_test,
            metadata=command.metadata,
            cost=self.prices.of(self.provider.name, command.phone),
            history=(Entry(now, Status.RESERVED, None, Source.REQUEST),),
            **link,
        )

    def reserve(
        self,
        delivery: Delivery,
        asking: Asking,
        write: Callable[[Delivery, Plan, Sequence[Action]], None],
    ) -> Pass:
        """Have a delivery written, if its provider is not suspended and no limit forbids it.

        Args:
            delivery: The delivery.
            asking: Who asks for what, as limits count it.
            write: Writes the delivery, counted by the plan, together with the actions that are
                given to it, before any action of its own; raises ``Blocked`` if the condition of
                one of them fails.

        Returns:
            How it was let through; ``carry_out`` takes it.

        Raises:
            ProviderSuspended: Nobody may ask the provider now. Nothing was written.
            LimitReached: A limit is reached. Nothing was written.
            NotAllowed: The client may not send this. Nothing was written.
            Unavailable: The table cannot be reached, or is too busy. Nothing was written.
        """
        # The delivery's own instant: its day is the day of the ledger that counts it.
        now = from_text(delivery.created_at)
        try:
            return self._reserve(delivery, asking, write, now)
        except (LimitReached, NotAllowed) as refusal:
            logger().info("limit", limit=refusal.limit, client=asking.client)
            self.allowance.record_refusal(
                asking,
                refusal,
                now,
                verification_id=delivery.verification_id,
                step=delivery.step,
            )
            raise

    def _reserve(
        self,
        delivery: Delivery,
        asking: Asking,
        write: Callable[[Delivery, Plan, Sequence[Action]], None],
        now: datetime,
    ) -> Pass:
        passed = Pass.FREELY
        plan = self.allowance.plan(asking, now)
        # A test number asks nobody's leave: what becomes of it says nothing of the provider.
        guards = [] if delivery.test else [Check(any_mark(delivery.provider), _ABSENT)]
        for _ in range(MOST_TRIES):
            counted = replace(delivery, ledger_shard=plan.ledger_shard)
            try:
                write(counted, plan, [*guards, *plan.writes])
            except Blocked as blocked:
                first = len(guards)
                # Behind the limits' writes come the writer's own, which are its own affair.
                limits = {
                    at - first: item
                    for at, item in blocked.found.items()
                    if 0 <= at - first < len(plan.writes)
                }
                if limits:
                    plan = plan.after(limits)
                elif any(at < first for at in blocked.found):
                    # Asked last: whoever is let through as the one that tries must be sent.
                    passed, guards = self.gate.enter(), []
                else:
                    raise
            else:
                return passed
        raise Unavailable("The table is too busy.")

    def carry_out(
        self, command: C, delivery: Delivery, passed: Pass, credential: Secret
    ) -> Delivery:
        """Have a reserved delivery placed, and write what the provider said."""
        outcome = self.placing.place(command, delivery.id, credential)
        logger().info(
            "provider asked",
            delivery=delivery.id,
            provider=delivery.provider,
            phone=str(command.phone),
            outcome=type(outcome).__name__,
            reason=getattr(outcome, "reason", None),
            test=delivery.test,
        )
        finished = self._finish(delivery, outcome)
        if not delivery.test:
            self.gate.leave(passed, outcome)
        return finished

    def _finish(self, delivery: Delivery, outcome: Outcome) -> Delivery:
        """Write what the provider said.

        The call is made, so an error here must not look as if it were not: the delivery is
        answered as ``unknown``, which is what its timer will make of it.
        """
        now = self.clock()
        reply = _reply(delivery, outcome, to_text(now))
        try:
            facts = self._rendezvous(delivery, reply, now)
            learnt = self.deliveries.learn(delivery.id, facts, delivery.state, to_text(now))
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
        name = self.provider.name
        reference = self.references.add_reply(name, ref, delivery.id, reply, now)
        if reference.delivery_id == delivery.id:
            return reference.facts
        logger().warning("reference of another delivery", delivery=delivery.id, ref=ref)
        return [replace(reply, details={**reply.details, "provider_ref": None})]


type Channels = Mapping[str, Callable[[], Channel[Any]]]
"""Each channel by its name; made when it is first needed."""


def _reply(delivery: Delivery, outcome: Outcome, at: str) -> Fact:
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

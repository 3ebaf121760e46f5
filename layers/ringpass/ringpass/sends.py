"""The use case of every send: reserve, send, finish.

    reserve  one conditional put; the record itself is the idempotency token
    send     one request to the provider (after a 401, which placed nothing, a second one)
    finish   one update; two where the provider's reference is joined with its CDR

Whatever fails in between, nothing is sent twice: a delivery that stays ``reserved`` becomes
``unknown`` by a timer, and its CDR settles it.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from ringpass.clock import Clock, to_text
from ringpass.commands import SendCommand
from ringpass.credentials import Secret, Secrets
from ringpass.delivery import Delivery, Entry, Fact, Source
from ringpass.digests import delivery_id, fingerprint, phone_key
from ringpass.errors import (
    InProgress,
    Unavailable,
    invalid_field,
)
from ringpass.gate import Gate, Pass
from ringpass.idempotency import check_key, reused
from ringpass.lost import give_up, is_lost
from ringpass.observe import logger
from ringpass.outcomes import Accepted, Outcome, Rejected, Status, Unknown
from ringpass.placing import Placing
from ringpass.prices import Prices
from ringpass.providers.wire import Provider
from ringpass.store.deliveries import AlreadyReserved, Deliveries
from ringpass.store.references import References
from ringpass.store.suspensions import any_mark
from ringpass.store.table import Blocked, Check


@dataclass(frozen=True, slots=True)
class Sent:
    """A delivery, and whether it was placed by an earlier request with the same key."""

    delivery: Delivery
    replayed: bool


@dataclass(frozen=True, slots=True)
class Sends[C: SendCommand]:
    """Sends commands of one channel through its provider.

    Attributes:
        stack: Name of the stack.
        channel: Name of the channel.
        route: The channel's route key; part of the scope of an idempotency key.
        placing: The provider, and the way to it.
        gate: Keeps count of the provider's failures.
        prices: What sends cost.
        secrets: The stack's secrets.
        deliveries: The table's deliveries.
        references: The table's references.
        allow_test_numbers: Whether the provider's base URL is a sandbox's.
        clock: Tells the time.
    """

    stack: str
    channel: str
    route: str
    placing: Placing[C]
    gate: Gate
    prices: Prices
    secrets: Secrets
    deliveries: Deliveries
    references: References
    allow_test_numbers: bool
    clock: Clock

    def send(self, command: C, client: str, idempotency_key: str | None) -> Sent:
        """Place at most one call or message, whatever fails.

        Raises:
            ValidationFailed: The number cannot be reached over this channel, or the provider
                cannot carry the command out. Nothing was reserved.
            InvalidHeader: The idempotency key is not 1 to 255 ASCII characters.
            InProgress: The first request with this key is still running.
            IdempotencyKeyReused: The key has served another command.
            ProviderSuspended: Nobody may ask the provider now. Nothing was reserved.
            Unavailable: The table or a secret cannot be reached. Nothing was reserved.
        """
        check_key(idempotency_key)
        self._check(command)
        lookup_key = self.secrets.value("lookup", "key")
        credential = self.placing.credential()
        delivery = self._new(command, client, idempotency_key, lookup_key)
        try:
            passed = self._reserve(delivery, phone_key(lookup_key, command.phone.e164))
        except AlreadyReserved as taken:
            return Sent(self._replay(taken.delivery, delivery.fingerprint), replayed=True)
        outcome = self.placing.place(command, delivery.id, credential)
        logger().info(
            "provider asked",
            delivery=delivery.id,
            provider=delivery.provider,
            phone=str(command.phone),
            outcome=type(outcome).__name__,
            reason=getattr(outcome, "reason", None),
        )
        finished = self._finish(delivery, outcome)
        if not delivery.test:
            self.gate.leave(passed, outcome)
        return Sent(finished, replayed=False)

    @property
    def _provider(self) -> Provider[C]:
        return self.placing.provider

    def _reserve(self, delivery: Delivery, phone_key: str) -> Pass:
        """Write the delivery, unless its provider is suspended; says how it was let through.

        A test number asks nobody's leave: what becomes of it says nothing of the provider.
        """
        mark = None if delivery.test else any_mark(delivery.provider)
        try:
            self.deliveries.reserve(
                delivery,
                phone_key,
                [] if mark is None else [Check(mark, "attribute_not_exists(PK)")],
            )
        except Blocked:
            passed = self.gate.enter()
            self.deliveries.reserve(delivery, phone_key)
            return passed
        return Pass.FREELY

    def _check(self, command: C) -> None:
        if command.phone.is_test and not self.allow_test_numbers:
            raise invalid_field(
                ["phone"], "test_number_not_allowed", "test numbers are off in this stack"
            )
        if command.phone.region not in self._provider.regions:
            raise invalid_field(
                ["phone"],
                "country_not_supported",
                f"{self.channel} reaches {' and '.join(sorted(self._provider.regions))} only",
            )
        self._provider.check(command)

    def _new(
        self, command: C, client: str, idempotency_key: str | None, lookup_key: Secret
    ) -> Delivery:
        now = to_text(self.clock())
        return Delivery(
            id=delivery_id(self.stack, client, self.route, idempotency_key),
            client=client,
            channel=self.channel,
            provider=self._provider.name,
            phone=command.phone.e164,
            status=Status.RESERVED,
            created_at=now,
            updated_at=now,
            fingerprint=fingerprint(lookup_key, command.canonical()),
            attempt=secrets.token_hex(16),
            test=command.phone.is_test,
            metadata=command.metadata,
            cost=self.prices.of(self._provider.name, command.phone),
            history=(Entry(now, Status.RESERVED, None, Source.REQUEST),),
        )

    def _replay(self, existing: Delivery, wanted: str) -> Delivery:
        if existing.fingerprint != wanted:
            raise reused()
        if existing.status is not Status.RESERVED:
            return existing
        now = self.clock()
        if not is_lost(existing, now):
            raise InProgress(
                "The first request with this idempotency key is still running.",
                headers={"Retry-After": "1"},
            )
        return give_up(self.deliveries, existing, now) or existing

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
        name = self._provider.name
        reference = self.references.add_reply(name, ref, delivery.id, reply, now)
        if reference.delivery_id == delivery.id:
            return reference.facts
        logger().warning("reference of another delivery", delivery=delivery.id, ref=ref)
        return [replace(reply, details={**reply.details, "provider_ref": None})]


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

"""The use case of every single send: reserve, send, finish.

reserve    one transaction; the record itself is the idempotency token
send       one request to the provider (after a 401, which placed nothing, a second one)
finish     one update; two where the provider's reference is joined with its CDR
fail over  what a provider definitely refused, the channel's next one gets as a new delivery
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from ringpass.aws.dynamodb import Put, Update
from ringpass.aws.secrets import Secrets
from ringpass.clients.settings.service import ClientSettingsService
from ringpass.clock import Clock, from_text
from ringpass.config import PROVIDER_TIMEOUT_SECONDS, SEND_TIMEOUT_SECONDS
from ringpass.deliveries.abandoned import give_up, is_lost
from ringpass.deliveries.channel import Action, Channel
from ringpass.deliveries.model import Delivery
from ringpass.deliveries.requests import SendCommand
from ringpass.deliveries.route import Route
from ringpass.deliveries.store import AlreadyReserved
from ringpass.errors import (
    LimitReached,
    NotAllowed,
    NotConfigured,
    ProviderSuspended,
    QuotaUsedUp,
    Unavailable,
    ValidationFailed,
)
from ringpass.http.idempotency import check_key, in_progress_error, key_reused_error
from ringpass.ids import delivery_id, phone_key, send_fingerprint
from ringpass.limits.planner import LimitPlan, LimitRequest
from ringpass.observability import logger
from ringpass.outcomes import Status
from ringpass.providers.orders import Order

_AGAIN: Final = "failover"
# The next provider, too, may need its whole time twice: a 401, then the request again.
_FAIL_OVER_WITHIN: Final = timedelta(
    seconds=SEND_TIMEOUT_SECONDS - 2 * PROVIDER_TIMEOUT_SECONDS - 2
)


@dataclass(frozen=True, slots=True)
class Sent:
    """A delivery, and whether it was placed by an earlier request with the same key."""

    delivery: Delivery
    replayed: bool


@dataclass(frozen=True, slots=True)
class SendService[C: SendCommand]:
    """Sends commands over one channel.

    Attributes:
        stack: Name of the stack.
        route: The channel's route key; part of the scope of an idempotency key.
        channel: The channel.
        preferences: What clients have set.
        secrets: The stack's secrets.
        clock: Tells the time.
    """

    stack: str
    route: str
    channel: Channel[C, Any]
    preferences: ClientSettingsService
    secrets: Secrets
    clock: Clock

    def send(self, command: C, client: str, idempotency_key: str | None) -> Sent:
        """Place at most one call or message, whatever fails.

        Raises:
            ValidationFailed: The number cannot be reached over this channel, or the provider
                cannot carry the command out. Nothing was reserved.
            InvalidHeader: The idempotency key is not 1 to 255 ASCII characters.
            InProgress: The first request with this key is still running.
            IdempotencyKeyReused: The key has served another command.
            NotConfigured: The channel has no provider in this stack. Nothing was reserved.
            ProviderSuspended: Nobody may ask the provider now. Nothing was reserved.
            QuotaUsedUp: The provider sends no more today. Nothing was reserved.
            LimitReached: A limit of the client is reached. Nothing was reserved.
            NotAllowed: The client does not send to this number. Nothing was reserved.
            Unavailable: The table or a secret cannot be reached. Nothing was reserved.
        """
        check_key(idempotency_key)
        own_id = delivery_id(self.stack, client, self.route, idempotency_key)
        lookup_key = self.secrets.value("lookup", "key")
        wanted = send_fingerprint(lookup_key, command.canonical(), idempotency_key)
        try:
            return self._send(command, client, own_id, wanted)
        except (ValidationFailed, NotConfigured, QuotaUsedUp):
            # What the command names, or who is configured, may be another than when this key came
            # first; and a quota is seen before the write that would meet the first one's record.
            earlier = self.channel.deliveries.get(own_id) if idempotency_key is not None else None
            if earlier is None:
                raise
            return Sent(self._replay(earlier, wanted), replayed=True)

    def _send(self, command: C, client: str, own_id: str, wanted: str) -> Sent:
        settings = self.preferences.get(client)
        order = self.channel.prepare(command, client, settings)
        routes = self.channel.usable(order, settings)
        lookup_key = self.secrets.value("lookup", "key")
        delivery = self.channel.new(
            order,
            client,
            own_id,
            metadata=command.metadata,
            fingerprint=wanted,
        )
        asking = LimitRequest(
            client=client,
            limits=settings.limits,
            phone=command.phone,
            phone_key=phone_key(lookup_key, command.phone.e164),
            channel=self.channel.name,
            cost=None,
            starts=False,
            single=True,
        )
        try:
            reserved = self.channel.reserve(order, routes, delivery, asking, self._write)
        except AlreadyReserved as taken:
            return Sent(self._replay(taken.delivery, delivery.fingerprint), replayed=True)
        finished = self.channel.carry_out(reserved)
        left = routes[routes.index(reserved.route) + 1 :]
        return Sent(self._fail_over(order, left, finished, asking), replayed=False)

    def _write(self, put: Put, _plan: LimitPlan, others: Sequence[Action]) -> None:
        self.channel.deliveries.write(put, others)

    def _fail_over[O: Order](
        self, order: O, routes: Sequence[Route[O]], refused: Delivery, asking: LimitRequest
    ) -> Delivery:
        """Have what one provider has definitely refused sent by the next one, as a new delivery.

        It is done at once or never: what was to be sent is kept nowhere. A send that is unknown is
        never sent again.
        """
        last = refused
        for route in routes:
            late = self.clock() - from_text(refused.created_at) > _FAIL_OVER_WITHIN
            if last.status is not Status.REJECTED or late:
                break
            link = self.channel.deliveries.link(last.id, again := self._again_id(last))
            delivery = self.channel.new(
                order,
                last.client,
                again,
                metadata=last.metadata,
                fingerprint=last.fingerprint,
                retry_of=last.id,
            )

            def write(
                put: Put, plan: LimitPlan, others: Sequence[Action], link: Update = link
            ) -> None:
                self._write(put, plan, [*others, link])

            try:
                # It carries the code of the first one, which is counted.
                again_asking = replace(asking, single=False)
                reserved = self.channel.reserve(order, [route], delivery, again_asking, write)
            except (ProviderSuspended, LimitReached, NotAllowed, Unavailable) as refusal:
                logger().info(
                    "no failover", delivery=last.id, provider=route.name, why=refusal.code
                )
            else:
                last = self.channel.carry_out(reserved)
        return last

    def _again_id(self, refused: Delivery) -> str:
        return delivery_id(self.stack, refused.client, _AGAIN, refused.id)

    def _replay(self, existing: Delivery, wanted: str) -> Delivery:
        if existing.fingerprint != wanted:
            raise key_reused_error()
        while existing.retried_by and (again := self.channel.deliveries.get(existing.retried_by)):
            existing = again
        if existing.status is not Status.RESERVED:
            return existing
        now = self.clock()
        if not is_lost(existing, now):
            raise in_progress_error()
        return give_up(self.channel.deliveries, existing, now) or existing

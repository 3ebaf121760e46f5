"""Single sends: reserve, dispatch, fail over. Idempotent by the delivery's id.

reserve    one transaction; the id is derived from the idempotency key, so the record itself is the
           idempotency token: the same request again replays it
dispatch   one request to the provider (after a 401, which placed nothing, a second one), then one
           update; two for a correlation with a delivery receipt
fail over  what a provider definitely rejected, the channel's next one gets as a new delivery
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from ringpass.aws.secrets import Secrets
from ringpass.aws.transaction import ConditionsFailed, Transaction, Update
from ringpass.clients.settings.service import ClientSettingsService
from ringpass.clock import Clock, from_text
from ringpass.config import PROVIDER_TIMEOUT_SECONDS, SEND_TIMEOUT_SECONDS
from ringpass.deliveries.abandoned import give_up, is_lost
from ringpass.deliveries.channel import Channel
from ringpass.deliveries.model import Delivery
from ringpass.deliveries.reservation import Reservation
from ringpass.deliveries.route import Route
from ringpass.deliveries.store import DELIVERY, AlreadyReserved, check_attempt
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
from ringpass.limits.planner import LimitRequest
from ringpass.observability import logger
from ringpass.outcomes import Status
from ringpass.providers.orders import Order

if TYPE_CHECKING:
    from ringpass.deliveries.requests import SendCommand

_FAILOVER: Final = "failover"
# The next provider may also need its whole time twice: a 401, then the request again.
_FAILOVER_TIME: Final = timedelta(seconds=SEND_TIMEOUT_SECONDS - 2 * PROVIDER_TIMEOUT_SECONDS - 2)


@dataclass(frozen=True, slots=True)
class SendResult:
    """A delivery, and whether it is a replay: of an earlier request with the same key."""

    delivery: Delivery
    replayed: bool


@dataclass(frozen=True, slots=True)
class SendService[C: SendCommand]:
    """Sends commands over one channel.

    Attributes:
        stack: Name of the stack.
        route: The channel's route key; part of the scope of an idempotency key.
        channel: The channel.
        client_settings: Settings of clients.
        secrets: The stack's secrets.
        clock: Tells the time.
    """

    stack: str
    route: str
    channel: Channel[C, Any]
    client_settings: ClientSettingsService
    secrets: Secrets
    clock: Clock

    def send(self, command: C, client: str, idempotency_key: str | None) -> SendResult:
        """Place at most one call or message, whatever fails.

        Raises:
            ValidationFailed: The number cannot be reached over this channel, or the provider
                cannot carry the command out. Nothing was reserved.
            InvalidHeader: The idempotency key is not 1 to 255 ASCII characters.
            InProgress: The first request with this key is still running.
            IdempotencyKeyReused: The key was used with another command.
            NotConfigured: The channel has no provider in this stack. Nothing was reserved.
            ProviderSuspended: The provider's circuit breaker is open. Nothing was reserved.
            QuotaUsedUp: The provider sends no more today. Nothing was reserved.
            LimitReached: A limit of the client is reached. Nothing was reserved.
            NotAllowed: The client does not send to this number. Nothing was reserved.
            Unavailable: The table or a secret cannot be reached. Nothing was reserved.
        """
        check_key(idempotency_key)
        own_id = delivery_id(self.stack, client, self.route, idempotency_key)
        lookup_key = self.secrets.value("lookup", "key")
        fingerprint = send_fingerprint(lookup_key, command.canonical(), idempotency_key)
        try:
            return self._send(command, client, own_id, fingerprint)
        except (ValidationFailed, NotConfigured, QuotaUsedUp):
            # Since the first request with this key, the names in the command and the configured
            # providers may have changed; and the quota is checked before the write that would
            # find the first request's record.
            earlier = self.channel.deliveries.get(own_id) if idempotency_key is not None else None
            if earlier is None:
                raise
            return SendResult(self._replay(earlier, fingerprint), replayed=True)

    def _send(self, command: C, client: str, own_id: str, fingerprint: str) -> SendResult:
        settings = self.client_settings.get(client)
        order = self.channel.prepare(command, client, settings)
        routes = self.channel.eligible_routes(order, settings)
        lookup_key = self.secrets.value("lookup", "key")
        delivery = self.channel.draft(
            order,
            client,
            own_id,
            metadata=command.metadata,
            fingerprint=fingerprint,
        )
        limit_request = LimitRequest(
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
            reservation = self.channel.plan(order, routes, delivery, limit_request)
            self._commit(reservation)
        except AlreadyReserved as conflict:
            return SendResult(self._replay(conflict.delivery, delivery.fingerprint), replayed=True)
        result = self.channel.dispatch(reservation)
        remaining = routes[routes.index(reservation.route) + 1 :]
        return SendResult(self._fail_over(order, remaining, result, limit_request), replayed=False)

    def _commit(self, reservation: Reservation[Any], link: Update | None = None) -> None:
        """Write a delivery, planned anew as long as it is refused by a limit or a circuit breaker.

        Args:
            reservation: The delivery's reservation.
            link: What links it to the delivery that it repeats.

        Raises:
            AlreadyReserved: There is a delivery with its id.
        """
        while True:
            tx = Transaction(self.channel.deliveries.table)
            reservation.add_to(tx)
            if link:
                tx.add(link)
            try:
                return tx.commit()
            except ConditionsFailed as refusal:
                if DELIVERY in refusal.items:
                    return check_attempt(refusal, reservation.delivery)
                reservation.replan(refusal)

    def _fail_over[O: Order](
        self, order: O, routes: Sequence[Route[O]], first: Delivery, limit_request: LimitRequest
    ) -> Delivery:
        """Send what one provider has definitely rejected over the next one, as a new delivery.

        It is done at once or never: the content of a send is stored nowhere. A send with an
        unknown result is never repeated.
        """
        last = first
        for route in routes:
            is_late = self.clock() - from_text(first.created_at) > _FAILOVER_TIME
            if last.status is not Status.REJECTED or is_late:
                break
            link = self.channel.deliveries.link(last.id, retry_id := self._failover_id(last))
            delivery = self.channel.draft(
                order,
                last.client,
                retry_id,
                metadata=last.metadata,
                fingerprint=last.fingerprint,
                retry_of=last.id,
            )
            try:
                # It carries the code of the first delivery, which is counted already.
                retry_request = replace(limit_request, single=False)
                reservation = self.channel.plan(order, [route], delivery, retry_request)
                self._commit(reservation, link)
            except (ProviderSuspended, LimitReached, NotAllowed, Unavailable) as refusal:
                logger().info(
                    "no failover", delivery=last.id, provider=route.name, why=refusal.code
                )
            else:
                last = self.channel.dispatch(reservation)
        return last

    def _failover_id(self, first: Delivery) -> str:
        return delivery_id(self.stack, first.client, _FAILOVER, first.id)

    def _replay(self, existing: Delivery, fingerprint: str) -> Delivery:
        if existing.fingerprint != fingerprint:
            raise key_reused_error()
        while existing.retried_by and (retry := self.channel.deliveries.get(existing.retried_by)):
            existing = retry
        if existing.status is not Status.RESERVED:
            return existing
        now = self.clock()
        if not is_lost(existing, now):
            raise in_progress_error()
        return give_up(self.channel.deliveries, existing, now) or existing

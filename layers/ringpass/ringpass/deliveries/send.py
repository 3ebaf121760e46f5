"""Single sends: reserve, dispatch, fail over. Idempotent by the delivery's id.

reserve    one transaction; the id is derived from the idempotency key, so the record itself is the
           idempotency token: the same request again replays it
dispatch   one request to the provider (after a 401, which placed nothing, a second one), then one
           update; two for a correlation with a delivery receipt
fail over  what a provider definitely rejected, the channel's next one gets as a new delivery
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ringpass.aws.secrets import Secrets
from ringpass.clients.settings.service import ClientSettingsService
from ringpass.clock import Clock
from ringpass.deliveries.abandoned import give_up, is_lost
from ringpass.deliveries.channel import Channel
from ringpass.deliveries.failover import Failover
from ringpass.deliveries.model import Delivery
from ringpass.deliveries.store import AlreadyReserved
from ringpass.errors import (
    NotConfigured,
    QuotaUsedUp,
    ValidationFailed,
)
from ringpass.http.idempotency import check_key, in_progress_error, key_reused_error
from ringpass.ids import delivery_id, phone_key, send_fingerprint
from ringpass.limits.planner import LimitRequest
from ringpass.outcomes import Status

if TYPE_CHECKING:
    from ringpass.deliveries.requests import SendCommand


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
            consent_reference=command.consent_reference,
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
            reservation.commit()
        except AlreadyReserved as conflict:
            return SendResult(self._replay(conflict.delivery, delivery.fingerprint), replayed=True)
        first = self.channel.dispatch(reservation)
        remaining = routes[routes.index(reservation.route) + 1 :]
        failover = Failover(self.stack, self.channel, self.clock)
        return SendResult(failover.run(order, remaining, first, limit_request), replayed=False)

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

"""The use case of every single send: reserve, send, finish.

reserve  one transaction; the record itself is the idempotency token
send     one request to the provider (after a 401, which placed nothing, a second one)
finish   one update; two where the provider's reference is joined with its CDR
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ringpass.allowance import Asking, Plan
from ringpass.channels import Action, Channel
from ringpass.clock import Clock
from ringpass.commands import SendCommand
from ringpass.credentials import Secrets
from ringpass.delivery import Delivery
from ringpass.digests import delivery_id, fingerprint, phone_key
from ringpass.idempotency import check_key, reused, still_running
from ringpass.lost import give_up, is_lost
from ringpass.outcomes import Status
from ringpass.preferences import Preferences
from ringpass.store.deliveries import AlreadyReserved


@dataclass(frozen=True, slots=True)
class Sent:
    """A delivery, and whether it was placed by an earlier request with the same key."""

    delivery: Delivery
    replayed: bool


@dataclass(frozen=True, slots=True)
class Sends[C: SendCommand]:
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
    channel: Channel[C]
    preferences: Preferences
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
            ProviderSuspended: Nobody may ask the provider now. Nothing was reserved.
            LimitReached: A limit of the client is reached. Nothing was reserved.
            NotAllowed: The client does not send to this number. Nothing was reserved.
            Unavailable: The table or a secret cannot be reached. Nothing was reserved.
        """
        check_key(idempotency_key)
        self.channel.check(command)
        lookup_key = self.secrets.value("lookup", "key")
        credential = self.channel.placing.credential()
        delivery = self.channel.new(
            command,
            client,
            delivery_id(self.stack, client, self.route, idempotency_key),
            fingerprint=fingerprint(lookup_key, command.canonical()),
        )
        asking = Asking(
            client=client,
            limits=self.preferences.of(client).limits,
            phone=command.phone,
            phone_key=phone_key(lookup_key, command.phone.e164),
            channel=self.channel.name,
            cost=delivery.cost,
            starts=False,
            ip_key=None,
        )
        reserved = delivery

        def write(counted: Delivery, _plan: Plan, others: Sequence[Action]) -> None:
            nonlocal reserved
            reserved = counted
            self.channel.deliveries.reserve(counted, asking.phone_key, others)

        try:
            passed = self.channel.reserve(delivery, asking, write)
        except AlreadyReserved as taken:
            return Sent(self._replay(taken.delivery, delivery.fingerprint), replayed=True)
        finished = self.channel.carry_out(command, reserved, passed, credential)
        return Sent(finished, replayed=False)

    def _replay(self, existing: Delivery, wanted: str) -> Delivery:
        if existing.fingerprint != wanted:
            raise reused()
        if existing.status is not Status.RESERVED:
            return existing
        now = self.clock()
        if not is_lost(existing, now):
            raise still_running()
        return give_up(self.channel.deliveries, existing, now) or existing

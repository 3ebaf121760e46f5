"""Failover: sends what one provider has definitely rejected over the channel's next one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from ringpass.clock import Clock, from_text
from ringpass.config import PROVIDER_TIMEOUT_SECONDS, SEND_TIMEOUT_SECONDS
from ringpass.deliveries.channel import Channel
from ringpass.deliveries.model import Delivery
from ringpass.deliveries.route import Route
from ringpass.errors import LimitReached, NotAllowed, ProviderSuspended, Unavailable
from ringpass.ids import delivery_id
from ringpass.limits.planner import LimitRequest
from ringpass.observability import logger
from ringpass.outcomes import Status
from ringpass.providers.orders import Order

_FAILOVER: Final = "failover"
# The next provider may also need its whole time twice: a 401, then the request again.
_FAILOVER_TIME: Final = timedelta(seconds=SEND_TIMEOUT_SECONDS - 2 * PROVIDER_TIMEOUT_SECONDS - 2)


@dataclass(frozen=True, slots=True)
class Failover[O: Order]:
    """Failover of single sends over one channel.

    Attributes:
        stack: Name of the stack.
        channel: The channel.
        clock: Tells the time.
    """

    stack: str
    channel: Channel[Any, O]
    clock: Clock

    def run(
        self, order: O, routes: Sequence[Route[O]], first: Delivery, limit_request: LimitRequest
    ) -> Delivery:
        """Send a rejected order over the next providers, each time as a new delivery.

        It is done at once or never: the content of a send is stored nowhere. A send with an
        unknown result is never repeated. Returns the last delivery.
        """
        last = first
        for route in routes:
            is_late = self.clock() - from_text(first.created_at) > _FAILOVER_TIME
            if last.status is not Status.REJECTED or is_late:
                break
            retry_id = delivery_id(self.stack, last.client, _FAILOVER, last.id)
            delivery = self.channel.draft(
                order,
                last.client,
                retry_id,
                metadata=last.metadata,
                consent_reference=last.consent_reference,
                fingerprint=last.fingerprint,
                unverified=last.unverified,
                retry_of=last.id,
            )
            try:
                # It carries the code of the first delivery, which is counted already.
                retry_request = replace(limit_request, single=False)
                reservation = self.channel.plan(order, [route], delivery, retry_request)
                reservation.commit(self.channel.deliveries.link(last.id, delivery))
            except (ProviderSuspended, LimitReached, NotAllowed, Unavailable) as refusal:
                logger().info(
                    "no failover", delivery=last.id, provider=route.name, why=refusal.code
                )
            else:
                last = self.channel.dispatch(reservation)
        return last

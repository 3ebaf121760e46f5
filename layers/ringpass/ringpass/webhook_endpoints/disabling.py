"""Disables an endpoint that takes no events, and tells so by an event."""

from dataclasses import dataclass, replace

from ringpass.aws.optimistic_lock import retry_on_conflict
from ringpass.aws.transaction import Transaction
from ringpass.clock import Clock, to_text
from ringpass.events.store import EventRepository
from ringpass.observability import logger
from ringpass.webhook_endpoints.endpoint_events import endpoint_event
from ringpass.webhook_endpoints.model import DisabledReason, Endpoint, EndpointStatus
from ringpass.webhook_endpoints.store import ENDPOINT, EndpointRepository

_CHANGED_TOO_OFTEN = "The endpoint is changed too often at once."


@dataclass(frozen=True, slots=True)
class EndpointDisabler:
    """Disables endpoints.

    Attributes:
        endpoints: The endpoints.
        events: The events.
        clock: Returns the current time.
    """

    endpoints: EndpointRepository
    events: EventRepository
    clock: Clock

    def disable(self, endpoint: Endpoint, reason: DisabledReason) -> Endpoint:
        """Disable an endpoint and write its event, in one transaction; returns it as it is then.

        Nothing happens to an endpoint that is disabled or deleted already, or that was enabled or
        got another URL after ``endpoint`` was read.
        """

        def attempt() -> Endpoint:
            old = self.endpoints.get(endpoint.client, endpoint.id)
            if old is None:
                return replace(endpoint, status=EndpointStatus.DISABLED)
            if not old.is_enabled or _target(old) != _target(endpoint):
                return old
            now = self.clock()
            new = replace(
                old,
                status=EndpointStatus.DISABLED,
                disabled_reason=reason,
                facts=old.facts + 1,
                version=old.version + 1,
                updated_at=to_text(now),
            )
            tx = Transaction(self.endpoints.table)
            self.endpoints.replace(old, new, tx)
            tx.add(self.events.put(endpoint_event(new, now), now))
            tx.commit()
            logger().error(
                "webhook endpoint disabled", endpoint=new.id, client=new.client, reason=reason
            )
            return new

        return retry_on_conflict(attempt, _CHANGED_TOO_OFTEN, tag=ENDPOINT)


def _target(endpoint: Endpoint) -> tuple[str, str]:
    return endpoint.url, endpoint.active_since

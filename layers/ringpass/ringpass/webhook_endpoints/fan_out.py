"""Adds new events to the lanes of the endpoints that get them."""

from collections.abc import Sequence
from dataclasses import dataclass

from ringpass.clock import Clock
from ringpass.events.model import STACK, Event
from ringpass.webhook_endpoints.lanes_store import LaneRepository, Wake, lane_of
from ringpass.webhook_endpoints.model import Endpoint
from ringpass.webhook_endpoints.store import EndpointRepository


@dataclass(frozen=True, slots=True)
class FanOut:
    """Hands new events to the lanes.

    Attributes:
        endpoints: The endpoints.
        lanes: What is to be delivered.
        wake: Queues the work on a lane.
        clock: Returns the current time.
    """

    endpoints: EndpointRepository
    lanes: LaneRepository
    wake: Wake
    clock: Clock

    def add(self, events: Sequence[Event]) -> None:
        """Add events. Idempotent; they may come more than once and in any order.

        Raises:
            Unavailable: The table or the queue cannot be reached; all may be added again.
        """
        # Read once for each batch, not longer: a new endpoint gets what happens from then on.
        by_client = {client: self._list(client) for client in {one.client for one in events}}
        for event in events:
            for endpoint in by_client[event.client]:
                if endpoint.is_enabled and endpoint.gets(event):
                    self._add(endpoint, event)

    def _list(self, client: str) -> Sequence[Endpoint]:
        if client == STACK:
            return list(self.endpoints.list_all())
        return self.endpoints.list_by_client(client)

    def _add(self, endpoint: Endpoint, event: Event) -> None:
        lane, now = lane_of(endpoint, event.subject), self.clock()
        if self.lanes.add_event(lane, event.subject, event.sequence, now):
            self.wake(lane, now)

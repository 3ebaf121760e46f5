"""Sends what a client asks for: a test, and events again (replay)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Final

from ringpass.aws.optimistic_lock import retry_on_conflict
from ringpass.aws.transaction import Transaction
from ringpass.clock import Clock, to_text
from ringpass.errors import invalid_field
from ringpass.events.model import STACK, Event, EventType
from ringpass.events.store import EventRepository
from ringpass.observability import logger
from ringpass.webhook_endpoints.endpoint_events import endpoint_event
from ringpass.webhook_endpoints.lanes_store import LaneRepository, Wake, replay_lane
from ringpass.webhook_endpoints.model import Endpoint
from ringpass.webhook_endpoints.queries import EndpointQueries
from ringpass.webhook_endpoints.store import ENDPOINT

if TYPE_CHECKING:
    from ringpass.webhook_endpoints.requests import ReplayEvents

MOST_EVENTS: Final = 10_000
_NEVER, _EVER = "0", "9"  # before and after any instant as text
_CHANGED_TOO_OFTEN: Final = "The endpoint is changed too often at once."


@dataclass(frozen=True, slots=True)
class Redelivery:
    """Tests endpoints, and replays events.

    Attributes:
        queries: Reads endpoints.
        events: The events.
        lanes: What is to be delivered.
        wake: Queues the work on a lane.
        clock: Returns the current time.
        most_events: How many events one replay has at most, and a subject is looked for in.
    """

    queries: EndpointQueries
    events: EventRepository
    lanes: LaneRepository
    wake: Wake
    clock: Clock
    most_events: int = MOST_EVENTS

    def test(self, client: str, endpoint_id: str) -> Event:
        """Send a ``ping``, also to an endpoint that is disabled; returns the event.

        Raises:
            NotFound: There is no such endpoint, or it is another client's.
            Unavailable: The table or the queue cannot be reached.
        """
        endpoints = self.queries.endpoints

        def attempt() -> tuple[Endpoint, Event]:
            now, old = self.clock(), self.queries.get(client, endpoint_id)
            new = replace(old, facts=old.facts + 1)
            event = endpoint_event(new, now, is_test=True)
            tx = Transaction(endpoints.table)
            endpoints.replace(old, new, tx)
            tx.add(self.events.put(event, now))
            tx.commit()
            return new, event

        endpoint, event = retry_on_conflict(attempt, _CHANGED_TOO_OFTEN, tag=ENDPOINT)
        self._send(endpoint, [event.id], is_replay=False)
        logger().info("webhook endpoint tested", endpoint=endpoint.id, client=client)
        return event

    def replay(self, client: str, endpoint_id: str, command: "ReplayEvents") -> int:
        """Send events again, each once, also to an endpoint that is disabled; returns how many.

        Raises:
            NotFound: There is no such endpoint, or it is another client's.
            ValidationFailed: There is no such event, or there are too many.
            Unavailable: The table or the queue cannot be reached.
        """
        endpoint = self.queries.get(client, endpoint_id)
        event_ids = self._event_ids(endpoint, command)
        if event_ids:
            self._send(endpoint, event_ids, is_replay=True)
        logger().info("webhook replay", endpoint=endpoint.id, client=client, events=len(event_ids))
        return len(event_ids)

    def _event_ids(self, endpoint: Endpoint, command: "ReplayEvents") -> Sequence[str]:
        if command.event_ids is not None:
            return self._named(endpoint, list(dict.fromkeys(command.event_ids)))
        period = command.period(self.clock())
        if period is None:
            return self._of_subject(endpoint, command.subject or "")
        return self._within(endpoint, *period)

    def _named(self, endpoint: Endpoint, event_ids: Sequence[str]) -> Sequence[str]:
        """Returns the ids, if each is that of an event which the client can read."""
        events = self.events.get_many(event_ids)
        known = {one.id for one in events if one.client in (endpoint.client, STACK)}
        for index, event_id in enumerate(event_ids):
            if event_id not in known:
                raise invalid_field(["event_ids", index], "event_unknown", "there is no such event")
        return event_ids

    def _within(self, endpoint: Endpoint, since: datetime, until: datetime) -> Sequence[str]:
        """Returns the ids of the events of a period, the first one first."""
        listed = self.events.list_by_client(endpoint.client, to_text(since), to_text(until))
        wanted = (one.id for one in listed if _is_wanted(endpoint, one))
        newest_first = list(islice(wanted, self.most_events + 1))
        if len(newest_first) > self.most_events:
            raise invalid_field(
                ["from"], "too_many_events", f"a period of at most {self.most_events} events"
            )
        return newest_first[::-1]

    def _of_subject(self, endpoint: Endpoint, subject: str) -> Sequence[str]:
        """Returns the ids of a subject's events, the first one first."""
        events = self.events.list_subject_of_client(endpoint.client, subject, _NEVER, _EVER)
        listed = list(islice(events, self.most_events + 1))
        if len(listed) > self.most_events:
            raise invalid_field(
                ["subject"], "too_many_events", "one of few events; name them by event_ids"
            )
        wanted = [one for one in listed if one.subject == subject and _is_wanted(endpoint, one)]
        return [one.id for one in sorted(wanted, key=lambda event: event.sequence)]

    def _send(self, endpoint: Endpoint, event_ids: Sequence[str], *, is_replay: bool) -> None:
        lane, now = replay_lane(endpoint), self.clock()
        if self.lanes.add_replay(lane, event_ids, now, is_replay=is_replay):
            self.wake(lane, now)


def _is_wanted(endpoint: Endpoint, event: Event) -> bool:
    """Whether an event is replayed with others: the endpoint's own types, however old."""
    return (
        event.client in (endpoint.client, STACK)
        and event.type is not EventType.PING
        and endpoint.subscribes_to(event.type)
    )

"""All of the delivery of webhooks on one clock: table, queue, scheduler, dispatcher."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from typing import Any, cast

import pytest

from ringpass.aws.due_index import LONGEST_DELAY, DueIndex
from ringpass.aws.dynamodb import Table
from ringpass.background.scheduler import TaskScheduler
from ringpass.background.sweeper import OverdueSweeper
from ringpass.background.tasks import Task, TaskQueue, TaskType
from ringpass.clock import from_text, to_text
from ringpass.events.model import Event, EventType
from ringpass.events.store import EventRepository
from ringpass.ids import event_id
from ringpass.providers.http_client import Transport
from ringpass.redaction import Secret
from ringpass.webhook_endpoints.attempts import AttemptQueries
from ringpass.webhook_endpoints.attempts_store import Attempt, AttemptRepository
from ringpass.webhook_endpoints.disabling import EndpointDisabler
from ringpass.webhook_endpoints.dispatcher import WebhookDispatcher
from ringpass.webhook_endpoints.fan_out import FanOut
from ringpass.webhook_endpoints.lanes_store import Lane, LaneRepository
from ringpass.webhook_endpoints.model import Endpoint
from ringpass.webhook_endpoints.queries import EndpointQueries
from ringpass.webhook_endpoints.redelivery import Redelivery
from ringpass.webhook_endpoints.requests import RegisterEndpoint
from ringpass.webhook_endpoints.sender import MAX_REPLY_BYTES, WebhookSender
from ringpass.webhook_endpoints.service import EndpointService
from ringpass.webhook_endpoints.store import EndpointRepository
from tests.audit_log import actor

START = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
KEY = Secret("k" * 64)
SCHEDULE = timedelta(minutes=5)


@dataclass
class Time:
    """A clock that the test turns."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def turn(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class PostOffice:
    """Delivers events as a stack does. Its queue is SQS's, without a time of its own."""

    table: Table
    clock: Time = field(default_factory=Time)
    messages: list[tuple[datetime, int, str]] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        self.queue = TaskQueue(cast("Any", self), webhook_queue_url="url")
        self.events = EventRepository(self.table, 30 * 86_400)
        self.endpoints = EndpointRepository(self.table)
        self.lanes = LaneRepository(self.table)
        self.attempts = AttemptRepository(self.table)
        self.queries = AttemptQueries(self.attempts, self.clock)
        queries = EndpointQueries(self.endpoints)
        self.service = EndpointService("stack", queries, lambda: KEY, self.clock, public_only=False)
        self.fan_out = FanOut(self.endpoints, self.lanes, self.wake, self.clock)
        self.redelivery = Redelivery(queries, self.events, self.lanes, self.wake, self.clock)
        self.dispatcher = WebhookDispatcher(
            self.endpoints,
            self.lanes,
            self.attempts,
            self.events,
            WebhookSender(
                Transport(2.0, max_body_bytes=MAX_REPLY_BYTES), self.clock, public_only=False
            ),
            EndpointDisabler(self.endpoints, self.events, self.clock),
            lambda: KEY,
            self.wake,
            self.clock,
        )
        self.scheduler = TaskScheduler(DueIndex(self.table), self.queue, self.clock)
        self.sweeper = OverdueSweeper(DueIndex(self.table), self.queue, self.clock)
        # The scheduler runs every five minutes; here, when it has something to do.
        self.schedules: list[datetime] = []

    # --------------------------------------------------------------------------------- the queue

    def send_message(self, **message: Any) -> None:  # noqa: ANN401 - SQS's arguments
        assert 0 <= message["DelaySeconds"] <= LONGEST_DELAY.total_seconds()
        at = self.clock.now + timedelta(seconds=message["DelaySeconds"])
        heappush(self.messages, (at, next(self.numbers), message["MessageBody"]))

    def wake(self, lane: Lane, at: datetime) -> None:
        self.queue.add(Task(TaskType.DELIVER_WEBHOOKS, at, lane.to_payload()), self.clock.now)

    def run(self, wait: timedelta = timedelta(0)) -> None:
        """Let the time go on, and everything happen that is due."""
        end = self.clock.now + wait
        while True:
            dues = [*(at for at, *_ in self.messages[:1]), *self.schedules[:1]]
            if not dues or min(dues) > end:
                break
            self.clock.now = max(self.clock.now, min(dues))
            if self.schedules and self.schedules[0] <= self.clock.now:
                heappop(self.schedules)
                self.scheduler.run()
            else:
                self._deliver(Task.from_json(heappop(self.messages)[2]))
        self.clock.now = max(self.clock.now, end)

    def _deliver(self, task: Task) -> None:
        lane = Lane.from_payload(task.payload)
        self.dispatcher.work(lane)
        item = self.table.get({"PK": f"LANE#{lane.id}", "SK": "LANE"}) or {}
        if item.get("due_bucket", "").startswith("later#"):
            due = from_text(item["due_at"]) - LONGEST_DELAY
            runs = (due - START) // SCHEDULE + 1
            at = START + runs * SCHEDULE
            if at not in self.schedules:
                heappush(self.schedules, at)

    # -------------------------------------------------------------------------------- the events

    def register(self, url: str, *types: str, client: str = "acme") -> Endpoint:
        command = RegisterEndpoint(url=url, types=list(types) or ["*"])
        return self.service.register(command, actor(client)).value

    def happen(self, subject: str, sequence: int, **fields: Any) -> Event:  # noqa: ANN401
        """An event is written, and published."""
        event = self.write(subject, sequence, **fields)
        self.fan_out.add([event])
        return event

    def write(
        self,
        subject: str,
        sequence: int,
        *,
        type_: EventType = EventType.DELIVERY_SETTLED,
        client: str = "acme",
    ) -> Event:
        event = Event(
            id=event_id(subject, sequence),
            client=client,
            type=type_,
            timestamp=to_text(self.clock.now),
            sequence=sequence,
            subject=subject,
            test=False,
            data=json.dumps({"note": "Xin chào"}),
        )
        self.events.add(event, self.clock.now)
        return event

    def tries(self, endpoint: Endpoint, **query: str) -> list[Attempt]:
        """All tries of an endpoint, the first one first."""
        tries: list[Attempt] = []
        query |= {"limit": "100"}
        while True:
            page = self.queries.page(endpoint.id, query)
            tries += page.items
            if page.next_cursor is None:
                return tries[::-1]
            query["cursor"] = page.next_cursor

    def is_at_rest(self) -> bool:
        """Whether nothing is left to be done for anybody."""
        items = self.table.client.scan(TableName=self.table.name)["Items"]
        return not any(
            item["SK"]["S"].startswith("READY#") or "due_bucket" in item or "leased_until" in item
            for item in items
        )


@pytest.fixture
def office(table: Table) -> PostOffice:
    return PostOffice(table)

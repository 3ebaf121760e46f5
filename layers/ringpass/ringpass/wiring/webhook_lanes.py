"""Creates what adds work to the lanes of webhook endpoints."""

from datetime import datetime, timedelta
from functools import cache

from ringpass.aws import session
from ringpass.background.tasks import Task, TaskQueue, TaskType
from ringpass.clock import utc_now
from ringpass.webhook_endpoints.fan_out import FanOut
from ringpass.webhook_endpoints.lanes_store import Lane, LaneRepository
from ringpass.wiring import events, stack, webhook_queries


@cache
def lanes() -> LaneRepository:
    """Returns the repository of lanes."""
    # DynamoDB deletes expired items within two days.
    cursor_ttl = timedelta(seconds=events.repository().retention_seconds, days=2)
    return LaneRepository(stack.table(), cursor_ttl)


@cache
def _queue() -> TaskQueue:
    return TaskQueue(session.client("sqs"), webhook_queue_url=stack.settings().webhook_queue_url)


def wake(lane: Lane, at: datetime) -> None:
    """Queue the work on a lane."""
    _queue().add(Task(TaskType.DELIVER_WEBHOOKS, at, lane.to_payload()), utc_now())


@cache
def fan_out() -> FanOut:
    """Returns what hands new events to the lanes."""
    return FanOut(webhook_queries.repository(), lanes(), wake, utc_now)

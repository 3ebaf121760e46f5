"""Delivers what is ready in a lane.

    claim the lane
    for each piece of work that is due: send, then write in one transaction what became of it
    give the lane back, with the time of what is due next

An event is sent at least once: a function that dies between the request and the write sends it
again. The events of a subject are sent in the order of their sequence. If one fails, those after it
wait for it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import batched
from typing import Final

from ringpass.aws.due_index import fits_queue
from ringpass.aws.transaction import ConditionsFailed, Transaction
from ringpass.clock import Clock, to_text
from ringpass.events.model import Event
from ringpass.events.store import EventRepository
from ringpass.ids import event_id
from ringpass.observability import logger
from ringpass.redaction import Secret
from ringpass.webhook_endpoints.attempts_store import Attempt, AttemptRepository
from ringpass.webhook_endpoints.disabling import EndpointDisabler
from ringpass.webhook_endpoints.lanes_store import (
    READY,
    REPLAYS,
    Lane,
    LaneRepository,
    Wake,
    Work,
)
from ringpass.webhook_endpoints.model import DisabledReason, Endpoint, EndpointHealth
from ringpass.webhook_endpoints.retry_schedule import next_try, pause_end
from ringpass.webhook_endpoints.sender import TryResult, WebhookSender
from ringpass.webhook_endpoints.signing import endpoint_secret
from ringpass.webhook_endpoints.store import EndpointRepository

BUDGET: Final = timedelta(seconds=30)
"""No request begins later than this after the first: the last one may take 15 seconds."""
_EVENTS_AT_ONCE: Final = 25


@dataclass(slots=True)
class _LaneRun:
    """One function's work on a lane: the endpoint as it knows it, and the end of its time."""

    lane: Lane
    endpoint: Endpoint
    health: EndpointHealth
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class WebhookDispatcher:
    """Works on lanes.

    Attributes:
        endpoints: The endpoints and their health.
        lanes: The lanes.
        attempts: What became of each try.
        events: The events.
        sender: Sends one event.
        disabler: Disables endpoints.
        key: Returns the secret from which the endpoints' secrets are derived.
        wake: Queues the work on a lane.
        clock: Returns the current time.
    """

    endpoints: EndpointRepository
    lanes: LaneRepository
    attempts: AttemptRepository
    events: EventRepository
    sender: WebhookSender
    disabler: EndpointDisabler
    key: Callable[[], Secret] = field(repr=False)
    wake: Wake = field(repr=False)
    clock: Clock = field(repr=False)

    def work(self, lane: Lane) -> None:
        """Deliver what is due, until nothing is or the time is up.

        Nothing happens if another function works on the lane: it looks again before it ends.
        """
        started = self.clock()
        lease = self.lanes.claim(lane, started)
        while lease is not None:
            timer = lease.timer
            next_due = self._deliver(lane, started + BUDGET)
            now = self.clock()
            lease = self.lanes.release(lane, lease, next_due, now)
            if lease is None and next_due is not None and to_text(next_due) != timer:
                self._queue(lane, next_due, now)

    def _queue(self, lane: Lane, at: datetime, now: datetime) -> None:
        """Queue the work on a lane, unless it is due so late that the scheduler does."""
        if fits_queue(at, now):
            self.wake(lane, at)

    def _deliver(self, lane: Lane, ends_at: datetime) -> datetime | None:
        """Deliver what is due; returns when work is due next, None: there is none."""
        stored = self.endpoints.get_with_health(lane.client, lane.endpoint)
        if stored is None:
            for work in self.lanes.list_work(lane):
                self.lanes.drop(lane, work)
            return None
        run = _LaneRun(lane, *stored, ends_at)
        dues: list[datetime] = []
        is_replay = lane.name == REPLAYS
        if not is_replay and (resumes_at := self._resumes_at(run)) is not None:
            return resumes_at
        for work in self.lanes.list_work(lane):
            if not is_replay and (resumes_at := self._resumes_at(run)) is not None:
                dues.append(resumes_at)
                break  # The rest waits as well.
            due = self._do(run, work)
            if due is not None:
                dues.append(due)
        return min(dues, default=None)

    def _do(self, run: _LaneRun, work: Work) -> datetime | None:
        """Do a piece of work, as far as it is due; returns when it goes on, None: it is done."""
        if work.event_ids:
            return self._send_once(run, work)
        if run.endpoint.is_enabled:
            return self._send_in_order(run, work)
        self.lanes.drop(run.lane, work)
        return None

    def _resumes_at(self, run: _LaneRun) -> datetime | None:
        """Returns when events are sent again; None: now."""
        now = self.clock()
        if run.endpoint.is_enabled and run.health.is_paused(now):
            return run.health.paused_until
        return now if now >= run.ends_at else None

    # ------------------------------------------------------------------------ events of a subject

    def _send_in_order(self, run: _LaneRun, ready: Work) -> datetime | None:
        """Send a subject's events; returns when the next one is due, None: there is none."""
        work: Work | None = ready
        sequence = self.lanes.next_sequence(run.lane, ready.key)
        while work is not None:
            event = self._next_event(run.endpoint, work, sequence)
            if event is None:
                sequence = max(sequence, work.wanted + 1)
                work = self._move_on(run.lane, work, sequence)
                continue
            if work.due_at is not None and work.due_at > self.clock():
                return work.due_at
            if (resumes_at := self._resumes_at(run)) is not None:
                return resumes_at
            reply = self._send(run, event)
            attempt = _attempt(event, reply, work.tries + 1)
            if reply.is_success:
                self._count_success(run)
            else:
                self._count_failure(run, reply)
                due_at = self._retry(run, work, attempt, reply)
                if due_at is not None or not run.endpoint.is_enabled:
                    return due_at
            sequence = event.sequence + 1
            work = self._move_on(run.lane, work, sequence, attempt)
        return None

    def _next_event(self, endpoint: Endpoint, work: Work, sequence: int) -> Event | None:
        """Returns the first event that the endpoint gets, from ``sequence`` on.

        Events are written in the order of their sequence. So one that is not there has expired, or
        was deleted.
        """
        for numbers in batched(range(sequence, work.wanted + 1), _EVENTS_AT_ONCE, strict=False):
            for event in self.events.get_many([event_id(work.key, one) for one in numbers]):
                if endpoint.gets(event):
                    return event
        return None

    def _move_on(
        self, lane: Lane, work: Work, sequence: int, attempt: Attempt | None = None
    ) -> Work | None:
        """Record that the subject's next event is ``sequence``; returns what is still to be done.

        Args:
            lane: The lane.
            work: The work as it is known.
            sequence: The number of the next event.
            attempt: The last try of the event before.
        """
        now = self.clock()
        tx = Transaction(self.lanes.table)
        if attempt is not None:
            tx.add(self.attempts.put(lane.endpoint, attempt, now))
        self.lanes.move_on(lane, work, sequence, now, tx)
        try:
            tx.commit()
        except ConditionsFailed as refusal:
            item = refusal.items.get(READY)
            if item is None:
                raise
            # A further event was added meanwhile.
            return self._move_on(lane, replace(work, wanted=item["wanted"]), sequence, attempt)
        if sequence > work.wanted:
            return None
        return replace(work, tries=0, first_try=None, due_at=None)

    def _retry(
        self, run: _LaneRun, work: Work, attempt: Attempt, reply: TryResult
    ) -> datetime | None:
        """Record a failed try; returns when the event is tried again, None: it is not.

        After the last try the endpoint is disabled, unless it has taken other events since the
        first one: then this event alone is given up.
        """
        now, first_try = self.clock(), work.first_try or attempt.at
        due_at = None if reply.is_gone else next_try(attempt.attempt, now, reply.retry_after)
        if due_at is not None:
            tx = Transaction(self.lanes.table)
            scheduled = replace(attempt, next_at=to_text(due_at))
            tx.add(self.attempts.put(run.endpoint.id, scheduled, now))
            self.lanes.retry_later(run.lane, work, due_at, first_try, tx)
            tx.commit()
            return due_at
        if reply.is_gone or (run.health.failing_since or "") <= first_try:
            reason = DisabledReason.GONE if reply.is_gone else DisabledReason.FAILING
            self.attempts.add(run.endpoint.id, attempt, now)
            run.endpoint = self.disabler.disable(run.endpoint, reason)
            if run.endpoint.is_enabled:
                # It got another URL meanwhile, or was enabled again: the event is for that one.
                return now
            self.lanes.drop(run.lane, work)
        else:
            logger().warning("webhook given up", endpoint=run.endpoint.id, event=attempt.event_id)
        return None

    def _count_success(self, run: _LaneRun) -> None:
        if run.health != EndpointHealth():
            self.endpoints.record_success(run.lane.client, run.endpoint.id)
            run.health = EndpointHealth()

    def _count_failure(self, run: _LaneRun, reply: TryResult) -> None:
        client, endpoint_id, now = run.lane.client, run.endpoint.id, self.clock()
        run.health = self.endpoints.record_failure(client, endpoint_id, reply.at)
        until = pause_end(run.health.failures, now, reply.retry_after)
        if until is not None:
            self.endpoints.pause(client, endpoint_id, until)
            run.health = replace(run.health, paused_until=until)

    # -------------------------------------------------------------------------- replays and tests

    def _send_once(self, run: _LaneRun, work: Work) -> datetime | None:
        """Send events that the client asked for, each once; it changes no health."""
        rest = list(work.event_ids)
        for event in self.events.get_many(rest):
            now = self.clock()
            if now >= run.ends_at:
                return now
            reply = self._send(run, event, replay=work.is_replay)
            attempt = _attempt(event, reply, 1, replay=work.is_replay)
            rest = rest[rest.index(event.id) + 1 :]
            tx = Transaction(self.lanes.table)
            tx.add(self.attempts.put(run.endpoint.id, attempt, now))
            self.lanes.keep_rest(run.lane, work, rest, tx)
            tx.commit()
        if rest:
            self.lanes.drop(run.lane, work)  # Events that are not there any more.
        return None

    def _send(self, run: _LaneRun, event: Event, *, replay: bool = False) -> TryResult:
        """Send an event. What came of it is logged, without the URL: it may hold a token."""
        generations = run.endpoint.generations(to_text(self.clock()))
        secrets = [endpoint_secret(self.key(), run.endpoint.id, one) for one in generations]
        reply = self.sender.send(run.endpoint.url, secrets, event, replay=replay)
        logger().info(
            "webhook sent",
            endpoint=run.endpoint.id,
            client=run.endpoint.client,
            event=event.id,
            status=reply.http_status,
            error=reply.error,
            ms=reply.duration_ms,
        )
        return reply


def _attempt(event: Event, reply: TryResult, number: int, *, replay: bool = False) -> Attempt:
    return Attempt(
        event_id=event.id,
        attempt=number,
        at=to_text(reply.at),
        http_status=reply.http_status,
        error=reply.error,
        duration_ms=reply.duration_ms,
        replay=replay,
    )

"""Task worker: runs the messages of the ``advance`` queue.

    {"do": "join_cdr", "due_at": "...", "provider": "mcn", "ref": "da59bda0a1bb_117793"}
    {"do": "play_cdr", "due_at": "...", "ref": "...", "q931_status": "17", ...}
    {"do": "play_result", "due_at": "...", "delivery_id": "dlv_...", "state": "BUSY", ...}
    {"do": "play_arrival", "due_at": "...", "ref": "...", "delivery_id": "dlv_..."}
    {"do": "play_call", "due_at": "...", "ref": "...", "delivery_id": "dlv_...", "outcome": ...}
    {"do": "give_up_reserved", "due_at": "...", "delivery_id": "dlv_..."}
    {"do": "move", "due_at": "...", "verification_id": "ver_..."}
    {"do": "work_payload", "due_at": "...", "provider": "mcn", "payload_id": "pay_..."}

A task that runs twice, or late, does no harm. A task that is due more than 15 minutes from now is
no message yet: its record waits in the due index, and the scheduler queues it in time. ``task_for``
derives the task of such a record.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Protocol, assert_never

from ringpass.aws.due_index import fits_queue
from ringpass.aws.dynamodb import Item
from ringpass.background.tasks import Task, TaskQueue, TaskType
from ringpass.clock import Clock, to_text
from ringpass.deliveries.abandoned import give_up, is_lost
from ringpass.deliveries.correlations_store import CorrelationRepository
from ringpass.deliveries.receipts.late_matcher import MatchResult
from ringpass.deliveries.store import DeliveryRepository
from ringpass.observability import logger

if TYPE_CHECKING:
    from collections.abc import Callable

    from ringpass.oa.events.dispatcher import EventDispatcher
    from ringpass.verifications.advance import VerificationAdvancer


# How often in a row `advance` may send a task to its own queue. Lambda stops a function after some
# 16 invocations by messages that it sent there itself (recursive loop detection).
MAX_ROUNDS: Final = 4

_MATCH_RETRY_DELAY: Final = timedelta(seconds=3)


def task_for(item: Item, due_at: datetime) -> Task:
    """Returns the task for a record of the due index, due at ``due_at``."""
    match item["entity"]:
        case "delivery":
            return Task(TaskType.GIVE_UP_RESERVED, due_at, {"delivery_id": item["id"]})
        case "verification":
            return Task(TaskType.MOVE, due_at, {"verification_id": item["id"]})
        case "oa_event":
            return Task(TaskType.OA_EVENT, due_at, {"digest": item["digest"]})
        case "unmatched_payload":
            payload = {"provider": item["provider"], "payload_id": item["id"]}
            return Task(TaskType.WORK_PAYLOAD, due_at, payload)
        case "webhook_lane":
            payload = {name: item[name] for name in ("client", "endpoint", "lane")}
            return Task(TaskType.DELIVER_WEBHOOKS, due_at, payload)
        case "reference":
            return Task(
                TaskType.JOIN_CDR, due_at, {"provider": item["provider"], "ref": item["ref"]}
            )
    raise ValueError(f"nothing is to be done with an item of kind {item['entity']!r}")


class NotDueYet(Exception):
    """A message came too early too often: SQS delivers it again after its visibility time-out."""


type Simulation = Callable[[Mapping[str, str], datetime], object]
"""Stores the simulated receipt in a task's payload, as a webhook stores a real one."""


class PayloadWorker(Protocol):
    """Processes stored webhook payloads; ``webhook_receiver.WebhookReceiver`` is one."""

    def work(self, id_: str) -> None:
        """Continue with a payload where the last round ended."""


class ReceiptMatcher(Protocol):
    """Matches receipts with deliveries; ``late_matching.LateMatcher`` is one."""

    def match(self, provider: str, ref: str, now: datetime) -> MatchResult:
        """Match the receipts of a reference with a delivery; returns the result."""


@dataclass(frozen=True, slots=True)
class TaskWorker:
    """Runs tasks that are due.

    Attributes:
        deliveries: Repository of deliveries.
        correlations: Repository of correlations.
        matchers: The matchers of receipts without a delivery, by provider.
        simulations: Store simulated receipts and settle their deliveries, by type of task.
        advancer: Returns the advancer of verifications; called when one is needed.
        queue: The queue for tasks that are not due yet.
        clock: Returns the current time.
        oa_events: Returns the dispatcher of the OA's events; called when one is needed.
        payload_workers: Return the workers for stored webhook payloads, by provider; likewise.
    """

    deliveries: DeliveryRepository
    correlations: CorrelationRepository
    matchers: Mapping[str, ReceiptMatcher]
    simulations: Mapping[TaskType, Simulation]
    advancer: "Callable[[], VerificationAdvancer]"
    queue: TaskQueue
    clock: Clock
    oa_events: "Callable[[], EventDispatcher]"
    payload_workers: "Mapping[str, Callable[[], PayloadWorker]]" = field(default_factory=dict)

    def run(self, task: Task) -> None:
        """Run a task if it is due, else put it back.

        Raises:
            NotDueYet: The task is not due, and was put back too often.
        """
        now = self.clock()
        if task.due_at > now:
            self._requeue(task, task.due_at, now)
            return
        match task.type:
            case TaskType.JOIN_CDR:
                self._match(task, now)
            case TaskType.GIVE_UP_RESERVED:
                self._give_up_reserved(task.payload["delivery_id"], now)
            case (
                TaskType.PLAY_CDR
                | TaskType.PLAY_RESULT
                | TaskType.PLAY_ARRIVAL
                | TaskType.PLAY_CALL
            ):
                self.simulations[task.type](task.payload, now)
            case TaskType.MOVE:
                self._advance(task, now)
            case TaskType.OA_EVENT:
                self.oa_events().work(task.payload["digest"])
            case TaskType.WORK_PAYLOAD:
                self.payload_workers[task.payload["provider"]]().work(task.payload["payload_id"])
            case TaskType.DELIVER_WEBHOOKS:
                raise ValueError("a task of another queue")
            case _:
                assert_never(task.type)

    def _match(self, task: Task, now: datetime) -> None:
        provider = task.payload["provider"]
        result = self.matchers[provider].match(provider, task.payload["ref"], now)
        logger().info("late join", ref=task.payload["ref"], joined=result)
        if result is MatchResult.LATER:
            self._requeue(task, now + _MATCH_RETRY_DELAY * 2**task.rounds, now)

    def _advance(self, task: Task, now: datetime) -> None:
        due_at = self.advancer().advance(task.payload["verification_id"])
        if due_at is not None:
            self._requeue(task, due_at, now)

    def _requeue(self, task: Task, due_at: datetime, now: datetime) -> None:
        """Put a task back for ``due_at``: on the queue a few times in a row, then in the index."""
        if task.rounds < MAX_ROUNDS and fits_queue(due_at, now):
            self.queue.add(Task(task.type, due_at, task.payload, task.rounds + 1), now)
            return
        match task.type:
            case TaskType.MOVE:
                self.advancer().verifications.leave_to_scheduler(task.payload["verification_id"])
            case TaskType.JOIN_CDR:
                provider, ref = task.payload["provider"], task.payload["ref"]
                self.correlations.leave_to_scheduler(provider, ref, now)
            case _:
                raise NotDueYet(f"{task.type} is due at {to_text(due_at)}")

    def _give_up_reserved(self, delivery_id: str, now: datetime) -> None:
        delivery = self.deliveries.get(delivery_id)
        if delivery is not None and is_lost(delivery, now):
            give_up(self.deliveries, delivery, now)
            logger().warning("function ended before the reply", delivery=delivery_id)

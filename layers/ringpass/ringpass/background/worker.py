"""Work that is due later: the messages of the ``advance`` queue, and what each asks for.

    {"do": "join_cdr", "due_at": "...", "provider": "mcn", "ref": "da59bda0a1bb_117793"}
    {"do": "play_cdr", "due_at": "...", "ref": "...", "q931_status": "17", ...}
    {"do": "play_result", "due_at": "...", "delivery_id": "dlv_...", "state": "BUSY", ...}
    {"do": "play_arrival", "due_at": "...", "ref": "...", "delivery_id": "dlv_..."}
    {"do": "give_up_reserved", "due_at": "...", "delivery_id": "dlv_..."}
    {"do": "move", "due_at": "...", "verification_id": "ver_..."}
    {"do": "work_payload", "due_at": "...", "provider": "mcn", "payload_id": "pay_..."}

Doing one twice, or late, does no harm. What is due later than 15 minutes from now is no message
yet: its record waits in the due index (``store.unfinished``), and the scheduler queues it in time.
``task_of`` says what is to be done with a record of that index.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Protocol, assert_never

from ringpass.aws.due_index import fits_queue
from ringpass.aws.dynamodb import Item
from ringpass.background.tasks import Task, TaskQueue, TaskType
from ringpass.clock import Clock, to_text
from ringpass.deliveries.abandoned import give_up, is_lost
from ringpass.deliveries.call_reports import CallReport, ReportSource
from ringpass.deliveries.correlations_store import CorrelationRepository, DeliveryReceipt
from ringpass.deliveries.receipts.call_results import CallResults
from ringpass.deliveries.receipts.late_matching import MatchResult
from ringpass.deliveries.receipts.settlement import settle
from ringpass.deliveries.receipts.zalo import ARRIVED
from ringpass.deliveries.store import DeliveryRepository
from ringpass.observability import logger
from ringpass.outcomes import Status
from ringpass.providers.bizfly import webhook
from ringpass.providers.mcn.webhook import outcome_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ringpass.oa.events.dispatcher import EventDispatcher
    from ringpass.verifications.advance import VerificationAdvancer


# How often in a row `advance` may send a task to its own queue. Lambda stops a function after some
# 16 invocations by messages that it sent there itself (recursive loop detection).
MOST_ROUNDS: Final = 4

_JOIN_AGAIN_AFTER: Final = timedelta(seconds=3)


def task_of(item: Item, due_at: datetime) -> Task:
    """What is to be done with a record of the due index, at ``due_at``."""
    match item["entity"]:
        case "delivery":
            return Task(TaskType.GIVE_UP_RESERVED, due_at, {"delivery_id": item["id"]})
        case "verification":
            return Task(TaskType.MOVE, due_at, {"verification_id": item["id"]})
        case "oa_event":
            return Task(TaskType.OA_EVENT, due_at, {"digest": item["digest"]})
        case "unmatched_payload":
            about = {"provider": item["provider"], "payload_id": item["id"]}
            return Task(TaskType.WORK_PAYLOAD, due_at, about)
        case "reference":
            return Task(
                TaskType.JOIN_CDR, due_at, {"provider": item["provider"], "ref": item["ref"]}
            )
    raise ValueError(f"nothing is to be done with an item of kind {item['entity']!r}")


class NotDueYet(Exception):
    """A message came too early again and again: it comes back after its visibility time-out."""


class PayloadWorker(Protocol):
    """Works on bodies that were kept; ``webhook_receiver.WebhookReceiver`` is one."""

    def work(self, id_: str) -> None:
        """Work on a body, from where that was left off."""


class Join(Protocol):
    """Finds the delivery of what a provider told; ``cdrs.LateJoin`` is one."""

    def match(self, provider: str, ref: str, now: datetime) -> MatchResult:
        """Join a reference, or say why not."""


@dataclass(frozen=True, slots=True)
class TaskWorker:
    """Does what is due.

    Attributes:
        deliveries: The table's deliveries.
        references: The table's references.
        joins: By provider, who joins what came without a delivery.
        results: Settles what Bizfly would tell of test numbers.
        moves: Moves verifications on; made when one is to be moved.
        agenda: Where what is not due yet goes back to.
        clock: Tells the time.
        oa_events: Works on what Zalo told of the OA; made when there is something.
        payloads: By provider, who works on bodies of webhooks that were kept; likewise.
    """

    deliveries: DeliveryRepository
    references: CorrelationRepository
    joins: Mapping[str, Join]
    results: CallResults
    moves: "Callable[[], VerificationAdvancer]"
    agenda: TaskQueue
    clock: Clock
    oa_events: "Callable[[], EventDispatcher]"
    payloads: "Mapping[str, Callable[[], PayloadWorker]]" = field(default_factory=dict)

    def do(self, task: Task) -> None:
        """Do a task if it is due, else put it back.

        Raises:
            NotDueYet: It is not due, and was put back too often.
        """
        now = self.clock()
        if task.due_at > now:
            self._again(task, task.due_at, now)
            return
        match task.do:
            case TaskType.JOIN_CDR:
                self._join(task, now)
            case TaskType.GIVE_UP_RESERVED:
                self._give_up(task.about["delivery_id"], now)
            case TaskType.PLAY_CDR:
                self._play(task, now)
            case TaskType.PLAY_RESULT:
                self._play_result(task, now)
            case TaskType.PLAY_ARRIVAL:
                self._play_arrival(task, now)
            case TaskType.MOVE:
                self._move(task, now)
            case TaskType.OA_EVENT:
                self.oa_events().work(task.about["digest"])
            case TaskType.WORK_PAYLOAD:
                self.payloads[task.about["provider"]]().work(task.about["payload_id"])
            case _:
                assert_never(task.do)

    def _join(self, task: Task, now: datetime) -> None:
        provider = task.about["provider"]
        joined = self.joins[provider].match(provider, task.about["ref"], now)
        logger().info("late join", ref=task.about["ref"], joined=joined)
        if joined is MatchResult.LATER:
            self._again(task, now + _JOIN_AGAIN_AFTER * 2**task.rounds, now)

    def _play(self, task: Task, now: datetime) -> None:
        """Keep a CDR and settle its delivery, as the webhook does."""
        told = task.about
        outcome, reason = outcome_of(told["q931_status"], told["final_status"])
        cdr = DeliveryReceipt(
            at=to_text(now),
            outcome=outcome,
            reason=reason,
            digest=hashlib.sha256(json.dumps(dict(told), sort_keys=True).encode()).hexdigest(),
            raw="{}",
            callee_keys=(told["callee_key"],),
        )
        settle(self.deliveries, self.references.add_receipt("mcn", told["ref"], cdr, now), now)

    def _play_result(self, task: Task, now: datetime) -> None:
        """Keep a call's result and settle its delivery, as Bizfly's webhook does.

        It names its delivery: tests that run side by side may use the same number.
        """
        told = task.about
        outcome, reason = webhook.outcome_of(told["state"], {})
        row = CallReport(
            source=ReportSource.WEBHOOK,
            key=f"id:{told['delivery_id']}",
            received_at=now,
            started_at=None,
            outcome=outcome,
            reason=reason,
            request_id=told["delivery_id"],
        )
        self.results.apply("bizfly", told["callee_key"], [row], now)

    def _play_arrival(self, task: Task, now: datetime) -> None:
        """Keep a message's arrival and settle its delivery, as Zalo's webhook does."""
        told = task.about
        cdr = DeliveryReceipt(
            at=to_text(now),
            outcome=Status.DELIVERED,
            reason=ARRIVED,
            digest=hashlib.sha256(told["ref"].encode()).hexdigest(),
            raw="{}",
            delivery_id=told["delivery_id"],
        )
        settle(self.deliveries, self.references.add_receipt("zalo", told["ref"], cdr, now), now)

    def _move(self, task: Task, now: datetime) -> None:
        again = self.moves().advance(task.about["verification_id"])
        if again is not None:
            self._again(task, again, now)

    def _again(self, task: Task, due_at: datetime, now: datetime) -> None:
        """Put a task back for ``due_at``: on the queue a few times in a row, else in the index."""
        if task.rounds < MOST_ROUNDS and fits_queue(due_at, now):
            self.agenda.add(Task(task.do, due_at, task.about, task.rounds + 1), now)
            return
        match task.do:
            case TaskType.MOVE:
                self.moves().verifications.leave_to_scheduler(task.about["verification_id"])
            case TaskType.JOIN_CDR:
                provider, ref = task.about["provider"], task.about["ref"]
                self.references.leave_to_scheduler(provider, ref, now)
            case _:
                raise NotDueYet(f"{task.do} is due at {to_text(due_at)}")

    def _give_up(self, delivery_id: str, now: datetime) -> None:
        delivery = self.deliveries.get(delivery_id)
        if delivery is not None and is_lost(delivery, now):
            give_up(self.deliveries, delivery, now)
            logger().warning("function ended before the reply", delivery=delivery_id)

"""Work that is due later: the messages of the ``advance`` queue, and what each asks for.

    {"do": "join_cdr", "due_at": "...", "provider": "mcn", "ref": "da59bda0a1bb_117793"}
    {"do": "play_cdr", "due_at": "...", "ref": "...", "q931_status": "17", ...}
    {"do": "play_result", "due_at": "...", "delivery_id": "dlv_...", "state": "BUSY", ...}
    {"do": "play_arrival", "due_at": "...", "ref": "...", "delivery_id": "dlv_..."}
    {"do": "give_up_reserved", "due_at": "...", "delivery_id": "dlv_..."}
    {"do": "move", "due_at": "...", "verification_id": "ver_..."}

Doing one twice, or late, does no harm.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil
from typing import TYPE_CHECKING, Any, Final, Protocol, assert_never

from ringpass.call_results.results import CallResults
from ringpass.call_results.rows import Row, Witness
from ringpass.cdrs import Joined, settle
from ringpass.clock import Clock, from_text, to_text
from ringpass.lost import give_up, is_lost
from ringpass.observe import logger
from ringpass.outcomes import Status
from ringpass.store.deliveries import Deliveries
from ringpass.store.references import Cdr, References
from ringpass.webhooks import bizfly
from ringpass.webhooks.mcn import outcome_of
from ringpass.zalo.inbox import ARRIVED

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_sqs import SQSClient

    from ringpass.moves import Moves
    from ringpass.oa.events import OaEvents

# SQS delays a message no longer than this; what is due later is put back.
_LONGEST_DELAY_SECONDS: Final = 900

# A CDR that came before its reply is joined by the reply itself. This is how long that is waited
# for before the called number is used, and how long between tries while a reply is outstanding.
JOIN_AFTER: Final = timedelta(seconds=2)
_JOIN_AGAIN_AFTER: Final = timedelta(seconds=3)
# How long after its request the CDR of a call that is only played comes, as in the sandbox.
PLAYED_AFTER: Final = timedelta(seconds=1)


class Do(StrEnum):
    """What a message asks for."""

    JOIN_CDR = "join_cdr"
    GIVE_UP_RESERVED = "give_up_reserved"
    PLAY_CDR = "play_cdr"
    PLAY_RESULT = "play_result"
    PLAY_ARRIVAL = "play_arrival"
    MOVE = "move"
    OA_EVENT = "oa_event"


@dataclass(frozen=True, slots=True)
class Task:
    """A thing to do, not before ``due_at``."""

    do: Do
    due_at: datetime
    about: Mapping[str, str]

    def to_json(self) -> str:
        """As a message body."""
        return json.dumps({"do": self.do, "due_at": to_text(self.due_at), **self.about})

    @classmethod
    def from_json(cls, body: str) -> "Task":
        """What ``to_json`` wrote.

        Raises:
            ValueError: It is no such message.
        """
        fields: Any = json.loads(body)
        if not isinstance(fields, dict) or "due_at" not in fields:
            raise ValueError("not a task")
        about = {name: fields[name] for name in fields if name not in ("do", "due_at")}
        return cls(Do(str(fields.get("do"))), from_text(fields["due_at"]), about)


@dataclass(frozen=True, slots=True)
class Agenda:
    """The queue, seen by those who write to it."""

    sqs: "SQSClient"
    queue_url: str

    def add(self, task: Task, now: datetime) -> None:
        """Queue a task; it is seen again at its time, or after 15 minutes if that is sooner."""
        seconds = (task.due_at - now).total_seconds()
        self.sqs.send_message(
            QueueUrl=self.queue_url,
            MessageBody=task.to_json(),
            DelaySeconds=max(0, min(_LONGEST_DELAY_SECONDS, ceil(seconds))),
        )


class Join(Protocol):
    """Finds the delivery of what a provider told; ``cdrs.LateJoin`` is one."""

    def join(self, provider: str, ref: str, now: datetime) -> Joined:
        """Join a reference, or say why not."""


@dataclass(frozen=True, slots=True)
class Advance:
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
    """

    deliveries: Deliveries
    references: References
    joins: Mapping[str, Join]
    results: CallResults
    moves: "Callable[[], Moves]"
    agenda: Agenda
    clock: Clock
    oa_events: "Callable[[], OaEvents]"

    def do(self, task: Task) -> None:
        """Do a task if it is due, else put it back."""
        now = self.clock()
        if task.due_at > now:
            self.agenda.add(task, now)
            return
        match task.do:
            case Do.JOIN_CDR:
                self._join(task, now)
            case Do.GIVE_UP_RESERVED:
                self._give_up(task.about["delivery_id"], now)
            case Do.PLAY_CDR:
                self._play(task, now)
            case Do.PLAY_RESULT:
                self._play_result(task, now)
            case Do.PLAY_ARRIVAL:
                self._play_arrival(task, now)
            case Do.MOVE:
                self._move(task, now)
            case Do.OA_EVENT:
                self.oa_events().work(task.about["digest"])
            case _:
                assert_never(task.do)

    def _join(self, task: Task, now: datetime) -> None:
        provider = task.about["provider"]
        joined = self.joins[provider].join(provider, task.about["ref"], now)
        logger().info("late join", ref=task.about["ref"], joined=joined)
        if joined is Joined.LATER:
            self.agenda.add(Task(task.do, now + _JOIN_AGAIN_AFTER, task.about), now)

    def _play(self, task: Task, now: datetime) -> None:
        """Keep a CDR and settle its delivery, as the webhook does."""
        told = task.about
        outcome, reason = outcome_of(told["q931_status"], told["final_status"])
        cdr = Cdr(
            at=to_text(now),
            outcome=outcome,
            reason=reason,
            digest=hashlib.sha256(json.dumps(dict(told), sort_keys=True).encode()).hexdigest(),
            raw="{}",
            callee_keys=(told["callee_key"],),
        )
        settle(self.deliveries, self.references.add_cdr("mcn", told["ref"], cdr, now), now)

    def _play_result(self, task: Task, now: datetime) -> None:
        """Keep a call's result and settle its delivery, as Bizfly's webhook does.

        It names its delivery: tests that run side by side may use the same number.
        """
        told = task.about
        outcome, reason = bizfly.outcome_of(told["state"], {})
        row = Row(
            witness=Witness.WEBHOOK,
            key=f"id:{told['delivery_id']}",
            came_at=now,
            started_at=None,
            outcome=outcome,
            reason=reason,
            request_id=told["delivery_id"],
        )
        self.results.take("bizfly", told["callee_key"], [row], now)

    def _play_arrival(self, task: Task, now: datetime) -> None:
        """Keep a message's arrival and settle its delivery, as Zalo's webhook does."""
        told = task.about
        cdr = Cdr(
            at=to_text(now),
            outcome=Status.DELIVERED,
            reason=ARRIVED,
            digest=hashlib.sha256(told["ref"].encode()).hexdigest(),
            raw="{}",
            delivery_id=told["delivery_id"],
        )
        settle(self.deliveries, self.references.add_cdr("zalo", told["ref"], cdr, now), now)

    def _move(self, task: Task, now: datetime) -> None:
        again = self.moves().advance(task.about["verification_id"])
        if again is not None:
            self.agenda.add(Task(task.do, again, task.about), now)

    def _give_up(self, delivery_id: str, now: datetime) -> None:
        delivery = self.deliveries.get(delivery_id)
        if delivery is not None and is_lost(delivery, now):
            give_up(self.deliveries, delivery, now)
            logger().warning("function ended before the reply", delivery=delivery_id)

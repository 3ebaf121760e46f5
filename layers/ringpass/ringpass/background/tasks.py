"""Tasks and the queue that the worker reads."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil
from typing import TYPE_CHECKING, Any, Final

from ringpass.aws.due_index import LONGEST_DELAY
from ringpass.clock import from_text, to_text

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


_LONGEST_DELAY_SECONDS: Final = int(LONGEST_DELAY.total_seconds())


# If a CDR comes before the provider's reply, the reply joins the two. After this delay the worker
# matches the CDR by the called number. While a reply is outstanding, it tries again after 3, 6, 12
# and 24 seconds. A reply comes within 30 seconds, or never.
MATCH_DELAY: Final = timedelta(seconds=2)

# How long after its request a simulated receipt comes, as in the sandbox.
SIMULATION_DELAY: Final = timedelta(seconds=1)


class TaskType(StrEnum):
    """Type of a task; the value is stored in the message."""

    JOIN_CDR = "join_cdr"
    GIVE_UP_RESERVED = "give_up_reserved"
    PLAY_CDR = "play_cdr"
    PLAY_RESULT = "play_result"
    PLAY_ARRIVAL = "play_arrival"
    PLAY_CALL = "play_call"
    MOVE = "move"
    OA_EVENT = "oa_event"
    WORK_PAYLOAD = "work_payload"
    DELIVER_WEBHOOKS = "deliver_webhooks"
    """On a queue of its own: a receiver of webhooks may be slow."""


@dataclass(frozen=True, slots=True)
class Task:
    """A task for the worker, due at ``due_at``.

    Attributes:
        type: The kind of work; ``do`` in the message.
        due_at: The earliest time at which the task runs.
        payload: The ids that the work needs.
        rounds: How often in a row `advance` has put the task back on its own queue.
    """

    type: TaskType
    due_at: datetime
    payload: Mapping[str, str]
    rounds: int = field(default=0, compare=False)

    def to_json(self) -> str:
        """Returns the task as a message body."""
        envelope = {"do": self.type, "due_at": to_text(self.due_at), "rounds": self.rounds}
        return json.dumps(envelope | dict(self.payload))

    @classmethod
    def from_json(cls, body: str) -> "Task":
        """Read what ``to_json`` wrote.

        Raises:
            ValueError: The text is no task.
        """
        fields: Any = json.loads(body)
        if not isinstance(fields, dict) or "due_at" not in fields:
            raise ValueError("not a task")
        rounds = fields.pop("rounds", 0)
        if not isinstance(rounds, int):
            raise ValueError("rounds is no number")  # noqa: TRY004 - as for all that is no task
        payload = {name: fields[name] for name in fields if name not in ("do", "due_at")}
        return cls(TaskType(str(fields.get("do"))), from_text(fields["due_at"]), payload, rounds)


@dataclass(frozen=True, slots=True)
class TaskQueue:
    """The SQS queues of tasks, for producers.

    Attributes:
        sqs: botocore's client of SQS.
        queue_url: The queue of ``advance``.
        webhook_queue_url: The queue of ``deliver_webhooks``.
    """

    sqs: "SQSClient"
    queue_url: str = ""
    webhook_queue_url: str = ""

    def add(self, task: Task, now: datetime) -> None:
        """Queue a task; it is delivered when it is due, or after 15 minutes if that is sooner."""
        seconds = (task.due_at - now).total_seconds()
        is_webhook = task.type is TaskType.DELIVER_WEBHOOKS
        self.sqs.send_message(
            QueueUrl=self.webhook_queue_url if is_webhook else self.queue_url,
            MessageBody=task.to_json(),
            DelaySeconds=max(0, min(_LONGEST_DELAY_SECONDS, ceil(seconds))),
        )

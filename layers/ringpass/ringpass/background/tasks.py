"""Tasks and their queue, which the worker reads."""

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


# A CDR that came before its reply is joined by the reply itself. This is how long that is waited
# for before the called number is used, and how long between tries while a reply is outstanding:
# 3, 6, 12 and 24 seconds. A reply comes within 30, or never.
JOIN_AFTER: Final = timedelta(seconds=2)


# How long after its request the CDR of a call that is only played comes, as in the sandbox.
PLAYED_AFTER: Final = timedelta(seconds=1)


class TaskType(StrEnum):
    """What a message asks for."""

    JOIN_CDR = "join_cdr"
    GIVE_UP_RESERVED = "give_up_reserved"
    PLAY_CDR = "play_cdr"
    PLAY_RESULT = "play_result"
    PLAY_ARRIVAL = "play_arrival"
    MOVE = "move"
    OA_EVENT = "oa_event"
    WORK_PAYLOAD = "work_payload"


@dataclass(frozen=True, slots=True)
class Task:
    """A thing to do, not before ``due_at``.

    Attributes:
        do: What is to be done.
        due_at: When.
        about: What it is about.
        rounds: How often in a row `advance` has put it back on its own queue.
    """

    do: TaskType
    due_at: datetime
    about: Mapping[str, str]
    rounds: int = field(default=0, compare=False)

    def to_json(self) -> str:
        """As a message body."""
        own = {"do": self.do, "due_at": to_text(self.due_at), "rounds": self.rounds}
        return json.dumps(own | dict(self.about))

    @classmethod
    def from_json(cls, body: str) -> "Task":
        """What ``to_json`` wrote.

        Raises:
            ValueError: It is no such message.
        """
        fields: Any = json.loads(body)
        if not isinstance(fields, dict) or "due_at" not in fields:
            raise ValueError("not a task")
        rounds = fields.pop("rounds", 0)
        if not isinstance(rounds, int):
            raise ValueError("rounds is no number")  # noqa: TRY004 - as for all that is no task
        about = {name: fields[name] for name in fields if name not in ("do", "due_at")}
        return cls(TaskType(str(fields.get("do"))), from_text(fields["due_at"]), about, rounds)


@dataclass(frozen=True, slots=True)
class TaskQueue:
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

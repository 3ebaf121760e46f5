"""Runs commands of the queue: each once, or it becomes a dead letter with its reason.

    refused for good    a dead letter at once
    not possible now    again after 5 s, 25 s, 2 min, 10 min, or later if the error says so; then a
                        dead letter
    function died       again after the queue's visibility time-out, five times; then a dead letter

The queue never moves a message itself: it would move phone and code. A message that comes twice
does no harm: the record of its idempotency key is found.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from ringpass.clock import Clock
from ringpass.commands.dead_letter import DeadLetterQueue
from ringpass.commands.message import (
    SEALED,
    CommandName,
    Message,
    find_codes,
    from_event,
    is_event,
    read_body,
    read_name,
    refuse_codes,
)
from ringpass.errors import (
    ApiError,
    CommandExpired,
    InProgress,
    InternalError,
    LimitReached,
    ProviderSuspended,
    Unavailable,
)
from ringpass.http.router import RequestModel, read_identity
from ringpass.observability import logger

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

MOST_RECEIVES: Final = 5
LIFETIME: Final = timedelta(hours=1)
_FIRST_DELAY_SECONDS: Final = 5
_TEMPORARY: Final = (InProgress, InternalError, LimitReached, ProviderSuspended, Unavailable)
_REDRIVABLE: Final = (*_TEMPORARY, CommandExpired)


@dataclass(frozen=True, slots=True)
class UseCase:
    """How a command is run.

    Attributes:
        model: The model of its fields, as of the body over HTTP.
        run: Runs it for a client under an idempotency key; returns the id of its record.
    """

    model: type[RequestModel]
    run: Callable[[Any, str, str], str]


@dataclass(frozen=True, slots=True)
class CommandRunner:
    """Runs commands.

    Attributes:
        use_cases: How each command is run.
        dead_letters: The queue of refused commands.
        sqs: botocore's client of SQS.
        queue_url: The queue of commands.
        clock: Tells the time.
    """

    use_cases: Mapping[CommandName, UseCase]
    dead_letters: DeadLetterQueue
    sqs: "SQSClient"
    queue_url: str
    clock: Clock

    def handle(self, message: Message, request_id: str) -> bool:
        """Run a message's command; returns whether SQS may delete the message.

        It may also if the command was refused for good: then there is a dead letter.
        """
        try:
            return self._handle(message, request_id)
        except Exception:  # noqa: BLE001 - the message comes again; other messages must not
            logger().exception("command not handled", message_id=message.id)
            return False

    def _handle(self, message: Message, request_id: str) -> bool:
        fields: dict[str, Any] | None = None
        run: Callable[[], str] | None = None
        try:
            document = read_body(message.body)
            fields = self._command_in(document)
            if is_event(document):
                refuse_codes(fields)
            run = self._prepare(fields)
            self._check_age(message)
            record = self._run(run, message)
        except ApiError as error:
            delay = self._delay(error, message)
            logger().info(
                "command refused",
                message_id=message.id,
                code=error.code,
                errors=error.errors,
                again_in=delay,
            )
            if delay is not None:
                self._postpone(message, delay)
                return False
            is_redrivable = run is not None and isinstance(error, _REDRIVABLE)
            self.dead_letters.add(
                message,
                error,
                request_id,
                fields=fields,
                redrivable=is_redrivable and not any(find_codes(fields or {})),
            )
        else:
            logger().info("command done", message_id=message.id, record=record)
        return True

    def _command_in(self, document: dict[str, Any]) -> dict[str, Any]:
        """Returns the command: of an event, of a dead letter that was moved back, or as it is."""
        if SEALED in document:
            return self.dead_letters.open(document[SEALED])
        return from_event(document) if is_event(document) else document

    def _prepare(self, fields: Mapping[str, Any]) -> Callable[[], str]:
        """Returns what runs a command.

        Raises:
            ValidationFailed: Names each field at fault.
        """
        use_case = self.use_cases[read_name(fields)]
        client, key, rest = read_identity(fields)
        command = use_case.model.from_mapping({one: rest[one] for one in rest if one != "command"})
        return lambda: use_case.run(command, client, key)

    def _check_age(self, message: Message) -> None:
        """Refuse a message that has been tried or has waited for too long.

        Raises:
            InternalError: The function ended too early each time.
            CommandExpired: It is too old.
        """
        if message.receives > MOST_RECEIVES:
            raise InternalError(
                f"The function ended too early {MOST_RECEIVES} times. The command may have been "
                "carried out: the same idempotency key shows its record."
            )
        if self.clock() - message.sent_at > LIFETIME:
            raise CommandExpired("A command is run within an hour, or not at all.")

    def _run(self, run: Callable[[], str], message: Message) -> str:
        try:
            return run()
        except ApiError:
            raise
        except Exception as error:
            logger().exception("command failed", message_id=message.id)
            raise InternalError("The log has more under the request's id.") from error

    def _delay(self, error: ApiError, message: Message) -> int | None:
        """Returns after how many seconds the command is tried again; None: not any more."""
        if not isinstance(error, _TEMPORARY) or message.receives >= MOST_RECEIVES:
            return None
        delay = max(error.retry_after or 0, _FIRST_DELAY_SECONDS**message.receives)
        ends_at = message.sent_at + LIFETIME
        return delay if self.clock() + timedelta(seconds=delay) < ends_at else None

    def _postpone(self, message: Message, seconds: int) -> None:
        self.sqs.change_message_visibility(
            QueueUrl=self.queue_url,
            ReceiptHandle=message.receipt_handle,
            VisibilityTimeout=seconds,
        )

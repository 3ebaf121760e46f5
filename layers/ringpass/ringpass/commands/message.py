"""A message of the command queue, and what it says.

    {"command": "send_zns", "client": "shop", "idempotency_key": "order-17", "phone": "+84...", ...}

A rule of the event bus brings the same as an event: its detail type is ``ringpass.command``, its
detail the command. A dead letter that was moved back holds the command sealed.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from ringpass.config import LEAST_DIGITS, MOST_DIGITS
from ringpass.errors import BodyTooLarge, InvalidJson, ValidationFailed, invalid_field
from ringpass.http.fields import reject_duplicate_names
from ringpass.redaction import mask_digits

DETAIL_TYPE: Final = "ringpass.command"
SEALED: Final = "sealed"
# As of a request over HTTP.
_MAX_BODY_BYTES: Final = 65_536
_CODE_NAMES: Final = frozenset({"code", "otp"})


class CommandName(StrEnum):
    """What is to be done."""

    START_VERIFICATION = "start_verification"
    SEND_VOICE_OTP = "send_voice_otp"
    SEND_PASSWORD_CALL = "send_password_call"  # noqa: S105 - no password
    SEND_ZNS = "send_zns"


@dataclass(frozen=True, slots=True)
class Message:
    """A message as SQS delivers it.

    Attributes:
        id: Its id, which its sender got from SQS.
        body: The command as JSON: it may hold a phone and a code.
        receives: How often it was delivered, this time included.
        sent_at: When it was put into the queue.
        receipt_handle: Names this delivery of it to SQS.
    """

    id: str
    body: str = field(repr=False)
    receives: int
    sent_at: datetime
    receipt_handle: str = field(repr=False, default="")

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "Message":
        """Returns the message of a record of Lambda's event."""
        attributes = record["attributes"]
        return cls(
            id=record["messageId"],
            body=record["body"],
            receives=int(attributes["ApproximateReceiveCount"]),
            sent_at=datetime.fromtimestamp(int(attributes["SentTimestamp"]) / 1000, UTC),
            receipt_handle=record["receiptHandle"],
        )


def read_body(body: str) -> dict[str, Any]:
    """Read a message's body: a JSON object.

    Raises:
        BodyTooLarge: It is larger than any valid command.
        InvalidJson: It is none, or names a member twice.
    """
    if len(body.encode(errors="surrogatepass")) > _MAX_BODY_BYTES:
        raise BodyTooLarge(f"A command has at most {_MAX_BODY_BYTES} bytes.")
    try:
        document = json.loads(body, object_pairs_hook=reject_duplicate_names)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise InvalidJson("A command is one JSON object.")
    return document


def is_event(document: Mapping[str, Any]) -> bool:
    """Whether a rule of an event bus brought it: such a document has these two members."""
    return "detail-type" in document and "detail" in document


def from_event(envelope: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the command of an event of the event bus.

    Raises:
        ValidationFailed: It is no event with a command.
    """
    detail = envelope.get("detail")
    if envelope.get("detail-type") != DETAIL_TYPE or not isinstance(detail, dict):
        raise invalid_field(
            ["detail-type"], "event_type", f"detail-type is {DETAIL_TYPE}, detail the command"
        )
    return detail


def refuse_codes(fields: Mapping[str, Any]) -> None:
    """Refuse a code in an event: rules and archives of others may copy what is on a bus.

    Raises:
        ValidationFailed: Names each field that holds one, or may do so.
    """
    if codes := list(find_codes(fields)):
        raise ValidationFailed(
            "A command with a code may not come over an event bus: put it into the queue.",
            errors=[
                {"loc": loc, "type": "code_on_event_bus", "msg": "a code, or like one"}
                for loc in codes
            ],
        )


def find_codes(fields: Mapping[str, Any]) -> Iterator[list[str]]:
    """Yields the names of the fields of a valid command that hold a code, or may do so.

    What a template's parameters mean is not known here: one of 4 to 10 digits may be a code.
    """
    for name, value in fields.items():
        if name in _CODE_NAMES and value is not None:
            yield [name]
    params = fields.get("params")
    for name, value in (params if isinstance(params, dict) else {}).items():
        text = "".join(value.split()) if isinstance(value, str) else ""
        if text.isdecimal() and LEAST_DIGITS <= len(text) <= MOST_DIGITS:
            yield ["params", mask_digits(name)]


def read_name(fields: Mapping[str, Any]) -> CommandName:
    """Returns what a command asks for.

    Raises:
        ValidationFailed: Nothing that can be done.
    """
    try:
        return CommandName(fields["command"])
    except (KeyError, ValueError):
        names = ", ".join(CommandName)
        raise invalid_field(["command"], "command_unknown", f"command is one of {names}") from None

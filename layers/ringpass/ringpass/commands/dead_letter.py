"""Dead letters: what is kept of a command that was refused, without code and phone.

    {"command": "send_zns", "client": "shop", "idempotency_key": "order-17", "message_id": "...",
     "bytes": 112, "sent_at": "...", "receives": 1, "error": {...}, "sealed": "..."}

A dead letter is made of what it may hold, not by deleting what it may not: of a body that nobody
can read, nothing is kept but its length. (Not even a hash: a phone and a code can be guessed.)
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeGuard

from ringpass.aws.sealing import NotGenuine, seal, unseal
from ringpass.clock import to_text
from ringpass.commands.message import SEALED, CommandName, Message
from ringpass.errors import ApiError, invalid_field
from ringpass.http.router import CLIENT
from ringpass.redaction import digit_runs, digits_of, mask_digits

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_sqs import SQSClient

    from ringpass.redaction import Secret

_CONTEXT: Final = "command"
# So many last digits are the same in all forms of a phone.
_LOCAL_DIGITS: Final = 7
_MOST_SHOWN: Final = 255
# Nine digits in a row and more, but for the last part of a UUID.
_UUID: Final = r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
_LIKE_A_PHONE: Final = re.compile(rf"(?!{_UUID}$).*(?<![A-Za-z0-9])\d{{9,15}}(?![A-Za-z0-9])")


@dataclass(frozen=True, slots=True)
class DeadLetterQueue:
    """Queue of refused commands.

    Attributes:
        sqs: botocore's client of SQS.
        queue_url: The queue's URL.
        sealing_key: Returns the secret that commands without a code are sealed with.
    """

    sqs: "SQSClient"
    queue_url: str
    sealing_key: "Callable[[], Secret]" = field(repr=False)

    def add(
        self,
        message: Message,
        error: ApiError,
        request_id: str,
        *,
        fields: Mapping[str, Any] | None,
        redrivable: bool,
    ) -> None:
        """Put a dead letter into the queue.

        Args:
            message: What was refused.
            error: Why.
            request_id: The id of Lambda's request.
            fields: The command; None if it cannot be read.
            redrivable: Whether it is kept sealed, so that it can run when it is moved back.
        """
        letter = {
            **_identity(fields or {}),
            "message_id": message.id,
            "bytes": len(message.body.encode(errors="surrogatepass")),
            "sent_at": to_text(message.sent_at),
            "receives": message.receives,
            "error": error.problem(request_id),
        }
        if redrivable:
            letter[SEALED] = seal(self.sealing_key(), _CONTEXT, json.dumps(fields).encode())
        self.sqs.send_message(QueueUrl=self.queue_url, MessageBody=json.dumps(letter))

    def open(self, sealed: object) -> dict[str, Any]:
        """Returns the command of a dead letter that was moved back.

        Raises:
            ValidationFailed: Another stack sealed it, or nobody.
        """
        try:
            fields: dict[str, Any] = json.loads(unseal(self.sealing_key(), _CONTEXT, str(sealed)))
        except (NotGenuine, ValueError):
            raise invalid_field(
                [SEALED], "not_genuine", "sealed is that of a dead letter of this stack"
            ) from None
        return fields


def _identity(fields: Mapping[str, Any]) -> dict[str, str | None]:
    """Returns what a command's sender can find it by."""
    name, client, key = (fields.get(one) for one in ("command", "client", "idempotency_key"))
    others = {one: fields[one] for one in fields if one not in ("client", "idempotency_key")}
    private = set(_private_digits(others))
    return {
        "command": name if isinstance(name, str) and name in set(CommandName) else None,
        "client": _shown(client, private) if _is_client(client) else None,
        "idempotency_key": _shown(key, private) if isinstance(key, str) else None,
    }


def _is_client(client: object) -> TypeGuard[str]:
    return isinstance(client, str) and CLIENT.fullmatch(client) is not None


def _private_digits(node: object) -> Iterator[str]:
    """Yields digits by which a phone or a code of a command can be recognized."""
    if isinstance(node, Mapping):
        for name, child in node.items():
            yield from _private_digits(name)
            yield from _private_digits(child)
    elif isinstance(node, list):
        for child in node:
            yield from _private_digits(child)
    elif isinstance(node, str | int | float):
        for run in digit_runs(str(node)):
            yield run[-_LOCAL_DIGITS:]


def _shown(text: str, private: set[str]) -> str:
    """Returns a name that the sender chose; masked if it holds its phone, its code or any phone."""
    digits = digits_of(text)
    if _LIKE_A_PHONE.match(text) or any(run in digits for run in private):
        text = mask_digits(text)
    return text[:_MOST_SHOWN].encode(errors="replace").decode()

"""Parser of CareSoft's webhook: events of a ticket.

A POST of JSON, with HMAC-SHA1 over the body in the header ``X-Hub-Signature``, as hexadecimal in
upper case; the key is the secret that was agreed on with CareSoft. An event is
``{"object": "ticket", "action": "create", "ticket": {"ticket_id": ..., "ticket_comment": {...}},
"user": {...}}``; the event to register for ZNS is ``ticket.inbox_zalo_zns``. Source:
CareSoft's documentation, "Webhook".

It does not say which fields the ticket has, whether an event ever says that a message was
delivered, or whether a failed event is sent again. So the parser looks for the ticket's id, the
number and the status under every name that CareSoft uses elsewhere. Only a status of the table
below counts; everything else is stored and settles nothing.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ringpass.outcomes import NO_STATUS, Status
from ringpass.phone import vietnamese_number
from ringpass.providers.webhook_documents import documents, plain_name
from ringpass.redaction import Secret, outline

# Possible statuses of a message. CareSoft's documentation has none of these words: this is their
# usual meaning. "sent" and "success" do not say that the message arrived.
_OUTCOMES: Final[Mapping[str, Status]] = {
    "delivered": Status.DELIVERED,
    "received": Status.DELIVERED,
    "seen": Status.DELIVERED,
    "read": Status.DELIVERED,
    "failed": Status.FAILED,
    "failure": Status.FAILED,
    "undelivered": Status.FAILED,
    "undeliverable": Status.FAILED,
    "not_delivered": Status.FAILED,
    "rejected": Status.FAILED,
}
ZNS_EVENT: Final = "ticket.inbox_zalo_zns"

_EVENT_NAMES: Final = ("event", "event_name", "event_type", "type")
_EVENT: Final = re.compile(r"(?:ticket\.[a-z_]+|user|organization|lead|deal|smart_dialer|call_in)")
_TICKET_NAMES: Final = ("ticket_id", "ticketId")
_TICKET: Final = re.compile(r"[0-9]{1,20}")
# A status of a message; never "ticket_status", which is the ticket's (new, open, solved, ...).
_STATUS_NAMES: Final = ("delivery_status", "zns_status", "message_status", "send_status")
# Ambiguous names: they count only in the event itself and in the message's objects.
_ANY_STATUS_NAMES: Final = ("status", "state")
_MESSAGE_NAMES: Final = ("zns", "message", "data")
_PHONE_NAMES: Final = frozenset(
    {
        "phone",
        "phone_no",
        "phone_no2",
        "phone_no3",
        "requester_phone",
        "customer_phone",
        "receiver_phone",
        "recipient",
        "to",
    }
)
_MAX_PHONES: Final = 5
_WORD: Final = re.compile(r"[a-z][a-z_]{0,31}")
# A ticket has personal data that we do not need: only the values of these fields are stored.
_RAW_NAMES: Final = frozenset(
    map(
        plain_name,
        (*_STATUS_NAMES, *_ANY_STATUS_NAMES, *_EVENT_NAMES, "object", "action", "ticket_status"),
    )
)
_MAX_DEPTH: Final = 6


@dataclass(frozen=True, slots=True)
class TicketEvent:
    """One event of a ticket.

    Attributes:
        is_zns: Whether it may be about a ZNS; false if it has the name of another event.
        ticket: The ticket's id; None if it has none.
        outcome: Outcome of the message; ``unknown`` if the event does not say it.
        reason: The status as a word (``zns_delivered``), or ``no_status``.
        called: Phone numbers in it as E.164.
        digest: SHA-256 of its content, to detect a repeated event.
        raw: Names of its fields, and the values of its name and of its status.
        whole: Whether all of its body could be read.
    """

    is_zns: bool
    ticket: str | None
    outcome: Status
    reason: str
    called: tuple[str, ...]
    digest: str
    raw: str
    whole: bool = True


def is_signed(body: bytes, signature: str, secrets: Iterable[Secret]) -> bool:
    """Whether ``signature`` is valid for exactly these bytes under one of the secrets.

    CareSoft writes it in upper case; lower case is the same number. Every secret is tried, so that
    the time does not show which one matched.
    """
    signature_bytes = signature.strip().upper().encode(errors="surrogatepass")
    matches = [
        hmac.compare_digest(signature_bytes, signature_of(body, secret).encode())
        for secret in secrets
    ]
    return any(matches)


def signature_of(body: bytes, secret: Secret) -> str:
    """Returns CareSoft's signature of a body."""
    return hmac.new(secret.reveal().encode(), body, "sha1").hexdigest().upper()


def parse(body: bytes) -> list[TicketEvent]:
    """Returns every event in a body, which is an object or an array of them; empty if none.

    The body may have any form that ``documents`` reads.
    """
    for document in documents(body):
        nodes = document.value if isinstance(document.value, list) else [document.value]
        if events := [event for event in nodes if isinstance(event, dict) and event]:
            return [_event(event, whole=document.whole) for event in events]
    return []


def _event(event: Mapping[str, Any], *, whole: bool) -> TicketEvent:
    inner = [event, *_mappings(event, _MAX_DEPTH)]
    outcome, reason = outcome_of(_status(event, inner))
    called = _called(inner)
    content = [event, outcome, reason, called]
    return TicketEvent(
        is_zns=_is_zns(event),
        ticket=_ticket(event, inner),
        outcome=outcome,
        reason=reason,
        called=called,
        digest=hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest(),
        raw=outline(event, _RAW_NAMES, plain_name),
        whole=whole,
    )


def outcome_of(status: object) -> tuple[Status, str]:
    """Returns the outcome that CareSoft's status means, and the reason."""
    if status is None:
        return Status.UNKNOWN, NO_STATUS
    word = "_".join(str(status).lower().replace("-", " ").split())
    if not _WORD.fullmatch(word):
        return Status.UNKNOWN, "zns_other"
    return _OUTCOMES.get(word, Status.UNKNOWN), f"zns_{word}"


def _is_zns(event: Mapping[str, Any]) -> bool:
    event_names = (event[name] for name in _EVENT_NAMES if isinstance(event.get(name), str))
    known_names = [name for name in event_names if _EVENT.fullmatch(name)]
    if known_names:
        return ZNS_EVENT in known_names
    return bool(event.get("object", "ticket") == "ticket")


def _ticket(event: Mapping[str, Any], inner: list[Mapping[str, Any]]) -> str | None:
    values = [fields[name] for fields in inner for name in _TICKET_NAMES if name in fields]
    ticket = event.get("ticket")
    if isinstance(ticket, dict) and "id" in ticket:
        values.append(ticket["id"])
    texts = (str(value) for value in values if not isinstance(value, bool))
    return next((value for value in texts if _TICKET.fullmatch(value)), None)


def _status(event: Mapping[str, Any], inner: list[Mapping[str, Any]]) -> object:
    values = [fields[name] for name in _STATUS_NAMES for fields in inner if name in fields]
    objects = [event, *(event[name] for name in _MESSAGE_NAMES if name in event)]
    for fields in objects:
        if isinstance(fields, dict):
            values += [fields[name] for name in _ANY_STATUS_NAMES if name in fields]
    return next((value for value in values if isinstance(value, (str, int))), None)


def _called(inner: list[Mapping[str, Any]]) -> tuple[str, ...]:
    numbers: dict[str, None] = {}
    for fields in inner:
        for name, value in fields.items():
            if name in _PHONE_NAMES and (number := vietnamese_number(value)):
                numbers[number] = None
    return tuple(numbers)[:_MAX_PHONES]


def _mappings(root: Any, depth: int) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401 - any JSON
    """Yield the objects inside one, level by level."""
    level = [root]
    for _ in range(depth):
        below: list[Any] = []
        for node in level:
            below += node.values() if isinstance(node, dict) else node
        level = [node for node in below if isinstance(node, (dict, list))]
        yield from (node for node in level if isinstance(node, dict))

"""CareSoft's webhook: what it tells of a ticket.

A POST of JSON, with HMAC-SHA1 over the body in the header ``X-Hub-Signature``, as hexadecimal in
upper case; the key is the secret that was agreed on with CareSoft. An event is
``{"object": "ticket", "action": "create", "ticket": {"ticket_id": ..., "ticket_comment": {...}},
"user": {...}}``; the one to be registered for ZNS is called ``ticket.inbox_zalo_zns``. Source:
CareSoft's documentation, "Webhook".

It does not say what that event's ticket holds, nor whether it ever tells that a message was
delivered, nor whether an event that was not taken is sent again. So the ticket's id, the number and
the status are looked for under every name that CareSoft uses elsewhere; a status is believed only
if it is a word of the table below, and whatever else comes is kept and settles nothing.
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

# What a status of a message may be called. None of these words stands in CareSoft's documentation:
# they are what such words mean everywhere. "sent" and "success" do not say that it arrived.
_WORDS: Final[Mapping[str, Status]] = {
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
# These may be anybody's: they count only in an event itself and in what is the message's.
_ANY_STATUS_NAMES: Final = ("status", "state")
_OF_THE_MESSAGE: Final = ("zns", "message", "data")
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
_MOST_PHONES: Final = 5
_WORD: Final = re.compile(r"[a-z][a-z_]{0,31}")
# A ticket tells of its customer what we have no need of: only these words are kept.
_KEPT_NAMES: Final = frozenset(
    map(
        plain_name,
        (*_STATUS_NAMES, *_ANY_STATUS_NAMES, *_EVENT_NAMES, "object", "action", "ticket_status"),
    )
)
_DEEPEST: Final = 6


@dataclass(frozen=True, slots=True)
class TicketEvent:
    """One event.

    Attributes:
        ours: Whether it may be about a ZNS: false if it says that it is another event.
        ticket: The ticket's id; None if it names none.
        outcome: What became of the message; ``unknown`` where that is not said.
        reason: The word that says so (``zns_delivered``), or ``no_status``.
        called: The numbers in it as E.164.
        digest: SHA-256 of what it says, so that a repeated one is known.
        raw: Its names, and the words that say what it is and what became of the message.
        whole: Whether its body was read from end to end.
    """

    ours: bool
    ticket: str | None
    outcome: Status
    reason: str
    called: tuple[str, ...]
    digest: str
    raw: str
    whole: bool = True


def is_signed(body: bytes, signature: str, valid: Iterable[Secret]) -> bool:
    """Whether ``signature`` is that of these very bytes under one of the valid secrets.

    CareSoft writes it in upper case; lower case is the same number. Every secret is tried, so that
    the time does not show which of them it was.
    """
    given = signature.strip().upper().encode(errors="surrogatepass")
    matches = [hmac.compare_digest(given, signature_of(body, secret).encode()) for secret in valid]
    return any(matches)


def signature_of(body: bytes, secret: Secret) -> str:
    """The signature that CareSoft gives to a body."""
    return hmac.new(secret.reveal().encode(), body, "sha1").hexdigest().upper()


def parse(body: bytes) -> list[TicketEvent]:
    """Every event in a body, which is an object or an array of them; empty if there is none.

    The body may have any form that ``documents`` reads.
    """
    for document in documents(body):
        events = document.value if isinstance(document.value, list) else [document.value]
        if found := [event for event in events if isinstance(event, dict) and event]:
            return [_event(event, whole=document.whole) for event in found]
    return []


def _event(event: Mapping[str, Any], *, whole: bool) -> TicketEvent:
    inner = [event, *_mappings(event, _DEEPEST)]
    outcome, reason = outcome_of(_status(event, inner))
    called = _called(inner)
    understood = [event, outcome, reason, called]
    return TicketEvent(
        ours=_is_ours(event),
        ticket=_ticket(event, inner),
        outcome=outcome,
        reason=reason,
        called=called,
        digest=hashlib.sha256(json.dumps(understood, sort_keys=True).encode()).hexdigest(),
        raw=outline(event, _KEPT_NAMES, plain_name),
        whole=whole,
    )


def outcome_of(status: object) -> tuple[Status, str]:
    """CareSoft's status in our words, and the reason."""
    if status is None:
        return Status.UNKNOWN, NO_STATUS
    word = "_".join(str(status).lower().replace("-", " ").split())
    if not _WORD.fullmatch(word):
        return Status.UNKNOWN, "zns_other"
    return _WORDS.get(word, Status.UNKNOWN), f"zns_{word}"


def _is_ours(event: Mapping[str, Any]) -> bool:
    named = (event[name] for name in _EVENT_NAMES if isinstance(event.get(name), str))
    known = [name for name in named if _EVENT.fullmatch(name)]
    if known:
        return ZNS_EVENT in known
    return bool(event.get("object", "ticket") == "ticket")


def _ticket(event: Mapping[str, Any], inner: list[Mapping[str, Any]]) -> str | None:
    named = [fields[name] for fields in inner for name in _TICKET_NAMES if name in fields]
    ticket = event.get("ticket")
    if isinstance(ticket, dict) and "id" in ticket:
        named.append(ticket["id"])
    found = (str(value) for value in named if not isinstance(value, bool))
    return next((value for value in found if _TICKET.fullmatch(value)), None)


def _status(event: Mapping[str, Any], inner: list[Mapping[str, Any]]) -> object:
    named = [fields[name] for name in _STATUS_NAMES for fields in inner if name in fields]
    message = [event, *(event[name] for name in _OF_THE_MESSAGE if name in event)]
    for fields in message:
        if isinstance(fields, dict):
            named += [fields[name] for name in _ANY_STATUS_NAMES if name in fields]
    return next((value for value in named if isinstance(value, (str, int))), None)


def _called(inner: list[Mapping[str, Any]]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for fields in inner:
        for name, value in fields.items():
            if name in _PHONE_NAMES and (number := vietnamese_number(value)):
                found[number] = None
    return tuple(found)[:_MOST_PHONES]


def _mappings(node: Any, depth: int) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401 - any JSON
    """The objects inside one, those that are nearer to it before those inside them."""
    level = [node]
    for _ in range(depth):
        below: list[Any] = []
        for each in level:
            below += each.values() if isinstance(each, dict) else each
        level = [each for each in below if isinstance(each, (dict, list))]
        yield from (each for each in level if isinstance(each, dict))

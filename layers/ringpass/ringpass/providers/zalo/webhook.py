"""Zalo's webhook: what became of a message, and everything else that happens to an OA.

POST with ``{"event_name": "user_received_message", "app_id": "...", "timestamp": "1764000000000",
"message": {"delivery_time": "1764000000000", "msg_id": "...", "tracking_id": "..."}, ...}`` and the
header ``X-ZEvent-Signature: mac=<hex>``: SHA-256 over app id, raw body, the body's ``timestamp``
and the OA's secret key, one behind the other. It is no HMAC, and the key is not the app's secret. A
message from a template is told apart from the OA's others, whose event has the same name, by the
header ``X-ZEvent-Server: ZNS``, and by its ``delivery_time``. Ids and times are texts, beyond 2^53.
Source: Zalo's reference of webhooks, and public clients of it.

The timestamp is a part of what is signed, so it says how old an event is: a copy of a signed event
can be sent again, but not as a new one.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from ringpass.providers.webhook_documents import documents
from ringpass.providers.zalo.timestamps import instant_of
from ringpass.redaction import Secret

DELIVERED: Final = "user_received_message"
"""The event that says that a message has arrived."""
MOST_READ: Final = 65_536
"""An event of Zalo's has some hundred bytes. What is larger is kept unread."""

_MAC: Final = re.compile(r"(?:mac=)?([0-9a-fA-F]{64})")
# What may stand in keys of the table and in logs.
_REFERENCE: Final = re.compile(r"[\x21-\x7e]{1,128}")
_NAME: Final = re.compile(r"[a-zA-Z0-9_.-]{1,64}")
_ZNS: Final = "ZNS"
# Where an event cannot be read, this alone is needed to know whether it is signed.
_TIMESTAMP: Final = re.compile(rb'"timestamp"\s{0,8}:\s{0,8}"?([0-9]{13})\b')
_DEEPEST: Final = 6

OLDEST: Final = timedelta(hours=3)
"""What is older is nothing that Zalo still sends.

Zalo repeats an event after 30 s, 5 min, 15 min, 30 min and 1 h, so for less than two hours, counted
one after the other. Whether a repetition has a timestamp of its own is not documented.
"""
AHEAD: Final = timedelta(minutes=5)
"""What is later is nothing that has happened: clocks do not differ by more."""
TOO_OLD, TOO_NEW = "too_old", "too_new"
"""Why an event is not acted on."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event.

    Attributes:
        name: Zalo's name of it; ``unnamed`` if it has none to use.
        fields: All that it says, numbers as the text that they were written as; the ``timestamp``
            alone where the rest could not be read.
        digest: SHA-256 of its bytes, so that a repeated one is known.
        whole: Whether it could be read.
        server: The header ``X-ZEvent-Server``.
    """

    name: str
    fields: Mapping[str, Any]
    digest: str
    whole: bool = True
    server: str = ""

    @property
    def is_read(self) -> bool:
        """Whether more of it could be read than what it takes to check its signature."""
        return self.whole or self.fields.keys() != {"timestamp"}

    @property
    def sent_at(self) -> datetime | None:
        """When Zalo sent it, as it signed it: milliseconds since 1970, or seconds; else None."""
        said = str(self.fields["timestamp"])
        return instant_of(said) or instant_of(f"{said}000")


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message has arrived.

    Attributes:
        msg_id: Zalo's id of it; None if it names none.
        tracking_id: What whoever sent it called it; None if it was called nothing.
    """

    msg_id: str | None
    tracking_id: str | None


def read(body: bytes, most: int = MOST_READ) -> Event | None:
    """The event in a body, of any form; None if it is none that could be signed.

    Args:
        body: The raw body.
        most: How many bytes of it may be read: nobody knows yet whether it is signed.
    """
    digest = hashlib.sha256(body).hexdigest()
    if len(body) <= most:
        # Numbers stay as they were written: the signature is over their text.
        for document in documents(body, of_number=str):
            if (fields := _signed_fields(document.value, _DEEPEST)) is not None:
                said = fields.get("event_name")
                name = said if isinstance(said, str) and _NAME.fullmatch(said) else "unnamed"
                return Event(name, fields, digest, document.whole)
    if found := _TIMESTAMP.search(body):
        return Event("unnamed", {"timestamp": found.group(1).decode()}, digest, whole=False)
    return None


def _signed_fields(node: object, depth: int) -> Mapping[str, Any] | None:
    """The object that has a timestamp, in whatever wrapping."""
    if isinstance(node, Mapping):
        if isinstance(node.get("timestamp"), str):
            return node
        inner = list(node.values())
    elif isinstance(node, list):
        inner = node
    else:
        return None
    found = (_signed_fields(each, depth - 1) for each in inner if depth)
    return next((fields for fields in found if fields is not None), None)


def is_signed(
    signature: str, event: Event, body: bytes, app_id: str, keys: Iterable[Secret]
) -> bool:
    """Whether one of the keys signed exactly these bytes; near misses take as long as far ones.

    Several keys are valid while one takes over from another. Nobody's signature is valid for an app
    that is not known.
    """
    given = _MAC.fullmatch(signature)
    if given is None or not app_id:
        return False
    mac, timestamp = given.group(1).lower(), str(event.fields["timestamp"])
    before, after = app_id.encode() + body, timestamp.encode(errors="surrogatepass")
    matches = [
        hmac.compare_digest(mac, hashlib.sha256(before + after + key.reveal().encode()).hexdigest())
        for key in keys
    ]
    return any(matches)


def out_of_time(event: Event, came: datetime) -> str | None:
    """Why an event was too old or too new to be acted on when it came; None: it was neither."""
    sent_at = event.sent_at
    if sent_at is None:
        return "no_time"
    if sent_at < came - OLDEST:
        return TOO_OLD
    return TOO_NEW if sent_at > came + AHEAD else None


def arrival_of(event: Event, server: str) -> Arrival | None:
    """The message whose arrival an event tells; None if it tells something else.

    Args:
        event: The event.
        server: The header ``X-ZEvent-Server``.
    """
    message = event.fields.get("message")
    if event.name != DELIVERED or not isinstance(message, Mapping):
        return None
    if server.strip().upper() != _ZNS and "delivery_time" not in message:
        return None
    arrival = Arrival(_reference(message.get("msg_id")), _reference(message.get("tracking_id")))
    return arrival if arrival != Arrival(None, None) else None


def _reference(said: object) -> str | None:
    return said if isinstance(said, str) and _REFERENCE.fullmatch(said) else None

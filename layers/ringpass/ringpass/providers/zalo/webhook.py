"""Parser of Zalo's webhook: delivery receipts of messages, and all other events of an OA.

POST with ``{"event_name": "user_received_message", "app_id": "...", "timestamp": "1764000000000",
"message": {"delivery_time": "1764000000000", "msg_id": "...", "tracking_id": "..."}, ...}`` and the
header ``X-ZEvent-Signature: mac=<hex>``: SHA-256 over the joined app id, raw body, ``timestamp``
of the body and the OA's secret key. It is no HMAC, and the key is not the app's secret. The
OA's other messages have an event of the same name; that of a message from a template has the
header ``X-ZEvent-Server: ZNS``, and a ``delivery_time``. Ids and times are texts, beyond 2^53.
Source: Zalo's reference of webhooks, and public clients of it.

The signature covers the timestamp, so a replayed event is recognized by its age.
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
"""Name of the event that a message has arrived."""
MAX_UNSIGNED_BYTES: Final = 65_536
"""Zalo's events have a few hundred bytes. A larger body is stored unread."""

_MAC: Final = re.compile(r"(?:mac=)?([0-9a-fA-F]{64})")
# Ids that are safe in keys of the table and in logs.
_REFERENCE: Final = re.compile(r"[\x21-\x7e]{1,128}")
_NAME: Final = re.compile(r"[a-zA-Z0-9_.-]{1,64}")
_ZNS: Final = "ZNS"
# The only field that the check of the signature needs, for a body that cannot be read.
_TIMESTAMP: Final = re.compile(rb'"timestamp"\s{0,8}:\s{0,8}"?([0-9]{13})\b')
_MAX_DEPTH: Final = 6

MAX_AGE: Final = timedelta(hours=3)
"""Zalo does not send an event that is older.

Zalo repeats an event after 30 s, 5 min, 15 min, 30 min and 1 h, so for less than two hours in sum.
Whether a repetition has a timestamp of its own is not documented.
"""
MAX_CLOCK_SKEW: Final = timedelta(minutes=5)
"""Clocks do not differ by more, so a later event is not real."""
TOO_OLD, TOO_NEW = "too_old", "too_new"
"""Reasons to store an event without effect."""


@dataclass(frozen=True, slots=True)
class ZaloEvent:
    """One event.

    Attributes:
        name: Zalo's name of it; ``unnamed`` if it has no valid one.
        fields: All its fields, numbers as their original text; only ``timestamp`` if the rest
            could not be read.
        digest: SHA-256 of its bytes, to detect a repeated event.
        whole: Whether all of it could be read.
        server: The header ``X-ZEvent-Server``.
    """

    name: str
    fields: Mapping[str, Any]
    digest: str
    whole: bool = True
    server: str = ""

    @property
    def is_read(self) -> bool:
        """Whether more of it could be read than the timestamp."""
        return self.whole or self.fields.keys() != {"timestamp"}

    @property
    def sent_at(self) -> datetime | None:
        """When Zalo sent it: its timestamp in milliseconds or seconds since 1970; else None."""
        timestamp = str(self.fields["timestamp"])
        return instant_of(timestamp) or instant_of(f"{timestamp}000")


@dataclass(frozen=True, slots=True)
class Arrival:
    """Delivery receipt of a message.

    Attributes:
        msg_id: Zalo's id of the message; None if there is none.
        tracking_id: The sender's id of the message; None if there is none.
    """

    msg_id: str | None
    tracking_id: str | None


def parse(body: bytes, max_bytes: int = MAX_UNSIGNED_BYTES) -> ZaloEvent | None:
    """Returns the event in a body of any form; None if it cannot be a signed event.

    Args:
        body: The raw body.
        max_bytes: How many bytes of it may be read, as its signature is not checked yet.
    """
    digest = hashlib.sha256(body).hexdigest()
    if len(body) <= max_bytes:
        # Numbers keep their original text, which the signature covers.
        for document in documents(body, parse_number=str):
            if (fields := _signed_fields(document.value, _MAX_DEPTH)) is not None:
                event_name = fields.get("event_name")
                name = (
                    event_name
                    if isinstance(event_name, str) and _NAME.fullmatch(event_name)
                    else "unnamed"
                )
                return ZaloEvent(name, fields, digest, document.whole)
    if match := _TIMESTAMP.search(body):
        return ZaloEvent("unnamed", {"timestamp": match.group(1).decode()}, digest, whole=False)
    return None


def _signed_fields(node: object, depth: int) -> Mapping[str, Any] | None:
    """Returns the object that has a timestamp, at any depth."""
    if isinstance(node, Mapping):
        if isinstance(node.get("timestamp"), str):
            return node
        inner = list(node.values())
    elif isinstance(node, list):
        inner = node
    else:
        return None
    nested = (_signed_fields(value, depth - 1) for value in inner if depth)
    return next((fields for fields in nested if fields is not None), None)


def is_signed(
    signature: str, event: ZaloEvent, body: bytes, app_id: str, keys: Iterable[Secret]
) -> bool:
    """Whether one of the keys signed exactly these bytes; compares in constant time.

    Several keys are valid during a rotation. Without an app id no signature is valid.
    """
    match = _MAC.fullmatch(signature)
    if match is None or not app_id:
        return False
    mac, timestamp = match.group(1).lower(), str(event.fields["timestamp"])
    before, after = app_id.encode() + body, timestamp.encode(errors="surrogatepass")
    matches = [
        hmac.compare_digest(mac, hashlib.sha256(before + after + key.reveal().encode()).hexdigest())
        for key in keys
    ]
    return any(matches)


def untimely_reason(event: ZaloEvent, received_at: datetime) -> str | None:
    """Returns why an event was too old or too new when it was received; None if it was neither."""
    sent_at = event.sent_at
    if sent_at is None:
        return "no_time"
    if sent_at < received_at - MAX_AGE:
        return TOO_OLD
    return TOO_NEW if sent_at > received_at + MAX_CLOCK_SKEW else None


def arrival_of(event: ZaloEvent, server: str) -> Arrival | None:
    """Returns the delivery receipt in an event; None if it is another event.

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


def _reference(value: object) -> str | None:
    return value if isinstance(value, str) and _REFERENCE.fullmatch(value) else None

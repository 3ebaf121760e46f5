"""Zalo's webhook: what became of a message, and everything else that happens to an OA.

POST with ``{"event_name": "user_received_message", "app_id": "...", "timestamp": "1764000000000",
"message": {"delivery_time": "1764000000000", "msg_id": "...", "tracking_id": "..."}, ...}`` and the
header ``X-ZEvent-Signature: mac=<hex>``: SHA-256 over app id, raw body, the body's ``timestamp``
and the OA's secret key, one behind the other. It is no HMAC, and the key is not the app's secret. A
message from a template is told apart from the OA's others, whose event has the same name, by the
header ``X-ZEvent-Server: ZNS``, and by its ``delivery_time``. Ids and times are texts, beyond 2^53.
Source: Zalo's reference of webhooks, and public clients of it.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ringpass.credentials import Secret

DELIVERED: Final = "user_received_message"
"""The event that says that a message has arrived."""
# Signed or not, nobody can tell before it is read: so much is read, and no more.
MOST_BYTES: Final = 262_144

_MAC: Final = re.compile(r"(?:mac=)?([0-9a-fA-F]{64})")
# What may stand in keys of the table and in logs.
_REFERENCE: Final = re.compile(r"[\x21-\x7e]{1,128}")
_NAME: Final = re.compile(r"[a-zA-Z0-9_.-]{1,64}")
_ZNS: Final = "ZNS"


@dataclass(frozen=True, slots=True)
class Event:
    """One event.

    Attributes:
        name: Zalo's name of it; ``unnamed`` if it has none to use.
        fields: All that it says, numbers as the text that they were written as.
        digest: SHA-256 of its bytes, so that a repeated one is known.
    """

    name: str
    fields: Mapping[str, Any]
    digest: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message has arrived.

    Attributes:
        msg_id: Zalo's id of it; None if it names none.
        tracking_id: What whoever sent it called it; None if it was called nothing.
    """

    msg_id: str | None
    tracking_id: str | None


def read(body: bytes) -> Event | None:
    """The event in a body; None if it is none that could be signed."""
    try:
        # Numbers stay as they were written: the signature is over their text.
        fields = json.loads(body, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return None
    if not isinstance(fields, dict) or not isinstance(fields.get("timestamp"), str):
        return None
    said = fields.get("event_name")
    name = said if isinstance(said, str) and _NAME.fullmatch(said) else "unnamed"
    return Event(name, fields, hashlib.sha256(body).hexdigest())


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

"""How Zalo's events are written and signed: SHA-256 over app id, body, time and the OA's key."""

import hashlib
import json
import time
from collections.abc import Mapping

from sandbox.cdr import Message
from sandbox.courier import Letter
from sandbox.settings import Settings
from sandbox.wire import Json


def arrived(msg_id: str, tracking_id: str | None, settings: Settings) -> dict[str, Json]:
    """Give the event that tells that a message has arrived."""
    now = str(round(time.time() * 1_000))
    message: dict[str, Json] = {"delivery_time": now, "msg_id": msg_id}
    if tracking_id is not None:
        message["tracking_id"] = tracking_id
    return {
        "event_name": "user_received_message",
        "app_id": settings.zalo_app_id,
        "sender": {"id": settings.zalo_oa_id},
        "message": message,
        "timestamp": now,
    }


def letter(
    fields: Mapping[str, Json] | str,
    phone: str | None,
    epoch: int,
    settings: Settings,
    headers: Mapping[str, str] | None = None,
    *,
    server: str = "ZNS",
) -> Letter:
    """Sign an event, or a body of any form, and put it into its envelope.

    ``server`` is what X-ZEvent-Server says of where it comes from; the OA's own events have none.
    """
    # Zalo writes UTF-8; the signature is over these very bytes.
    body = fields if isinstance(fields, str) else json.dumps(fields, ensure_ascii=False)
    signature = {"X-ZEvent-Signature": "mac=" + _mac(body, settings)}
    if server:
        signature["X-ZEvent-Server"] = server
    message = Message("POST", "application/json", body)
    return Letter(message, phone, epoch, headers=signature | dict(headers or {}), provider="zalo")


def _mac(body: str, settings: Settings) -> str:
    try:
        timestamp = str(json.loads(body, parse_int=str, parse_float=str)["timestamp"])
    except (ValueError, KeyError, TypeError):
        timestamp = ""
    text = settings.zalo_app_id + body + timestamp + settings.zalo_oa_secret_key
    return hashlib.sha256(text.encode()).hexdigest()

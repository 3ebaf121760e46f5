"""A voice gateway, as docs/connect-voice-gateway.md defines it: ``POST /voice_gateway/calls``.

The request::

    Authorization: Bearer <token>
    Content-Type: application/json
    {"delivery_id":"dlv_...","phone":"+84389801371","code":"12345","language":"vi","ring_timeout":25}

and the reply, ``{"accepted":true,"call_id":"..."}`` or ``{"accepted":false,"reason":"..."}``. What
became of the call goes to its webhook, signed by Standard Webhooks.
"""

import hmac
import json
import re
import secrets
import time
from base64 import b64decode, b64encode

from sandbox import phones
from sandbox.cdr import Message
from sandbox.courier import Letter
from sandbox.endings import (
    ABSENT,
    ANSWERED,
    BUSY,
    NOT_ANSWERED,
    REFUSED_BY_OPERATOR,
    UNALLOCATED,
    Ending,
    McnResult,
)
from sandbox.provider import Acceptance
from sandbox.settings import Settings
from sandbox.wire import (
    Json,
    Refused,
    Reply,
    Request,
    check_bearer,
    check_fields,
    check_method,
    json_reply,
    read_json_object,
)

NAME = "voice_gateway"

_PATH = "/voice_gateway/calls"
_FIELDS = ("delivery_id", "phone", "code", "language", "ring_timeout")
_CODE = re.compile(r"[0-9]{4,10}")
_LANGUAGES = ("vi", "ru")
_RING_SECONDS = range(10, 121)
_OUTCOMES = {
    ANSWERED: "answered",
    BUSY: "busy",
    NOT_ANSWERED: "no_answer",
    REFUSED_BY_OPERATOR: "refused",
    ABSENT: "unreachable",
    UNALLOCATED: "unreachable",
}


def examine(request: Request, settings: Settings) -> dict[str, Json]:
    """Give the body of a request that the gateway would take. Raises Refused."""
    if request.path != _PATH:
        raise Refused(404, "no such route")
    check_method(request, "POST")
    check_bearer(request, settings.voice_gateway_token)
    body = read_json_object(request)
    check_fields(body, required=_FIELDS)
    if not isinstance(body["delivery_id"], str) or not body["delivery_id"]:
        raise Refused(400, "delivery_id must be a string")
    if phone_of(body) is None:
        raise Refused(400, "phone must be E.164")
    if not isinstance(body["code"], str) or not _CODE.fullmatch(body["code"]):
        raise Refused(400, "code must be a string of 4 to 10 digits")
    if body["language"] not in _LANGUAGES:
        raise Refused(400, "language must be one of " + ", ".join(_LANGUAGES))
    seconds = body["ring_timeout"]
    if isinstance(seconds, bool) or not isinstance(seconds, int) or seconds not in _RING_SECONDS:
        raise Refused(400, "ring_timeout must be 10 to 120")
    return body


def phone_of(body: Json) -> str | None:
    """Give ``phone``, if it is E.164."""
    phone = body.get("phone") if isinstance(body, dict) else None
    return phone if isinstance(phone, str) and phones.is_e164(phone) else None


def accept(body: dict[str, Json], ending: Ending, settings: Settings) -> Acceptance:  # noqa: ARG001
    """Take the call; the callee hears ``code``."""
    call_id = f"call-{secrets.token_hex(8)}"
    reply = json_reply(200, {"accepted": True, "call_id": call_id})
    return Acceptance(reply, code=str(body["code"]), reference=call_id)


def refuse(status: int, why: str) -> Reply:
    """Answer ``{"accepted": false}``, with the reason in a text of its own."""
    return json_reply(status, {"accepted": False, "reason": "refused", "message": why})


def throttle() -> Reply:
    """Answer 429."""
    return refuse(429, "too many requests")


def letter(
    call_id: str,
    delivery_id: str,
    result: McnResult,
    phone: str | None,
    epoch: int,
    settings: Settings,
) -> Letter:
    """Write what became of a call, and sign it."""
    event: dict[str, Json] = {
        "type": "call.ended",
        "data": {
            "call_id": call_id,
            "delivery_id": delivery_id,
            "outcome": _OUTCOMES.get(result, "failed"),
            "q850_cause": result.q931_status,
        },
    }
    body = json.dumps(event, separators=(",", ":"))
    headers = signed(body, f"evt-{call_id}", int(time.time()), settings.voice_gateway_secret)
    return Letter(
        Message("POST", "application/json", body), phone, epoch, headers=headers, provider=NAME
    )


def signed(body: str, message_id: str, at: int, secret: str) -> dict[str, str]:
    """The headers of Standard Webhooks 1.0; ``at`` is in seconds since 1970."""
    key = b64decode(secret.removeprefix("whsec_") + "==")
    digest = hmac.digest(key, f"{message_id}.{at}.{body}".encode(), "sha256")
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{b64encode(digest).decode()}",
    }

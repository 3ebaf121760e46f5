"""Zalo's ZNS: ``POST /zalo/message/template``.

Zalo's reference gives this request; ``tracking_id`` may be left out::

    access_token: <token>
    Content-Type: application/json
    {"phone":"84983912148","template_id":"7895417","template_data":{"otp":"..."},
     "tracking_id":"..."}

and this reply::

    {"error":0,"message":"Success","data":{"msg_id":"...","sent_time":"1626926349402",
     "quota":{"dailyQuota":"500","remainingQuota":"499"}}}

A failure is ``{"error":<negative>,"message":"..."}``, with HTTP 200.
"""

import re
import secrets
import time

from sandbox import phones
from sandbox.endings import Ending
from sandbox.provider import Acceptance
from sandbox.settings import Settings
from sandbox.wire import (
    Json,
    Refused,
    Reply,
    Request,
    check_fields,
    check_method,
    json_reply,
    read_json_object,
)

NAME = "zalo"

# What is wrong -> Zalo's number. What stands here is answered with HTTP 200.
TOKEN_INVALID = "Access token is invalid"  # noqa: S105 - a message
QUOTA_EXCEEDED = "OA has exceeded its daily quota"
TEMPLATE_QUOTA_EXCEEDED = "Template has exceeded its daily quota"
_NUMBERS = {
    TOKEN_INVALID: -124,
    QUOTA_EXCEEDED: -144,
    TEMPLATE_QUOTA_EXCEEDED: -147,
    "the request is refused": -118,
    "unauthorized": -124,
}
_PARAMETER_INVALID = -132
_UNKNOWN_ERROR = -100

_PATH = "/zalo/message/template"
_PHONE = re.compile(r"84[0-9]{9}")
_TEMPLATE = re.compile(r"[0-9]{1,18}")
_LONGEST_TRACKING_ID = 48
_CODE = re.compile(r"[0-9]{4,10}")
_NAMES_OF_CODES = ("otp", "code")


def examine(request: Request, settings: Settings) -> dict[str, Json]:  # noqa: ARG001
    """Give the body of a request that Zalo would take, whatever its token. Raises Refused."""
    if request.path != _PATH:
        raise Refused(404, "no such route")
    check_method(request, "POST")
    if "access_token" not in request.headers:
        raise Refused(401, TOKEN_INVALID)
    body = read_json_object(request)
    check_fields(
        body, required=("phone", "template_id", "template_data"), optional=("tracking_id",)
    )
    if phone_of(body) is None:
        raise Refused(400, "phone must be digits with the country code, 84XXXXXXXXX")
    if not isinstance(body["template_id"], str) or not _TEMPLATE.fullmatch(body["template_id"]):
        raise Refused(400, "template_id must be a text of digits")
    data = body["template_data"]
    if not isinstance(data, dict) or not all(isinstance(value, str) for value in data.values()):
        raise Refused(400, "template_data must be an object of strings")
    tracking_id = body.get("tracking_id", "")
    if not isinstance(tracking_id, str) or len(tracking_id) > _LONGEST_TRACKING_ID:
        raise Refused(400, f"tracking_id must be a text of up to {_LONGEST_TRACKING_ID}")
    return body


def phone_of(body: Json) -> str | None:
    """Give ``phone`` as E.164, if it has Zalo's form."""
    phone = body.get("phone") if isinstance(body, dict) else None
    if isinstance(phone, str) and _PHONE.fullmatch(phone):
        return phones.from_international_digits(phone)
    return None


def accept(body: dict[str, Json], ending: Ending, settings: Settings) -> Acceptance:  # noqa: ARG001
    """Send the message; its code is a parameter that is named like one and looks like one."""
    msg_id = secrets.token_hex(10)
    return Acceptance(success(msg_id), code=_code_in(body["template_data"]), reference=msg_id)


def success(msg_id: str, quota: dict[str, Json] | None = None) -> Reply:
    """Answer that the message is on its way."""
    data: dict[str, Json] = {"msg_id": msg_id, "sent_time": str(round(time.time() * 1_000))}
    if quota is not None:
        data["quota"] = quota
    return json_reply(200, {"error": 0, "message": "Success", "data": data})


def _code_in(data: Json) -> str | None:
    if not isinstance(data, dict):
        return None
    for name, value in data.items():
        named_so = any(word in name.lower() for word in _NAMES_OF_CODES)
        if named_so and isinstance(value, str) and _CODE.fullmatch(value):
            return value
    return None


def refuse(status: int, why: str) -> Reply:
    """Answer ``{"error": <number>, "message": why}``; with HTTP 200, where Zalo has a number."""
    number = _NUMBERS.get(why, _PARAMETER_INVALID if status == 400 else _UNKNOWN_ERROR)  # noqa: PLR2004
    has_number = number != _UNKNOWN_ERROR
    return json_reply(200 if has_number else status, {"error": number, "message": why})


def throttle() -> Reply:
    """Answer 429."""
    return json_reply(429, {"error": _UNKNOWN_ERROR, "message": "too many requests"})

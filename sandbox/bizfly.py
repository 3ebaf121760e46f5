r"""Bizfly Cloud OTP Call: ``POST /bizfly/v4/api/otp_calls``.

Bizfly's documentation gives this request, every value a string, the key alone in Authorization::

    Authorization: <key>
    Content-Type: application/json
    {"callee":"0389801371","callee_timeout":"25","otp":"12345","otp_id":"OTP-975705",
     "request_id":"123123123"}

and this reply, which names no call::

    {"message":"th\u00e0nh c\u00f4ng","status":true}

A failure is ``status: false`` with a text in ``message``; which codes go with it is not documented.
"""

import re

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

NAME = "bizfly"

_PATH = "/bizfly/v4/api/otp_calls"
_FIELDS = ("callee", "callee_timeout", "otp", "otp_id", "request_id")
_DIGITS = re.compile(r"[0-9]+")
_OTP_ID = re.compile(r"OTP-[0-9]+")


def examine(request: Request, settings: Settings) -> dict[str, Json]:
    """Give the body of a request that Bizfly would take. Raises Refused."""
    if request.path != _PATH:
        raise Refused(404, "no such route")
    check_method(request, "POST")
    _check_key(request, settings.bizfly_key)
    body = read_json_object(request)
    check_fields(body, required=_FIELDS)
    for name, value in body.items():
        if not isinstance(value, str):
            raise Refused(400, f"{name} must be a string")
        if not value:
            raise Refused(400, f"{name} is empty")
    if phone_of(body) is None:
        raise Refused(400, "callee must be a national number, 0XXXXXXXXX")
    if not _DIGITS.fullmatch(str(body["callee_timeout"])):
        raise Refused(400, "callee_timeout must be digits")
    if not _DIGITS.fullmatch(str(body["otp"])):
        raise Refused(400, "otp must be digits")
    if not _OTP_ID.fullmatch(str(body["otp_id"])):
        raise Refused(400, "otp_id must be OTP-<digits>")
    return body


def _check_key(request: Request, key: str) -> None:
    authorization = request.headers.get("authorization")
    if authorization is None:
        raise Refused(401, "Authorization is missing")
    if authorization.lower().startswith("bearer "):
        raise Refused(401, "Authorization must be the key alone, without Bearer")
    if authorization != key:
        raise Refused(401, "the key in Authorization is not the account's")


def phone_of(body: Json) -> str | None:
    """Give ``callee`` as E.164, if it has the national form."""
    if not isinstance(body, dict):
        return None
    return phones.from_vietnamese_national(body.get("callee"))


def accept(body: dict[str, Json], ending: Ending, settings: Settings) -> Acceptance:  # noqa: ARG001
    """Take the call: success looks the same for every one, and the callee hears ``otp``."""
    reply = json_reply(200, {"message": "thành công", "status": True})
    return Acceptance(reply, code=str(body["otp"]))


def refuse(status: int, why: str) -> Reply:
    """Answer ``{"message": why, "status": false}``."""
    return json_reply(status, {"message": why, "status": False})


def throttle() -> Reply:
    """Answer 429."""
    return refuse(429, "too many requests")

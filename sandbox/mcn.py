"""MCN Telecom Password Call: ``POST /mcn/api/protected/api/auth/passwordcall``.

MCN's documentation gives this request (only ``phone_number`` is always needed)::

    Authorization: Bearer <token>
    Content-Type: application/json
    {"phone_number":"79777777777","verification_code":"1234","is_with_redirect":true}

and this reply, where the part of ``verification_uuid`` after ``_`` is the account::

    {"ok":true,"caller_number":"74951091251","verification_code":"1234",
     "verification_uuid":"da59bda0a1bb_117793","is_redirect":false}

The last four digits of ``caller_number`` are the code. A failure is ``ok: false``; its other
fields are not documented.
"""

import re
import secrets

from sandbox import phones
from sandbox.endings import Ending
from sandbox.provider import Acceptance
from sandbox.settings import McnReplyForm, Settings
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

NAME = "mcn"

_PATH = "/mcn/api/protected/api/auth/passwordcall"
_CODE = re.compile(r"[0-9]{4}")


def examine(request: Request, settings: Settings) -> dict[str, Json]:
    """Give the body of a request that MCN would take. Raises Refused."""
    if request.path != _PATH:
        raise Refused(404, "no such route")
    check_method(request, "POST")
    check_bearer(request, settings.mcn_token)
    body = read_json_object(request)
    check_fields(
        body, required=("phone_number",), optional=("verification_code", "is_with_redirect")
    )
    if not isinstance(body["phone_number"], str):
        raise Refused(400, "phone_number must be a string")
    if phone_of(body) is None:
        raise Refused(400, "phone_number must be digits with the country code, without plus")
    if "verification_code" in body:
        code = body["verification_code"]
        # An integer would lose leading zeros.
        if not isinstance(code, str):
            raise Refused(400, "verification_code must be a string")
        if not _CODE.fullmatch(code):
            raise Refused(400, "verification_code must be 4 digits")
    if not isinstance(body.get("is_with_redirect", False), bool):
        raise Refused(400, "is_with_redirect must be a boolean")
    return body


def phone_of(body: Json) -> str | None:
    """Give ``phone_number`` as E.164, if it has MCN's form."""
    if not isinstance(body, dict):
        return None
    return phones.from_international_digits(body.get("phone_number"))


def accept(body: dict[str, Json], ending: Ending, settings: Settings) -> Acceptance:
    """Place the call from a number that ends in the code, or from a random one without a code."""
    code_of_body = body.get("verification_code")
    code = code_of_body if isinstance(code_of_body, str) else _random_digits(4)
    caller_number = _caller_prefix(phone_of(body) or "") + code
    uuid = f"{secrets.token_hex(6)}_{settings.mcn_account}"
    # MCN looks for a redirect only when it is asked to.
    is_redirect = ending.is_redirect and body.get("is_with_redirect") is True
    reply: dict[str, Json]
    match settings.mcn_reply_form:
        case McnReplyForm.ENVELOPE:
            reply = {
                "status": "success",
                "code": 200,
                "object": {
                    "login_did": caller_number,
                    "code": code,
                    "account_id": settings.mcn_account,
                    "verification_call_uuid": uuid,
                },
            }
        case McnReplyForm.VERIFICATION_UUID | McnReplyForm.VERIFICATION_CALL_UUID as name:
            reply = {
                "ok": True,
                "caller_number": caller_number,
                "verification_code": code,
                name.value: uuid,
                "is_redirect": is_redirect,
            }
    return Acceptance(json_reply(200, reply), code=code, reference=uuid)


def _caller_prefix(phone: str) -> str:
    # MCN's documentation: Russian numbers are called from a Russian number, all others from a
    # Hungarian one.
    return ("7495" if phones.is_russian(phone) else "361") + _random_digits(3)


def _random_digits(count: int) -> str:
    return "".join(secrets.choice("0123456789") for _ in range(count))


def refuse(status: int, why: str) -> Reply:
    """Answer ``{"ok": false, "error": why}``."""
    return json_reply(status, {"ok": False, "error": why})


def throttle() -> Reply:
    """Answer 429."""
    return refuse(429, "too many requests")

"""CareSoft ZNS: ``POST /caresoft/<slug>/api/v1/zalo/zns``.

CareSoft's documentation gives this request; ``ticket_id`` and ``params`` may be left out, and the
slug is the tenant's::

    Authorization: Bearer <token>
    Content-Type: application/json
    {"zns":{"phone":"0983912148","template_id":366,"ticket_id":297005,
            "params":{"requester":"...","masoDatve":"098733"}}}

and this reply, with the ticket that was given or a new one::

    {"status":"OK","ticket":{"ticketId":"297002"}}

A failure is ``{"code":"errors","message":"..."}``, for errors of business with HTTP 200.
"""

import re
import secrets

from sandbox import phones
from sandbox.caresoft_rate import LOCKED
from sandbox.endings import Ending
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

NAME = "caresoft"

_PATH = re.compile(r"/caresoft/([^/]+)/api/v1/zalo/zns")
_CODE = re.compile(r"[0-9]{4,10}")
_NAMES_OF_CODES = ("otp", "code")


def examine(request: Request, settings: Settings) -> dict[str, Json]:
    """Give the ``zns`` object of a request that CareSoft would take. Raises Refused."""
    path = _PATH.fullmatch(request.path)
    if path is None:
        raise Refused(404, "no such route")
    if path[1] != settings.caresoft_slug:
        raise Refused(404, "Domain incorrect")
    check_method(request, "POST")
    check_bearer(request, settings.caresoft_token)
    body = read_json_object(request)
    check_fields(body, required=("zns",))
    zns = body["zns"]
    if not isinstance(zns, dict):
        raise Refused(400, "zns must be an object")
    check_fields(zns, required=("phone", "template_id"), optional=("ticket_id", "params"))
    if phone_of(body) is None:
        raise Refused(400, "phone must be a national number as a string, 0XXXXXXXXX")
    for name in ("template_id", "ticket_id"):
        if name in zns and not _is_id(zns[name]):
            raise Refused(400, f"{name} must be a positive integer")
    params = zns.get("params", {})
    if not isinstance(params, dict):
        raise Refused(400, "params must be an object")
    if not all(isinstance(value, str) for value in params.values()):
        raise Refused(400, "params must hold strings only")
    return body


def _is_id(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def phone_of(body: Json) -> str | None:
    """Give ``zns.phone`` as E.164, if it has the national form."""
    zns = body.get("zns") if isinstance(body, dict) else None
    return phones.from_vietnamese_national(zns.get("phone")) if isinstance(zns, dict) else None


def accept(body: dict[str, Json], ending: Ending, settings: Settings) -> Acceptance:  # noqa: ARG001
    """Send the message; its code is a parameter that is named like one and looks like one."""
    zns = body["zns"]
    ticket_id = zns.get("ticket_id") if isinstance(zns, dict) else None
    ticket = str(
        ticket_id if ticket_id is not None else 100_000_000 + secrets.randbelow(900_000_000)
    )
    reply = json_reply(200, {"status": "OK", "ticket": {"ticketId": ticket}})
    return Acceptance(reply, code=_code_in(zns), reference=ticket)


def _code_in(zns: Json) -> str | None:
    params = zns.get("params") if isinstance(zns, dict) else None
    if not isinstance(params, dict):
        return None
    for name, value in params.items():
        named_so = any(word in name.lower() for word in _NAMES_OF_CODES)
        if named_so and isinstance(value, str) and _CODE.fullmatch(value):
            return value
    return None


def refuse(status: int, why: str) -> Reply:
    """Answer ``{"code": "errors", "message": why}``."""
    return json_reply(status, {"code": "errors", "message": why})


def throttle() -> Reply:
    """Answer the 404 with which CareSoft locks a tenant, in its words and its spacing."""
    return refuse(404, LOCKED)

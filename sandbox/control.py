"""The control routes under ``/_sandbox``. They belong to the sandbox, not to a provider.

Errors are RFC 9457 problems; ``errors`` names the field at fault. README.md lists the routes.
"""

import json
import re
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl

from sandbox import caresoft_events, cdr, phones, switchboard, zalo_events
from sandbox.courier import Letter
from sandbox.endings import ANSWERED, McnResult
from sandbox.exchange import PROVIDERS
from sandbox.ledger import McnCall
from sandbox.settings import BizflyWitness, CdrForm, read_choice
from sandbox.state import Sandbox
from sandbox.wire import BadInput, Json, Reply, Request, json_reply, parse_json

_TWO_DIGITS = re.compile(r"[0-9]{2}")
_HEADER_NAME = re.compile(r"[A-Za-z0-9-]+")
_MOST_TIMES = 1000
_CDR_INPUT = (*cdr.FIELDS, "phone", "form", "times", "path", "headers", "body", "content_type")

_RESULT_INPUT = ("phone", "witness", "times", "path", "headers", "body")
_ZALO_EVENT_INPUT = (
    "phone",
    "msg_id",
    "tracking_id",
    "event_name",
    "fields",
    "times",
    "path",
    "headers",
    "body",
    "secret_key",
)
_EVENT_INPUT = ("phone", "ticket_id", "status", "times", "path", "headers", "body")


def problem(status: int, title: str, detail: str, where: str | None = None) -> Reply:
    """Build a problem; ``where`` is the field or query parameter at fault."""
    value: dict[str, Json] = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
    }
    if where is not None:
        value["errors"] = [{"loc": [where], "type": "invalid"}]
    return Reply(status, json.dumps(value).encode(), "application/problem+json")


def answer(request: Request, sandbox: Sandbox) -> Reply:
    """Answer one control request."""
    methods = _ROUTES.get(request.path.removeprefix("/_sandbox"))
    if methods is None:
        return problem(404, "Not Found", "no such control route")
    route = methods.get(request.method)
    if route is None:
        reply = problem(405, "Method Not Allowed", "use " + " or ".join(methods))
        return Reply(405, reply.body, reply.content_type, {"Allow": ", ".join(methods)})
    try:
        return route(request, sandbox)
    except BadInput as error:
        return problem(400, "Bad Request", str(error), error.where)


def _health(request: Request, sandbox: Sandbox) -> Reply:  # noqa: ARG001
    return json_reply(200, {"status": "ok"})


def _list_requests(request: Request, sandbox: Sandbox) -> Reply:
    query = _read_query(request, ("provider", "phone"))
    provider = query.get("provider")
    if provider is not None:
        _check_provider(provider)
    phone = _read_phone(query["phone"]) if "phone" in query else None
    return json_reply(
        200, {"items": [item.as_json() for item in sandbox.ledger.seen(provider, phone)]}
    )


def _read_code(request: Request, sandbox: Sandbox) -> Reply:
    query = _read_query(request, ("phone",))
    if "phone" not in query:
        raise BadInput("phone", "is missing")
    code = sandbox.ledger.heard(_read_phone(query["phone"]))
    if code is None:
        return problem(404, "Not Found", "this phone has heard no code")
    return json_reply(200, {"code": code})


def _script(request: Request, sandbox: Sandbox) -> Reply:
    body = _read_body(request, ("phone", "provider", "digits"))
    for name in ("phone", "provider", "digits"):
        if name not in body:
            raise BadInput(name, "is missing")
    phone = _read_phone(body["phone"])
    provider = _check_provider(body["provider"])
    digits = body["digits"]
    if not isinstance(digits, str) or not _TWO_DIGITS.fullmatch(digits):
        raise BadInput("digits", "must be a string of two digits")
    sandbox.ledger.script(phone, provider, digits)
    return json_reply(200, {"phone": phone, "provider": provider, "digits": digits})


def _reset(request: Request, sandbox: Sandbox) -> Reply:
    _read_body(request, ())
    sandbox.reset()
    return json_reply(200, {"status": "ok"})


def _show_settings(request: Request, sandbox: Sandbox) -> Reply:  # noqa: ARG001
    return json_reply(200, sandbox.settings.as_json())


def _change_settings(request: Request, sandbox: Sandbox) -> Reply:
    return json_reply(200, sandbox.change(_read_body(request)).as_json())


def _list_cdrs(request: Request, sandbox: Sandbox) -> Reply:
    provider = _read_query(request, ("provider",)).get("provider")
    if provider is not None:
        _check_provider(provider)
    return json_reply(200, {"items": [*sandbox.courier.sent(provider)]})


def _send_cdr(request: Request, sandbox: Sandbox) -> Reply:
    body = _read_body(request, _CDR_INPUT)
    epoch = sandbox.ledger.epoch
    phone = _read_phone(body["phone"]) if "phone" in body else None
    call = _call_meant(body, phone, sandbox)
    if call is None and not body.keys() & {"verification_call_uuid", "called_number", "body"}:
        if phone is None:
            raise BadInput("phone", "is missing, and so are verification_call_uuid and body")
        return problem(404, "Not Found", "no Password Call was placed to this phone", "phone")
    if sandbox.settings.mcn_webhook_url is None:
        return problem(409, "Conflict", "no mcn_webhook_url is set", "mcn_webhook_url")
    form = sandbox.settings.cdr_form
    if "form" in body:
        form = read_choice("form", body["form"], CdrForm)
    message = _overridden(cdr.write(_cdr_fields(body, phone, call), form), body)
    times, path, headers = _read_times(body), _read_path(body), _read_headers(body)
    shown = phone or (call.phone if call is not None else None)
    deliveries: list[Json] = [
        sandbox.courier.send(Letter(message, shown, epoch, path=path, headers=headers)).as_json()
        for _ in range(times)
    ]
    return json_reply(200, {"deliveries": deliveries})


def _send_zns_event(request: Request, sandbox: Sandbox) -> Reply:
    body = _read_body(request, _EVENT_INPUT)
    epoch, settings = sandbox.ledger.epoch, sandbox.settings
    phone = _read_phone(body["phone"]) if "phone" in body else None
    ticket = body.get("ticket_id", sandbox.ledger.last_reference("caresoft", phone))
    if ticket is None and "body" not in body:
        if phone is None:
            raise BadInput("phone", "is missing, and so are ticket_id and body")
        return problem(404, "Not Found", "no ZNS was sent to this phone", "phone")
    if settings.caresoft_webhook_url is None:
        return problem(409, "Conflict", "no caresoft_webhook_url is set", "caresoft_webhook_url")
    status = body.get("status", settings.caresoft_event_status)
    if status is not None and not isinstance(status, str):
        raise BadInput("status", "must be a word, or null for none")
    told: dict[str, Json] | str = caresoft_events.fields_of(str(ticket), phone, status)
    if "body" in body:
        told = _raw_text(body["body"])
    headers = _read_headers(body)
    path = _read_path(body)
    deliveries: list[Json] = []
    for _ in range(_read_times(body)):
        letter = caresoft_events.letter(told, phone, epoch, settings, headers)
        letter.path = path
        deliveries.append(sandbox.courier.send(letter).as_json())
    return json_reply(200, {"deliveries": deliveries})


def _send_call_result(request: Request, sandbox: Sandbox) -> Reply:
    body = _read_body(request)
    epoch, settings = sandbox.ledger.epoch, sandbox.settings
    phone = _read_phone(body["phone"]) if "phone" in body else None
    witness = read_choice("witness", body.get("witness", "webhook"), BizflyWitness)
    if phone is None and "body" not in body:
        raise BadInput("phone", "is missing, and so is body")
    row: dict[str, Json] = {}
    if phone is not None:
        row = switchboard.row_of("0" + phone.removeprefix("+84"), "ANSWERED")
        row |= {name: value for name, value in body.items() if name not in _RESULT_INPUT}
        row = {name: value for name, value in row.items() if value is not None}
    if phone is not None and witness in {BizflyWitness.LOG, BizflyWitness.BOTH}:
        sandbox.switchboard.enter(phone, row)
    if witness not in {BizflyWitness.WEBHOOK, BizflyWitness.BOTH}:
        return json_reply(200, {"deliveries": []})
    if settings.bizfly_webhook_url is None:
        return problem(409, "Conflict", "no bizfly_webhook_url is set", "bizfly_webhook_url")
    told: dict[str, Json] | str = _raw_text(body["body"]) if "body" in body else row
    headers, path = _read_headers(body), _read_path(body)
    deliveries: list[Json] = []
    for _ in range(_read_times(body)):
        letter = switchboard.letter(told, phone, epoch, settings, headers)
        letter.path = path
        deliveries.append(sandbox.courier.send(letter).as_json())
    return json_reply(200, {"deliveries": deliveries})


def _lock_caresoft(request: Request, sandbox: Sandbox) -> Reply:
    _read_body(request, ())
    sandbox.caresoft_rate.lock(sandbox.settings)
    return json_reply(200, {"status": "ok"})


def _call_meant(body: Mapping[str, Json], phone: str | None, sandbox: Sandbox) -> McnCall | None:
    if "verification_call_uuid" in body:
        uuid = body["verification_call_uuid"]
        return sandbox.ledger.last_mcn_call(uuid=uuid) if isinstance(uuid, str) else None
    return sandbox.ledger.last_mcn_call(phone=phone) if phone is not None else None


def _cdr_fields(
    body: Mapping[str, Json], phone: str | None, call: McnCall | None
) -> dict[str, Json]:
    """Fill in what was not given; what was given as null is left out."""
    fields: dict[str, Json] = {}
    if call is not None:
        fields.update(cdr.fields_of(call, call.ending.mcn or ANSWERED))
    else:
        result = McnResult(16, "ANSWER")
        fields.update(q931_status=result.q931_status, final_status=result.final_status)
    if phone is not None:
        fields["called_number"] = phone.removeprefix("+")
    if "q931_status" in body and "final_status" not in body:
        answered = str(body["q931_status"]) == str(ANSWERED.q931_status)
        fields["final_status"] = "ANSWER" if answered else "CANCEL"
    for name in cdr.FIELDS:
        if name in body:
            fields[name] = body[name]
    return {name: fields[name] for name in cdr.FIELDS if fields.get(name) is not None}


def _overridden(message: cdr.Message, body: Mapping[str, Json]) -> cdr.Message:
    raw = body.get("body")
    if raw is None:
        text, query = message.body, message.query
    elif message.method == "GET":
        text, query = "", _raw_text(raw)
    else:
        text, query = _raw_text(raw), ""
    content_type = body.get("content_type", message.content_type)
    if content_type is not None and not _fits_header(content_type):
        raise BadInput("content_type", "must be printable ASCII text, or null for none")
    return cdr.Message(
        message.method, str(content_type) if content_type is not None else None, text, query
    )


def _raw_text(raw: Json) -> str:
    return raw if isinstance(raw, str) else json.dumps(raw, separators=(",", ":"))


def _send_zalo_event(request: Request, sandbox: Sandbox) -> Reply:
    body = _read_body(request, _ZALO_EVENT_INPUT)
    epoch, settings = sandbox.ledger.epoch, sandbox.settings
    phone = _read_phone(body["phone"]) if "phone" in body else None
    found = sandbox.zalo.last_message(phone) if phone is not None else None
    msg_id = body.get("msg_id", found[0] if found else None)
    if not isinstance(msg_id, str) and not body.keys() & {"body", "event_name"}:
        if phone is None:
            raise BadInput("phone", "is missing, and so are msg_id, event_name and body")
        return problem(404, "Not Found", "no message was sent to this phone", "phone")
    if settings.zalo_webhook_url is None:
        return problem(409, "Conflict", "no zalo_webhook_url is set", "zalo_webhook_url")
    tracking_id = body.get("tracking_id", found[1].tracking_id if found else None)
    told: dict[str, Json] | str = zalo_events.arrived(
        str(msg_id or ""), tracking_id if isinstance(tracking_id, str) else None, settings
    )
    if isinstance(told, dict) and "event_name" in body:
        told["event_name"] = body["event_name"]
    if isinstance(told, dict) and isinstance(fields := body.get("fields"), dict):
        told |= fields
    if "body" in body:
        told = _raw_text(body["body"])
    if "secret_key" in body:
        settings = settings.changed({"zalo_oa_secret_key": body["secret_key"]})
    headers, path = _read_headers(body), _read_path(body)
    deliveries: list[Json] = []
    for _ in range(_read_times(body)):
        letter = zalo_events.letter(told, phone, epoch, settings, headers)
        letter.path = path
        deliveries.append(sandbox.courier.send(letter).as_json())
    return json_reply(200, {"deliveries": deliveries})


def _show_zalo(request: Request, sandbox: Sandbox) -> Reply:  # noqa: ARG001
    return json_reply(200, sandbox.zalo.as_json(sandbox.settings))


def _set_zalo_quota(request: Request, sandbox: Sandbox) -> Reply:
    body = _read_body(request, ("remaining", "template"))
    remaining, template = body.get("remaining"), body.get("template")
    if remaining is not None and (isinstance(remaining, bool) or not isinstance(remaining, int)):
        raise BadInput("remaining", "must be an integer")
    if template is not None and not isinstance(template, str):
        raise BadInput("template", "must be a template's id, as a text")
    sandbox.zalo.set_quota(remaining, template)
    return _show_zalo(request, sandbox)


def _end_zalo_tokens(request: Request, sandbox: Sandbox) -> Reply:
    body = _read_body(request, ("access", "refresh", "access_token", "refresh_token"))
    pair = body.get("access_token"), body.get("refresh_token")
    if isinstance(pair[0], str) and isinstance(pair[1], str):
        sandbox.zalo.put_tokens(pair[0], pair[1])
    sandbox.zalo.end_tokens(access=body.get("access") is True, refresh=body.get("refresh") is True)
    return _show_zalo(request, sandbox)


def _read_times(body: Mapping[str, Json]) -> int:
    times = body.get("times", 1)
    if isinstance(times, bool) or not isinstance(times, int) or not 1 <= times <= _MOST_TIMES:
        raise BadInput("times", f"must be an integer, 1 to {_MOST_TIMES}")
    return times


def _read_path(body: Mapping[str, Json]) -> str | None:
    path = body.get("path")
    if path is None:
        return None
    if not isinstance(path, str) or not path.startswith("/") or not _fits_header(path):
        raise BadInput("path", "must be a path on the webhook's host, from its first /")
    if " " in path:
        raise BadInput("path", "must not hold blanks")
    return path


def _read_headers(body: Mapping[str, Json]) -> dict[str, str]:
    headers = body.get("headers", {})
    if not isinstance(headers, dict):
        raise BadInput("headers", "must be an object of strings")
    read = {}
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name) or not isinstance(value, str):
            raise BadInput("headers", "must be an object of strings")
        if not _fits_header(value):
            raise BadInput("headers", "must hold printable ASCII text")
        read[name] = value
    return read


def _fits_header(value: Json) -> bool:
    return isinstance(value, str) and value.isascii() and value.isprintable()


def _read_query(request: Request, known: tuple[str, ...]) -> dict[str, str]:
    query = dict(parse_qsl(request.query, keep_blank_values=True))
    for name in query:
        if name not in known:
            raise BadInput(name, "no such query parameter")
    return query


def _read_body(request: Request, known: tuple[str, ...] | None = None) -> dict[str, Json]:
    """Read a JSON object under any Content-Type; an empty body is an empty object."""
    if not request.body:
        return {}
    try:
        body = parse_json(request.body)
    except ValueError as error:
        raise BadInput("body", "is not JSON") from error
    if not isinstance(body, dict):
        raise BadInput("body", "must be a JSON object")
    for name in body:
        if known is not None and name not in known:
            raise BadInput(name, "no such field")
    return body


def _read_phone(value: Json) -> str:
    # A plus in a query string arrives as a blank.
    phone = "+" + value[1:] if isinstance(value, str) and value.startswith(" ") else value
    if not isinstance(phone, str) or not phones.is_e164(phone):
        raise BadInput("phone", "must be E.164, such as +84389801371")
    return phone


def _check_provider(value: Json) -> str:
    if not isinstance(value, str) or value not in PROVIDERS:
        raise BadInput("provider", "must be one of " + ", ".join(PROVIDERS))
    return value


_ROUTES: dict[str, dict[str, Callable[[Request, Sandbox], Reply]]] = {
    "/health": {"GET": _health},
    "/requests": {"GET": _list_requests},
    "/code": {"GET": _read_code},
    "/script": {"POST": _script},
    "/cdr": {"POST": _send_cdr},
    "/cdrs": {"GET": _list_cdrs},
    "/zns-event": {"POST": _send_zns_event},
    "/lock": {"POST": _lock_caresoft},
    "/call-result": {"POST": _send_call_result},
    "/zalo": {"GET": _show_zalo},
    "/zalo-event": {"POST": _send_zalo_event},
    "/zalo-quota": {"POST": _set_zalo_quota},
    "/zalo-tokens": {"POST": _end_zalo_tokens},
    "/reset": {"POST": _reset},
    "/settings": {"GET": _show_settings, "POST": _change_settings},
}

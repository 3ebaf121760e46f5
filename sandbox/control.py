"""The control routes under ``/_sandbox``. They belong to the sandbox, not to a provider.

Errors are RFC 9457 problems; ``errors`` names the field at fault. README.md lists the routes.
"""

from collections.abc import Callable, Mapping

from sandbox import caresoft_events, cdr, switchboard, zalo, zalo_control
from sandbox.control_input import (
    fits_header,
    problem,
    raw_text,
    read_body,
    read_digits,
    read_headers,
    read_path,
    read_phone,
    read_query,
    read_times,
)
from sandbox.courier import Letter
from sandbox.endings import ANSWERED, McnResult
from sandbox.exchange import PROVIDERS
from sandbox.ledger import McnCall
from sandbox.settings import BizflyWitness, CdrForm, read_choice
from sandbox.state import Sandbox
from sandbox.wire import BadInput, Json, Reply, Request, json_reply

_CDR_INPUT = (*cdr.FIELDS, "phone", "form", "times", "path", "headers", "body", "content_type")

_RESULT_INPUT = ("phone", "witness", "times", "path", "headers", "body")
_EVENT_INPUT = ("phone", "ticket_id", "status", "times", "path", "headers", "body")


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
    query = read_query(request, ("provider", "phone"))
    provider = query.get("provider")
    if provider is not None:
        _check_provider(provider)
    phone = read_phone(query["phone"]) if "phone" in query else None
    return json_reply(
        200, {"items": [item.as_json() for item in sandbox.ledger.seen(provider, phone)]}
    )


def _read_code(request: Request, sandbox: Sandbox) -> Reply:
    query = read_query(request, ("phone",))
    if "phone" not in query:
        raise BadInput("phone", "is missing")
    code = sandbox.ledger.heard(read_phone(query["phone"]))
    if code is None:
        return problem(404, "Not Found", "this phone has heard no code")
    return json_reply(200, {"code": code})


def _script(request: Request, sandbox: Sandbox) -> Reply:
    body = read_body(request, ("phone", "provider", "digits", "error"))
    how = "error" if "error" in body else "digits"
    for name in ("phone", "provider", how):
        if name not in body:
            raise BadInput(name, "is missing")
    phone = read_phone(body["phone"])
    provider = _check_provider(body["provider"])
    if how == "error":
        error = body["error"]
        if provider != zalo.NAME:
            raise BadInput("error", "only Zalo refuses with a number")
        if isinstance(error, bool) or not isinstance(error, int) or error == 0:
            raise BadInput("error", "must be an integer other than 0")
        sandbox.zalo.script(phone, error)
        return json_reply(200, {"phone": phone, "provider": provider, "error": error})
    digits = read_digits("digits", body["digits"])
    sandbox.ledger.script(phone, provider, digits)
    return json_reply(200, {"phone": phone, "provider": provider, "digits": digits})


def _reset(request: Request, sandbox: Sandbox) -> Reply:
    read_body(request, ())
    sandbox.reset()
    return json_reply(200, {"status": "ok"})


def _show_settings(request: Request, sandbox: Sandbox) -> Reply:  # noqa: ARG001
    return json_reply(200, sandbox.settings.as_json())


def _change_settings(request: Request, sandbox: Sandbox) -> Reply:
    return json_reply(200, sandbox.change(read_body(request)).as_json())


def _list_cdrs(request: Request, sandbox: Sandbox) -> Reply:
    provider = read_query(request, ("provider",)).get("provider")
    if provider is not None:
        _check_provider(provider)
    return json_reply(200, {"items": [*sandbox.courier.sent(provider)]})


def _send_cdr(request: Request, sandbox: Sandbox) -> Reply:
    body = read_body(request, _CDR_INPUT)
    epoch = sandbox.ledger.epoch
    phone = read_phone(body["phone"]) if "phone" in body else None
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
    times, path, headers = read_times(body), read_path(body), read_headers(body)
    log_phone = phone or (call.phone if call is not None else None)
    deliveries: list[Json] = [
        sandbox.courier.send(
            Letter(message, log_phone, epoch, path=path, headers=headers)
        ).as_json()
        for _ in range(times)
    ]
    return json_reply(200, {"deliveries": deliveries})


def _send_zns_event(request: Request, sandbox: Sandbox) -> Reply:
    body = read_body(request, _EVENT_INPUT)
    epoch, settings = sandbox.ledger.epoch, sandbox.settings
    phone = read_phone(body["phone"]) if "phone" in body else None
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
    event: dict[str, Json] | str = caresoft_events.fields_of(str(ticket), phone, status)
    if "body" in body:
        event = raw_text(body["body"])
    headers = read_headers(body)
    path = read_path(body)
    deliveries: list[Json] = []
    for _ in range(read_times(body)):
        letter = caresoft_events.letter(event, phone, epoch, settings, headers)
        letter.path = path
        deliveries.append(sandbox.courier.send(letter).as_json())
    return json_reply(200, {"deliveries": deliveries})


def _send_call_result(request: Request, sandbox: Sandbox) -> Reply:
    body = read_body(request)
    epoch, settings = sandbox.ledger.epoch, sandbox.settings
    phone = read_phone(body["phone"]) if "phone" in body else None
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
    result: dict[str, Json] | str = raw_text(body["body"]) if "body" in body else row
    headers, path = read_headers(body), read_path(body)
    deliveries: list[Json] = []
    for _ in range(read_times(body)):
        letter = switchboard.letter(result, phone, epoch, settings, headers)
        letter.path = path
        deliveries.append(sandbox.courier.send(letter).as_json())
    return json_reply(200, {"deliveries": deliveries})


def _lock_caresoft(request: Request, sandbox: Sandbox) -> Reply:
    read_body(request, ())
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
        is_answer = str(body["q931_status"]) == str(ANSWERED.q931_status)
        fields["final_status"] = "ANSWER" if is_answer else "CANCEL"
    for name in cdr.FIELDS:
        if name in body:
            fields[name] = body[name]
    return {name: fields[name] for name in cdr.FIELDS if fields.get(name) is not None}


def _overridden(message: cdr.Message, body: Mapping[str, Json]) -> cdr.Message:
    raw = body.get("body")
    if raw is None:
        text, query = message.body, message.query
    elif message.method == "GET":
        text, query = "", raw_text(raw)
    else:
        text, query = raw_text(raw), ""
    content_type = body.get("content_type", message.content_type)
    if content_type is not None and not fits_header(content_type):
        raise BadInput("content_type", "must be printable ASCII text, or null for none")
    return cdr.Message(
        message.method, str(content_type) if content_type is not None else None, text, query
    )


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
    **zalo_control.ROUTES,
    "/reset": {"POST": _reset},
    "/settings": {"GET": _show_settings, "POST": _change_settings},
}

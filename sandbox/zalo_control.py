"""The control routes of Zalo: events, quota, tokens, consents, calls."""

from collections.abc import Callable

from sandbox import zalo_events
from sandbox.control_input import (
    problem,
    raw_text,
    read_body,
    read_headers,
    read_path,
    read_phone,
    read_times,
)
from sandbox.state import Sandbox
from sandbox.wire import BadInput, Json, Reply, Request, json_reply

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


def _send_zalo_event(request: Request, sandbox: Sandbox) -> Reply:
    body = read_body(request, _ZALO_EVENT_INPUT)
    epoch, settings = sandbox.ledger.epoch, sandbox.settings
    phone = read_phone(body["phone"]) if "phone" in body else None
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
        told = raw_text(body["body"])
    if "secret_key" in body:
        settings = settings.changed({"zalo_oa_secret_key": body["secret_key"]})
    headers, path = read_headers(body), read_path(body)
    deliveries: list[Json] = []
    for _ in range(read_times(body)):
        letter = zalo_events.letter(told, phone, epoch, settings, headers)
        letter.path = path
        deliveries.append(sandbox.courier.send(letter).as_json())
    return json_reply(200, {"deliveries": deliveries})


def _show_zalo(request: Request, sandbox: Sandbox) -> Reply:  # noqa: ARG001
    return json_reply(200, sandbox.zalo.as_json(sandbox.settings))


def _set_zalo_quota(request: Request, sandbox: Sandbox) -> Reply:
    body = read_body(request, ("remaining", "template"))
    remaining, template = body.get("remaining"), body.get("template")
    if remaining is not None and (isinstance(remaining, bool) or not isinstance(remaining, int)):
        raise BadInput("remaining", "must be an integer")
    if template is not None and not isinstance(template, str):
        raise BadInput("template", "must be a template's id, as a text")
    sandbox.zalo.set_quota(remaining, template)
    return _show_zalo(request, sandbox)


def _end_zalo_tokens(request: Request, sandbox: Sandbox) -> Reply:
    body = read_body(request, ("access", "refresh", "access_token", "refresh_token"))
    pair = body.get("access_token"), body.get("refresh_token")
    if isinstance(pair[0], str) and isinstance(pair[1], str):
        sandbox.zalo.put_tokens(pair[0], pair[1])
    sandbox.zalo.end_tokens(access=body.get("access") is True, refresh=body.get("refresh") is True)
    return _show_zalo(request, sandbox)


ROUTES: dict[str, dict[str, Callable[[Request, Sandbox], Reply]]] = {
    "/zalo": {"GET": _show_zalo},
    "/zalo-event": {"POST": _send_zalo_event},
    "/zalo-quota": {"POST": _set_zalo_quota},
    "/zalo-tokens": {"POST": _end_zalo_tokens},
}

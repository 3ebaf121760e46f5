"""The control routes of Zalo: events, quota, tokens, consents, calls."""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum

from sandbox import zalo_call_events, zalo_events
from sandbox.control_input import (
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
from sandbox.settings import read_choice
from sandbox.state import Sandbox
from sandbox.wire import BadInput, Json, Reply, Request, json_reply
from sandbox.zalo_call_desk import Consent, Scripted, now_ms
from sandbox.zalo_call_events import Direction, Types
from sandbox.zalo_endings import ALLOW, PERMISSION_MS, call_of, consent_of

_SENT = "SENT"
_CONSENT_INPUT = ("phone", "reply", "error", "check", "times", "types")
_CALL_INPUT = ("phone", "user_id", "direction", "named_by", "times", "types")
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


class _NamedBy(StrEnum):
    """By what an event of a call names the user; Zalo's reference leaves it open."""

    USER_ID = "user_id"
    PHONE = "phone"
    BOTH = "both"


def _send_zalo_event(request: Request, sandbox: Sandbox) -> Reply:
    body = read_body(request, _ZALO_EVENT_INPUT)
    epoch, settings = sandbox.ledger.epoch, sandbox.settings
    phone = read_phone(body["phone"]) if "phone" in body else None
    last_message = sandbox.zalo.last_message(phone) if phone is not None else None
    msg_id = body.get("msg_id", last_message[0] if last_message else None)
    if not isinstance(msg_id, str) and not body.keys() & {"body", "event_name"}:
        if phone is None:
            raise BadInput("phone", "is missing, and so are msg_id, event_name and body")
        return problem(404, "Not Found", "no message was sent to this phone", "phone")
    if settings.zalo_webhook_url is None:
        return problem(409, "Conflict", "no zalo_webhook_url is set", "zalo_webhook_url")
    tracking_id = body.get("tracking_id", last_message[1].tracking_id if last_message else None)
    event: dict[str, Json] | str = zalo_events.arrived(
        str(msg_id or ""), tracking_id if isinstance(tracking_id, str) else None, settings
    )
    if isinstance(event, dict) and "event_name" in body:
        event["event_name"] = body["event_name"]
    if isinstance(event, dict) and isinstance(fields := body.get("fields"), dict):
        event |= fields
    if "body" in body:
        event = raw_text(body["body"])
    if "secret_key" in body:
        settings = settings.changed({"zalo_oa_secret_key": body["secret_key"]})
    headers, path = read_headers(body), read_path(body)
    deliveries: list[Json] = []
    for _ in range(read_times(body)):
        letter = zalo_events.letter(event, phone, epoch, settings, headers)
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


# ------------------------------------------------------------------------------------ calls


def _show_user(request: Request, sandbox: Sandbox) -> Reply:
    query = read_query(request, ("phone",))
    if "phone" not in query:
        raise BadInput("phone", "is missing")
    phone = read_phone(query["phone"])
    return json_reply(200, {"phone": phone, "user_id": sandbox.zalo_people.id_of(phone)})


def _list_messages(request: Request, sandbox: Sandbox) -> Reply:
    query = read_query(request, ("phone", "user_id"))
    user_id = query.get("user_id")
    if "phone" in query:
        user_id = sandbox.zalo_people.id_of(read_phone(query["phone"]))
    items: list[Json] = [*sandbox.zalo_calls.texts(user_id)]
    return json_reply(200, {"items": items})


def _play_consent(request: Request, sandbox: Sandbox) -> Reply:
    """A user answers now, or Zalo answers otherwise from now on."""
    body = read_body(request)
    if "phone" not in body:
        raise BadInput("phone", "is missing")
    phone, times = read_phone(body["phone"]), read_times(body, least=0)
    types = read_choice("types", body.get("types", "mixed"), Types)
    if body.keys() & {"error", "check"}:
        sandbox.zalo_calls.script(phone, _read_scripted(body))
    reply = body.get("reply")
    if reply is None:
        return json_reply(200, {"deliveries": []})
    if not isinstance(reply, str):
        raise BadInput("reply", "must be a word, such as ALLOW")
    settings, epoch = sandbox.settings, sandbox.ledger.epoch
    if times and settings.zalo_webhook_url is None:
        return problem(409, "Conflict", "no zalo_webhook_url is set", "zalo_webhook_url")
    if reply == _SENT:
        consent = Consent(now_ms())
        sandbox.zalo_calls.ask(phone, consent)
        event = zalo_call_events.consent_sent(phone, consent, settings)
    else:
        consent = sandbox.zalo_calls.decide(phone, reply, _read_expiry(body, reply))
        event = zalo_call_events.consent_replied(phone, consent, settings)
    event = _with_others(event, body, _CONSENT_INPUT)
    letters = zalo_call_events.letters(event, phone, epoch, settings, times=times, types=types)
    return _sent_now(letters, sandbox)


def _read_scripted(body: Mapping[str, Json]) -> Scripted:
    error, check = body.get("error"), body.get("check")
    if error is not None and (isinstance(error, bool) or not isinstance(error, int)):
        raise BadInput("error", "must be one of Zalo's numbers, or null for none")
    row = consent_of(read_digits("check", check)) if check is not None else None
    return Scripted(error, row)


def _read_expiry(body: Mapping[str, Json], reply: str) -> int | None:
    """When a permission ends, in milliseconds; as an event tells it, so of permissions alone."""
    if reply != ALLOW:
        return None
    expired_time = body.get("expired_time", now_ms() + PERMISSION_MS)
    if expired_time is None:
        return None
    if isinstance(expired_time, bool) or not isinstance(expired_time, int) or expired_time < 0:
        raise BadInput("expired_time", "must be milliseconds, 0 for no end, or null")
    return expired_time


def _play_call(request: Request, sandbox: Sandbox) -> Reply:
    """A call ends now."""
    body = read_body(request)
    phone = read_phone(body["phone"]) if "phone" in body else None
    user_id = body.get("user_id")
    if user_id is None and phone is not None:
        user_id = sandbox.zalo_people.id_of(phone)
    if not isinstance(user_id, str) or not user_id:
        raise BadInput("phone", "is missing, and so is user_id")
    direction = read_choice("direction", body.get("direction", "out"), Direction)
    named_by = read_choice("named_by", body.get("named_by", "user_id"), _NamedBy)
    types = read_choice("types", body.get("types", "mixed"), Types)
    settings, epoch = sandbox.settings, sandbox.ledger.epoch
    if settings.zalo_webhook_url is None:
        return problem(409, "Conflict", "no zalo_webhook_url is set", "zalo_webhook_url")
    ending = call_of(sandbox.ledger.digits(phone, "zalo") if phone is not None else "")
    event = zalo_call_events.call_ended(direction, "audio", ending, settings)
    if named_by in {_NamedBy.USER_ID, _NamedBy.BOTH}:
        event["user_id"] = user_id
    if named_by in {_NamedBy.PHONE, _NamedBy.BOTH} and phone is not None:
        event["phone"] = phone.removeprefix("+")
    event = _with_others(event, body, _CALL_INPUT)
    letters = zalo_call_events.letters(
        event, phone, epoch, settings, times=read_times(body), types=types
    )
    return _sent_now(letters, sandbox)


def _with_others(
    event: Mapping[str, Json], body: Mapping[str, Json], ours: tuple[str, ...]
) -> dict[str, Json]:
    """The event with all other fields that were given; what was given as null is left out."""
    fields = {**event, **{name: value for name, value in body.items() if name not in ours}}
    return {name: value for name, value in fields.items() if value is not None}


def _sent_now(letters: Iterable[Letter], sandbox: Sandbox) -> Reply:
    deliveries: list[Json] = [sandbox.courier.send(letter).as_json() for letter in letters]
    return json_reply(200, {"deliveries": deliveries})


ROUTES: dict[str, dict[str, Callable[[Request, Sandbox], Reply]]] = {
    "/zalo": {"GET": _show_zalo},
    "/zalo-event": {"POST": _send_zalo_event},
    "/zalo-quota": {"POST": _set_zalo_quota},
    "/zalo-tokens": {"POST": _end_zalo_tokens},
    "/zalo/user": {"GET": _show_user},
    "/zalo/consent": {"POST": _play_consent},
    "/zalo/call": {"POST": _play_call},
    "/zalo/messages": {"GET": _list_messages},
}

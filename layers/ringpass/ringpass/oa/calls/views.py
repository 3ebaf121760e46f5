"""Responses of the API about calls."""

from typing import TYPE_CHECKING

from ringpass.clock import to_text
from ringpass.http.idempotency import replay_headers
from ringpass.http.router import Caller, Response
from ringpass.oa.calls.links import ends_at, state_at
from ringpass.oa.calls.model import AutoReply, Call, CallEnd, Link
from ringpass.phone import mask

if TYPE_CHECKING:
    from datetime import datetime

    from ringpass.http.pagination import Page
    from ringpass.oa.calls import responses
    from ringpass.oa.calls.service import PlaceCallResult

_SECOND_MS = 1_000


def placed_response(
    result: "PlaceCallResult", public_url: str, caller: Caller, now: "datetime"
) -> Response:
    """The response to a new call: the only one with our link."""
    view: responses.PlacedOaCall = {
        **call_view(result.call, caller, now),
        "url": (url := f"{public_url}/o/{result.token.reveal()}"),
        "qr_url": f"{url}/qr",
    }
    return Response(view, 201, replay_headers(replayed=result.replayed))


def call_response(call: Call, caller: Caller, now: "datetime") -> Response:
    """The response with one call."""
    return Response(call_view(call, caller, now))


def page_response(page: "Page[Call]", caller: Caller, now: "datetime") -> Response:
    """The response with a page of calls."""
    items = [call_view(call, caller, now) for call in page.items]
    return Response({"items": items, "next_cursor": page.next_cursor})


def call_view(call: Call, caller: Caller, now: "datetime") -> "responses.OaCall":
    """Returns a call; its number is masked unless the caller may see phones."""
    customer, phone = call.customer, call.customer.phone
    return {
        "id": call.id,
        "direction": call.direction,
        "result": call.result,
        "call_type": call.call_type,
        "agent": {"agent_id": call.agent.id, "name": call.agent.name} if call.agent else None,
        "customer": {
            "phone": phone if phone is None or caller.sees_phones else mask(phone),
            "user_id": customer.user_id,
            "name": customer.name,
        },
        "created_at": call.created_at,
        "link": _link(call.link, now) if call.link else None,
        "ended": _end(call.end) if call.end else None,
        "auto_reply": _reply(call.auto_reply) if call.auto_reply else None,
    }


def _link(link: Link, now: "datetime") -> "responses.OaCallLink":
    return {
        "state": state_at(link, now),
        "opened_at": to_text(link.opened_at) if link.opened_at else None,
        "ends_at": to_text(ends_at(link)),
    }


def _end(end: CallEnd) -> "responses.OaCallEnd":
    return {
        "call_id": end.call_id,
        "told_at": end.reported_at,
        "init_time": to_text(end.began_at) if end.began_at else None,
        "waiting_seconds": _seconds(end.waiting_ms),
        "talk_seconds": _seconds(end.talk_ms),
        "duration_seconds": _seconds(end.duration_ms),
        "status_code": end.status_code,
    }


def _reply(reply: AutoReply) -> "responses.OaAutoReply":
    return {"kind": reply.kind, "state": reply.state, "reason": reply.reason, "at": reply.at}


def _seconds(length_ms: int | None) -> float | None:
    """Returns seconds; whole seconds as an int."""
    if length_ms is None or length_ms % _SECOND_MS:
        return None if length_ms is None else length_ms / _SECOND_MS
    return length_ms // _SECOND_MS

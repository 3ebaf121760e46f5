"""Bizfly's switchboard: what became of the calls that it placed, by its webhook and by its log.

Public clients show these routes (``<url>/bizfly`` is the origin)::

    PUT    /v1/api/webhooks            {"url": "...", "token": "..."}: one for the switchboard
    DELETE /v1/api/webhooks
    GET    /v1/api/reports             ?offset=<page, from 1>&limit=20&from_time=&to_time= (Unix s)
    GET    /v1/api/reports/{call_id}

and rows with ``start_time``, ``hotline_number``, ``caller``, ``callee``, ``direct``, ``state``, a
duration and ``audio_url``, in ``{"data": [...], "total": 3}``. The webhook's own fields, the values
of ``state`` and of ``direct`` and the name of the call's id are not published: here the webhook
sends the log's row, with an exchange's usual words.
"""

import json
import re
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from sandbox import log, phones
from sandbox.cdr import Message
from sandbox.courier import Courier, Letter
from sandbox.endings import Ending
from sandbox.settings import BizflyWitness, Settings
from sandbox.wire import (
    BadInput,
    Json,
    Refused,
    Reply,
    Request,
    check_fields,
    json_reply,
    read_json_object,
)

PREFIX = "/bizfly/v1/"

_WEBHOOKS = "/bizfly/v1/api/webhooks"
_REPORTS = "/bizfly/v1/api/reports"
_QUERY = ("offset", "limit", "hotline_number", "state", "direct", "keyword", "from_time", "to_time")
_HOTLINE = "02471000000"
_LONGEST_PAGE = 100
_NUMBER = re.compile(r"[0-9]{1,12}")
_TALK_SECONDS = 21


@dataclass(slots=True)
class Call:
    """A call that was placed, with the row that tells of it from ``visible_at`` on.

    visible_at is a time of the monotonic clock: while a call lasts, the log does not hold it.
    """

    phone: str
    row: dict[str, Json]
    visible_at: float = 0.0


@dataclass(slots=True)
class Switchboard:
    """The memory of calls. Every method may be called from any thread."""

    _calls: list[Call] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def place(
        self, body: Mapping[str, Json], ending: Ending, epoch: int, settings: Settings, way: Courier
    ) -> None:
        """Place a call, and have its result told as its ending says."""
        if ending.bizfly is None:
            return
        callee = str(body["callee"])
        row = row_of(callee, ending.bizfly)
        if settings.bizfly_repeats_request_id:
            row["request_id"] = body["request_id"]
        phone = phones.from_vietnamese_national(callee) or ""
        delay = 0.0 if ending.result_first else settings.cdr_delay_seconds
        if settings.bizfly_witness in {BizflyWitness.BOTH, BizflyWitness.LOG}:
            self.enter(phone, row, delay)
        webhook_is_witness = settings.bizfly_witness in {BizflyWitness.BOTH, BizflyWitness.WEBHOOK}
        if settings.bizfly_webhook_url is None or not webhook_is_witness:
            return
        for _ in range(ending.results):
            result_letter = letter(row, phone, epoch, settings)
            if ending.result_first:
                way.send_until_taken(result_letter)
            else:
                way.schedule(result_letter, delay)

    def enter(self, phone: str, row: Mapping[str, Json], delay_seconds: float = 0.0) -> None:
        """Enter a row into the log."""
        with self._lock:
            self._calls.append(Call(phone, dict(row), time.monotonic() + delay_seconds))

    def rows(self) -> list[dict[str, Json]]:
        """All rows that are told by now, the newest first."""
        with self._lock:
            return [dict(call.row) for call in reversed(self._calls) if call.visible_at <= _now()]

    def reset(self) -> None:
        """Forget all calls."""
        with self._lock:
            self._calls.clear()


def _now() -> float:
    return time.monotonic()


def row_of(callee: str, state: str) -> dict[str, Json]:
    """The row of a call that begins now; ``callee`` is 0XXXXXXXXX."""
    is_answer = state == "ANSWERED"
    return {
        "call_id": secrets.token_hex(8),
        "start_time": int(time.time()),
        "hotline_number": _HOTLINE,
        "caller": _HOTLINE,
        "callee": callee,
        "direct": "outbound",
        "state": state,
        "conversation_duration": _TALK_SECONDS if is_answer else 0,
        "audio_url": None,
    }


def letter(
    content: Mapping[str, Json] | str,
    phone: str | None,
    epoch: int,
    settings: Settings,
    headers: Mapping[str, str] | None = None,
) -> Letter:
    """A row, or any text, on its way to the webhook, with the token that was registered."""
    text = content if isinstance(content, str) else json.dumps(content, separators=(",", ":"))
    token = settings.bizfly_webhook_token
    return Letter(
        Message("POST", "application/json", text),
        phone,
        epoch,
        headers={**({"Authorization": token} if token else {}), **(headers or {})},
        provider="bizfly",
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply, and the settings that change with it."""

    reply: Reply
    changes: Mapping[str, Json] = field(default_factory=dict)


def answer(request: Request, board: Switchboard, settings: Settings) -> Answer:
    """Answer a request about webhooks or reports."""
    try:
        outcome = _answer(request, board, settings)
    except Refused as refusal:
        body: dict[str, Json] = {"message": refusal.why, "status": False}
        outcome = Answer(json_reply(refusal.status, body))
    log.line("bizfly", f"{request.method} {request.path}, answered {outcome.reply.status}")
    return outcome


def _answer(request: Request, board: Switchboard, settings: Settings) -> Answer:
    if request.headers.get("authorization") != settings.bizfly_key:
        raise Refused(401, "the key in Authorization is not the account's")
    if request.path == _WEBHOOKS:
        return _webhooks(request, settings)
    if request.method != "GET":
        raise Refused(405, "only GET is allowed here")
    if request.path == _REPORTS:
        return Answer(_page(request, board.rows()))
    call_id = request.path.removeprefix(f"{_REPORTS}/")
    for row in board.rows():
        if row.get("call_id") == call_id:
            return Answer(json_reply(200, {"data": row}))
    raise Refused(404, "no such route, or no such call")


def _webhooks(request: Request, settings: Settings) -> Answer:
    if request.method == "DELETE":
        if settings.bizfly_webhook_url is None:
            raise Refused(404, "no webhook is registered")
        changes: dict[str, Json] = {"bizfly_webhook_url": None, "bizfly_webhook_token": None}
    elif request.method == "PUT":
        body = read_json_object(request)
        check_fields(body, required=("url",), optional=("token",))
        changes = {
            "bizfly_webhook_url": body["url"],
            "bizfly_webhook_token": body.get("token"),
        }
        if body["url"] is None:
            raise Refused(400, "data_invalid")
    else:
        raise Refused(405, "only PUT and DELETE are allowed here")
    try:
        settings.changed(changes)
    except BadInput as error:
        raise Refused(400, f"data_invalid: {error.where}") from error
    return Answer(json_reply(200, {"message": "success", "status": True}), changes)


def _page(request: Request, rows: list[dict[str, Json]]) -> Reply:
    query = dict(parse_qsl(request.query, keep_blank_values=True))
    for name in query:
        if name not in _QUERY:
            raise Refused(400, f"unknown parameter {json.dumps(name[:40])}")
    page, limit = _number(query, "offset", 1), _number(query, "limit", 20)
    if page < 1 or not 1 <= limit <= _LONGEST_PAGE:
        raise Refused(400, f"offset is a page from 1, limit is 1 to {_LONGEST_PAGE}")
    first, last = _number(query, "from_time", 0), _number(query, "to_time", 10**11)
    in_period: list[Json] = [
        row for row in rows if first <= float(str(row.get("start_time") or 0)) <= last
    ]
    start = (page - 1) * limit
    return json_reply(200, {"data": in_period[start : start + limit], "total": len(in_period)})


def _number(query: Mapping[str, str], name: str, default: int) -> int:
    if name not in query:
        return default
    if not _NUMBER.fullmatch(query[name]):
        raise Refused(400, f"{name} must be digits")
    return int(query[name])

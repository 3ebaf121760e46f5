"""Zalo's calls between an OA and its users, and the OA's own messages.

Zalo's reference gives these requests, each with the header ``access_token``::

    POST /zalo/v2.0/oa/call/requestconsent  {"phone":"84773543888","call_type":"audio",
                                             "reason_code":101}
    GET  /zalo/v2.0/oa/call/checkconsent?data={"phone":"84773543888"}
    POST /zalo/v3.0/oa/call/outbound        {"user_id":"...","call_type":"audio","agent_id":"..."}
    GET  /zalo/v3.0/oa/call/getmccinfo
    POST /zalo/v3.0/oa/message/cs           {"recipient":{"user_id":"..."},"message":{"text":"..."}}

and these replies, all with HTTP 200: ``{"error":<number>,"message":"...","expired_time":<ms>}`` of
the first two, ``{"data":{"call_link":"...","qr_code":"...","ttl":172800}}``, ``{"data":{"agents":
[...],"branches":[...]}}``. Whoever opens the call link calls the user. Not documented: what
``qr_code`` holds; how a link, or a message, is refused: here a link as a consent is, a message with
numbers of Zalo's other messages; whether ``user_id`` may be a phone: here it may.
"""

import re
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl

from sandbox import log, phones, zalo, zalo_call_events
from sandbox.endings import Answer
from sandbox.ledger import Seen, now
from sandbox.state import Sandbox
from sandbox.wire import (
    BAD_GATEWAY,
    Json,
    Refused,
    Reply,
    Request,
    check_fields,
    json_reply,
    parse_json,
    read_json_object,
)
from sandbox.zalo_call_desk import LINK_SECONDS, Consent, Link, now_ms
from sandbox.zalo_endings import (
    ALLOW,
    ALREADY_ALLOWED,
    APPROVED,
    FAILED,
    INVALID_PARAM,
    MESSAGES,
    TOKEN_INVALID,
    TOO_MANY,
    ConsentEnding,
    call_of,
    consent_of,
)

_CALL_TYPES = ("audio", "video")
_CONSENT_TYPES = (*_CALL_TYPES, "audio_and_video")
_REASONS = (101, 103, 105, 106, 107)
_USER_ID = re.compile(r"[0-9]{1,20}")
_LINK = "/zalo/call/"
_LONGEST_TEXT = 2_000
# Numbers of Zalo's messages: a wrong parameter, a user who may not be written to, the rate.
_MESSAGE_NUMBERS = {INVALID_PARAM: -201, FAILED: -230, TOO_MANY: -32}
_AGENTS: list[Json] = [
    {"agent_id": "5931518706854365424", "agent_name": "Lan", "allocation": ["231747"]},
    {"agent_id": "4491783511907164918", "agent_name": "Minh", "allocation": ["231747"]},
]
_BRANCHES: list[Json] = [{"branch_id": "231747", "branch_name": "CSKH", "status": "on"}]


def answer(request: Request, sandbox: Sandbox) -> Reply | None:
    """Play Zalo's part. None means: cut the connection without a reply."""
    if request.path.startswith(_LINK):
        return _open(request, sandbox)
    method, play = _ROUTES[request.path]
    turn = _Turn(request, sandbox)
    if request.method != method:
        return json_reply(405, {"error": -106, "message": "Method unsupported"})
    if not sandbox.zalo.knows(request.headers.get("access_token")):
        return turn.refuse(TOKEN_INVALID, MESSAGES[TOKEN_INVALID])
    try:
        return play(turn)
    except Refused as refusal:
        return turn.refuse(turn.numbered(INVALID_PARAM), refusal.why)


def is_for(path: str) -> bool:
    """Tell whether this module answers a path."""
    return path in _ROUTES or path.startswith(_LINK)


class _Turn:
    """One request on its way to its reply."""

    def __init__(self, request: Request, sandbox: Sandbox) -> None:
        self.request = request
        self.sandbox = sandbox
        self.settings = sandbox.settings
        self.phone: str | None = None

    def body(self) -> dict[str, Json]:
        """The JSON object of a POST. Raises Refused."""
        return read_json_object(self.request)

    @property
    def ending(self) -> ConsentEnding:
        """The row of the phone that it is about."""
        if self.phone is None:
            return consent_of("")
        return consent_of(self.sandbox.ledger.digits(self.phone, zalo.NAME))

    @property
    def scripted_error(self) -> int | None:
        """What a control route said that Zalo answers about this phone."""
        return self.sandbox.zalo_calls.scripted(self.phone).error if self.phone else None

    def numbered(self, number: int) -> int:
        """The number of the same meaning where the reply is about a message."""
        return _MESSAGE_NUMBERS.get(number, number) if "/message/" in self.request.path else number

    def say(self, number: int, **fields: Json) -> Reply:
        """Answer a number; none of what was asked has been done, and the request is kept."""
        self.keep()
        return self.spoken(number, **fields)

    def spoken(self, number: int, **fields: Json) -> Reply:
        """The reply that says a number."""
        message = MESSAGES.get(number, "Failed")
        self._log(f"answered {number}: {message}")
        return json_reply(200, {"error": number, "message": message, **fields})

    def refuse(self, number: int, why: str) -> Reply:
        """Answer that the request is wrong."""
        self.keep(refused=why)
        self._log(f"refused with {number}: {why}")
        return json_reply(200, {"error": number, "message": why})

    def keep(
        self, *, placed: bool = False, refused: str | None = None, reference: str | None = None
    ) -> int:
        """Keep it for GET /_sandbox/requests. Gives the ledger's epoch."""
        item = Seen(
            at=now(),
            provider=zalo.NAME,
            path=self.request.path,
            phone=self.phone or _phone_in(self._told()),
            headers=self.request.headers,
            body=self._told(),
            placed=placed,
            refused=refused,
            reference=reference,
        )
        return self.sandbox.ledger.record(item)

    def failure(self, ending: ConsentEnding) -> Reply | None:
        """What is answered where nothing is done; None where the request is taken."""
        if ending.is_sent:
            return None
        self.keep()
        self._log(f"not placed: {ending.what}")
        match ending.answer:
            case Answer.SERVER_ERROR:
                return json_reply(500, {"error": -100, "message": "internal server error"})
            case Answer.HTML:
                return BAD_GATEWAY
            case _:
                return self.spoken(self.numbered(ending.error))

    def done(self, reply: Reply, how: Answer) -> Reply | None:
        """Answer what was done, as late as the table says, or never."""
        match how:
            case Answer.CUT:
                return None
            case Answer.SLOW:
                stopped = self.sandbox.stopping.wait(self.settings.slow_reply_seconds)
                return None if stopped else reply
            case _:
                return reply

    def _told(self) -> Json:
        text = self.request.body
        if self.request.method == "GET":
            text = dict(parse_qsl(self.request.query)).get("data", "null").encode()
        try:
            return parse_json(text)
        except ValueError:
            return text.decode("utf-8", "replace")

    def _log(self, what: str) -> None:
        log.line(zalo.NAME, f"{phones.mask(self.phone)} {self.request.path}, {what}")


# ------------------------------------------------------------------------------------ consents


def _request_consent(turn: _Turn) -> Reply | None:
    body = turn.body()
    check_fields(body, required=("phone", "call_type", "reason_code"))
    phone = turn.phone = _read_phone(body)
    if body["call_type"] not in _CONSENT_TYPES:
        raise Refused(400, "call_type must be one of " + ", ".join(_CONSENT_TYPES))
    if isinstance(body["reason_code"], bool) or body["reason_code"] not in _REASONS:
        raise Refused(400, "reason_code must be one of " + ", ".join(map(str, _REASONS)))
    if turn.scripted_error:
        return turn.say(turn.scripted_error)
    ending = turn.ending
    if (failed := turn.failure(ending)) is not None:
        return failed
    desk, consent = turn.sandbox.zalo_calls, _planned(ending, turn)
    if not desk.ask(phone, consent):
        number = desk.number_of(phone)
        return turn.say(ALREADY_ALLOWED if number == APPROVED else number)
    epoch = turn.keep(placed=True)
    _tell_consent(phone, consent, ending, epoch, turn)
    return turn.done(turn.spoken(APPROVED), ending.answer)


def _planned(ending: ConsentEnding, turn: _Turn) -> Consent:
    """The request as it will go: what the user says, and when, is known from its beginning."""
    asked_at = now_ms()
    delay = 0 if ending.events_first else round(turn.settings.cdr_delay_seconds * 1_000)
    expires_at = ending.lasts_ms
    if ending.reply != ALLOW:
        # Of a refusal Zalo names none; a request that ran out has ended when it did.
        expires_at = None
    elif expires_at:
        expires_at += asked_at + delay
    return Consent(asked_at, ending.reply, asked_at + delay, expires_at, is_told=ending.events > 0)


def _tell_consent(
    phone: str, consent: Consent, ending: ConsentEnding, epoch: int, turn: _Turn
) -> None:
    if turn.settings.zalo_webhook_url is None or not ending.events:
        return
    courier, settings = turn.sandbox.courier, turn.settings
    event = zalo_call_events.consent_sent(phone, consent, settings)
    first = zalo_call_events.letters(event, phone, epoch, settings, times=ending.events)
    replied = zalo_call_events.consent_replied(phone, consent, settings)
    times = ending.events if consent.reply is not None else 0
    then = zalo_call_events.letters(replied, phone, epoch, settings, times=times)
    if ending.events_first:
        for letter in (*first, *then):
            courier.send_until_taken(letter)
        return
    for letter in first:
        courier.schedule(letter, 0.0)
    for letter in then:
        courier.schedule(letter, settings.cdr_delay_seconds)


def _check_consent(turn: _Turn) -> Reply | None:
    query = dict(parse_qsl(turn.request.query))
    try:
        body = parse_json(query.get("data", "").encode())
    except ValueError as error:
        raise Refused(400, "data must be JSON") from error
    if not isinstance(body, dict):
        raise Refused(400, "data must be a JSON object")
    check_fields(body, required=("phone",))
    phone = turn.phone = _read_phone(body)
    if turn.scripted_error is not None:
        return turn.say(turn.scripted_error)
    ending = turn.sandbox.zalo_calls.scripted(phone).check
    if ending is not None and (failed := turn.failure(ending)) is not None:
        return failed
    consent, fields = turn.sandbox.zalo_calls.consent_of(phone), dict[str, Json]()
    number = turn.sandbox.zalo_calls.number_of(phone)
    if consent is not None and number == APPROVED and consent.expires_at is not None:
        fields["expired_time"] = consent.expires_at
    reply = turn.say(number, **fields)
    return reply if ending is None else turn.done(reply, ending.answer)


# ------------------------------------------------------------------------------------ calls


def _mint_link(turn: _Turn) -> Reply | None:
    body = turn.body()
    check_fields(body, required=("user_id", "call_type"), optional=("agent_id",))
    user_id = _read_user(body["user_id"], turn)
    if body["call_type"] not in _CALL_TYPES:
        raise Refused(400, "call_type must be one of " + ", ".join(_CALL_TYPES))
    agent_id = body.get("agent_id")
    if agent_id is not None and not _is_user_id(agent_id):
        raise Refused(400, "agent_id must be a text of digits")
    if turn.scripted_error:
        return turn.say(turn.scripted_error)
    ending = turn.ending
    if (failed := turn.failure(ending)) is not None:
        return failed
    by_phone = user_id != body["user_id"]
    agent = str(agent_id) if agent_id is not None else None
    token = turn.sandbox.zalo_calls.mint(Link(user_id, by_phone, str(body["call_type"]), agent))
    turn.keep(placed=True)
    link = f"http://{turn.request.headers.get('host', '')}{_LINK}{token}"
    data: dict[str, Json] = {"call_link": link, "qr_code": f"{link}?qr=1", "ttl": LINK_SECONDS}
    return turn.done(json_reply(200, {"data": data}), ending.answer)


def _open(request: Request, sandbox: Sandbox) -> Reply:
    """An agent opens a call link: the user's phone rings."""
    link = sandbox.zalo_calls.link(request.path.removeprefix(_LINK))
    if link is None or request.method != "GET":
        log.line(zalo.NAME, f"{request.method} {_LINK}..., answered 404")
        return Reply(404, b"This link is not, or no longer, of any use.\n", "text/plain")
    phone = sandbox.zalo_people.phone_of(link.user_id)
    ending = call_of(sandbox.ledger.digits(phone, zalo.NAME) if phone is not None else "")
    log.line(zalo.NAME, f"{phones.mask(phone)} is called by a link")
    settings, epoch = sandbox.settings, sandbox.ledger.epoch
    direction = zalo_call_events.Direction.OUT
    event = zalo_call_events.call_ended(direction, link.call_type, ending, settings)
    event["user_id"] = link.user_id
    if link.by_phone and phone is not None:
        event["phone"] = phone.removeprefix("+")
    if settings.zalo_webhook_url is not None:
        for letter in zalo_call_events.letters(event, phone, epoch, settings, times=ending.events):
            sandbox.courier.schedule(letter, settings.cdr_delay_seconds)
    return Reply(200, b"Zalo is calling.\n", "text/plain")


def _list_agents(turn: _Turn) -> Reply:
    turn.keep()
    return json_reply(200, {"data": {"agents": _AGENTS, "branches": _BRANCHES}})


# ------------------------------------------------------------------------------------ messages


def _send_message(turn: _Turn) -> Reply | None:
    body = turn.body()
    check_fields(body, required=("recipient", "message"))
    recipient, message = body["recipient"], body["message"]
    if not isinstance(recipient, dict) or not isinstance(message, dict):
        raise Refused(400, "recipient and message must be objects")
    check_fields(recipient, required=("user_id",))
    check_fields(message, required=("text",))
    user_id = _read_user(recipient["user_id"], turn)
    text = message["text"]
    if not isinstance(text, str) or not 1 <= len(text) <= _LONGEST_TEXT:
        raise Refused(400, f"text must be of 1 to {_LONGEST_TEXT} characters")
    if turn.scripted_error:
        return turn.say(turn.scripted_error)
    ending = turn.ending
    if (failed := turn.failure(ending)) is not None:
        return failed
    message_id = turn.sandbox.zalo_calls.say(user_id, turn.phone, text)
    turn.keep(placed=True, reference=message_id)
    data: dict[str, Json] = {"message_id": message_id, "user_id": user_id}
    reply = json_reply(200, {"data": data, "error": 0, "message": "Success"})
    return turn.done(reply, ending.answer)


# ------------------------------------------------------------------------------------ reading


def _read_phone(body: Mapping[str, Json]) -> str:
    phone = zalo.phone_of(dict(body))
    if phone is None:
        raise Refused(400, "phone must be digits with the country code, 84XXXXXXXXX")
    return phone


def _read_user(value: Json, turn: _Turn) -> str:
    """Give a user id, also of one that is named by phone; the turn learns the phone."""
    if not _is_user_id(value):
        raise Refused(400, "user_id must be a text of digits")
    phone = zalo.phone_of({"phone": value})
    if phone is not None:
        turn.phone = phone
        return turn.sandbox.zalo_people.id_of(phone)
    turn.phone = turn.sandbox.zalo_people.phone_of(str(value))
    return str(value)


def _is_user_id(value: Json) -> bool:
    return isinstance(value, str) and _USER_ID.fullmatch(value) is not None


def _phone_in(body: Json) -> str | None:
    return zalo.phone_of(body) if isinstance(body, dict) else None


_ROUTES: dict[str, tuple[str, Callable[[_Turn], Reply | None]]] = {
    "/zalo/v2.0/oa/call/requestconsent": ("POST", _request_consent),
    "/zalo/v2.0/oa/call/checkconsent": ("GET", _check_consent),
    "/zalo/v3.0/oa/call/outbound": ("POST", _mint_link),
    "/zalo/v3.0/oa/call/getmccinfo": ("GET", _list_agents),
    "/zalo/v3.0/oa/message/cs": ("POST", _send_message),
}

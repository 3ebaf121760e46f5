"""What a provider does with one request: refuse it, or let the table of endings decide."""

import dataclasses

from sandbox import (
    bizfly,
    caresoft,
    caresoft_events,
    cdr,
    log,
    mcn,
    phones,
    voice_gateway,
    zalo,
    zalo_events,
)
from sandbox.courier import Letter
from sandbox.endings import Answer, Ending, ending_of
from sandbox.ledger import McnCall, Seen, now
from sandbox.provider import Acceptance, Provider
from sandbox.state import Sandbox
from sandbox.wire import BAD_GATEWAY, Json, Refused, Reply, Request, json_reply, parse_json

PROVIDERS: dict[str, Provider] = {
    bizfly.NAME: bizfly,
    voice_gateway.NAME: voice_gateway,
    mcn.NAME: mcn,
    caresoft.NAME: caresoft,
    zalo.NAME: zalo,
}


def answer(provider: Provider, request: Request, sandbox: Sandbox) -> Reply | None:
    """Play one provider's part. None means: cut the connection without a reply."""
    try:
        body = provider.examine(request, sandbox.settings)
    except Refused as refusal:
        sandbox.ledger.record(_seen(provider, request, refusal=refusal.why))
        _log(provider, request, f"refused with {refusal.status}: {refusal.why}")
        reply = provider.refuse(refusal.status, refusal.why)
        return _allowing_post(reply) if reply.status == 405 else reply  # noqa: PLR2004
    phone = provider.phone_of(body) or ""
    if provider.NAME == caresoft.NAME and not phones.is_nobody_s(phone):
        stopped = sandbox.caresoft_rate.pass_one(sandbox.settings)
        if stopped is not None:
            sandbox.ledger.record(_seen(provider, request, refusal=stopped[1]))
            _log(provider, request, f"refused with {stopped[0]}: {stopped[1]}")
            return provider.refuse(*stopped)
    if provider.NAME == zalo.NAME:
        template, token = str(body["template_id"]), request.headers["access_token"]
        turned_away = sandbox.zalo.pass_one(token, template, sandbox.settings)
        if turned_away is not None:
            sandbox.ledger.record(_seen(provider, request, refusal=turned_away[1]))
            _log(provider, request, f"refused: {turned_away[1]}")
            return provider.refuse(*turned_away)
        if (error := sandbox.zalo.scripted_error(phone)) is not None:
            sandbox.ledger.record(_seen(provider, request, refusal=f"error {error}"))
            _log(provider, request, f"refused: error {error}")
            return json_reply(200, {"error": error, "message": "scripted"})
    ending = ending_of(sandbox.ledger.digits(phone, provider.NAME))
    if not ending.placed:
        sandbox.ledger.record(_seen(provider, request))
        _log(provider, request, f"not placed: {ending.what}")
        return _failure(provider, ending.answer)
    return _place(provider, request, body, ending, sandbox)


def _place(
    provider: Provider,
    request: Request,
    body: dict[str, Json],
    ending: Ending,
    sandbox: Sandbox,
) -> Reply | None:
    settings = sandbox.settings
    acceptance = provider.accept(body, ending, settings)
    if provider.NAME == zalo.NAME:
        acceptance = sandbox.zalo.book(acceptance, body, ending, settings)
    item = _seen(provider, request, acceptance=acceptance)
    call = None
    if provider.NAME == mcn.NAME and acceptance.reference and item.phone:
        call = McnCall(acceptance.reference, item.phone, ending)
    epoch = sandbox.ledger.record(item, code=acceptance.code, mcn_call=call)
    _log(provider, request, f"placed: {ending.what}")
    if call is not None:
        _send_results(call, epoch, sandbox)
    if provider.NAME == bizfly.NAME:
        sandbox.switchboard.place(body, ending, epoch, settings, sandbox.courier)
    if provider.NAME == voice_gateway.NAME and acceptance.reference:
        _tell_result(acceptance.reference, str(body["delivery_id"]), item, ending, epoch, sandbox)
    if provider.NAME == caresoft.NAME and acceptance.reference:
        _send_events(acceptance.reference, item.phone, ending, epoch, sandbox)
    if provider.NAME == zalo.NAME and acceptance.reference:
        _tell_arrival(acceptance.reference, item.phone, epoch, sandbox)
    match ending.answer:
        case Answer.CUT:
            return None
        case Answer.SLOW:
            stopped = sandbox.stopping.wait(settings.slow_reply_seconds)
            return None if stopped else acceptance.reply
        case _:
            return acceptance.reply


def _send_results(call: McnCall, epoch: int, sandbox: Sandbox) -> None:
    ending = call.ending
    if ending.mcn is None:
        return
    settings = sandbox.settings
    message = cdr.write(cdr.fields_of(call, ending.mcn), settings.cdr_form)
    for _ in range(ending.results):
        letter = Letter(message, call.phone, epoch)
        if ending.result_first:
            sandbox.courier.send_until_taken(letter)
        else:
            sandbox.courier.schedule(letter, settings.cdr_delay_seconds)


def _tell_result(
    call_id: str, delivery_id: str, item: Seen, ending: Ending, epoch: int, sandbox: Sandbox
) -> None:
    """The voice gateway tells what became of a call, as often and as soon as MCN would."""
    settings = sandbox.settings
    if ending.mcn is None or settings.voice_gateway_webhook_url is None:
        return
    for _ in range(ending.results):
        letter = voice_gateway.letter(call_id, delivery_id, ending.mcn, item.phone, epoch, settings)
        if ending.result_first:
            sandbox.courier.send_until_taken(letter)
        else:
            sandbox.courier.schedule(letter, settings.cdr_delay_seconds)


def _send_events(
    ticket: str, phone: str | None, ending: Ending, epoch: int, sandbox: Sandbox
) -> None:
    """CareSoft's webhook tells of the ticket, as often and as soon as MCN's would of a call."""
    settings = sandbox.settings
    if ending.mcn is None or settings.caresoft_webhook_url is None:
        return
    fields = caresoft_events.fields_of(ticket, phone, settings.caresoft_event_status)
    for _ in range(ending.results):
        letter = caresoft_events.letter(fields, phone, epoch, settings)
        if ending.result_first:
            sandbox.courier.send_until_taken(letter)
        else:
            sandbox.courier.schedule(letter, settings.cdr_delay_seconds)


def _tell_arrival(msg_id: str, phone: str | None, epoch: int, sandbox: Sandbox) -> None:
    """Zalo tells of a message's arrival, as often and as soon as MCN would of a call."""
    message, settings = sandbox.zalo.message(msg_id), sandbox.settings
    if message is None or message.ending.mcn is None:
        return
    sandbox.zalo.arrive(msg_id)
    if settings.zalo_webhook_url is None:
        return
    fields = zalo_events.arrived(msg_id, message.tracking_id, settings)
    for _ in range(message.ending.results):
        letter = zalo_events.letter(fields, phone, epoch, settings)
        if message.ending.result_first:
            sandbox.courier.send_until_taken(letter)
        else:
            sandbox.courier.schedule(letter, settings.cdr_delay_seconds)


def _failure(provider: Provider, how: Answer) -> Reply:
    match how:
        case Answer.REFUSE_WITH_200:
            return provider.refuse(200, "the request is refused")
        case Answer.THROTTLE:
            return provider.throttle()
        case Answer.UNAUTHORIZED:
            return provider.refuse(401, "unauthorized")
        case Answer.HTML:
            return BAD_GATEWAY
        case _:
            return provider.refuse(500, "internal server error")


def _seen(
    provider: Provider,
    request: Request,
    *,
    refusal: str | None = None,
    acceptance: Acceptance | None = None,
) -> Seen:
    body = _readable(request.body)
    return Seen(
        at=now(),
        provider=provider.NAME,
        path=request.path,
        phone=provider.phone_of(body),
        headers=request.headers,
        body=body,
        placed=acceptance is not None,
        refused=refusal,
        reference=acceptance.reference if acceptance is not None else None,
    )


def _readable(body: bytes) -> Json:
    try:
        return parse_json(body)
    except ValueError:
        return body.decode("utf-8", "replace")


def _allowing_post(reply: Reply) -> Reply:
    return dataclasses.replace(reply, headers={"Allow": "POST"})


def _log(provider: Provider, request: Request, what: str) -> None:
    phone = provider.phone_of(_readable(request.body))
    log.line(provider.NAME, f"{phones.mask(phone)} {what}")

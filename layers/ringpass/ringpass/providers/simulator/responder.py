"""Simulator of the providers for test numbers, in a stack whose ``TestNumbers`` is ``on``.

It simulates the provider's HTTP response, so all code that reads it is the real code. The CDR comes
through the stream and the queue, as that of a webhook comes from outside.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ringpass.providers.base import HttpResponse, NoResponse
from ringpass.providers.caresoft.facts import CARESOFT
from ringpass.providers.orders import CallOrder, MessageOrder, Order
from ringpass.providers.simulator.outcomes import (
    ScriptedOutcome,
    SimulatedReply,
    outcome_for,
    reference_of,
)
from ringpass.providers.voice_gateway.facts import VOICE_GATEWAY
from ringpass.providers.zalo.facts import ZALO

# Longer than a CDR takes through the stream and the queue.
_LATE_SECONDS: Final = 7.0

_LOCK: Final = b"Domain incorrect too many times , retry after 15 minutes "
_RESPONSES: Final[Mapping[SimulatedReply, HttpResponse | NoResponse]] = {
    SimulatedReply.CUTS: NoResponse("connection_cut"),
    SimulatedReply.STAYS_SILENT: NoResponse("timeout"),
    SimulatedReply.SENDS_HTML: HttpResponse(502, b"<html><body>Bad Gateway</body></html>"),
    SimulatedReply.BREAKS: HttpResponse(500, b'{"message": "internal error"}'),
    SimulatedReply.DENIES: HttpResponse(401, b'{"message": "unauthorized"}'),
    SimulatedReply.LIMITS: HttpResponse(429, b'{"message": "Too Many Attempts."}'),
    # Each provider's adapter reads its own field.
    SimulatedReply.REFUSES: HttpResponse(
        200, b'{"ok": false, "status": false, "code": "errors", "accepted": false}'
    ),
}
# Zalo refuses with HTTP 200 and an error number.
_ZALO_RESPONSES: Final[Mapping[SimulatedReply, HttpResponse]] = {
    SimulatedReply.DENIES: HttpResponse(
        200, b'{"error": -124, "message": "Access token is invalid"}'
    ),
    SimulatedReply.REFUSES: HttpResponse(
        200, b'{"error": -118, "message": "Zalo account not existed"}'
    ),
}

# How a provider says that it takes an order; the first one of a channel, by the order.
_ACCEPTANCES: Final[Mapping[str, Callable[[str], dict[str, Any]]]] = {
    VOICE_GATEWAY.name: lambda ref: {"accepted": True, "call_id": ref},
    ZALO.name: lambda ref: {"error": 0, "message": "Success", "data": {"msg_id": ref}},
}


@dataclass(frozen=True, slots=True)
class ProviderSimulator:
    """Responds in the place of a provider.

    Attributes:
        silence_seconds: How long a provider that stays silent holds the request.
        sleep: Waits so many seconds.
    """

    silence_seconds: float
    sleep: Callable[[float], None] = time.sleep

    def respond(self, provider: str, order: Order, delivery_id: str) -> HttpResponse | NoResponse:
        """Returns the response of the provider to this order."""
        outcome = outcome_for(order.phone.e164)
        if outcome.reply is SimulatedReply.STAYS_SILENT:
            self.sleep(self.silence_seconds)
        if outcome.reply is SimulatedReply.ACCEPTS_LATE:
            self.sleep(_LATE_SECONDS)
        if outcome.reply is SimulatedReply.LIMITS and provider == CARESOFT.name:
            return HttpResponse(404, _LOCK)
        ref = reference_of(delivery_id)
        if provider == ZALO.name and outcome.reply in _ZALO_RESPONSES:
            return _ZALO_RESPONSES[outcome.reply]
        body = json.dumps(_acceptance(provider, order, outcome, ref)).encode()
        return _RESPONSES.get(outcome.reply, HttpResponse(200, body))


def _acceptance(provider: str, order: Order, outcome: ScriptedOutcome, ref: str) -> dict[str, Any]:
    if provider in _ACCEPTANCES:
        return _ACCEPTANCES[provider](ref)
    if isinstance(order, CallOrder):
        default_code = f"{int(ref[:4], 16) % 10_000:04}"
        code = order.code.reveal() if order.code else default_code
        return {
            "ok": True,
            "caller_number": f"7495000{code}",
            "verification_uuid": ref,
            "is_redirect": outcome.is_redirect,
        }
    if isinstance(order, MessageOrder):
        ticket = order.ticket_id or int(ref[:8], 16)
        return {"status": "OK", "ticket": {"ticketId": str(ticket)}}
    return {"message": "thành công", "status": True}

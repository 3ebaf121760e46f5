"""Plays the provider for test numbers, in a stack whose ``TestNumbers`` is ``on``.

What is played is the provider's answer in its own form, so everything behind it is the real thing;
the CDR comes through the stream and the queue, as a webhook's would come from outside.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ringpass.providers.base import HttpResponse, NoResponse
from ringpass.providers.orders import CallOrder, MessageOrder, Order
from ringpass.providers.simulator.outcomes import Reply, ScriptedOutcome, ending_of, reference_of

# Longer than the stream and the queue need to bring a CDR.
_LATE_SECONDS: Final = 7.0

_LOCK: Final = b"Domain incorrect too many times , retry after 15 minutes "
_REFUSALS: Final[Mapping[Reply, HttpResponse | NoResponse]] = {
    Reply.CUTS: NoResponse("connection_cut"),
    Reply.STAYS_SILENT: NoResponse("timeout"),
    Reply.SENDS_HTML: HttpResponse(502, b"<html><body>Bad Gateway</body></html>"),
    Reply.BREAKS: HttpResponse(500, b'{"message": "internal error"}'),
    Reply.DENIES: HttpResponse(401, b'{"message": "unauthorized"}'),
    Reply.LIMITS: HttpResponse(429, b'{"message": "Too Many Attempts."}'),
    # Each provider reads its own word of these.
    Reply.REFUSES: HttpResponse(200, b'{"ok": false, "status": false, "code": "errors"}'),
}
# Zalo refuses with HTTP 200 and a number.
_OF_ZALO: Final[Mapping[Reply, HttpResponse]] = {
    Reply.DENIES: HttpResponse(200, b'{"error": -124, "message": "Access token is invalid"}'),
    Reply.REFUSES: HttpResponse(200, b'{"error": -118, "message": "Zalo account not existed"}'),
}


@dataclass(frozen=True, slots=True)
class ProviderSimulator:
    """Answers in the place of a provider.

    Attributes:
        silence_seconds: How long a provider that says nothing is waited for.
        sleep: Waits so many seconds.
    """

    silence_seconds: float
    sleep: Callable[[float], None] = time.sleep

    def answer(self, provider: str, order: Order, delivery_id: str) -> HttpResponse | NoResponse:
        """What a provider would answer to this order."""
        ending = ending_of(order.phone.e164)
        if ending.reply is Reply.STAYS_SILENT:
            self.sleep(self.silence_seconds)
        if ending.reply is Reply.ACCEPTS_LATE:
            self.sleep(_LATE_SECONDS)
        if ending.reply is Reply.LIMITS and provider == "caresoft":
            return HttpResponse(404, _LOCK)
        ref = reference_of(delivery_id)
        if provider == "zalo" and ending.reply in _OF_ZALO:
            return _OF_ZALO[ending.reply]
        accepted = json.dumps(_accepted(provider, order, ending, ref)).encode()
        return _REFUSALS.get(ending.reply, HttpResponse(200, accepted))


def _accepted(provider: str, order: Order, ending: ScriptedOutcome, ref: str) -> dict[str, Any]:
    if provider == "zalo":
        return {"error": 0, "message": "Success", "data": {"msg_id": ref}}
    if isinstance(order, CallOrder):
        chosen = f"{int(ref[:4], 16) % 10_000:04}"
        code = order.code.reveal() if order.code else chosen
        return {
            "ok": True,
            "caller_number": f"7495000{code}",
            "verification_uuid": ref,
            "is_redirect": ending.is_redirect,
        }
    if isinstance(order, MessageOrder):
        ticket = order.ticket_id or int(ref[:8], 16)
        return {"status": "OK", "ticket": {"ticketId": str(ticket)}}
    return {"message": "thành công", "status": True}

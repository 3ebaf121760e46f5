"""Client of a voice gateway: the team's own telephony, behind a contract that Ringpass defines.

POST <url> with a bearer token: ``{"delivery_id": "dlv_...", "phone": "+84389801371", "code":
"12345", "language": "vi", "ring_timeout": 25}``. The gateway answers 2xx with ``{"accepted": true,
"call_id": "..."}``, or ``{"accepted": false, "reason": "no_free_line"}``: then nobody is called.
A ``delivery_id`` is called once at most. Source: docs/connect-voice-gateway.md.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from ringpass.outcomes import UNAUTHORIZED, Accepted, ProviderResponse, Rejected
from ringpass.providers.base import (
    HttpRequest,
    HttpResponse,
    json_object,
    json_post,
    outcome_by_status,
)
from ringpass.providers.facts import ProviderFacts
from ringpass.providers.orders import VoiceOrder
from ringpass.providers.voice_gateway.facts import VOICE_GATEWAY
from ringpass.redaction import Secret

LANGUAGES: Final[Mapping[str, str]] = {"VN": "vi", "RU": "ru"}
"""Country of the number -> language of the call, as ISO 639 codes."""

_CALL_ID: Final = re.compile(r"[\x21-\x7e]{1,128}")
# Words that a client can name in its cause table.
_REASON: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True)
class VoiceGateway:
    """Voice OTP through the team's own telephony.

    Attributes:
        url: Where calls are ordered; empty: there is no gateway.
    """

    url: str

    facts: ClassVar[ProviderFacts] = VOICE_GATEWAY

    @property
    def is_set_up(self) -> bool:
        """Whether the stack has a gateway."""
        return bool(self.url)

    def carries(self, order: VoiceOrder) -> bool:
        """Whether any text will do: the gateway has one of its own, and no scenarios."""
        return not order.needs_scenario

    def secret_of(self, _order: VoiceOrder) -> tuple[str, str]:
        """The token that the gateway expects."""
        return self.facts.name, "token"

    def request(self, order: VoiceOrder, delivery_id: str, credential: Secret) -> HttpRequest:
        """HTTP request of the call; the call's result repeats our id."""
        return json_post(
            self.url,
            {"Authorization": f"Bearer {credential.reveal()}"},
            {
                "delivery_id": delivery_id,
                "phone": order.phone.e164,
                "code": order.otp.reveal(),
                "language": LANGUAGES[order.phone.region],
                "ring_timeout": order.ring_timeout,
            },
        )

    def outcome(self, _order: VoiceOrder, response: HttpResponse) -> ProviderResponse:
        """Accepted only by ``accepted: true`` with a 2xx; refused by ``accepted: false``."""
        body = json_object(response) or {}
        if response.is_success and body.get("accepted") is True:
            return Accepted(call_id_of(body))
        if response.is_success and body.get("accepted") is False:
            return Rejected(_reason(body))
        return outcome_by_status(response)


def call_id_of(fields: Mapping[str, Any]) -> str | None:
    """Returns the gateway's id of a call; None if there is no valid one."""
    call_id = fields.get("call_id")
    return call_id if isinstance(call_id, str) and _CALL_ID.fullmatch(call_id) else None


def _reason(body: Mapping[str, Any]) -> str:
    reason = body.get("reason")
    if not isinstance(reason, str) or not _REASON.fullmatch(reason) or reason == UNAUTHORIZED:
        # A refused credential is told by 401 alone: only that request is sent again.
        return "refused"
    return reason

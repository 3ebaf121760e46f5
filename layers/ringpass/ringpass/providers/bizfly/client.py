"""Client of Bizfly Cloud OTP Call: a call that reads a code out, from a scenario of the account.

POST <base>/v4/api/otp_calls, the raw key in ``Authorization``, every value a string:
``{"callee": "0389801371", "callee_timeout": "25", "otp": "12345", "otp_id": "OTP-975705",
"request_id": "..."}``. Success is ``{"message": "thành công", "status": true}``; the response has
no id of the call. Source: Bizfly Cloud's OTP Call guide. Failures (not 2xx, or ``status`` false,
with ``message`` or ``error``; sometimes HTML) are known from public clients only.
"""

from dataclasses import dataclass
from typing import ClassVar, Final

from ringpass.outcomes import Accepted, ProviderResponse
from ringpass.providers.base import (
    HttpRequest,
    HttpResponse,
    SampleRequest,
    json_object,
    json_post,
    outcome_by_status,
    rejection,
)
from ringpass.providers.bizfly.facts import BIZFLY
from ringpass.providers.facts import ProviderFacts
from ringpass.providers.orders import VoiceOrder
from ringpass.redaction import Secret

_PATH: Final = "/v4/api/otp_calls"


@dataclass(frozen=True, slots=True)
class Bizfly:
    """Voice OTP through Bizfly.

    Attributes:
        base_url: Origin of the API.
    """

    base_url: str

    facts: ClassVar[ProviderFacts] = BIZFLY

    @property
    def is_set_up(self) -> bool:
        """An account at Bizfly needs nothing but its key."""
        return True

    def carries(self, order: VoiceOrder) -> bool:
        """Whether there is a scenario: every call has one."""
        return order.otp_id is not None

    def secret_of(self, order: VoiceOrder) -> tuple[str, str]:
        """The key that Bizfly shows for the scenario."""
        return self.facts.name, order.key_field

    def request(self, order: VoiceOrder, delivery_id: str, credential: Secret) -> HttpRequest:
        """HTTP request of the call; our delivery id is the request id."""
        return json_post(
            f"{self.base_url}{_PATH}",
            {"Authorization": credential.reveal()},
            {
                "callee": order.phone.national,
                "callee_timeout": str(order.ring_timeout),
                "otp": order.otp.reveal(),
                "otp_id": order.otp_id,
                "request_id": delivery_id,
            },
        )

    def sample_request(self, otp_id: str | None, api_key: str | None) -> SampleRequest:
        """The request of a call as a guide shows it, with a masked key."""
        return SampleRequest(
            endpoint=f"{self.base_url}{_PATH}",
            headers={"Authorization": api_key or "<API KEY>", "Content-Type": "application/json"},
            data={
                "callee": "<phone, as dialled in Vietnam>",
                "callee_timeout": "25",
                "otp": "<code>",
                "otp_id": otp_id or "<OTP ID>",
                "request_id": "<id of your own>",
            },
        )

    def outcome(self, _order: VoiceOrder, response: HttpResponse) -> ProviderResponse:
        """Accepted only by ``status: true`` with a 2xx; refused by ``status: false`` likewise."""
        body = json_object(response)
        status = body.get("status") if body else None
        if response.is_success and status is True:
            return Accepted()
        if response.is_success and status is False:
            return rejection(body)
        return outcome_by_status(response)

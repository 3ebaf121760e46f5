"""Client of Zalo's own ZNS: a message from an approved template of an OA, to a phone number.

POST <base>/message/template, the token alone in the header ``access_token``:
``{"phone": "84983912148", "template_id": "7895417", "template_data": {"otp": "..."},
"tracking_id": "..."}``, the last one ours, of at most 48 characters. The response has HTTP 200
for errors, too: ``{"error": 0, "message": "Success", "data": {"msg_id": "...", "sent_time": "...",
"quota": {"dailyQuota": "500", "remainingQuota": "499"}}}``, or ``{"error": -108, "message":
"..."}``. Source: Zalo's ZNS reference, and public clients of it; ``errors`` has the numbers.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from ringpass.outcomes import Accepted, ProviderResponse, Quota, Rejected, Unknown
from ringpass.providers.base import (
    HttpRequest,
    HttpResponse,
    json_object,
    json_post,
    outcome_by_status,
)
from ringpass.providers.facts import ProviderFacts
from ringpass.providers.orders import MessageOrder
from ringpass.providers.zalo.errors import REFUSALS
from ringpass.providers.zalo.facts import ZALO
from ringpass.redaction import Secret

_NUMBER: Final = re.compile(r"-?[0-9]{1,9}")
_MSG_ID: Final = re.compile(r"[\x21-\x7e]{1,128}")


@dataclass(frozen=True, slots=True)
class Zalo:
    """ZNS through Zalo itself.

    Attributes:
        base_url: Origin of Zalo's business API.
        oa_id: The OA that sends; empty if there is none.
    """

    base_url: str
    oa_id: str

    facts: ClassVar[ProviderFacts] = ZALO

    @property
    def is_set_up(self) -> bool:
        """Whether there is an OA."""
        return bool(self.oa_id)

    def carries(self, order: MessageOrder) -> bool:
        """Whether the template has an id at Zalo."""
        return order.zns_id is not None

    def secret_of(self, _order: MessageOrder) -> tuple[str, str]:
        """The access token of the OA."""
        return "zalo_token", "access_token"

    def request(self, order: MessageOrder, delivery_id: str, credential: Secret) -> HttpRequest:
        """HTTP request of the message; its delivery receipt repeats our id as ``tracking_id``."""
        return json_post(
            f"{self.base_url}/message/template",
            {"access_token": credential.reveal()},
            {
                "phone": order.phone.digits,
                "template_id": order.zns_id,
                "template_data": dict(order.params or {}),
                "tracking_id": delivery_id,
            },
        )

    def outcome(self, _order: MessageOrder, response: HttpResponse) -> ProviderResponse:
        """Accepted only by ``error: 0`` with a 2xx; rejected by documented error numbers."""
        body = json_object(response)
        error = error_of(body)
        if response.is_success and body is not None and error == 0:
            data = data_of(body)
            return Accepted(_msg_id(data), quota=quota_in(data))
        return refusal(response, error)


def error_of(body: Mapping[str, Any] | None) -> int | None:
    """Returns the number in ``error``, which may be text; None if there is none."""
    number = (body or {}).get("error")
    if isinstance(number, bool) or _NUMBER.fullmatch(str(number)) is None:
        return None
    return int(str(number))


def data_of(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns ``data`` if it is an object; else an empty one."""
    data = body.get("data")
    return data if isinstance(data, dict) else {}


def quota_in(data: Mapping[str, Any]) -> Quota | None:
    """Returns the OA's quota, in ``quota`` or by itself; None if it is not complete."""
    quota = data.get("quota")
    fields = quota if isinstance(quota, dict) else data
    daily, remaining = (_count(fields.get(name)) for name in ("dailyQuota", "remainingQuota"))
    return None if daily is None or remaining is None else Quota(daily, remaining)


def refusal(response: HttpResponse, error: int | None) -> ProviderResponse:
    """Returns the outcome of a response that is no success."""
    reason = REFUSALS.get(error or 0)
    if response.is_success and error:
        return Rejected(reason) if reason else Unknown(f"zalo_error_{-error}")
    outcome = outcome_by_status(response)
    # Errors are documented with HTTP 200; with a 4xx the number still gives the reason.
    is_plain_refusal = isinstance(outcome, Rejected) and outcome.reason == f"http_{response.status}"
    return Rejected(reason) if reason and is_plain_refusal else outcome


def _count(number: object) -> int | None:
    if isinstance(number, bool) or _NUMBER.fullmatch(str(number)) is None:
        return None
    return int(str(number))


def _msg_id(data: Mapping[str, Any]) -> str | None:
    msg_id = data.get("msg_id")
    return msg_id if isinstance(msg_id, str) and _MSG_ID.fullmatch(msg_id) else None

"""Zalo's own ZNS: a message from an approved template of an OA's, to a phone number.

POST <base>/message/template, the token alone in the header ``access_token``:
``{"phone": "84983912148", "template_id": "7895417", "template_data": {"otp": "..."},
"tracking_id": "..."}``, the last one ours, of at most 48 characters. The reply has HTTP 200 for
errors, too: ``{"error": 0, "message": "Success", "data": {"msg_id": "...", "sent_time": "...",
"quota": {"dailyQuota": "500", "remainingQuota": "499"}}}``, or ``{"error": -108, "message":
"..."}``. Source: Zalo's ZNS reference, and public clients of it; ``zalo_errors`` has the numbers.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from ringpass.outcomes import Accepted, ProviderResponse, Quota, Rejected, Unknown
from ringpass.providers.base import HttpRequest, HttpResponse, by_status, json_object, json_post
from ringpass.providers.orders import MessageOrder
from ringpass.providers.zalo.errors import REFUSALS
from ringpass.redaction import Secret

_NUMBER: Final = re.compile(r"-?[0-9]{1,9}")
_MSG_ID: Final = re.compile(r"[\x21-\x7e]{1,128}")


@dataclass(frozen=True, slots=True)
class Zalo:
    """ZNS from Zalo itself.

    Attributes:
        base_url: Origin of Zalo's business API.
        oa_id: The OA that sends; empty: none does.
    """

    base_url: str
    oa_id: str

    name: ClassVar[str] = "zalo"
    regions: ClassVar[frozenset[str]] = frozenset({"VN"})
    # A Zalo account belongs to a mobile phone's number.
    landlines: ClassVar[bool] = False

    @property
    def is_set_up(self) -> bool:
        """Whether there is an OA."""
        return bool(self.oa_id)

    def carries(self, order: MessageOrder) -> bool:
        """Whether the template has an id at Zalo."""
        return order.zalo_template is not None

    def secret_of(self, _order: MessageOrder) -> tuple[str, str]:
        """The secret of the tokens."""
        return "zalo_token", "access_token"

    def request(self, order: MessageOrder, delivery_id: str, credential: Secret) -> HttpRequest:
        """The message in Zalo's form; our delivery id comes back when it has arrived."""
        return json_post(
            f"{self.base_url}/message/template",
            {"access_token": credential.reveal()},
            {
                "phone": order.phone.digits,
                "template_id": order.zalo_template,
                "template_data": dict(order.params or {}),
                "tracking_id": delivery_id,
            },
        )

    def outcome(self, _order: MessageOrder, answer: HttpResponse) -> ProviderResponse:
        """Accepted only by ``error: 0`` with a 2xx; refused by the numbers that are documented."""
        body = json_object(answer)
        error = error_of(body)
        if answer.is_success and body is not None and error == 0:
            data = data_of(body)
            return Accepted(_msg_id(data), quota=quota_in(data))
        return refusal(answer, error)


def error_of(body: Mapping[str, Any] | None) -> int | None:
    """The number in ``error``, also as text; None if there is none."""
    said = (body or {}).get("error")
    if isinstance(said, bool) or _NUMBER.fullmatch(str(said)) is None:
        return None
    return int(str(said))


def data_of(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """What ``data`` holds, if it is an object."""
    data = body.get("data")
    return data if isinstance(data, dict) else {}


def quota_in(data: Mapping[str, Any]) -> Quota | None:
    """The OA's quota, in ``quota`` of a reply or by itself; None if it is not told whole."""
    told = data.get("quota")
    fields = told if isinstance(told, dict) else data
    daily, remaining = (_count(fields.get(name)) for name in ("dailyQuota", "remainingQuota"))
    return None if daily is None or remaining is None else Quota(daily, remaining)


def refusal(answer: HttpResponse, error: int | None) -> ProviderResponse:
    """What an answer amounts to that is no success."""
    reason = REFUSALS.get(error or 0)
    if answer.is_success and error:
        return Rejected(reason) if reason else Unknown(f"zalo_error_{-error}")
    told = by_status(answer)
    # Errors are documented with HTTP 200; with a status that refuses the number still says why.
    said_only_no = isinstance(told, Rejected) and told.reason == f"http_{answer.status}"
    return Rejected(reason) if reason and said_only_no else told


def _count(said: object) -> int | None:
    if isinstance(said, bool) or _NUMBER.fullmatch(str(said)) is None:
        return None
    return int(str(said))


def _msg_id(data: Mapping[str, Any]) -> str | None:
    said = data.get("msg_id")
    return said if isinstance(said, str) and _MSG_ID.fullmatch(said) else None

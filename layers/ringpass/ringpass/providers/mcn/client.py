"""MCN Telecom Password Call: a call whose number ends in the code.

POST <base>/api/protected/api/auth/passwordcall with a bearer token:
``{"phone_number": "79777777777", "verification_code": "1234", "is_with_redirect": true}``. Reply:
``{"ok": true, "caller_number": "74951091251", "verification_code": "1234",
"verification_uuid": "da59bda0a1bb_117793", "is_redirect": false}``. Source: MCN's article
"Password Call"; its text calls the reference ``verification_call_uuid``, its sample
``verification_uuid``. A sibling method answers ``{"status": "success", "code": 200, "object":
{"login_did", "code", "account_id", "verification_call_uuid"}}``, so that is read too.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from ringpass.outcomes import Accepted, ProviderResponse, Unknown
from ringpass.providers.base import (
    HttpRequest,
    HttpResponse,
    by_status,
    json_object,
    json_post,
    refused,
)
from ringpass.providers.mcn.call_reference import reference_of
from ringpass.providers.orders import CallOrder
from ringpass.redaction import Secret

_CALLER_NAMES: Final = ("caller_number", "login_did")
_CODE_DIGITS: Final = 4
_NUMBER: Final = re.compile(r"\+?([0-9]{5,15})")


@dataclass(frozen=True, slots=True)
class Mcn:
    """Password Calls through MCN."""

    base_url: str

    name: ClassVar[str] = "mcn"
    regions: ClassVar[frozenset[str]] = frozenset({"VN", "RU"})
    # A landline that shows who calls shows the code; MCN sets no limit to what it calls.
    landlines: ClassVar[bool] = True

    @property
    def is_set_up(self) -> bool:
        """An account at MCN has its token alone."""
        return True

    def carries(self, _order: CallOrder) -> bool:
        """MCN needs nothing beyond what every Password Call has."""
        return True

    def secret_of(self, _order: CallOrder) -> tuple[str, str]:
        """The account's token."""
        return self.name, "token"

    def request(self, order: CallOrder, _delivery_id: str, credential: Secret) -> HttpRequest:
        """The call in MCN's form; without a code MCN calls from a number of its own choice."""
        body: dict[str, Any] = {
            "phone_number": order.phone.digits,
            "is_with_redirect": order.detect_redirect,
        }
        if order.code is not None:
            body["verification_code"] = order.code.reveal()
        return json_post(
            f"{self.base_url}/api/protected/api/auth/passwordcall",
            {"Authorization": f"Bearer {credential.reveal()}"},
            body,
        )

    def outcome(self, order: CallOrder, answer: HttpResponse) -> ProviderResponse:
        """Accepted only by ``ok: true`` or the sibling's ``success``, with a 2xx."""
        body = json_object(answer) or {}
        said, told = _verdict(body)
        reference = reference_of(told)
        if answer.is_success and said is True:
            return Accepted(reference, _details(order, told))
        if reference is not None:
            # An error that names a call: MCN repeats the data of a call it already made.
            return Unknown("refused_with_reference", reference)
        if answer.is_success and said is False:
            return refused(body)
        return by_status(answer)


def _verdict(body: Mapping[str, Any]) -> tuple[bool | None, Mapping[str, Any]]:
    """Whether the body says yes or no (None: neither), and the object that holds the data."""
    if isinstance(body.get("ok"), bool):
        return body["ok"], body
    inner = body.get("object")
    told = inner if isinstance(inner, dict) else body
    match body.get("status"):
        case "success":
            return True, told
        case "error" | "fail":
            return False, told
    return None, told


def _details(order: CallOrder, told: Mapping[str, Any]) -> dict[str, str | bool]:
    details: dict[str, str | bool] = {}
    caller = next((told[name] for name in _CALLER_NAMES if name in told), None)
    number = _NUMBER.fullmatch(str(caller))
    if number:
        # With a code sent, the number ends in that code, which is kept nowhere in clear.
        digits = number.group(1)
        hidden = digits[:-_CODE_DIGITS] + "*" * _CODE_DIGITS
        details["caller_number"] = hidden if order.code else digits
    # Without the check for a redirect MCN's field means nothing.
    if order.detect_redirect and isinstance(told.get("is_redirect"), bool):
        details["is_redirect"] = told["is_redirect"]
    return details

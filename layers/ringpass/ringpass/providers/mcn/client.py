"""Client of MCN Telecom Password Call: a call whose number ends in the code.

POST <base>/api/protected/api/auth/passwordcall with a bearer token:
``{"phone_number": "79777777777", "verification_code": "1234", "is_with_redirect": true}``. Reply:
``{"ok": true, "caller_number": "74951091251", "verification_code": "1234",
"verification_uuid": "da59bda0a1bb_117793", "is_redirect": false}``. Source: MCN's article
"Password Call"; its text calls the reference ``verification_call_uuid``, its sample
``verification_uuid``. A sibling method responds ``{"status": "success", "code": 200, "object":
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
    json_object,
    json_post,
    outcome_by_status,
    rejection,
)
from ringpass.providers.facts import ProviderFacts
from ringpass.providers.mcn.call_reference import reference_of
from ringpass.providers.mcn.facts import MCN
from ringpass.providers.orders import CallOrder
from ringpass.redaction import Secret

_CALLER_NAMES: Final = ("caller_number", "login_did")
_CODE_DIGITS: Final = 4
_NUMBER: Final = re.compile(r"\+?([0-9]{5,15})")


@dataclass(frozen=True, slots=True)
class Mcn:
    """Password Call through MCN."""

    base_url: str

    facts: ClassVar[ProviderFacts] = MCN

    @property
    def is_set_up(self) -> bool:
        """An account at MCN needs nothing but its token."""
        return True

    def carries(self, _order: CallOrder) -> bool:
        """Every Password Call has all that MCN needs."""
        return True

    def secret_of(self, _order: CallOrder) -> tuple[str, str]:
        """The account's token."""
        return self.facts.name, "token"

    def request(self, order: CallOrder, _delivery_id: str, credential: Secret) -> HttpRequest:
        """HTTP request of the call; without a code MCN chooses the number that it calls from."""
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

    def outcome(self, order: CallOrder, response: HttpResponse) -> ProviderResponse:
        """Accepted only by ``ok: true`` or the sibling's ``success``, with a 2xx."""
        body = json_object(response) or {}
        verdict, fields = _verdict(body)
        reference = reference_of(fields)
        if response.is_success and verdict is True:
            return Accepted(reference, _details(order, fields))
        if reference is not None:
            # An error with a reference: MCN repeats the data of a call that it has already made.
            return Unknown("refused_with_reference", reference)
        if response.is_success and verdict is False:
            return rejection(body)
        return outcome_by_status(response)


def _verdict(body: Mapping[str, Any]) -> tuple[bool | None, Mapping[str, Any]]:
    """Returns whether the body accepts or refuses (None: neither), and the object with the data."""
    if isinstance(body.get("ok"), bool):
        return body["ok"], body
    inner = body.get("object")
    fields = inner if isinstance(inner, dict) else body
    match body.get("status"):
        case "success":
            return True, fields
        case "error" | "fail":
            return False, fields
    return None, fields


def _details(order: CallOrder, fields: Mapping[str, Any]) -> dict[str, str | bool]:
    details: dict[str, str | bool] = {}
    caller = next((fields[name] for name in _CALLER_NAMES if name in fields), None)
    match = _NUMBER.fullmatch(str(caller))
    if match:
        # If we sent a code, the number ends in it; a code is stored nowhere in clear.
        digits = match.group(1)
        masked = digits[:-_CODE_DIGITS] + "*" * _CODE_DIGITS
        details["caller_number"] = masked if order.code else digits
    # MCN's field means nothing if the check for a redirect was off.
    if order.detect_redirect and isinstance(fields.get("is_redirect"), bool):
        details["is_redirect"] = fields["is_redirect"]
    return details

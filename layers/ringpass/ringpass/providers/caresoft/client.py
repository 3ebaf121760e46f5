"""Client of CareSoft ZNS: a Zalo message from a CareSoft scenario, which has an approved template.

POST <base>/<tenant>/api/v1/zalo/zns with a bearer token:
``{"zns": {"phone": "0983...", "template_id": 366, "ticket_id": 297005, "params": {...}}}``.
``template_id`` is CareSoft's scenario id. Without ``ticket_id`` a ticket is made, without
``params`` the scenario's own mapping is used. Response ``{"status": "OK", "ticket": {"ticketId":
"297002"}}``. Source: CareSoft's ZNS guide. The id of a ticket that was made for this message
correlates it with the events of CareSoft's webhook; a ticket of the client's may have other
messages, too.

CareSoft's other methods respond ``{"code": "ok"}`` or ``{"code": "errors", "message": ...}`` with
HTTP 200, so both are read. Over the rate limit comes 429, after 20 of them 404 "Domain incorrect
too many times , retry after 15 minutes": a lock.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, ClassVar, Final

from ringpass.outcomes import LOCKED, Accepted, ProviderResponse, Rejected
from ringpass.providers.base import (
    HttpRequest,
    HttpResponse,
    json_object,
    json_post,
    outcome_by_status,
    rejection,
)
from ringpass.providers.caresoft.facts import CARESOFT
from ringpass.providers.facts import ProviderFacts
from ringpass.providers.orders import MessageOrder
from ringpass.redaction import Secret

_LOCK_WORDS: Final = b"too many times"
_TICKET_ID: Final = re.compile(r"[0-9]{1,20}")
_ACCEPTING: Final = {("status", "ok"), ("code", "ok")}
_REFUSING: Final = {
    ("status", "error"),
    ("status", "errors"),
    ("code", "error"),
    ("code", "errors"),
}


@dataclass(frozen=True, slots=True)
class Caresoft:
    """ZNS through CareSoft.

    Attributes:
        base_url: Origin of the API.
        domain: The tenant's slug, ``[a-z0-9-]+``; empty if it is not configured.
    """

    base_url: str
    domain: str

    facts: ClassVar[ProviderFacts] = CARESOFT

    @property
    def is_set_up(self) -> bool:
        """Whether the tenant is configured: it is a part of every path."""
        return bool(self.domain)

    def carries(self, order: MessageOrder) -> bool:
        """Whether the template is one of CareSoft's scenarios."""
        return order.scenario_id is not None

    def secret_of(self, _order: MessageOrder) -> tuple[str, str]:
        """The tenant's token."""
        return self.facts.name, "token"

    def request(self, order: MessageOrder, _delivery_id: str, credential: Secret) -> HttpRequest:
        """HTTP request of the message; optional fields without a value are not sent."""
        zns: dict[str, Any] = {
            "phone": order.phone.national,
            "template_id": order.scenario_id,
        }
        if order.ticket_id is not None:
            zns["ticket_id"] = order.ticket_id
        if order.params is not None:
            zns["params"] = dict(order.params)
        return json_post(
            f"{self.base_url}/{self.domain}/api/v1/zalo/zns",
            {"Authorization": f"Bearer {credential.reveal()}"},
            {"zns": zns},
        )

    def outcome(self, order: MessageOrder, response: HttpResponse) -> ProviderResponse:
        """Accepted only by ``status: "OK"`` or ``code: "ok"``, in any case, with a 2xx."""
        body = json_object(response) or {}
        verdict = _verdict(body)
        if response.is_success and verdict is True:
            ticket = _ticket(body)
            details: dict[str, str | bool] = {"ticket_id": ticket} if ticket else {}
            return Accepted(ticket if order.ticket_id is None else None, details)
        if response.is_success and verdict is False:
            return rejection(body)
        if response.status == HTTPStatus.NOT_FOUND and _LOCK_WORDS in response.body.lower():
            return Rejected(LOCKED)
        return outcome_by_status(response)


def _verdict(body: Mapping[str, Any]) -> bool | None:
    words = {
        (name, body[name].lower()) for name in ("status", "code") if isinstance(body.get(name), str)
    }
    if words & _REFUSING:
        return False
    return True if words & _ACCEPTING else None


def _ticket(body: Mapping[str, Any]) -> str | None:
    """Returns the ticket's id; it may be text or a number, under two names."""
    ticket = body.get("ticket")
    fields = ticket if isinstance(ticket, dict) else body
    for name in ("ticketId", "ticket_id"):
        value = fields.get(name)
        if isinstance(value, (str, int)) and _TICKET_ID.fullmatch(str(value)):
            return str(value)
    return None

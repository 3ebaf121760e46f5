"""A permission to call as the API and events show it.

Apart from the other views: the outbox makes events, and loads nothing of Zalo's.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Final

from ringpass.oa.consents.model import Consent, ConsentState
from ringpass.phone import mask

if TYPE_CHECKING:
    from ringpass.oa.consents import responses

_OPEN: Final = (ConsentState.REQUESTED, ConsentState.WAITING)


def consent_view(consent: Consent, now: datetime, *, clear_phone: bool) -> "responses.OaConsent":
    """Returns a permission at an instant; its number is masked unless ``clear_phone``."""
    status, state = consent.status, consent.state(now)
    last_request, cost = status.last_request, status.cost
    return {
        "id": consent.id,
        "oa_id": consent.oa_id,
        "phone": consent.phone if clear_phone else mask(consent.phone),
        "user_id": consent.user_id,
        "user_id_confirmed": consent.user_confirmed_at is not None,
        "name": consent.name,
        "state": state,
        "why": status.why,
        "since": status.at,
        "call_type": status.call_type,
        "expires_at": status.until if status.state is ConsentState.ALLOWED else None,
        "unlimited": state is ConsentState.ALLOWED and status.until is None,
        "answer_until": status.until if status.state in _OPEN else None,
        "may_ask_at": status.may_ask_at,
        "reason": last_request.reason if last_request else None,
        "asked_at": last_request.at if last_request else None,
        "cost": {"amount": str(cost.amount), "currency": cost.currency, "kind": cost.kind}
        if cost
        else None,
        "created_at": consent.created_at,
        "updated_at": consent.updated_at,
    }

"""Responses for deliveries."""

from typing import TYPE_CHECKING

from ringpass.costs import Cost
from ringpass.deliveries.model import Delivery
from ringpass.http.idempotency import replay_headers
from ringpass.http.router import Caller, Response
from ringpass.phone import mask

if TYPE_CHECKING:
    from ringpass.deliveries import responses
    from ringpass.deliveries.send import SendResult


def delivery_view(delivery: Delivery, *, clear_phone: bool) -> "responses.Delivery":
    """Response for a delivery, its phone masked unless the caller may see phones."""
    view: responses.Delivery = {
        "id": delivery.id,
        "channel": delivery.channel,
        "provider": delivery.provider,
        "phone": delivery.phone if clear_phone else mask(delivery.phone),
        "status": delivery.status,
        "reason": delivery.reason,
        "provider_ref": delivery.provider_ref,
        "cost": _cost(delivery.cost) if delivery.cost else None,
        "test": delivery.test,
        "retry_of": delivery.retry_of,
        "retried_by": delivery.retried_by,
        "verification_id": delivery.verification_id,
        "verified": delivery.verified,
        "verified_at": delivery.verified_at,
        "consent_reference": delivery.consent_reference,
        "created_at": delivery.created_at,
        "updated_at": delivery.updated_at,
        "history": [
            {
                "at": entry.at,
                "status": entry.status,
                "reason": entry.reason,
                "source": entry.source,
            }
            for entry in delivery.history
        ],
        "metadata": dict(delivery.metadata),
    }
    # Present only where the provider or the channel has them.
    if delivery.caller_number is not None:
        view["caller_number"] = delivery.caller_number
    if delivery.is_redirect is not None:
        view["is_redirect"] = delivery.is_redirect
    if delivery.ticket_id is not None:
        view["ticket_id"] = delivery.ticket_id
    return view


def _cost(cost: Cost) -> "responses.Cost":
    return {"amount": str(cost.amount), "currency": cost.currency, "kind": cost.kind}


def send_response(result: "SendResult", caller: Caller) -> Response:
    """Response to a send: always 202, also where the provider rejected the delivery."""
    view = delivery_view(result.delivery, clear_phone=caller.sees_phones)
    return Response(view, 202, replay_headers(replayed=result.replayed))

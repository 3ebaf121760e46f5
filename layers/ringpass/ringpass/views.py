"""Records as the API answers them."""

from typing import TYPE_CHECKING, Any, Final

from ringpass.api import Caller, Response
from ringpass.delivery import Delivery
from ringpass.phone import mask

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ringpass.sends import Sent

# Answered only where the provider or the channel has them.
_OPTIONAL: Final = ("caller_number", "is_redirect", "ticket_id")


def delivery_view(delivery: Delivery, *, clear_phone: bool) -> dict[str, Any]:
    """A delivery, its phone masked unless the caller may see phones."""
    view: dict[str, Any] = {
        "id": delivery.id,
        "channel": delivery.channel,
        "provider": delivery.provider,
        "phone": delivery.phone if clear_phone else mask(delivery.phone),
        "status": delivery.status,
        "reason": delivery.reason,
        "provider_ref": delivery.provider_ref,
        "cost": delivery.cost and delivery.cost.to_dict(),
        "test": delivery.test,
        "retry_of": delivery.retry_of,
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
    told: Mapping[str, Any] = {name: getattr(delivery, name) for name in _OPTIONAL}
    return view | {name: value for name, value in told.items() if value is not None}


def sent(result: "Sent", caller: Caller) -> Response:
    """The answer to a send: always 202, also where the delivery's status is a refusal."""
    headers = {"Idempotent-Replayed": "true"} if result.replayed else {}
    view = delivery_view(result.delivery, clear_phone=caller.sees_phones)
    return Response(view, 202, headers)

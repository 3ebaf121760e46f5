"""The events of a delivery, from its history."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, cast

from ringpass.deliveries.model import Delivery, HistoryEntry
from ringpass.deliveries.views import delivery_view
from ringpass.events.model import Event, EventType, to_json
from ringpass.ids import event_id, phone_hash
from ringpass.outcomes import Status

if TYPE_CHECKING:
    from ringpass.deliveries import responses

_TYPES: Final[Mapping[Status, EventType]] = {
    Status.ACCEPTED: EventType.DELIVERY_ACCEPTED,
    Status.UNKNOWN: EventType.DELIVERY_UNKNOWN,
}
"""Any other status is definite."""


def delivery_facts(delivery: Delivery) -> list[HistoryEntry]:
    """Returns the lines of a delivery's history that are events, in the order of writing.

    Those are the lines that changed its status.
    """
    facts: list[HistoryEntry] = []
    status = Status.RESERVED
    for entry in delivery.history:
        if entry.status is not status and not (entry.reason or "").startswith("later_"):
            status = entry.status
            facts.append(entry)
    return facts


def delivery_event(delivery: Delivery, sequence: int, phone_key: str) -> Event:
    """Returns one event of a delivery.

    Args:
        delivery: The delivery, after this fact or a later one was written.
        sequence: The number of the fact, counted from 1.
        phone_key: The look-up key of its number.
    """
    fact = delivery_facts(delivery)[sequence - 1]
    at_that_time = replace(delivery, status=fact.status, reason=fact.reason, updated_at=fact.at)
    view = delivery_view(at_that_time, clear_phone=False)
    data: dict[str, Any] = {**without_history(view)}
    data["phone_hash"] = phone_hash(phone_key, delivery.client)
    return Event(
        id=event_id(delivery.id, sequence),
        client=delivery.client,
        type=_TYPES.get(fact.status, EventType.DELIVERY_SETTLED),
        timestamp=fact.at,
        sequence=sequence,
        subject=delivery.id,
        test=delivery.test,
        data=to_json(data),
    )


def without_history(view: "responses.Delivery") -> "responses.DeliveryRecord":
    """Returns a delivery without its history."""
    record = {name: value for name, value in view.items() if name != "history"}
    return cast("responses.DeliveryRecord", record)

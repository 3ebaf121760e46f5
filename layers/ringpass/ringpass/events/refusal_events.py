"""The event of a send that a limit or a list refused."""

from ringpass.events.model import Event, EventType, to_json
from ringpass.ids import event_id, phone_hash
from ringpass.limits.refusals_store import Refusal
from ringpass.reporting.views import refusal_view


def refusal_event(refusal: Refusal) -> Event:
    """Returns the event of a refusal: it is written once and never changes."""
    hashed = phone_hash(refusal.phone_key, refusal.client)
    data = {**refusal_view(refusal, clear_phone=False), "phone_hash": hashed}
    return Event(
        id=event_id(refusal.id, 1),
        client=refusal.client,
        type=EventType.LIMIT_REFUSED,
        timestamp=refusal.at,
        sequence=1,
        subject=refusal.id,
        test=False,
        data=to_json(data),
    )

"""The event of a call of the OA that has ended."""

from typing import Any

from ringpass.clock import from_text
from ringpass.events.model import Event, EventType, to_json
from ringpass.ids import event_id, phone_hash
from ringpass.oa.calls.model import Call, CallEnd
from ringpass.oa.calls.views import call_view
from ringpass.phone import is_test_number


def call_event(call: Call, end: CallEnd) -> Event:
    """Returns the event of a call with Zalo's report of its end, which never changes."""
    phone, phone_key = call.customer.phone, call.customer.phone_key
    data: dict[str, Any] = {
        **call_view(call, from_text(end.reported_at), clear_phone=False),
        "phone_hash": phone_hash(phone_key, call.client) if phone_key else None,
    }
    return Event(
        id=event_id(call.id, 1),
        client=call.client,
        type=EventType.OA_CALL_ENDED,
        timestamp=end.reported_at,
        sequence=1,
        subject=call.id,
        test=phone is not None and is_test_number(phone),
        data=to_json(data),
    )

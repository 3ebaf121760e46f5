"""The events whose subject is an endpoint: that it was disabled, and a test."""

from datetime import datetime

from ringpass.clock import to_text
from ringpass.events.model import Event, EventType, to_json
from ringpass.ids import event_id
from ringpass.webhook_endpoints.model import Endpoint
from ringpass.webhook_endpoints.views import endpoint_view


def endpoint_event(endpoint: Endpoint, now: datetime, *, is_test: bool = False) -> Event:
    """Returns the event of what has just been written; ``endpoint.facts`` counts it."""
    return Event(
        id=event_id(endpoint.id, endpoint.facts),
        client=endpoint.client,
        type=EventType.PING if is_test else EventType.WEBHOOK_ENDPOINT_DISABLED,
        timestamp=to_text(now),
        sequence=endpoint.facts,
        subject=endpoint.id,
        test=is_test,
        data=to_json(endpoint_view(endpoint)),
    )

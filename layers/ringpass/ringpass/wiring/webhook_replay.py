"""Creates what tests webhook endpoints and replays events."""

from functools import cache

from ringpass.clock import utc_now
from ringpass.webhook_endpoints.redelivery import Redelivery
from ringpass.wiring import events, webhook_lanes, webhook_queries


@cache
def redelivery() -> Redelivery:
    """Returns what tests endpoints and replays events."""
    return Redelivery(
        webhook_queries.endpoints(),
        events.repository(),
        webhook_lanes.lanes(),
        webhook_lanes.wake,
        utc_now,
    )

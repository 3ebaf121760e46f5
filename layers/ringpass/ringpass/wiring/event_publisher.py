"""Creates the publisher of events, with its targets."""

from functools import cache

from ringpass.aws import session
from ringpass.events.event_bus import EventBus
from ringpass.events.publisher import EventPublisher, Target
from ringpass.wiring import stack, webhook_lanes


@cache
def publisher() -> EventPublisher:
    """Returns the publisher; its targets are those that the stack has."""
    targets: list[Target] = [webhook_lanes.fan_out().add]
    if bus := stack.settings().event_bus:
        targets.append(EventBus(session.client("events"), bus, stack.settings().stage).put)
    return EventPublisher(targets)

"""The events of a provider, from the last changes of its circuit. They concern all clients."""

from typing import TYPE_CHECKING

from ringpass.clock import to_text
from ringpass.events.model import STACK, Event, EventType, to_json
from ringpass.ids import event_id
from ringpass.limits.circuit import CircuitState

if TYPE_CHECKING:
    from ringpass.limits.responses import Provider


def provider_event(name: str, channel: str, state: CircuitState, sequence: int) -> Event:
    """Returns one event of a provider. Nobody sees whose requests it failed.

    Args:
        name: The provider, the subject of its events.
        channel: Its channel.
        state: The state of its circuit, after this change or a later one was written.
        sequence: The number of the change, one of those that the state keeps.
    """
    change = state.last_changes[sequence - state.changes - 1]
    until = change.suspended_until
    data: Provider = {
        "name": name,
        "channel": channel,
        "status": "suspended" if until else "active",
        "reason": change.reason,
        "suspended_until": to_text(until) if until else None,
        "failures": change.failures,
    }
    return Event(
        id=event_id(name, sequence),
        client=STACK,
        type=EventType.PROVIDER_SUSPENDED if until else EventType.PROVIDER_RECOVERED,
        timestamp=to_text(change.at),
        sequence=sequence,
        subject=name,
        test=False,
        data=to_json(data),
    )

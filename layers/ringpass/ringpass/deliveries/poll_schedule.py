"""Poll schedule: when a provider is asked for the result of a delivery that has no definite one.

The first time is when a call's result should have come by itself; then polls become less and less
frequent, because what is missing for an hour comes rarely. After a day nobody polls any more.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from ringpass.aws.due_index import poll_entry
from ringpass.clock import from_text
from ringpass.deliveries.model import Delivery

# Bizfly: the longest that a phone may ring, and a minute. Zalo: messages arrive at once or late.
_FIRST: Final[Mapping[str, timedelta]] = {
    "bizfly": timedelta(minutes=2),
    "zalo": timedelta(minutes=2),
}
MAX_POLL_AGE: Final = timedelta(hours=24)
_LATER: Final = (
    timedelta(minutes=5),
    timedelta(minutes=10),
    timedelta(minutes=20),
    timedelta(minutes=40),
    timedelta(minutes=90),
    timedelta(hours=3),
    timedelta(hours=6),
    timedelta(hours=12),
    MAX_POLL_AGE,
)


def polled_providers() -> tuple[str, ...]:
    """The providers that can be polled."""
    return tuple(_FIRST)


def next_poll_at(delivery: Delivery, now: datetime) -> datetime | None:
    """When to poll for a delivery next; None if nobody polls (any more).

    The end of a call to a test number is simulated, so no provider knows it.
    """
    if delivery.provider not in _FIRST or delivery.test:
        return None
    created = from_text(delivery.created_at)
    polls = (created + after for after in (_FIRST[delivery.provider], *_LATER))
    return next((at for at in polls if at > now), None)


def next_poll_entry(delivery: Delivery, now: datetime) -> dict[str, Any]:
    """Attributes that put an accepted or unknown delivery into the due index for its next poll.

    Empty if nobody polls for it.
    """
    at = next_poll_at(delivery, now)
    return poll_entry(delivery.provider, delivery.id, at) if at else {}

"""When a provider is asked what became of a delivery of which nothing definite is known.

The first time once a call's result should have come by itself; then less and less often, because
what is missing for an hour comes rarely. After a day nobody asks any more.
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
GIVEN_UP_AFTER: Final = timedelta(hours=24)
_LATER: Final = (
    timedelta(minutes=5),
    timedelta(minutes=10),
    timedelta(minutes=20),
    timedelta(minutes=40),
    timedelta(minutes=90),
    timedelta(hours=3),
    timedelta(hours=6),
    timedelta(hours=12),
    GIVEN_UP_AFTER,
)


def asked_providers() -> tuple[str, ...]:
    """The providers that can be asked."""
    return tuple(_FIRST)


def next_ask(delivery: Delivery, now: datetime) -> datetime | None:
    """When to ask about a delivery next; None if nobody asks (any more).

    A test number's end is played, so there is nobody to ask about it.
    """
    if delivery.provider not in _FIRST or delivery.test:
        return None
    created = from_text(delivery.created_at)
    asks = (created + after for after in (_FIRST[delivery.provider], *_LATER))
    return next((at for at in asks if at > now), None)


def ask_later(delivery: Delivery, now: datetime) -> dict[str, Any]:
    """Attributes that a delivery takes when it is accepted or unknown: where it waits to be asked.

    Empty if nobody asks about it.
    """
    at = next_ask(delivery, now)
    return poll_entry(delivery.provider, delivery.id, at) if at else {}

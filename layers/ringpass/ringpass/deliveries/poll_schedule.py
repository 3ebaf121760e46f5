"""Poll schedule: when a provider is asked for the result of a delivery that has no definite one.

The first time is when a call's result should have come by itself; then polls become less and less
frequent, because what is missing for an hour comes rarely. After a day nobody polls any more.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Self

from ringpass.aws.due_index import poll_entry
from ringpass.clock import from_text
from ringpass.deliveries.model import Delivery
from ringpass.providers.facts import ProviderFacts

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


@dataclass(frozen=True, slots=True)
class PollSchedule:
    """Schedule of polls.

    Attributes:
        first_polls: Provider -> how long after its creation a delivery is polled first; a provider
            that is absent cannot be polled.
    """

    first_polls: Mapping[str, timedelta]

    @classmethod
    def of(cls, providers: Iterable[ProviderFacts]) -> Self:
        """Returns the schedule of these providers."""
        return cls({facts.name: facts.first_poll for facts in providers if facts.first_poll})

    def next_poll_at(self, delivery: Delivery, now: datetime) -> datetime | None:
        """When to poll for a delivery next; None if nobody polls (any more).

        The end of a call to a test number is simulated, so no provider knows it.
        """
        first = self.first_polls.get(delivery.provider)
        if first is None or delivery.test:
            return None
        created = from_text(delivery.created_at)
        polls = (created + after for after in (first, *_LATER))
        return next((at for at in polls if at > now), None)

    def next_poll_entry(self, delivery: Delivery, now: datetime) -> dict[str, Any]:
        """Attributes that put an accepted or unknown delivery into the due index for its next poll.

        Empty if nobody polls for it.
        """
        at = self.next_poll_at(delivery, now)
        return poll_entry(delivery.provider, delivery.id, at) if at else {}


NO_POLLS: Final = PollSchedule({})

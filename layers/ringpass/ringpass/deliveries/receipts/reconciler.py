"""Reconciler: every five minutes, polls providers for deliveries without a definite result.

A delivery that is accepted or unknown stays in the due index, if its provider can be polled, until
it is settled or a day is over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Final, Protocol

from ringpass.aws.due_index import DueIndex
from ringpass.clock import Clock, from_text, to_text
from ringpass.deliveries.model import Delivery, Fact, Source
from ringpass.deliveries.poll_schedule import MAX_POLL_AGE
from ringpass.deliveries.store import DeliveryRepository, from_stream_image
from ringpass.errors import Unavailable
from ringpass.observability import logger
from ringpass.outcomes import OPEN, Status

_MAX_POLLS: Final = 400
# A provider that did not answer is polled at the next run, but not for longer than this.
_GRACE: Final = timedelta(hours=1)


class StatusPoller(Protocol):
    """Polls one provider for the results of deliveries."""

    @property
    def provider(self) -> str:
        """The provider's name."""

    def poll(self, deliveries: Sequence[Delivery], now: datetime) -> Mapping[str, Sequence[Fact]]:
        """Poll for deliveries; returns facts by delivery id, perhaps none.

        Deliveries that could not be polled for are left out. A poller may also settle deliveries
        itself, by what they share with others.

        Raises:
            Unavailable: The table or a secret cannot be reached.
        """


@dataclass(frozen=True, slots=True)
class ReconciliationResult:
    """Result of a run: how many deliveries were polled for, and how many of them expired."""

    polled: int = 0
    expired: int = 0


@dataclass(frozen=True, slots=True)
class Reconciler:
    """Polls providers for the deliveries that are due.

    Attributes:
        due_index: The due index.
        deliveries: The table's deliveries.
        pollers: One for each provider that can be polled.
        clock: Tells the time.
    """

    due_index: DueIndex
    deliveries: DeliveryRepository
    pollers: Sequence[StatusPoller]
    clock: Clock

    def run(self) -> ReconciliationResult:
        """Poll once for all deliveries that are due.

        Raises:
            Unavailable: The table or a secret cannot be reached. Other providers were polled.
        """
        polled = expired = 0
        failed: Unavailable | None = None
        for poller in self.pollers:
            try:
                result = self._poll(poller)
            except Unavailable as error:
                logger().exception("provider not asked", provider=poller.provider)
                failed = error
            else:
                polled, expired = polled + result.polled, expired + result.expired
        if failed:
            raise failed
        return ReconciliationResult(polled, expired)

    def _poll(self, poller: StatusPoller) -> ReconciliationResult:
        now = self.clock()
        items = islice(self.due_index.list_polls(poller.provider, now), _MAX_POLLS)
        due = {item["id"]: item for item in items}
        waiting = [from_stream_image(item) for item in due.values()]
        if not waiting:
            return ReconciliationResult()
        facts_by_id = poller.poll(waiting, now)
        expired = 0
        for delivery in waiting:
            due_at = str(due[delivery.id]["due_at"])
            facts = facts_by_id.get(delivery.id)
            if facts:
                # The provider took its time: ``updated_at`` is not far from the write.
                at = to_text(self.clock())
                self.deliveries.apply(delivery.id, facts, delivery.snapshot, at)
            if (next_at := self.deliveries.poll_schedule.next_poll_at(delivery, now)) is not None:
                if facts is not None:
                    self.deliveries.reschedule_poll(delivery.id, due_at, to_text(next_at))
            elif facts is not None or _is_expired(delivery, now):
                expired += self._give_up(delivery, due_at, self.clock())
        logger().info(
            "provider asked about results",
            provider=poller.provider,
            due=len(waiting),
            asked=len(facts_by_id),
            given_up=expired,
        )
        return ReconciliationResult(len(facts_by_id), expired)

    def _give_up(self, delivery: Delivery, due_at: str, now: datetime) -> int:
        """Write that a delivery got no result, if it is still open; returns 1 if it was, else 0."""
        current = self.deliveries.get(delivery.id)
        if current is None or current.status not in OPEN:
            return 0
        at = to_text(now)
        fact = Fact(at, Status.UNKNOWN, "no_result", Source.RECEIPT)
        self.deliveries.apply(delivery.id, [fact], current.snapshot, at)
        self.deliveries.stop_polling(delivery.id, due_at)
        return 1


def _is_expired(delivery: Delivery, now: datetime) -> bool:
    return now - from_text(delivery.created_at) > MAX_POLL_AGE + _GRACE

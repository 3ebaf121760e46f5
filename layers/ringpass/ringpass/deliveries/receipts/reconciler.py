"""Every five minutes: providers are asked about deliveries of which nothing definite came.

A delivery that is accepted or unknown waits in the index of what is not finished, for the provider
that can be asked about it, until it is settled or a day is over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Final, Protocol

from ringpass.aws.due_index import DueIndex
from ringpass.clock import Clock, from_text, to_text
from ringpass.deliveries.model import Delivery, Fact, Source
from ringpass.deliveries.poll_schedule import GIVEN_UP_AFTER, next_ask
from ringpass.deliveries.store import DeliveryRepository, from_stream_image
from ringpass.errors import Unavailable
from ringpass.observability import logger
from ringpass.outcomes import OPEN, Status

_MOST_AT_ONCE: Final = 400
# A provider that did not answer is asked at the next run; nobody waits for one that never does.
_PATIENCE: Final = timedelta(hours=1)


class StatusPoller(Protocol):
    """A provider that can be asked what became of its deliveries."""

    @property
    def provider(self) -> str:
        """The provider's name."""

    def ask(self, deliveries: Sequence[Delivery], now: datetime) -> Mapping[str, Sequence[Fact]]:
        """What it says of deliveries, by their ids; perhaps nothing.

        Those that it could not be asked about are left out. A witness may also settle deliveries
        itself, by what they share with others.

        Raises:
            Unavailable: The table or a secret cannot be reached.
        """


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What a run did: how many deliveries were asked about, and for how many that was the last."""

    asked: int = 0
    given_up: int = 0


@dataclass(frozen=True, slots=True)
class Reconciler:
    """Asks witnesses about what is due.

    Attributes:
        unfinished: The index of what is not finished.
        deliveries: The table's deliveries.
        witnesses: Whom to ask.
        clock: Tells the time.
    """

    unfinished: DueIndex
    deliveries: DeliveryRepository
    witnesses: Sequence[StatusPoller]
    clock: Clock

    def run(self) -> Reconciled:
        """Ask once about all that is due.

        Raises:
            Unavailable: The table or a secret cannot be reached. Other providers were asked.
        """
        asked = given_up = 0
        failed: Unavailable | None = None
        for witness in self.witnesses:
            try:
                done = self._ask(witness)
            except Unavailable as error:
                logger().exception("provider not asked", provider=witness.provider)
                failed = error
            else:
                asked, given_up = asked + done.asked, given_up + done.given_up
        if failed:
            raise failed
        return Reconciled(asked, given_up)

    def _ask(self, witness: StatusPoller) -> Reconciled:
        now = self.clock()
        items = islice(self.unfinished.list_polls(witness.provider, now), _MOST_AT_ONCE)
        due = {item["id"]: item for item in items}
        waiting = [from_stream_image(item) for item in due.values()]
        if not waiting:
            return Reconciled()
        findings = witness.ask(waiting, now)
        given_up = 0
        for delivery in waiting:
            was = str(due[delivery.id]["due_at"])
            facts = findings.get(delivery.id)
            if facts:
                at = to_text(now)
                self.deliveries.learn(delivery.id, facts, delivery.state, at)
            if (again := next_ask(delivery, now)) is not None:
                if facts is not None:
                    self.deliveries.ask_again(delivery.id, was, to_text(again))
            elif facts is not None or _is_old(delivery, now):
                given_up += self._give_up(delivery, was, now)
        logger().info(
            "provider asked about results",
            provider=witness.provider,
            due=len(waiting),
            asked=len(findings),
            given_up=given_up,
        )
        return Reconciled(len(findings), given_up)

    def _give_up(self, delivery: Delivery, was: str, now: datetime) -> int:
        """Say that nobody asks any more, if it is open still; how many were given up."""
        current = self.deliveries.get(delivery.id)
        if current is None or current.status not in OPEN:
            return 0
        at = to_text(now)
        fact = Fact(at, Status.UNKNOWN, "no_result", Source.CDR)
        self.deliveries.learn(delivery.id, [fact], current.state, at)
        self.deliveries.stop_asking(delivery.id, was)
        return 1


def _is_old(delivery: Delivery, now: datetime) -> bool:
    return now - from_text(delivery.created_at) > GIVEN_UP_AFTER + _PATIENCE

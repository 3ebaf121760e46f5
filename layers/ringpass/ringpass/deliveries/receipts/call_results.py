"""Settles deliveries by what a provider's webhook and its call log say of their callee's calls."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from ringpass.clock import to_text
from ringpass.deliveries.call_reports import Called, CallReport, merge
from ringpass.deliveries.callees_store import Callee, CalleeRepository
from ringpass.deliveries.model import Delivery, DeliverySnapshot, Fact, Source
from ringpass.deliveries.receipts.call_matcher import Matching, match
from ringpass.deliveries.store import DeliveryRepository
from ringpass.errors import Unavailable
from ringpass.outcomes import RANK, Status

_TRIES: Final = 20
# A delivery as a result usually finds it: reserved, then accepted. A wrong guess is corrected.
_ACCEPTED: Final = DeliverySnapshot(version=2, status=Status.ACCEPTED, replied=True, lines=2)
_SETTLED: Final = RANK[Status.ANSWERED]


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of rows that were told.

    Attributes:
        settled: Deliveries that one of them belongs to, by id, as they are now.
        doubtful: Deliveries that a row without one could belong to.
        rows: All rows of the callee.
    """

    settled: dict[str, Delivery]
    doubtful: frozenset[str]
    rows: tuple[CallReport, ...]


@dataclass(frozen=True, slots=True)
class CallResults:
    """Takes rows, matches them with deliveries, and settles these.

    Attributes:
        callees: The table's callees.
        deliveries: The table's deliveries.
    """

    callees: CalleeRepository
    deliveries: DeliveryRepository

    def take(
        self, provider: str, callee_key: str, rows: Sequence[CallReport], now: datetime
    ) -> Taken:
        """Keep what was told of a callee's calls, and settle the deliveries that it settles.

        One read and one write, and one more write for each delivery that is settled. The same rows
        again write nothing.

        Raises:
            Unavailable: The table cannot be reached, or is too busy.
        """
        for _ in range(_TRIES):
            callee = self.callees.get(provider, callee_key)
            known = merge(callee.rows, rows)
            matching = self._match(callee.called, known)
            kept = _matched(known, matching)
            if kept == callee.rows or self.callees.put_rows(callee, kept, now):
                told = {(row.witness, row.key) for row in rows} | matching.found.keys()
                belonging = {
                    (row.witness, row.key): row.delivery_id for row in kept if row.delivery_id
                }
                # What was told now goes to the delivery, also where an earlier word was kept.
                heard = [row for row in kept if (row.witness, row.key) in told] + [
                    replace(row, delivery_id=belonging.get((row.witness, row.key))) for row in rows
                ]
                return Taken(tell(self.deliveries, heard, now), matching.doubtful, kept)
        raise Unavailable("The table is too busy.")

    def _match(self, called: Sequence[Called], rows: Sequence[CallReport]) -> Matching:
        """Match; in doubt without deliveries that were refused: there was no call for them."""
        matching = match(called, rows)
        if not matching.doubtful:
            return matching
        refused = {
            delivery.id
            for delivery in self.deliveries.get_many(sorted(matching.doubtful))
            if delivery.status is Status.REJECTED
        }
        if not refused:
            return matching
        return match([each for each in called if each.id not in refused], rows)


def tell(
    deliveries: DeliveryRepository, rows: Iterable[CallReport], now: datetime
) -> dict[str, Delivery]:
    """Tell deliveries what their rows say; returns them by id, as they are then.

    Idempotent: the webhook, the log, the stream and a repetition may all do it.
    """
    facts: dict[str, list[Fact]] = defaultdict(list)
    for row in rows:
        if row.delivery_id:
            fact = Fact(to_text(row.came_at), row.outcome, row.reason, Source.CDR)
            facts[row.delivery_id].append(fact)
    told = {
        delivery_id: _learn(deliveries, delivery_id, known, now)
        for delivery_id, known in facts.items()
    }
    return {delivery_id: delivery for delivery_id, delivery in told.items() if delivery}


def _learn(
    deliveries: DeliveryRepository, delivery_id: str, facts: Sequence[Fact], now: datetime
) -> Delivery | None:
    at = to_text(now)
    delivery = deliveries.learn(delivery_id, facts, _ACCEPTED, at)
    if delivery is None or RANK[delivery.status] < _SETTLED or not delivery.cost:
        return delivery
    if delivery.cost.kind == "settled":
        return delivery
    # There was a call, so the provider took the request, which is what its price is for.
    settled = {"cost": replace(delivery.cost, kind="settled")}
    again = [replace(facts[-1], details=settled)]
    return deliveries.learn(delivery_id, again, delivery.state, at)


def newly_told(callee: Callee, before: Callee | None) -> list[CallReport]:
    """The rows that a write has given a delivery, or has changed, since the version before."""
    known = {} if before is None else {(row.witness, row.key): row for row in before.rows}
    return [
        row for row in callee.rows if row.delivery_id and known.get((row.witness, row.key)) != row
    ]


def _matched(rows: Sequence[CallReport], matching: Matching) -> tuple[CallReport, ...]:
    return tuple(
        replace(row, delivery_id=matching.found.get((row.witness, row.key), row.delivery_id))
        for row in rows
    )

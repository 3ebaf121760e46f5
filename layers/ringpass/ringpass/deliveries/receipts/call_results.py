"""Call results: settles deliveries by the call reports of their callee (calls that have no id)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from ringpass.aws.optimistic_lock import attempts
from ringpass.clock import to_text
from ringpass.deliveries.call_reports import CalleeDelivery, CallReport, merge
from ringpass.deliveries.callees_store import Callee, CalleeRepository
from ringpass.deliveries.model import Delivery, DeliverySnapshot, Fact, Source
from ringpass.deliveries.receipts.call_report_matcher import Matching, match
from ringpass.deliveries.store import DeliveryRepository
from ringpass.errors import Unavailable
from ringpass.outcomes import RANK, Status

_TRIES: Final = 20
# The snapshot that a result usually finds: reserved, then accepted. A wrong guess is corrected.
_ACCEPTED: Final = DeliverySnapshot(version=2, status=Status.ACCEPTED, has_reply=True, lines=2)
_SETTLED: Final = RANK[Status.ANSWERED]


@dataclass(frozen=True, slots=True)
class CallSettlement:
    """Result of applying call reports.

    Attributes:
        settled: The matched deliveries, by id, as they are now.
        doubtful: Deliveries that an unmatched report could belong to.
        reports: All reports of the callee.
    """

    settled: dict[str, Delivery]
    doubtful: frozenset[str]
    reports: tuple[CallReport, ...]


@dataclass(frozen=True, slots=True)
class CallResults:
    """Stores call reports, matches them with deliveries, and settles these.

    Attributes:
        callees: The table's callees.
        deliveries: The table's deliveries.
    """

    callees: CalleeRepository
    deliveries: DeliveryRepository

    def apply(
        self, provider: str, callee_key: str, reports: Sequence[CallReport], now: datetime
    ) -> CallSettlement:
        """Store reports of a callee's calls, and settle the deliveries that they match.

        One read and one write, and one more write for each settled delivery. Idempotent: the same
        reports again write nothing.

        Raises:
            Unavailable: The table cannot be reached, or is too busy.
        """
        for _ in attempts(_TRIES):
            callee = self.callees.get(provider, callee_key)
            merged = merge(callee.reports, reports)
            matching = self._match(callee.deliveries, merged)
            current = _with_matches(merged, matching)
            if current == callee.reports or self.callees.put_reports(callee, current, now):
                identities = {report.identity for report in reports} | matching.matches.keys()
                delivery_ids = {
                    report.identity: report.delivery_id for report in current if report.delivery_id
                }
                # A new report is applied also where an earlier one of the same call is stored.
                to_apply = [report for report in current if report.identity in identities] + [
                    replace(report, delivery_id=delivery_ids.get(report.identity))
                    for report in reports
                ]
                settled = apply_reports(self.deliveries, to_apply, now)
                return CallSettlement(settled, matching.doubtful, current)
        raise Unavailable("The table is too busy.")

    def _match(
        self, deliveries: Sequence[CalleeDelivery], reports: Sequence[CallReport]
    ) -> Matching:
        """Match; if in doubt, without rejected deliveries: there was no call for them."""
        matching = match(deliveries, reports)
        if not matching.doubtful:
            return matching
        rejected = {
            delivery.id
            for delivery in self.deliveries.get_many(sorted(matching.doubtful))
            if delivery.status is Status.REJECTED
        }
        if not rejected:
            return matching
        return match([delivery for delivery in deliveries if delivery.id not in rejected], reports)


def apply_reports(
    deliveries: DeliveryRepository, reports: Iterable[CallReport], now: datetime
) -> dict[str, Delivery]:
    """Apply reports to their deliveries; returns these by id, as they are then.

    Idempotent: the webhook, the log, the stream and a repetition may all do it.
    """
    facts: dict[str, list[Fact]] = defaultdict(list)
    for report in reports:
        if report.delivery_id:
            fact = Fact(to_text(report.received_at), report.outcome, report.reason, Source.RECEIPT)
            facts[report.delivery_id].append(fact)
    updated = {
        delivery_id: _apply_facts(deliveries, delivery_id, own, now)
        for delivery_id, own in facts.items()
    }
    return {delivery_id: delivery for delivery_id, delivery in updated.items() if delivery}


def _apply_facts(
    deliveries: DeliveryRepository, delivery_id: str, facts: Sequence[Fact], now: datetime
) -> Delivery | None:
    at = to_text(now)
    delivery = deliveries.apply(delivery_id, facts, _ACCEPTED, at)
    if delivery is None or RANK[delivery.status] < _SETTLED or not delivery.cost:
        return delivery
    if delivery.cost.kind == "settled":
        return delivery
    # There was a call, so the provider accepted the request, which is what it charges for.
    settled = {"cost": replace(delivery.cost, kind="settled")}
    cost_facts = [replace(facts[-1], details=settled)]
    return deliveries.apply(delivery_id, cost_facts, delivery.snapshot, at)


def changed_reports(callee: Callee, before: Callee | None) -> list[CallReport]:
    """The reports that have been matched, or have changed, since the previous version."""
    previous = {} if before is None else {report.identity: report for report in before.reports}
    return [
        report
        for report in callee.reports
        if report.delivery_id and previous.get(report.identity) != report
    ]


def _with_matches(reports: Sequence[CallReport], matching: Matching) -> tuple[CallReport, ...]:
    return tuple(
        replace(report, delivery_id=matching.matches.get(report.identity, report.delivery_id))
        for report in reports
    )

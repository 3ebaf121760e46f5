"""Call matcher: matches call reports with deliveries by time, where no id does. Only without doubt.

A report that says when its call began may belong to a delivery that was made up to a minute before
that, or a few seconds after it by another clock; one that does not, to those of the five minutes
before it came. Where these leave a choice, a report is matched with a delivery only if the pair is
in every possible assignment of the reports to deliveries of their own. (The simplest such case: a
report with only one candidate.) Otherwise it is matched with none.

This needs each report to be a call of ours. Where there are more reports than candidate deliveries,
one report is not ours, it is not known which, and all of them stay unmatched.

The order of arrival makes no difference, as long as each report is about a delivery that was made
by then: a pair that is certain early stays certain later. A test says so.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from ringpass.deliveries.call_reports import CalleeDelivery, CallReport, ReportSource

# How long after its request a call may begin, and how far the provider's clock may be behind ours.
CALLED_WITHIN: Final = timedelta(seconds=60)
CLOCK_MARGIN: Final = timedelta(seconds=5)
# How long a call and its report may take together, where only the report's arrival is known.
REPORTED_WITHIN: Final = timedelta(minutes=5)
_OUR_ID: Final = "dlv_"


@dataclass(frozen=True, slots=True)
class Matching:
    """Result of matching a callee's reports with its deliveries.

    Attributes:
        matches: Newly matched reports, as ``(source, key)``, with the id of their delivery.
        doubtful: Deliveries that an unmatched report could belong to.
    """

    matches: Mapping[tuple[ReportSource, str], str] = field(default_factory=dict)
    doubtful: frozenset[str] = frozenset()


type _Candidates = Mapping[str, frozenset[str]]
"""The deliveries that each report may belong to, by ids and keys."""


def match(deliveries: Sequence[CalleeDelivery], reports: Sequence[CallReport]) -> Matching:
    """Match reports with deliveries, one to one for each source.

    A matched report keeps its delivery. Each source is matched separately, also with deliveries
    that the other one has reported: they need no id in common. Where they have one, it decides.
    """
    matches: dict[tuple[ReportSource, str], str] = {}
    while True:
        count = len(matches)
        doubtful: set[str] = set()
        for source in ReportSource:
            delivery_ids = {
                report.identity: report.delivery_id for report in reports if report.delivery_id
            } | matches
            own = [
                replace(report, delivery_id=delivery_ids.get(report.identity))
                for report in reports
                if report.source is source
            ]
            others = {key: id_ for (other, key), id_ in delivery_ids.items() if other is not source}
            new, in_doubt = _match(deliveries, own, others)
            matches |= {(source, key): delivery_id for key, delivery_id in new.items()}
            doubtful |= in_doubt
        # A new match of one source may be what the other one needs.
        if len(matches) == count:
            return Matching(matches, frozenset(doubtful))


def _match(
    deliveries: Sequence[CalleeDelivery], reports: Sequence[CallReport], others: Mapping[str, str]
) -> tuple[dict[str, str], set[str]]:
    """Match one source's reports; ``others`` are the other source's deliveries, by their keys."""
    matched_ids = {report.delivery_id for report in reports if report.delivery_id}
    free = [delivery for delivery in deliveries if delivery.id not in matched_ids]
    matches: dict[str, str] = {}
    without_id: list[CallReport] = []
    for report in reports:
        if report.delivery_id:
            continue
        delivery_id = _named_delivery(report, others)
        if delivery_id is None:
            without_id.append(report)
        elif any(delivery.id == delivery_id for delivery in free):
            matches[report.key] = delivery_id
            free = [delivery for delivery in free if delivery.id != delivery_id]
    candidates = {report.key: frozenset(_candidates(report, free)) for report in without_id}
    doubtful: set[str] = set()
    for group in _groups({key: ids for key, ids in candidates.items() if ids}):
        certain = _certain_matches(group)
        matches |= certain
        rest = frozenset[str]().union(*(group[key] for key in group.keys() - certain.keys()))
        doubtful |= rest - set(certain.values())
    return matches, doubtful


def _named_delivery(report: CallReport, others: Mapping[str, str]) -> str | None:
    """The delivery id in a report, perhaps of another stack; None if there is none."""
    if (report.request_id or "").startswith(_OUR_ID):
        return report.request_id
    return others.get(report.key)


def _candidates(report: CallReport, deliveries: Sequence[CalleeDelivery]) -> Iterator[str]:
    """The deliveries that the report may belong to, by the time."""
    if report.started_at is not None:
        first, last = report.started_at - CALLED_WITHIN, report.started_at + CLOCK_MARGIN
    else:
        first, last = report.received_at - REPORTED_WITHIN, report.received_at
    return (delivery.id for delivery in deliveries if first <= delivery.created_at <= last)


def _groups(candidates: _Candidates) -> Iterator[_Candidates]:
    """Groups of reports that compete for deliveries, directly or through others."""
    remaining = dict(candidates)
    while remaining:
        key, ids = remaining.popitem()
        group, reached = {key: ids}, set(ids)
        while near := [key for key, ids in remaining.items() if ids & reached]:
            for key in near:
                group[key] = remaining.pop(key)
                reached |= group[key]
        yield group


def _certain_matches(group: _Candidates) -> dict[str, str]:
    """The pairs of a group that are in every assignment of its reports to deliveries."""
    matching = _maximum_matching(group)
    if len(matching) < len(group):
        return {}
    return {
        key: delivery_id
        for key, delivery_id in matching.items()
        if len(_maximum_matching({**group, key: group[key] - {delivery_id}})) < len(group)
    }


def _maximum_matching(group: _Candidates) -> dict[str, str]:
    """Maximum matching: deliveries for as many reports as possible, by augmenting paths."""
    owner: dict[str, str] = {}

    def assign(key: str, visited: set[str]) -> bool:
        for delivery_id in sorted(group[key] - visited):
            visited.add(delivery_id)
            if delivery_id not in owner or assign(owner[delivery_id], visited):
                owner[delivery_id] = key
                return True
        return False

    for key in sorted(group):
        assign(key, set())
    return {key: delivery_id for delivery_id, key in owner.items()}

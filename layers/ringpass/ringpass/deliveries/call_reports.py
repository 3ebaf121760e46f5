"""Call reports: what a provider's webhook or call log says about one call, in our words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from itertools import chain
from typing import Final

from ringpass.outcomes import Status

MAX_REPORTS: Final = 20
"""A callee's item holds so many reports of each source, and so many deliveries; the newest."""


class ReportSource(StrEnum):
    """Where a report came from."""

    WEBHOOK = "webhook"
    LOG = "log"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallReport:
    """Report of one call from one source.

    Attributes:
        source: Where it came from. The two sources need not share an id of the call, so the
            reports of each are matched separately.
        key: Identifies the call among the source's calls.
        received_at: When it came to us.
        started_at: When the call began; None if the report does not say.
        outcome: What became of it; ``unknown`` where the provider's word is in no table of ours.
        reason: That word, where the outcome does not say it all; ``state_<word>``.
        request_id: The delivery's id, where the provider repeats what our request held.
        raw: Its redacted text.
        delivery_id: The delivery that it was matched with.
    """

    source: ReportSource
    key: str
    received_at: datetime
    started_at: datetime | None
    outcome: Status
    reason: str | None
    request_id: str | None = None
    raw: str = field(default="{}", repr=False)
    delivery_id: str | None = None

    @property
    def identity(self) -> tuple[ReportSource, str]:
        """Source and key: identify a report."""
        return self.source, self.key


def merge(current: Iterable[CallReport], new: Iterable[CallReport]) -> tuple[CallReport, ...]:
    """Merge new reports of a callee into the current ones; keeps the newest of each source.

    A call that is reported again keeps its first definite outcome, as a delivery does. A first
    report with a word that we do not know ("ringing", perhaps) is replaced by the next one.
    """
    reports: dict[tuple[ReportSource, str], CallReport] = {}
    for report in chain(current, new):
        previous = reports.get(report.identity)
        if previous is None:
            reports[report.identity] = report
        elif previous.outcome is Status.UNKNOWN and report.outcome is not Status.UNKNOWN:
            reports[report.identity] = replace(report, delivery_id=previous.delivery_id)
    return tuple(chain.from_iterable(_newest(reports.values(), source) for source in ReportSource))


def _newest(reports: Iterable[CallReport], source: ReportSource) -> Sequence[CallReport]:
    own = [report for report in reports if report.source is source]
    # By arrival, then by key: every function that merges gets the same order.
    own.sort(key=lambda report: (report.received_at, report.key))
    return own[-MAX_REPORTS:]


@dataclass(frozen=True, slots=True)
class CalleeDelivery:
    """A delivery to the callee: its id, and when it was made."""

    id: str
    created_at: datetime

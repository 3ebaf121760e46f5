"""What a provider says became of a call, in our words: one row of its webhook, or of its log."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from itertools import chain
from typing import Final

from ringpass.outcomes import Status

KEPT_ROWS: Final = 20
"""So many rows of a callee are kept of each witness, and so many deliveries; the oldest go."""


class ReportSource(StrEnum):
    """Who says so."""

    WEBHOOK = "webhook"
    LOG = "log"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallReport:
    """One call, as one witness tells it.

    Attributes:
        witness: Who tells it. The two need not share an id of the call, so each is matched alone.
        key: What tells this call from the witness's others.
        came_at: When we were told.
        started_at: When the call began; None if the row does not say.
        outcome: What became of it; ``unknown`` where the provider's word is in no table of ours.
        reason: That word, where the outcome does not say it all; ``state_<word>``.
        request_id: The delivery's id, where the provider repeats what it was asked with.
        raw: The row's redacted text.
        delivery_id: The delivery that it was matched with.
    """

    witness: ReportSource
    key: str
    came_at: datetime
    started_at: datetime | None
    outcome: Status
    reason: str | None
    request_id: str | None = None
    raw: str = field(default="{}", repr=False)
    delivery_id: str | None = None


def merge(known: Iterable[CallReport], told: Iterable[CallReport]) -> tuple[CallReport, ...]:
    """All rows of a callee once ``told`` have come; the newest of each witness.

    A call that is told again keeps its first definite outcome, as a delivery does. What was first
    told in a word that nobody knows ("ringing", perhaps) gives way to what is told next.
    """
    rows: dict[tuple[ReportSource, str], CallReport] = {}
    for row in chain(known, told):
        place = row.witness, row.key
        had = rows.get(place)
        if had is None:
            rows[place] = row
        elif had.outcome is Status.UNKNOWN and row.outcome is not Status.UNKNOWN:
            rows[place] = replace(row, delivery_id=had.delivery_id)
    return tuple(chain.from_iterable(_newest(rows.values(), witness) for witness in ReportSource))


def _newest(rows: Iterable[CallReport], witness: ReportSource) -> Sequence[CallReport]:
    own = [row for row in rows if row.witness is witness]
    # The order of coming, and of equal ones the order of keys: whoever merges gets the same.
    own.sort(key=lambda row: (row.came_at, row.key))
    return own[-KEPT_ROWS:]


@dataclass(frozen=True, slots=True)
class Called:
    """A delivery to the callee: its id, and when it was made."""

    id: str
    created_at: datetime

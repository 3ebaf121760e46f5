"""Outcomes by the Q.931 causes of MCN's CDRs: ``q931_status``, with ``final_status``.

Source: MCN's article "Password Call", section "Callback".
"""

import re
from collections.abc import Mapping
from typing import Final

from ringpass.outcomes import Status

# MCN's table. Any other cause means that the number is not available.
_BY_BOTH: Final[Mapping[tuple[int, str], Status]] = {
    (16, "ANSWER"): Status.ANSWERED,
    (16, "CANCEL"): Status.NO_ANSWER,
    (17, "CANCEL"): Status.BUSY,
}
_BY_CAUSE: Final[Mapping[int, Status]] = {31: Status.REFUSED, 41: Status.BILLING_FAILED}
# 16 and 17 mean something only together with a final status of the table.
_NEEDS_FINAL_STATUS: Final = frozenset({16, 17})

NO_CAUSE: Final = "no_cause"
"""Reason of a CDR that does not say how the call ended."""

_CAUSE: Final = re.compile(r"\s*([0-9]{1,3})(?:\.0+)?\s*")


def outcome_of(q931_status: object, final_status: object) -> tuple[Status, str]:
    """Returns the outcome that MCN's two statuses mean, and the reason."""
    match = None if isinstance(q931_status, bool) else _CAUSE.fullmatch(str(q931_status))
    if match is None:
        return Status.UNKNOWN, NO_CAUSE
    cause = int(match.group(1))
    reason = f"q850_{cause}"
    if cause in _BY_CAUSE:
        return _BY_CAUSE[cause], reason
    if cause in _NEEDS_FINAL_STATUS:
        final = str(final_status or "").strip().upper()
        return _BY_BOTH.get((cause, final), Status.UNKNOWN), reason
    return Status.UNREACHABLE, reason

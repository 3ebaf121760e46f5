"""MCN's id of a call, ``<call id>_<account id>``: correlates a response with its CDRs.

MCN's text calls it ``verification_call_uuid``, the sample of its response ``verification_uuid``.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

REFERENCE_NAMES: Final = ("verification_call_uuid", "verification_uuid")
# Account of simulated calls, to test numbers.
SIMULATED_ACCOUNT: Final = "test"
_REFERENCE: Final = re.compile(r"[\x21-\x7e]{1,128}")


def is_own(account: str, ref: str) -> bool:
    """Whether our account made the call, or it was simulated; any is, if ``account`` is empty."""
    # The part after ``_``, if there is one.
    caller = ref.rpartition("_")[2] if "_" in ref else ""
    return not account or caller in (account, SIMULATED_ACCOUNT)


def reference_of(fields: Mapping[str, Any]) -> str | None:
    """Returns the call's id in a response or a CDR, under either name; None if none is valid."""
    for name in REFERENCE_NAMES:
        value = fields.get(name)
        if isinstance(value, str) and _REFERENCE.fullmatch(value):
            return value
    return None

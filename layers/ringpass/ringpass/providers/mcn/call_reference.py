"""MCN's id of a call, ``<call id>_<account id>``: it joins a reply with its CDRs.

MCN's text calls it ``verification_call_uuid``, the sample of its reply ``verification_uuid``.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

REFERENCE_NAMES: Final = ("verification_call_uuid", "verification_uuid")
# The account of calls that were only played, for test numbers.
REHEARSED_ACCOUNT: Final = "test"
_REFERENCE: Final = re.compile(r"[\x21-\x7e]{1,128}")


def account_of(ref: str) -> str:
    """The account that made the call, the part after ``_``; empty if there is none."""
    return ref.rpartition("_")[2] if "_" in ref else ""


def reference_of(fields: Mapping[str, Any]) -> str | None:
    """The call's id in a reply or a CDR, under either name; None if there is none to use."""
    for name in REFERENCE_NAMES:
        value = fields.get(name)
        if isinstance(value, str) and _REFERENCE.fullmatch(value):
            return value
    return None

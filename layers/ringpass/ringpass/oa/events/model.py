"""Zalo's event about an OA, as it is stored until it is handled."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from ringpass.phone import called_numbers, vietnamese_number

CONSENT_EVENTS: Final = ("oa_send_consent", "user_reply_consent")
"""A customer was asked, or the time for the answer is over; a customer has answered."""
CALL_EVENTS: Final = ("oa_call_user", "user_call_oa")
"""A call has ended: of the OA's, of a customer's."""

# These differ between the repetitions of one event.
_REPETITION_FIELDS: Final = frozenset({"timestamp", "num_retry"})


@dataclass(frozen=True, slots=True)
class OaEvent:
    """One event.

    Attributes:
        name: Zalo's name of it.
        fields: All its fields; numbers are texts, as Zalo wrote them.
        digest: Identifies it: each repetition has the same.
        at: When it first came.
    """

    name: str
    fields: Mapping[str, Any] = field(repr=False)
    digest: str
    at: datetime


def event_digest(fields: Mapping[str, Any]) -> str:
    """SHA-256 over an event's fields, without those that differ between its repetitions."""
    content = {name: value for name, value in fields.items() if name not in _REPETITION_FIELDS}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def split_phone(fields: Mapping[str, Any]) -> tuple[Mapping[str, Any], str | None]:
    """Returns an event's fields without the customer's number, and the number in E.164.

    A number that cannot be read stays in the fields.
    """
    phone = customer_phone(fields)
    if phone is None:
        return fields, None
    return {name: value for name, value in fields.items() if name != "phone"}, phone


def customer_phone(fields: Mapping[str, Any]) -> str | None:
    """Returns the customer's number in E.164, if possible as a Vietnamese one; None: no number."""
    phone = fields.get("phone")
    return vietnamese_number(phone) or next(iter(called_numbers(phone)), None)

"""What Zalo told of an OA, as it is kept until it has been worked on."""

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

# What differs between the repetitions of one event.
_REPETITION_FIELDS: Final = frozenset({"timestamp", "num_retry"})


@dataclass(frozen=True, slots=True)
class OaEvent:
    """One event.

    Attributes:
        name: Zalo's name of it.
        fields: All that it says, numbers as the text that they were written as.
        digest: What it is known by: each repetition has the same.
        at: When it first came.
    """

    name: str
    fields: Mapping[str, Any] = field(repr=False)
    digest: str
    at: datetime


def event_digest(fields: Mapping[str, Any]) -> str:
    """SHA-256 over what an event says, without what differs between its repetitions."""
    content = {name: value for name, value in fields.items() if name not in _REPETITION_FIELDS}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def split_phone(fields: Mapping[str, Any]) -> tuple[Mapping[str, Any], str | None]:
    """What an event says without the customer's number, and that one in E.164.

    A number that cannot be read stays where it is.
    """
    phone = customer_phone(fields)
    if phone is None:
        return fields, None
    return {name: value for name, value in fields.items() if name != "phone"}, phone


def customer_phone(fields: Mapping[str, Any]) -> str | None:
    """The customer's number in E.164, a Vietnamese one where it can be; None if none is told."""
    phone = fields.get("phone")
    return vietnamese_number(phone) or next(iter(called_numbers(phone)), None)

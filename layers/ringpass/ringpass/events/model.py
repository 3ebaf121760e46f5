"""An event: a fact that has been written to a record, told once.

A record keeps its facts in the order in which they were written (its history), and never drops one;
what lives for years keeps the last ones and how many there were. So the facts of a record are
numbered: the number is the event's ``sequence``, and its id follows from the record's id and the
number. Whoever reads a record twice, late or in the wrong order
computes the same events.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from ringpass.ids import EVENT_ID

if TYPE_CHECKING:
    from ringpass.events import responses

SEQUENCE_DIGITS: Final = 6
STACK: Final = "*"
"""Stands for a client where an event concerns all of a stack's clients."""
# What the OA calls a customer, and Zalo's id of the customer, are in events of consents and calls.
_OF_PERSON: Final = frozenset({"consent_reference", "name", "user_id"})


class EventType(StrEnum):
    """What happened."""

    VERIFICATION_STARTED = "verification.started"
    VERIFICATION_STEP_TAKEN = "verification.step_taken"
    VERIFICATION_APPROVED = "verification.approved"
    VERIFICATION_ENDED = "verification.ended"
    DELIVERY_ACCEPTED = "delivery.accepted"
    DELIVERY_UNKNOWN = "delivery.unknown"
    DELIVERY_SETTLED = "delivery.settled"
    CONSENT_CHANGED = "consent.changed"
    OA_CALL_ENDED = "oa_call.ended"
    PROVIDER_SUSPENDED = "provider.suspended"
    PROVIDER_RECOVERED = "provider.recovered"
    LIMIT_REFUSED = "limit.refused"
    WEBHOOK_ENDPOINT_DISABLED = "webhook_endpoint.disabled"
    PING = "ping"


def read_types(pattern: str) -> frozenset[EventType]:
    """Returns the types that a pattern names: one type, or ``verification.*`` for several.

    Raises:
        ValueError: It names none.
    """
    if not pattern.endswith(".*"):
        return frozenset({EventType(pattern)})
    types = frozenset(one for one in EventType if one.startswith(pattern.removesuffix("*")))
    if not types:
        raise ValueError("no such types")
    return types


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An event.

    Attributes:
        id: ``evt_`` and 32 characters.
        client: Whose record it is about; ``STACK``: every client's.
        type: What happened.
        timestamp: When, RFC 3339.
        sequence: Its number among the events of its subject, from 1 without gaps.
        subject: The id of the record.
        test: Whether the record's number is a test number.
        data: The record after it happened, as JSON. It holds no code and no clear phone.
    """

    id: str
    client: str
    type: EventType
    timestamp: str
    sequence: int
    subject: str
    test: bool
    data: str = field(repr=False)

    @property
    def listed_at(self) -> str:
        """Its position in a list: events of one instant stand in the order of their sequence."""
        return f"{self.timestamp}#{self.sequence:0{SEQUENCE_DIGITS}}#{self.id}"

    @property
    def body(self) -> "responses.Event":
        """The event as it is told."""
        return {
            "id": self.id,
            "type": self.type,
            "timestamp": self.timestamp,
            "sequence": self.sequence,
            "subject": self.subject,
            "test": self.test,
            "data": json.loads(self.data),
        }


def is_id(text: str) -> bool:
    """Whether this can be the id of an event. A text may be longer than a key can be."""
    return EVENT_ID.fullmatch(text) is not None


def erased(data: str) -> str:
    """Returns an event's data without what identifies a person."""
    return to_json(_without_person(json.loads(data)))


def _without_person(document: Mapping[str, Any]) -> dict[str, Any]:
    without: dict[str, Any] = {
        name: None if name in _OF_PERSON else value
        for name, value in document.items()
        if name != "ticket_id"
    }
    if phone := without.get("phone"):
        # It is masked already, but for the last digits.
        without["phone"] = f"{phone[:-3]}***"
    if "phone_hash" in without:
        without["phone_hash"] = ""
    if "metadata" in without:
        without["metadata"] = {}
    if "customer" in without:
        without["customer"] = _without_person(without["customer"])
    if "deliveries" in without:
        without["deliveries"] = [_without_person(one) for one in without["deliveries"]]
    return without


def to_json(data: Mapping[str, Any]) -> str:
    """Returns data as an event keeps it."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))

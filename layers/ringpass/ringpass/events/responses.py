"""Events as they are told: in webhooks, on the event bus and by the API."""

from typing import TypedDict

from ringpass.deliveries.responses import DeliveryRecord
from ringpass.events.model import EventType
from ringpass.http.responses import Instant
from ringpass.limits.responses import Decision
from ringpass.verifications.responses import VerificationRecord


class DeliveryData(DeliveryRecord):
    """A delivery after something happened to it."""

    phone_hash: str
    """The same for the same number: it groups a client's events, and nobody can call it; empty if
    the number was deleted."""


class VerificationData(VerificationRecord):
    """A verification after something happened to it."""

    deliveries: list[DeliveryRecord]
    """The first one first."""
    phone_hash: str
    """The same for the same number: it groups a client's events, and nobody can call it; empty if
    the number was deleted."""


class RefusalData(Decision):
    """A send that a limit or a list refused."""

    phone_hash: str
    """The same for the same number: it groups a client's events, and nobody can call it; empty if
    the number was deleted."""


class Event(TypedDict):
    """A fact that has been written, told once."""

    id: str
    """The same whenever and however often the event is told."""
    type: EventType
    timestamp: Instant
    """When it happened."""
    sequence: int
    """Its number among the events of its subject, from 1 without gaps."""
    subject: str
    """The id of the record that it is about."""
    test: bool
    """Whether the record's number is a test number."""
    data: VerificationData | DeliveryData | RefusalData
    """The record after it happened; by the type, whose."""


class EventPage(TypedDict):
    """A page of events, newest first."""

    items: list[Event]
    next_cursor: str | None
    """Where the next page starts; null at the end."""

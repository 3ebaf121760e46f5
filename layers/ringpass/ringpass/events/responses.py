"""Events as they are told: in webhooks, on the event bus and by the API."""

from typing import Any, TypedDict

from ringpass.deliveries.responses import DeliveryRecord
from ringpass.events.model import EventType
from ringpass.http.responses import Instant
from ringpass.limits.responses import Decision, Provider
from ringpass.oa.calls.responses import OaCall
from ringpass.oa.consents.responses import OaConsent
from ringpass.verifications.responses import VerificationRecord

# docs/openapi.json has the words of each.
type EndpointStatus = str
type DisabledReason = str


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


class ConsentData(OaConsent):
    """A customer's permission to be called, after it has changed."""

    phone_hash: str
    """The same for the same number: it groups a client's events, and nobody can call it; empty if
    the consent was deleted."""


class OaCallData(OaCall):
    """A call between the OA and a customer, after it has ended."""

    phone_hash: str | None
    """The same for the same number; null: the number is not known; empty if it was deleted."""


class RefusalData(Decision):
    """A send that a limit or a list refused."""

    phone_hash: str
    """The same for the same number: it groups a client's events, and nobody can call it; empty if
    the number was deleted."""


class WebhookEndpointData(TypedDict):
    """A webhook endpoint, without its secret."""

    id: str
    url: str
    """Where events are posted."""
    types: list[str]
    """Which events it gets: `delivery.settled`, `verification.*`, `*`."""
    description: str | None
    """The owner's own words."""
    status: EndpointStatus
    disabled_reason: DisabledReason | None
    """`gone`: it answered 410; `failing`: it took no event for three days; null: it is enabled."""
    version: int
    """Counts the changes, from 1."""
    created_at: Instant
    updated_at: Instant


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
    data: (
        VerificationData
        | DeliveryData
        | ConsentData
        | OaCallData
        | Provider
        | RefusalData
        | WebhookEndpointData
        | dict[str, Any]
    )
    """The record after it happened; by the type, whose. A type that is new may have other data."""


class EventPage(TypedDict):
    """A page of events, newest first."""

    items: list[Event]
    next_cursor: str | None
    """Where the next page starts; null at the end."""

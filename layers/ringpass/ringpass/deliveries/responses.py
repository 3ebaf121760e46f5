"""Responses about deliveries and received webhooks."""

from typing import NotRequired, TypedDict

from ringpass.deliveries.model import Source
from ringpass.http.responses import Channel, CostKind, Instant, ProviderName
from ringpass.outcomes import Status


class Cost(TypedDict):
    """What a delivery costs."""

    amount: str
    """A decimal number as text, so that it stays exact."""
    currency: str
    """ISO 4217."""
    kind: CostKind
    """`settled` once it is known whether the provider took the request."""


class HistoryEntry(TypedDict):
    """A line of a delivery's history."""

    at: Instant
    status: Status
    """The state that this meant."""
    reason: str | None
    """Why. One that begins with `later_` changed nothing."""
    source: Source
    """Who said it."""


class DeliveryRecord(TypedDict):
    """A delivery without its history."""

    id: str
    channel: Channel
    provider: ProviderName
    phone: str
    """E.164; masked unless the API key has the scope `phones:read`."""
    status: Status
    """The state now; it never goes back."""
    reason: str | None
    """Why, such as `q850_17` or `timeout`."""
    provider_ref: str | None
    """The provider's id of the call; MCN only."""
    cost: Cost | None
    """Null where there is no price."""
    test: bool
    """Whether the number is a test number."""
    retry_of: str | None
    """The delivery that this one repeats."""
    retried_by: str | None
    """The delivery that repeats this one."""
    verification_id: str | None
    """The verification that it was made for."""
    verified: bool | None
    """Of a single send: whether its feedback says that the code was verified; null: there is none
    yet."""
    verified_at: Instant | None
    """When the feedback said so."""
    consent_reference: str | None
    """The caller's own reference to the person's consent, as it came with the request."""
    created_at: Instant
    updated_at: Instant
    metadata: dict[str, str]
    """As it came with the request."""
    caller_number: NotRequired[str]
    """The number that called; its last four digits are hidden if a code was sent. MCN only."""
    is_redirect: NotRequired[bool]
    """Whether the callee redirects calls, if that was asked. MCN only."""
    ticket_id: NotRequired[str]
    """The ticket at CareSoft."""


class Delivery(DeliveryRecord):
    """One try to reach one phone over one channel at one provider."""

    history: list[HistoryEntry]
    """Every status, the first one first."""


class DeliveryPage(TypedDict):
    """A page of deliveries, newest first."""

    items: list[Delivery]
    next_cursor: str | None
    """Where the next page starts; null at the end."""


class EventsReceived(TypedDict):
    """What of a webhook's request was read; all of it is stored."""

    received: int
    """How many events."""


class CallResultsReceived(TypedDict):
    """What of a webhook's request was read; all of it is stored."""

    received: int
    """How many calls it told of."""


class CdrsReceived(TypedDict):
    """What of a webhook's request was read; all of it is stored."""

    received: int
    """How many CDRs."""

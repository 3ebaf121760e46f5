"""Response bodies about webhook endpoints."""

from typing import TypedDict

from ringpass.events.responses import WebhookEndpointData
from ringpass.http.responses import Instant


class WebhookEndpoint(WebhookEndpointData):
    """Where a client's events are posted."""


class NewWebhookEndpoint(WebhookEndpoint):
    """A webhook endpoint with its secret, which is shown this once."""

    secret: str
    """It signs each request: `whsec_` and Base64, as Standard Webhooks has it."""


class WebhookEndpointPage(TypedDict):
    """A page of webhook endpoints, newest first."""

    items: list[WebhookEndpoint]
    next_cursor: str | None
    """Where the next page starts; null at the end."""


class WebhookAttempt(TypedDict):
    """A try to deliver an event."""

    event_id: str
    attempt: int
    """Its number among the tries of this event, from 1; a replay's is 1."""
    at: Instant
    """When it began."""
    http_status: int | None
    """The status of the response; null: there was none."""
    error: str | None
    """Why it failed: `http_<status>`, `timeout`, `connection_cut`, `connect_failed`,
    `name_not_resolved`, `address_not_public`; null: it did not. Further words may be added."""
    duration_ms: int
    next_at: Instant | None
    """When the event is tried again; null: it is not."""
    replay: bool
    """Whether you asked for it."""


class WebhookAttemptPage(TypedDict):
    """A page of tries, newest first."""

    items: list[WebhookAttempt]
    next_cursor: str | None
    """Where the next page starts; null at the end."""


class WebhookTest(TypedDict):
    """A test is on its way."""

    event_id: str
    """The `ping`; `GET .../attempts?event=` says what came of it."""


class WebhookReplay(TypedDict):
    """A replay is on its way."""

    events: int
    """How many events are sent."""

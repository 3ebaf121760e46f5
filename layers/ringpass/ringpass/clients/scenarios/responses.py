"""Response bodies about scenarios."""

from typing import TypedDict

from ringpass.clients.scenarios.model import ScenarioStatus
from ringpass.clients.scenarios.preview import Part
from ringpass.http.responses import Instant


class Scenario(TypedDict):
    """An OTP Call scenario, as Bizfly's console has it."""

    id: str
    status: ScenarioStatus
    """An inactive one may be edited and deleted, an active one is called, and none goes back."""
    name: str
    """No other scenario of the client has it."""
    description: str | None
    hotline: str | None
    """The number that calls."""
    hotline_group: str | None
    """The group of numbers, one of which calls."""
    greeting: str
    """What is read first."""
    voice: str | None
    """As the console names it; it does not read the digits."""
    speed: float
    """How fast all but the digits is read; 1 is usual."""
    repeat: bool
    """Whether the code is said again."""
    repeat_count: int | None
    """How often it is said; the first time counts."""
    repeat_pause_seconds: int | None
    """Before it is said again."""
    repeat_announcement: str | None
    """What is read before the code is said again."""
    closing: bool
    """Whether something is read last."""
    closing_text: str | None
    otp_id: str | None
    """Its id at Bizfly."""
    api_key: str
    """The field of the stack's Bizfly secret that holds its key."""
    version: int
    """Counts the changes, from 1."""
    copy_of: str | None
    """The scenario that it was copied from."""
    created_at: Instant
    updated_at: Instant
    activated_at: Instant | None
    deactivated_at: Instant | None


class ScenarioPage(TypedDict):
    """A page of scenarios, newest first."""

    items: list[Scenario]
    next_cursor: str | None
    """Where the next page starts; null at the end."""


class ScenarioLine(TypedDict):
    """A part of what a callee hears."""

    at_seconds: int
    """When it begins, from the moment that the call is taken."""
    seconds: int
    """How long it lasts."""
    kind: Part
    """Each digit has a line of its own."""
    text: str
    """The words; of a pause none."""


class ScenarioPreview(TypedDict):
    """What a callee hears, with a sample code; times are an estimate."""

    scenario_id: str
    seconds: int
    """The length of all of it."""
    items: list[ScenarioLine]
    """In the order of time, without gaps."""


class ScenarioGuide(TypedDict):
    """What it takes to call a scenario at Bizfly directly."""

    otp_id: str | None
    """Null until Bizfly's console has shown it."""
    api_key: str | None
    """Masked but for its end; null where the secret has no such field."""
    endpoint: str
    headers: dict[str, str]
    request_data: dict[str, str]
    """The body, with placeholders; every value is a text."""
    curl: str
    """The same as a command line."""

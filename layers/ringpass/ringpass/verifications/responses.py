"""Responses of the API about verifications."""

from typing import TypedDict

from ringpass.deliveries.responses import Delivery
from ringpass.http.responses import Channel, Instant, VerificationReason
from ringpass.verifications.model import VerificationStatus

# docs/openapi.json has the words of each.
type VerificationEvent = str
type CheckedCodeStatus = str


class StoryLine(TypedDict):
    """A line of a verification's story."""

    at: Instant
    event: VerificationEvent
    step: int | None
    """The step that it is about, counted from 1."""
    channel: Channel | None
    delivery_id: str | None
    reason: str | None
    """Why, as a word: what a delivery came to, `time_out`, `next_asked`, the reason of a skip."""
    text: str
    """The same as a sentence."""


class WorkflowStep(TypedDict):
    """A step of a workflow."""

    channel: Channel
    timeout_seconds: int


class VerificationRecord(TypedDict):
    """A verification without its deliveries and its history."""

    id: str
    phone: str
    """E.164; masked unless the API key has the scope `phones:read`."""
    status: VerificationStatus
    """All but `pending` are the end."""
    reason: VerificationReason | None
    """Why it ended; null: it has not."""
    step: int
    """The step of the last delivery, counted from 1; 1 before there is one."""
    channel: Channel
    """The channel of that step."""
    workflow: list[WorkflowStep]
    code_length: int
    attempts_remaining: int
    expires_at: Instant
    created_at: Instant
    updated_at: Instant
    ended_at: Instant | None
    replaced_by: str | None
    """The verification that was started for the same phone, which ended this one."""
    sign_in_server: str | None
    """The sign-in server that made the code and checks it; then nobody checks it here, and the
    verification ends as `expired`."""
    test: bool
    """Whether the number is a test number."""
    consent_reference: str | None
    """The caller's own reference to the person's consent, as it came with the request."""
    metadata: dict[str, str]
    """As it came with the request."""


class Verification(VerificationRecord):
    """The proof that somebody holds a phone."""

    deliveries: list[Delivery]
    """The first one first."""
    history: list[StoryLine]
    """All that happened, in the order of time."""


class VerificationPage(TypedDict):
    """A page of verifications, newest first."""

    items: list[Verification]
    next_cursor: str | None
    """Where the next page starts; null at the end."""


class Checked(TypedDict):
    """What a code came to."""

    id: str
    status: CheckedCodeStatus
    """`approved`, once; for a wrong code `pending`, or `max_attempts_reached` if it was the last
    one."""
    attempts_remaining: int

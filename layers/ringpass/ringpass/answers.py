"""The API's answers as types: mypy holds the code to them, docs/openapi.json is made from them.

Only checkers and the generator import this module; a function never does. The strings under the
fields are their descriptions.
"""

from typing import Literal, NotRequired, TypedDict

from ringpass.delivery import Source
from ringpass.outcomes import Status

# The document says more of each: its words, its format.
type Channel = str
type ProviderName = str
type ProviderStatus = str
type CostKind = str
type ProblemCode = str
type Instant = str


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


class Delivery(TypedDict):
    """One try to reach one phone over one channel at one provider."""

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
    """The delivery that this one repeats; always null today."""
    created_at: Instant
    updated_at: Instant
    history: list[HistoryEntry]
    """Every status, the first one first."""
    metadata: dict[str, str]
    """As it came with the request."""
    caller_number: NotRequired[str]
    """The number that called; its last four digits are hidden if a code was sent. MCN only."""
    is_redirect: NotRequired[bool]
    """Whether the callee redirects calls, if that was asked. MCN only."""
    ticket_id: NotRequired[str]
    """The ticket at CareSoft."""


class DeliveryPage(TypedDict):
    """A page of deliveries, newest first."""

    items: list[Delivery]
    next_cursor: str | None
    """Where the next page starts; null at the end."""


class Provider(TypedDict):
    """How a provider is doing."""

    name: ProviderName
    channel: Channel
    status: ProviderStatus
    """`probing`: the next request tries it, or does so now."""
    reason: str | None
    """What failed last."""
    suspended_until: Instant | None
    """When it is tried again; null if it is not suspended."""
    failures: int
    """How many replies in a row said that it cannot serve us."""


class ProviderPage(TypedDict):
    """All providers."""

    items: list[Provider]
    next_cursor: None


class SuspensionEnded(TypedDict):
    """A provider that is asked again."""

    name: ProviderName
    status: Literal["active"]


class Key(TypedDict):
    """An API key, without anything of its secret."""

    id: str
    """Its middle part."""
    client: str
    scopes: list[str]
    label: str | None
    """What it is for."""
    created_at: Instant
    valid_until: Instant | None
    """When it ends, once it has been rotated."""
    revoked_at: Instant | None
    replaced_by: str | None
    """The key that it was rotated to."""


class NewKey(Key):
    """A key that was just made."""

    key: NotRequired[str]
    """The whole key, this once; a repetition of the request is answered without it."""


class KeyPage(TypedDict):
    """A page of a client's keys, newest first, with those that have ended."""

    items: list[Key]
    next_cursor: str | None
    """Where the next page starts; null at the end."""


class CdrsReceived(TypedDict):
    """What of a webhook's request was read; all of it is stored."""

    received: int
    """How many CDRs."""


class Health(TypedDict):
    """The stack can serve."""

    status: Literal["ok"]
    version: str
    """Of Ringpass."""


class FieldError(TypedDict):
    """A field at fault; never its value."""

    loc: list[str | int]
    """Where it is: names and positions, from the outside to the inside."""
    type: str
    """What is wrong, for programs."""
    msg: str
    """What is wrong, for people."""


class Problem(TypedDict):
    """A refusal or a failure: RFC 9457."""

    type: str
    """A URN that ends in the code."""
    title: str
    status: int
    """The HTTP status."""
    code: ProblemCode
    """What is wrong, for programs."""
    detail: str
    """What is wrong, for people."""
    instance: str
    """A URN that ends in the request's id, as it stands in the logs."""
    errors: NotRequired[list[FieldError]]
    """The fields at fault."""
    limit: NotRequired[str]
    """The limit or the rule that refused."""


class GatewayMessage(TypedDict):
    """What API Gateway answers before any function runs."""

    message: str | None

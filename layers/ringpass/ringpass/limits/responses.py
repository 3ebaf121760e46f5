"""What the API answers about refusals and providers."""

from typing import Literal, TypedDict

from ringpass.http.responses import (
    Channel,
    CountedChannel,
    Instant,
    ProviderName,
    ProviderStatus,
)

# docs/openapi.json has its words.
type RefusalCode = str


class Provider(TypedDict):
    """How a provider is doing."""

    name: ProviderName
    channel: Channel
    status: ProviderStatus
    """`not_configured`: it lacks its secret or a parameter of the stack, and is never asked.
    `probing`: the next request tries it, or does so now."""
    reason: str | None
    """What failed last."""
    suspended_until: Instant | None
    """When it is tried again; null if it is not suspended."""
    failures: int
    """How many replies in a row said that it cannot serve us."""


class ListedProvider(Provider):
    """How a provider is doing, and whether it is heard."""

    webhook_seen_at: Instant | None
    """When it called its webhook last, to an hour; null: never."""


class ProviderPage(TypedDict):
    """All providers."""

    items: list[ListedProvider]
    next_cursor: None


class SuspensionEnded(TypedDict):
    """A provider that is asked again."""

    name: ProviderName
    status: Literal["active"]


class Decision(TypedDict):
    """A send that a limit or a list refused; or, in mode `record`, would have refused."""

    id: str
    at: Instant
    code: RefusalCode
    limit: str
    """The limit or the list that refused."""
    cap: int | str | None
    """What it allows; of `daily_money` an amount as text; null of a list."""
    counted: int | str | None
    """What was counted then, in the same form; null where that is not known."""
    retry_after: int | None
    """Seconds until there was room, at the latest; null where time does not help."""
    channel: CountedChannel
    country: str
    """ISO 3166."""
    phone: str
    """E.164; masked unless the API key has the scope `phones:read`."""
    starts: bool
    """Whether it would have started a verification."""
    verification_id: str | None
    """The verification that it was for; null if it would have started one."""
    step: int | None
    """The step that was refused, counted from 1; null: it was a single send."""
    refused: bool
    """False: the limit only records, and it was sent. Else nothing was reserved."""


class DecisionPage(TypedDict):
    """A page of refused sends, newest first."""

    items: list[Decision]
    next_cursor: str | None
    """Where the next page starts; null at the end."""

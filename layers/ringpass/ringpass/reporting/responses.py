"""Responses of the API about reports and costs."""

from typing import NotRequired, TypedDict

from ringpass.http.responses import CountedChannel, ProviderName


class Ends(TypedDict):
    """How verifications ended."""

    approved: int
    canceled: int
    expired: int
    max_attempts_reached: int
    failed: int


class FeedbackCounts(TypedDict):
    """Single sends with feedback, by what it says."""

    verified: int
    not_verified: int


class Conversion(TypedDict):
    """Shares, from 0 to 1, with four places; null where nothing can be divided by."""

    answered: float | None
    """`answered` of `sends`."""
    approved: float | None
    """`approved` of `sends`."""
    verified: float | None
    """`ended.approved` and `feedback.verified` of `started` and all with feedback."""


class CostSum(TypedDict):
    """What sends cost in one currency."""

    currency: str
    """ISO 4217."""
    estimated: str
    """Of sends of which it is not known whether they are charged."""
    settled: str
    """Of all others."""


class Figures(TypedDict):
    """What was counted."""

    sends: int
    """Deliveries; those that are none of the next four are still `reserved`."""
    accepted: int
    """Now `accepted`: what became of them is not known, or is never told."""
    answered: int
    """Now `answered` or `delivered`."""
    negative: int
    """Now `rejected`, `busy`, `no_answer`, `refused`, `billing_failed`, `unreachable`, `failed`."""
    unknown: int
    """Now `unknown`."""
    started: int
    """Verifications that were started."""
    ended: Ends
    feedback: FeedbackCounts
    approved: int
    """Verified codes, with the channel whose code it was: approved verifications, each counted
    once, and single sends whose feedback says so."""
    conversion: Conversion
    cost: list[CostSum]


class FiguresOf(Figures):
    """What was counted where the dimensions have these values; those not asked for are absent."""

    day: NotRequired[str]
    """UTC; of the creation of what is counted, as all of them."""
    hour: NotRequired[str]
    """UTC: `00` to `23`."""
    channel: NotRequired[str]
    """A channel, `verification` (as such: they have no one channel) or `oa_consent` (paid for)."""
    country: NotRequired[str]
    """ISO 3166, or `other`."""
    prefix: NotRequired[str]
    """E.164 without the last seven digits."""


class Statistics(TypedDict):
    """What was counted, by the dimensions that were asked for."""

    by: list[str]
    items: list[FiguresOf]
    total: Figures
    next_cursor: None


class ProviderCost(TypedDict):
    """What a provider was paid for a channel."""

    channel: CountedChannel
    provider: ProviderName
    estimated: str
    settled: str


class DayCosts(TypedDict):
    """What a day cost in one currency. Amounts are decimal numbers as text."""

    day: str
    """UTC."""
    currency: str
    """ISO 4217."""
    estimated: str
    """Of sends of which it is not known whether they are charged."""
    settled: str
    """Of all others."""
    spent: str
    """What the ledger holds, and the cap is compared with: estimates until they are settled."""
    cap: str | None
    """What may be spent in a day, as it is set now; null: there is no cap."""
    providers: list[ProviderCost]


class Costs(TypedDict):
    """What days cost, the first one first; a day without costs is left out."""

    items: list[DayCosts]
    next_cursor: None

"""Responses of the API about reports and costs."""

from typing import NotRequired, TypedDict

from ringpass.http.responses import CountedChannel, Instant, ProviderName


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
    """Of the time zone `tz`."""
    currency: str
    """ISO 4217."""
    estimated: str
    """Of sends of which it is not known whether they are charged."""
    settled: str
    """Of all others."""
    spent: str | None
    """What the ledger holds, and the cap is compared with: estimates until they are settled. Null:
    the ledger counts days of UTC, and this is none."""
    cap: str | None
    """What may be spent in a day of UTC, as it is set now; null: there is no cap, or this is no day
    of UTC."""
    providers: list[ProviderCost]


class CostLine(TypedDict):
    """What the period cost, by the dimensions that were asked for and by currency."""

    day: NotRequired[str]
    """Of the time zone `tz`."""
    provider: NotRequired[ProviderName]
    channel: NotRequired[CountedChannel]
    country: NotRequired[str]
    """ISO 3166, or `other`."""
    currency: str | None
    """ISO 4217; null: the provider had no price, so nothing is known of the cost."""
    sends: int
    """Deliveries; of `oa_consent` requests for consent."""
    estimated: str
    settled: str
    note: str | None
    """`no_price`: the amounts lack these sends."""


class UnpricedSends(TypedDict):
    """Sends of a provider that had no price for them: they are in no amount."""

    provider: ProviderName
    channel: CountedChannel
    country: str
    """ISO 3166, or `other`."""
    sends: int


class Costs(TypedDict):
    """What a period cost: its days, the first one first, and all of it by provider."""

    tz: str
    """The time zone of its days: a name of the tz database."""
    start: Instant
    """The beginning of the first day."""
    end: Instant
    """The end of the last day."""
    items: list[DayCosts]
    """A day without costs is left out."""
    by: list[str]
    """The dimensions of `lines`."""
    lines: list[CostLine]
    """The whole period, by `by` and currency."""
    unpriced: list[UnpricedSends]
    next_cursor: None

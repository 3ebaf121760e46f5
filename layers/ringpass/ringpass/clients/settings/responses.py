"""Response bodies about a client's settings."""

from typing import NotRequired, TypedDict

from ringpass.clients.settings.cause_table import Action
from ringpass.http.responses import Channel
from ringpass.limits.settings import Mode
from ringpass.outcomes import Status


class StepSettings(TypedDict):
    """A step of a workflow; what is not in it comes from the settings around it."""

    channel: Channel
    timeout_seconds: NotRequired[int]
    template: NotRequired[int | str]
    """A registered template's name, or CareSoft's scenario id."""
    code_param: NotRequired[str]
    """Which parameter takes the code; a registered template says itself."""
    params: NotRequired[dict[str, str]]
    """The template's other parameters."""
    scenario: NotRequired[str]
    """Bizfly's OTP id."""


class ZnsSettings(TypedDict):
    """The template of ZNS steps that name none."""

    template: int | str
    """A registered template's name, or CareSoft's scenario id."""
    code_param: NotRequired[str]
    """Which parameter takes the code; a registered template says itself."""
    params: dict[str, str]
    """The template's other parameters."""


class WindowSettings(TypedDict):
    """At most so many in any so many seconds."""

    cap: int
    seconds: int


class NumberListSettings(TypedDict):
    """Numbers and prefixes that are treated apart."""

    numbers: list[str]
    """As list keys, made for this client: they say nothing of the number, and can be sent back."""
    prefixes: list[str]
    """How E.164 numbers begin."""


class HourlyBudgetSettings(TypedDict):
    """How many codes may be started in an hour (UTC) and not verified."""

    mode: Mode
    country_least: int
    """Of a country, at least so many."""
    ip_least: int
    """Of an end user's address, at least so many."""
    percent: int
    """Or so much of what was verified, if that is more."""


class IpCountriesSettings(TypedDict):
    """To how many countries an end user's address may start verifications in a day."""

    mode: Mode
    cap: int


class BudgetSettings(TypedDict):
    """How many codes may be started in a day and not verified."""

    mode: Mode
    """`record`: nothing is refused, and decisions say what would be."""
    country_least: int
    """Of a country, at least so many."""
    ip_least: int
    """Of an end user's address, at least so many."""
    percent: int
    """Or so much of what was verified, if that is more."""
    sends_least: int
    """Of a country's unverified codes and single sends together, at least so many."""
    own_codes: bool
    """Whether verified codes of the caller's own count as verified."""
    hourly: HourlyBudgetSettings
    ip_countries: IpCountriesSettings


class LimitSettings(TypedDict):
    """What may be sent; null is no limit."""

    phone: WindowSettings | None
    """The client's sends to one number."""
    phone_all_clients: WindowSettings | None
    """All clients' sends to one number."""
    prefix: WindowSettings | None
    """The client's sends to numbers that differ in the last four digits only."""
    pauses: list[int] | None
    """Seconds between one start of a verification to a number and the next."""
    pauses_reset_seconds: int
    """After so long without a start the pauses begin anew."""
    daily_sends: int | None
    """In a day (UTC)."""
    daily_money: dict[str, str]
    """In a day (UTC) by currency. What is not in it is not limited."""
    verification_deliveries: int
    """Of one verification."""
    deny: NumberListSettings
    """Nothing is sent to these."""
    allow: NumberListSettings
    """Limits on numbers, on prefixes and on unverified codes do not hold for these."""
    fraud_budget: BudgetSettings


class ClientSettings(TypedDict):
    """What a client has set; null or nothing where it has not."""

    workflows: dict[str, list[StepSettings]]
    """Steps by country of the number; `*`: every other country."""
    timeouts: dict[str, int]
    """Seconds, of steps that name none, by channel."""
    zns: ZnsSettings | None
    scenario: str | None
    """Scenario of Voice OTPs that name none: a registered name, or an OTP id."""
    providers: dict[str, list[str]]
    """Providers by channel, the first one asked first; the stack's order where one is not in it."""
    code_length: int | None
    """Digits of a code, where no Password Call is in the workflow."""
    expires_in: int | None
    """Seconds until a verification expires."""
    attempts: int | None
    """How many codes may be checked."""
    countries: dict[str, list[str]]
    """Countries that a channel may reach; Vietnam and Russia where a channel is not in it."""
    limits: LimitSettings
    version: int
    """Counts the changes of settings and cause table; 0: there was none yet."""


class CauseRow(TypedDict):
    """What follows from an outcome of a delivery."""

    outcome: Status
    reason: str | None
    """Only with this reason; null: with any that has no row of its own."""
    action: Action
    """`wait`: until the step's time-out, then the next step; `next`: the next step at once; \
`retry`: a new delivery on the same step; `stop`: nothing more."""
    after_seconds: int
    """With `retry`: the pause before the new delivery."""
    times: int
    """With `retry`: how often in one step; then the next step."""
    no_more_calls: bool
    """Steps that call are left out from then on."""
    why: str
    """The reason for this row."""
    changed: bool
    """Whether the client has set it."""


class CauseTable(TypedDict):
    """What follows from each outcome, for this client."""

    items: list[CauseRow]
    next_cursor: None
    version: int
    """Counts the changes of settings and cause table; 0: there was none yet."""

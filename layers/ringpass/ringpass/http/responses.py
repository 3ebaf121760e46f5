"""The API's answers as types: mypy holds the code to them, docs/openapi.json is made from them.

Only checkers and the generator import this module; a function never does. The strings under the
fields are their descriptions.
"""

from typing import Literal, NotRequired, TypedDict

from ringpass.clients.scenarios.model import ScenarioStatus
from ringpass.clients.scenarios.preview import Part
from ringpass.clients.settings.cause_table import Action
from ringpass.clients.zns_templates.model import ParamSource, ParamType, Ticket
from ringpass.deliveries.model import Source
from ringpass.limits.settings import Mode
from ringpass.oa.calls.links import LinkState
from ringpass.oa.calls.model import CallResult, Direction, ReplyState
from ringpass.oa.consents.evidence import ConsentFact, ConsentReason, ConsentSource
from ringpass.oa.consents.model import ConsentState
from ringpass.oa.desk.agents import AgentAction, AgentRole
from ringpass.oa.desk.reply_texts import Reply
from ringpass.outcomes import Status
from ringpass.providers.zalo.call_type import CallType
from ringpass.verifications.model import VerificationStatus

# The document says more of each: its words, its format.
type Channel = str
type CountedChannel = str
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
    """The delivery that this one repeats."""
    retried_by: str | None
    """The delivery that repeats this one."""
    verification_id: str | None
    """The verification that it was made for."""
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


class StoryLine(TypedDict):
    """A line of a verification's story."""

    at: Instant
    event: str
    """`started`, `sent`, `outcome`, `skipped`, `exhausted`, `checked` or `ended`."""
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


class Verification(TypedDict):
    """The proof that somebody holds a phone."""

    id: str
    phone: str
    """E.164; masked unless the API key has the scope `phones:read`."""
    status: VerificationStatus
    """All but `pending` are the end."""
    reason: str | None
    """Why it ended: `code_right`, `asked`, `replaced`, `time_over`, `attempts_used` or
    `all_failed`."""
    step: int
    """The step of the last delivery, counted from 1."""
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
    deliveries: list[Delivery]
    """The first one first."""
    history: list[StoryLine]
    """All that happened, in the order of time."""
    test: bool
    """Whether the number is a test number."""
    metadata: dict[str, str]
    """As it came with the request."""


class VerificationPage(TypedDict):
    """A page of verifications, newest first."""

    items: list[Verification]
    next_cursor: str | None
    """Where the next page starts; null at the end."""


class Checked(TypedDict):
    """What a code came to."""

    id: str
    status: VerificationStatus
    """`approved`, once; for a wrong code `pending`, or `max_attempts_reached` if it was the last
    one."""
    attempts_remaining: int


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


class RegisteredParam(TypedDict):
    """A parameter of a template; it can be sent back as it is."""

    name: str
    type: ParamType
    max_length: int
    """In characters."""
    required: bool
    """Whether a send without it is refused."""
    source: ParamSource
    """Where the value comes from; `code`: in a verification its code, in a single send `params`."""
    value: NotRequired[str]
    """Of a `constant`."""
    key: NotRequired[str]
    """Of `metadata`: the name of its entry."""


class ZnsQuota(TypedDict):
    """What the OA may send on a day, as Zalo said it last."""

    daily: int | None
    """How many messages a day; null: Zalo has not said."""
    remaining: int | None
    """How many of them were left then."""
    used_up_until: Instant | None
    """Until when Zalo is not asked, because the OA's or the template's quota is used up."""
    heard_at: Instant
    """When Zalo said so."""


class RegisteredTemplate(TypedDict):
    """A ZNS template, as it is at Zalo and at CareSoft."""

    id: str
    name: str
    """What sends, steps and settings call it."""
    caresoft_id: int | None
    """CareSoft's id of the scenario; null: CareSoft cannot send it."""
    zns_id: str | None
    """Zalo's id of the template; null: Zalo cannot be asked directly."""
    oa_id: str | None
    """Zalo's id of the OA that the template belongs to."""
    approved: bool
    """Whether Zalo has approved it; until then it cannot be sent."""
    params: list[RegisteredParam]
    ticket: Ticket
    """Of a send that names no ticket: `new`, CareSoft makes one; `given`, it is refused."""
    code_param: str | None
    """The parameter that takes a verification's code; null: it cannot be a step."""
    quota: ZnsQuota | None
    """Null where nothing is known: of a template that the stack's OA has not sent, or cannot."""
    version: int
    """Counts the changes, from 1."""
    created_at: Instant
    updated_at: Instant


class TemplatePage(TypedDict):
    """A page of templates, newest first."""

    items: list[RegisteredTemplate]
    next_cursor: str | None
    """Where the next page starts; null at the end."""


class OaAuthor(TypedDict):
    """Who changed something at an OA's call desk."""

    client: str
    key_id: str
    """The API key that was used."""


class OaSuspension(TypedDict):
    """That Zalo has locked the feature for the OA."""

    reason: str
    since: Instant | None
    """Null: not known."""


class OaSpan(TypedDict):
    """The hours that begin on one day."""

    start: str
    """`hh:mm`; this minute belongs to the span."""
    end: str
    """`hh:mm`, up to `24:00`; this minute does not belong to it any more. Before `start`, it is
    on the next day."""


class OaHours(TypedDict):
    """A span for each weekday; null: that day has none."""

    monday: OaSpan | None
    tuesday: OaSpan | None
    wednesday: OaSpan | None
    thursday: OaSpan | None
    friday: OaSpan | None
    saturday: OaSpan | None
    sunday: OaSpan | None


class OaReplies(TypedDict):
    """What a customer gets whose call nobody takes; null: nothing."""

    out_of_hours: str | None
    busy: str | None


class OaSettings(TypedDict):
    """The settings of an OA's call desk."""

    enabled: bool
    """Whether calls may be made at all."""
    verified_enterprise: bool
    """Whether Zalo has verified the OA as a business."""
    suspended: OaSuspension | None
    time_zone: str
    """A name of the tz database; its wall clock decides."""
    hours: OaHours
    replies: OaReplies
    version: int
    """Counts the changes; 0: nothing was set yet."""
    updated_at: Instant | None
    updated_by: OaAuthor | None
    """Who made this version."""


class OaSettingsPage(TypedDict):
    """A page of all versions of an OA's settings, newest first."""

    items: list[OaSettings]
    next_cursor: str | None
    """Where the next page starts; null at the end."""


class OaReplyPreview(TypedDict):
    """A reply as a customer would get it."""

    reply: Reply
    text: str | None
    """Null: no text is set, so nothing is sent."""
    at: Instant
    """When the customer calls. Within the hours nobody gets `out_of_hours`: then it is the moment
    at which the OA closes."""


class OaAgent(TypedDict):
    """One who makes and takes the OA's calls."""

    agent_id: str
    """Zalo's user id of the agent."""
    name: str
    role: AgentRole
    added_at: Instant
    added_by: OaAuthor


class AddedOaAgent(OaAgent):
    """An agent who was added."""

    note: str
    """What the agent has to do."""


class OaAgents(TypedDict):
    """An OA's agents, in the order in which they were added."""

    items: list[OaAgent]
    next_cursor: str | None
    """Always null: there are never more than fit."""
    most: int
    """How many there can be."""
    note: str
    """What every agent has to do."""


class OaAgentChange(TypedDict):
    """A line of the agents' history."""

    what: AgentAction
    agent_id: str
    name: str
    role: AgentRole
    at: Instant
    by: OaAuthor


class OaAgentHistory(TypedDict):
    """A page of the agents' history, newest first."""

    items: list[OaAgentChange]
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


class Ends(TypedDict):
    """How verifications ended."""

    approved: int
    canceled: int
    expired: int
    max_attempts_reached: int
    failed: int


class Conversion(TypedDict):
    """Shares, from 0 to 1, with four places; null where nothing can be divided by."""

    answered: float | None
    """`answered` of `sends`."""
    approved: float | None
    """`approved` of `sends`."""
    verified: float | None
    """`ended.approved` of `started`."""


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
    approved: int
    """Verifications that were approved, each counted once, with the channel whose code it was."""
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


class Decision(TypedDict):
    """A send that a limit or a list refused; nothing was reserved."""

    id: str
    at: Instant
    code: ProblemCode
    """`limit_reached` or `not_allowed`."""
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
    """Always masked."""
    starts: bool
    """Whether it would have started a verification."""
    verification_id: str | None
    """The verification that it was for; null if it would have started one."""
    step: int | None
    """The step that was refused, counted from 1; null: it was a single send."""


class DecisionPage(TypedDict):
    """A page of refused sends, newest first."""

    items: list[Decision]
    next_cursor: str | None
    """Where the next page starts; null at the end."""


class Costs(TypedDict):
    """What days cost, the first one first; a day without costs is left out."""

    items: list[DayCosts]
    next_cursor: None


class Health(TypedDict):
    """The stack can serve."""

    status: Literal["ok"]
    version: str
    """Of Ringpass."""


class FailedCheck(TypedDict):
    """A check that does not hold."""

    code: str
    """Which one, for programs."""
    detail: str
    """What to do about it, for people."""


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
    ended_as: NotRequired[str]
    """How the verification has ended, where that is the refusal."""
    checks: NotRequired[list[FailedCheck]]
    """Every check that does not hold, where a call is refused."""
    reason: NotRequired[str]
    """Why the provider failed, in a word."""
    zalo_error: NotRequired[int | None]
    """Zalo's own number for it; null: it told none."""
    consent_id: NotRequired[str]
    """The consent for which a customer is not asked again."""
    until: NotRequired[Instant | None]
    """Until when the customer may answer, or has allowed calls; null: without an end."""


class OaCallAgent(TypedDict):
    """Who called for the OA, or took the call."""

    agent_id: str
    name: str | None
    """As the agent was called then."""


class OaCallCustomer(TypedDict):
    """Who was called, or called; null: not known."""

    phone: str | None
    """E.164; masked unless the API key has the scope `phones:read`."""
    user_id: str | None
    """Zalo's id of the customer."""
    name: str | None
    """What the OA calls the customer."""


class OaCallLink(TypedDict):
    """The link of a call, without what opens it."""

    state: LinkState
    """`unopened`; `open` for two minutes from the first opening; `ended`."""
    opened_at: Instant | None
    ends_at: Instant
    """From then on it cannot be used; if it is opened before, two minutes later at most."""


class OaCallEnd(TypedDict):
    """What Zalo told of a call that has ended; null: it did not say."""

    call_id: str | None
    """Zalo's id of the call."""
    told_at: Instant
    init_time: Instant | None
    """When the call began."""
    waiting_seconds: float | None
    talk_seconds: float | None
    duration_seconds: float | None
    status_code: str | None
    """As Zalo wrote it. What it means is not documented."""


class OaAutoReply(TypedDict):
    """What became of the text message to a customer whose call nobody took."""

    kind: Reply | None
    """Null: it was not looked at."""
    state: ReplyState
    """`unknown`: it may have been sent, and is not sent again."""
    reason: str | None
    """Why it was skipped or refused, or is unknown."""
    at: Instant


class OaCall(TypedDict):
    """A call between the OA and a customer."""

    id: str
    direction: Direction
    """`out`: the OA called; `in`: the customer did."""
    result: CallResult
    """`open`: nothing was told of it yet; the link may not have been used."""
    call_type: CallType | None
    """Null: it was not told."""
    agent: OaCallAgent | None
    """Null: Zalo does not name one, and it was not placed here."""
    customer: OaCallCustomer
    created_at: Instant
    """When it was placed; of one that was only told of, when it began."""
    link: OaCallLink | None
    """Null: it was not placed here."""
    ended: OaCallEnd | None
    """Null: nothing was told of it yet."""
    auto_reply: OaAutoReply | None
    """Null: there was no reason for one, or it is not decided yet."""


class PlacedOaCall(OaCall):
    """A call that an agent may open."""

    url: str
    """Leads the agent on to Zalo. Whoever has it can call: give it to nobody else."""
    qr_url: str
    """The same as a QR code: SVG, or with `?format=png` PNG."""


class OaCallPage(TypedDict):
    """A page of calls, newest first."""

    items: list[OaCall]
    next_cursor: str | None
    """Where the next page starts; null at the end."""


class OaConsent(TypedDict):
    """A customer's permission to be called by the OA."""

    id: str
    oa_id: str
    phone: str
    """Masked, unless the API key has `phones:read`."""
    user_id: str | None
    """Zalo's id of the customer; null: not known."""
    user_id_confirmed: bool
    """Whether Zalo has told it for this number: else it is a note, and nobody is called by it."""
    name: str | None
    """What the OA calls the customer."""
    state: ConsentState
    """As it is now: what has an end is `expired` once that is over."""
    why: str | None
    """A word for why it is so: Zalo's refusal of the request above all."""
    since: Instant | None
    """When what made it so happened."""
    call_type: CallType | None
    """What is allowed, or asked for; null: nobody told."""
    expires_at: Instant | None
    """When what was allowed ends, or has ended."""
    unlimited: bool
    """Whether calls are allowed without an end."""
    answer_until: Instant | None
    """Until when the customer may answer; null: nobody is asked."""
    may_ask_at: Instant | None
    """Before it Zalo is not asked again, because it said that it has been asked too often."""
    reason: ConsentReason | None
    """Why the customer was asked last; null: not by this API."""
    asked_at: Instant | None
    """When."""
    cost: Cost | None
    """Of the last request. Null: no price is set, or it was not made here."""
    created_at: Instant
    updated_at: Instant


class OaConsentEvidence(TypedDict):
    """A fact that a permission follows from."""

    at: Instant
    """When it happened: by Zalo's clock if Zalo told it."""
    learnt_at: Instant
    """When it became known here."""
    source: ConsentSource
    """Who says it: our `request`, Zalo's `reply` to it, a `check`, or an `event` of Zalo's."""
    what: ConsentFact
    said: str | None
    """Zalo's own word or number for it."""
    why: str | None
    """The same in a word."""
    until: Instant | None
    """Until when it holds, as Zalo said; null: it did not say."""
    unlimited: bool
    """Whether Zalo said that it has no end."""
    call_type: CallType | None
    """Of a request: what for."""
    reason: ConsentReason | None
    """Of a request: why."""
    client: str | None
    """Of a request or a check: who wanted it."""
    key_id: str | None
    """The API key that was used."""


class OaConsentWithEvidence(OaConsent):
    """A permission, with all that it follows from in the order of its times."""

    evidence: list[OaConsentEvidence]


class OaConsentPage(TypedDict):
    """A page of permissions, newest first."""

    items: list[OaConsent]
    next_cursor: str | None
    """Where the next page starts; null at the end."""


class GatewayMessage(TypedDict):
    """What API Gateway answers before any function runs."""

    message: str | None

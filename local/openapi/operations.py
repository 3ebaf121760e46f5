"""What only people know about an operation: its tag, its answer, its parameters, its refusals."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from local.openapi.names import reference
from local.openapi.schemas import SignInAnswer
from ringpass.audit.model import Action, Resource
from ringpass.audit.responses import AuditEntryList
from ringpass.clients.api_keys.responses import Key, KeyPage, NewKey
from ringpass.clients.scenarios.model import ScenarioStatus
from ringpass.clients.scenarios.preview import SAMPLE_CODE
from ringpass.clients.scenarios.responses import (
    Scenario,
    ScenarioGuide,
    ScenarioPage,
    ScenarioPreview,
)
from ringpass.clients.settings.responses import CauseTable, ClientSettings
from ringpass.clients.zns_templates.responses import RegisteredTemplate, TemplatePage
from ringpass.deliveries.responses import (
    CallResultsReceived,
    CdrsReceived,
    Delivery,
    DeliveryPage,
    EventsReceived,
)
from ringpass.errors import (
    AgentExists,
    AgentsFull,
    ApiError,
    BodyTooLarge,
    CallNotAllowed,
    ConsentAllowed,
    ConsentBlocked,
    ConsentOpen,
    EndpointChanged,
    EndpointsFull,
    FeedbackConflict,
    Forbidden,
    IdempotencyKeyReused,
    InProgress,
    InternalError,
    InvalidHeader,
    InvalidJson,
    KeyEnded,
    LastAdminKey,
    LimitReached,
    LinkEnded,
    NameTaken,
    NoNextStep,
    NotAllowed,
    NotConfigured,
    NotFound,
    ProviderFailed,
    ProviderSuspended,
    QuotaUsedUp,
    ScenarioActive,
    ScenarioChanged,
    ScenarioDeactivated,
    ScenarioIncomplete,
    ScenarioNotActive,
    ScenarioSlotsTaken,
    SettingsChanged,
    TemplateChanged,
    Unauthorized,
    Unavailable,
    ValidationFailed,
    VerificationEnded,
)
from ringpass.events.responses import Event, EventPage
from ringpass.http.responses import (
    Health,
    LimitProblem,
    OaCallProblem,
    OaConsentProblem,
    Problem,
    ProviderFailedProblem,
    ValidationProblem,
    VerificationEndedProblem,
)
from ringpass.limits.responses import DecisionPage, ProviderPage, SuspensionEnded
from ringpass.oa.calls.link_views import BLURRED, PRIVATE_HEADERS
from ringpass.oa.calls.model import CallResult, Direction
from ringpass.oa.calls.qr_codes import Form
from ringpass.oa.calls.responses import OaCall, OaCallPage, PlacedOaCall
from ringpass.oa.consents.model import ConsentState
from ringpass.oa.consents.responses import OaConsent, OaConsentPage, OaConsentWithEvidence
from ringpass.oa.consents.service import Format
from ringpass.oa.consents.views import NEXT
from ringpass.oa.desk.responses import (
    AddedOaAgent,
    OaAgent,
    OaAgentHistory,
    OaAgents,
    OaReplyPreview,
    OaSettings,
    OaSettingsPage,
)
from ringpass.outcomes import Status
from ringpass.phones.responses import PhoneDeletion
from ringpass.providers.facts import ChannelName
from ringpass.reporting.cost_queries import DIMENSIONS as COST_DIMENSIONS
from ringpass.reporting.cost_queries import CostFormat
from ringpass.reporting.responses import Costs, Statistics
from ringpass.sign_in.hooks import HOOKS
from ringpass.verifications.long_poll import MOST_SECONDS
from ringpass.verifications.model import VerificationStatus
from ringpass.verifications.responses import Checked, Verification, VerificationPage
from ringpass.webhook_endpoints.responses import (
    NewWebhookEndpoint,
    WebhookAttemptPage,
    WebhookEndpoint,
    WebhookEndpointPage,
    WebhookReplay,
    WebhookTest,
)
from ringpass.wiring.provider_facts import PROVIDERS

TAGS: Final = {
    "Sends": "At most one call or message per request.",
    "Verifications": "The proof that somebody holds a phone: one code, several channels.",
    "Deliveries": "What became of the sends.",
    "Events": "What has happened, as webhooks tell it.",
    "Webhook endpoints": "Where a client's events are posted.",
    "Audit": "Who changed what.",
    "Phones": "What is known of a person by a phone number: its export and its deletion.",
    "Figures": "What was counted, and what it cost.",
    "Keys": "The client's API keys. A key that is made is shown once.",
    "Settings": "What a client's verifications do where a request does not say.",
    "ZNS templates": "What a client calls the templates of its Zalo messages, and what they take.",
    "OA calls": "Calls between a Zalo Official Account and its customers.",
    "Scenarios": "What a client calls the scripts of its OTP Calls, and which of them are active.",
    "Providers": "How the providers are doing.",
    "Webhooks": "What providers say became of a call. For providers, not for clients.",
    "Sign-in servers": "Codes that sign-in servers have made. For these servers, not for clients.",
    "Stack": "The stack itself.",
}

PROBLEMS: Final[Mapping[type[ApiError], type[Problem]]] = {
    CallNotAllowed: OaCallProblem,
    ConsentAllowed: OaConsentProblem,
    ConsentBlocked: OaConsentProblem,
    ConsentOpen: OaConsentProblem,
    IdempotencyKeyReused: ValidationProblem,
    InvalidHeader: ValidationProblem,
    LimitReached: LimitProblem,
    LinkEnded: OaCallProblem,
    NotAllowed: LimitProblem,
    ProviderFailed: ProviderFailedProblem,
    ValidationFailed: ValidationProblem,
    VerificationEnded: VerificationEndedProblem,
}
"""The problems that have members of their own."""

OF_EVERY_ROUTE: Final = (InternalError,)
OF_A_SCOPE: Final = (Forbidden,)
OF_A_COMMAND: Final = (InvalidJson, BodyTooLarge, ValidationFailed, Unavailable)
OF_AN_IDEMPOTENCY_KEY: Final = (InvalidHeader, IdempotencyKeyReused)


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One operation.

    Attributes:
        tag: One of ``TAGS``.
        answer: Type of the answer; None for a JSON object of no type.
        about: What the answer is.
        status: Of the answer.
        description: More than the summary; CommonMark.
        parameters: In OpenAPI's form, beside those that a command has.
        errors: Refusals, beside those that every route, scope or command has.
        text: Another media type of the answer, for those who ask for it.
        headers: Of the answer, in OpenAPI's form.
        body: In OpenAPI's form, where it is no command.
        body_required: Whether a command must be sent; if not, it is one without fields.
        other: Other answers, in OpenAPI's form, by status.
        security: In OpenAPI's form, where it is no API key.
        content: Of the answer, in OpenAPI's form, where it is no JSON; empty: there is none.
        pages: Whether a browser gets refusals of the route's own as a page.
    """

    tag: str
    answer: type | None
    about: str
    status: int = 200
    description: str = ""
    parameters: tuple[dict[str, Any], ...] = ()
    errors: tuple[type[ApiError], ...] = ()
    text: str | None = None
    headers: dict[str, Any] = field(default_factory=dict)
    body: dict[str, Any] | None = None
    body_required: bool = True
    other: dict[str, Any] = field(default_factory=dict)
    security: tuple[dict[str, list[str]], ...] = ()
    content: dict[str, Any] | None = None
    pages: bool = False


IDEMPOTENCY_KEY: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": (
        "Printable ASCII, not beginning or ending with a blank; scoped to client and route, "
        "kept as long as the record. The same key and body never act a second time."
    ),
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}
RETRY_AFTER: Final = {
    "Retry-After": {
        "description": "Seconds until it is worth another try.",
        "schema": {"type": "string", "pattern": "^[0-9]+$"},
    }
}
REPLAYED: Final = {
    "Idempotent-Replayed": {
        "description": "Present if the key had served this request before: nothing was done.",
        "schema": {"type": "string", "const": "true"},
    }
}
CACHED: Final = {
    "ETag": {"description": "Changes with it.", "schema": {"type": "string"}},
    "Cache-Control": {
        "description": "How long a copy may be used.",
        "schema": {"type": "string"},
    },
}

_PRIVATE: Final = {
    name: {
        "description": "Keeps the link to the agent's browser.",
        "schema": {"type": "string", "const": value},
    }
    for name, value in PRIVATE_HEADERS.items()
}


def _path(name: str, description: str, **schema: object) -> dict[str, Any]:
    shape = {"type": "string", **schema}
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": description,
        "schema": shape,
    }


def _query(name: str, description: str, schema: dict[str, object]) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": description, "schema": schema}


def _between(what: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The parameters ``from`` and ``to`` of a list, which is ordered by when ``what`` was."""
    instant: dict[str, object] = {"type": "string", "format": "date-time"}
    return (
        _query("from", f"{what} at or after; with an offset.", instant),
        _query("to", f"{what} before; with an offset.", instant),
    )


def _send(description: str) -> Operation:
    return Operation(
        tag="Sends",
        answer=Delivery,
        about=(
            "The delivery, also where the provider refused (`rejected`) or nobody knows "
            "(`unknown`): its status tells."
        ),
        status=202,
        description=description,
        errors=(
            InProgress,
            LimitReached,
            NotAllowed,
            NotConfigured,
            ProviderSuspended,
            QuotaUsedUp,
        ),
        headers=REPLAYED,
    )


_CDR: Final = {
    "name": "cdr",
    "in": "query",
    "style": "form",
    "explode": True,
    "description": "The CDR's fields, each a parameter of its own.",
    "schema": reference("Cdr"),
}
_CDRS: Final = {
    "description": (
        "The account at MCN writes the template of the body itself, so every form is taken, with "
        "any content type: a CDR, an array of up to 50, an array of pairs, a form."
    ),
    "content": {
        "application/json": {
            "schema": {"anyOf": [reference("Cdr"), {"type": "array", "items": {"type": "object"}}]}
        },
        "application/x-www-form-urlencoded": {"schema": reference("Cdr")},
        "*/*": {"schema": {}},
    },
}
_LIMIT: Final = _query(
    "limit",
    "At most so many.",
    {"type": "integer", "minimum": 1, "maximum": 100, "default": 20},
)
_CURSOR: Final = _query(
    "cursor",
    "`next_cursor` of the page before, with the same other parameters.",
    {"type": "string"},
)
_UPDATED_SINCE: Final = _query(
    "updated_since",
    "Last changed then or later: the oldest change first, up to 40 seconds ago. Not together with "
    "`phone`, `region`, `from` and `to`.",
    {"type": "string", "format": "date-time"},
)
_ENDPOINT_ID: Final = _path("id", "The webhook endpoint.", pattern="^whe_[a-z2-7]{32}$")
_ATTEMPTS: Final = (
    _query("event", "Of this event.", {"type": "string", "pattern": "^evt_[a-z2-7]{32}$"}),
    _query(
        "status",
        "`succeeded`, `failed`, or an HTTP status: `500`, `5xx`.",
        {"type": "string", "pattern": "^(succeeded|failed|[1-5](xx|[0-9]{2}))$"},
    ),
)
_TEMPLATE_ID: Final = _path("id", "The template.", pattern="^tpl_[a-z2-7]{32}$")
_PHONE: Final = _path(
    "phone", "E.164, or national with `region`.", examples=["+84389801371", "0389801371"]
)
_OA_ID: Final = _path("oa_id", "Zalo's id of the OA.", pattern="^[0-9]{1,20}$")
_AGENT_ID: Final = _path("agent_id", "Zalo's user id of the agent.", pattern="^[0-9]{1,20}$")
_CONSENT_ID: Final = _path("id", "The consent.", pattern="^cns_[a-z2-7]{32}$")
_CALL_ID: Final = _path("id", "The call.", pattern="^ocl_[a-z2-7]{32}$")
_LINK_TOKEN: Final = _path("token", "What the link ends in.", pattern="^[A-Za-z0-9_-]{32}$")
_SCENARIO_ID: Final = _path("id", "The scenario.", pattern="^scn_[a-z2-7]{32}$")
_KEY_ID: Final = _path("id", "The key's id, its middle part.", examples=["a" * 12])
_VERIFICATION_ID: Final = _path("id", "The verification's id.", examples=["ver_" + "a" * 32])
_TOKEN: Final = _path("token", "The token that the stack and MCN share.")


def _webhook(
    *parameters: dict[str, Any], body: dict[str, Any] | None, by_header: bool
) -> Operation:
    return Operation(
        tag="Webhooks",
        answer=CdrsReceived,
        about="All that came is stored, also what cannot be read.",
        description="The address is part of the token's check where `McnSourceRanges` is set.",
        parameters=parameters,
        errors=(Unauthorized, BodyTooLarge, Unavailable),
        body=body,
        security=({"webhookToken": []},) if by_header else (),
    )


_PREVIEW: Final = Operation(
    tag="Scenarios",
    answer=ScenarioPreview,
    about="What is heard, in the order of time; the lengths are an estimate.",
    parameters=(
        _SCENARIO_ID,
        _query(
            "code",
            "A sample of 4 to 10 digits, never a code that is in use: it stands in an address.",
            {"type": "string", "pattern": "^[0-9]{4,10}$", "default": SAMPLE_CODE},
        ),
    ),
    errors=(NotFound, ValidationFailed, Unavailable),
    text="text/plain",
)

OPERATIONS: Final[dict[str, Operation]] = {
    "POST /v1/voice-otp": _send("Vietnamese numbers only, through Bizfly."),
    "POST /v1/password-calls": _send(
        "Vietnamese and Russian numbers, through MCN. Without a code MCN calls from a number of "
        "its own choice, which is answered whole."
    ),
    "POST /v1/zns": _send(
        "Vietnamese numbers only, through CareSoft. Accepted does not mean delivered."
    ),
    "POST /v1/verifications": Operation(
        tag="Verifications",
        answer=Verification,
        about="The verification, its first delivery made. It never holds the code.",
        status=201,
        description=(
            "A bare `phone` is enough where the client's settings say the rest. Another one that "
            "is open for the same phone is canceled: the newest code is the only one that works."
        ),
        errors=(
            InProgress,
            LimitReached,
            NotAllowed,
            NotConfigured,
            ProviderSuspended,
            QuotaUsedUp,
        ),
        headers=REPLAYED,
    ),
    "POST /v1/verifications/{id}/check": Operation(
        tag="Verifications",
        answer=Checked,
        about=(
            "`approved` is answered once. Every code that is judged uses an attempt; `pending`: "
            "it was wrong, and attempts are left."
        ),
        parameters=(_VERIFICATION_ID,),
        errors=(NotFound, VerificationEnded),
        headers=REPLAYED,
    ),
    "POST /v1/verifications/{id}/next": Operation(
        tag="Verifications",
        answer=Verification,
        about="The verification, moved on: by this request, or by what came a moment before.",
        parameters=(_VERIFICATION_ID, IDEMPOTENCY_KEY),
        errors=(
            NotFound,
            InvalidHeader,
            VerificationEnded,
            NoNextStep,
            LimitReached,
            NotAllowed,
            NotConfigured,
            ProviderSuspended,
            QuotaUsedUp,
            Unavailable,
        ),
        headers=REPLAYED,
    ),
    "POST /v1/verifications/{id}/cancel": Operation(
        tag="Verifications",
        answer=Verification,
        about="The verification, canceled.",
        parameters=(_VERIFICATION_ID, IDEMPOTENCY_KEY),
        errors=(NotFound, InvalidHeader, VerificationEnded, Unavailable),
        headers=REPLAYED,
    ),
    "GET /v1/verifications/{id}": Operation(
        tag="Verifications",
        answer=Verification,
        about="The verification; also once it has ended, with how and why.",
        parameters=(
            _VERIFICATION_ID,
            _query(
                "wait",
                "Long poll: seconds to wait until it has ended, or is at another step.",
                {"type": "integer", "minimum": 0, "maximum": MOST_SECONDS, "default": 0},
            ),
            _query(
                "step",
                "The step that the caller knows: with `wait`, another one is returned at once. "
                "That of the first read if left out.",
                {"type": "integer", "minimum": 1, "maximum": 10},
            ),
        ),
        errors=(NotFound, ValidationFailed, Unavailable),
        headers={
            "Retry-After": {
                "description": (
                    "Seconds. With `wait`: there was no room to wait, so this is the record as it "
                    "is now; ask again after them."
                ),
                "schema": {"type": "integer"},
            }
        },
    ),
    "GET /v1/verifications": Operation(
        tag="Verifications",
        answer=VerificationPage,
        about="A page. It may hold fewer than `limit`, or none, while there are more.",
        parameters=(
            _query("phone", "Of this number: E.164, or with `region`.", {"type": "string"}),
            _query("region", "ISO 3166 country of `phone`.", {"type": "string"}),
            _query(
                "status", "With this status now.", {"type": "string", "enum": [*VerificationStatus]}
            ),
            *_between("Started"),
            _UPDATED_SINCE,
            _LIMIT,
            _CURSOR,
        ),
        errors=(LimitReached, ValidationFailed, Unavailable),
    ),
    "GET /v1/deliveries/{id}": Operation(
        tag="Deliveries",
        answer=Delivery,
        about="The delivery.",
        parameters=(_path("id", "The delivery's id.", examples=["dlv_" + "a" * 32]),),
        errors=(NotFound, Unavailable),
    ),
    "POST /v1/deliveries/{id}/feedback": Operation(
        tag="Deliveries",
        answer=Delivery,
        about="The delivery; of a send that failed over, the last one.",
        description=(
            "For single sends, whose codes the caller checks itself. A verified code counts in the "
            "statistics and in the fraud budget, once however often it is reported. `true` is "
            "final; `false` may be followed by `true`."
        ),
        parameters=(_path("id", "The delivery's id.", examples=["dlv_" + "a" * 32]),),
        errors=(NotFound, FeedbackConflict),
    ),
    "GET /v1/deliveries": Operation(
        tag="Deliveries",
        answer=DeliveryPage,
        about="A page. It may hold fewer than `limit`, or none, while there are more.",
        parameters=(
            _query("phone", "Sent to this number: E.164, or with `region`.", {"type": "string"}),
            _query("region", "ISO 3166 country of `phone`.", {"type": "string"}),
            _query("status", "With this status now.", {"type": "string", "enum": [*Status]}),
            _query("channel", "Over this channel.", {"type": "string", "enum": [*ChannelName]}),
            *_between("Made"),
            _UPDATED_SINCE,
            _LIMIT,
            _CURSOR,
        ),
        errors=(LimitReached, ValidationFailed, Unavailable),
    ),
    "GET /v1/events/{id}": Operation(
        tag="Events",
        answer=Event,
        about="The event.",
        parameters=(_path("id", "The event's id.", examples=["evt_" + "a" * 32]),),
        errors=(NotFound, Unavailable),
    ),
    "GET /v1/events": Operation(
        tag="Events",
        answer=EventPage,
        about="A page. It may hold fewer than `limit`, or none, while there are more.",
        parameters=(
            _query(
                "type",
                "Of this type, or of all types that begin so: `verification.*`.",
                {"type": "string", "examples": ["delivery.settled", "verification.*"]},
            ),
            _query("subject", "About the record with this id.", {"type": "string"}),
            *_between("Happened"),
            _LIMIT,
            _CURSOR,
        ),
        errors=(ValidationFailed, Unavailable),
    ),
    "GET /v1/audit": Operation(
        tag="Audit",
        answer=AuditEntryList,
        about="A page. It may hold fewer than `limit`, or none, while there are more.",
        parameters=(
            _query(
                "resource", "Of this kind of resource.", {"type": "string", "enum": [*Resource]}
            ),
            _query("resource_id", "Of the resource with this id.", {"type": "string"}),
            _query("action", "Of this kind of change.", {"type": "string", "enum": [*Action]}),
            _query("key_id", "Made with this API key.", {"type": "string"}),
            *_between("Made"),
            _LIMIT,
            _CURSOR,
        ),
        errors=(ValidationFailed, Unavailable),
    ),
    "GET /v1/phones/{phone}": Operation(
        tag="Phones",
        answer=None,
        about="One record in a line; a page of them, if there are many.",
        description="Codes are nowhere stored, so none is in it.",
        parameters=(
            _PHONE,
            _query("region", "ISO 3166 country of a national number.", {"type": "string"}),
            _query("cursor", "The header `Next-Cursor` of the page before.", {"type": "string"}),
        ),
        errors=(LimitReached, ValidationFailed, Unavailable),
        headers={
            NEXT: {
                "description": "Where the next page starts; absent on the last one.",
                "schema": {"type": "string"},
            }
        },
        content={"application/x-ndjson": {"schema": {"type": "string"}}},
    ),
    "DELETE /v1/phones/{phone}": Operation(
        tag="Phones",
        answer=PhoneDeletion,
        about="The report.",
        description="While `complete` is false, the same request again goes on.",
        parameters=(
            _PHONE,
            _query("region", "ISO 3166 country of a national number.", {"type": "string"}),
        ),
        errors=(ValidationFailed, Unavailable),
    ),
    "GET /v1/statistics": Operation(
        tag="Figures",
        answer=Statistics,
        about="A few seconds old. At most 5,000 items; if there were more, it is refused.",
        parameters=(
            _query(
                "from",
                "The first hour: a day (its midnight UTC), or an instant at a full hour with an "
                "offset. The day of `to` if left out.",
                {"type": "string"},
            ),
            _query(
                "to",
                "The hour after the last one, in the same forms, at most 31 days later. Now if "
                "left out.",
                {"type": "string"},
            ),
            _query(
                "by",
                "Dimensions with commas between them: some of `day`, `hour`, `channel`, `country`, "
                "`prefix`.",
                {"type": "string", "default": "channel", "examples": ["channel,country"]},
            ),
        ),
        errors=(ValidationFailed, Unavailable),
    ),
    "GET /v1/costs": Operation(
        tag="Figures",
        answer=Costs,
        about="A few seconds old.",
        parameters=(
            _query(
                "month",
                "A month of `tz`, instead of `from` and `to`.",
                {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$", "examples": ["2026-11"]},
            ),
            _query(
                "from",
                "The first day (of `tz`). The day before `to` if left out.",
                {"type": "string", "format": "date"},
            ),
            _query(
                "to",
                "The day after the last one, at most 31 days later. Tomorrow if left out.",
                {"type": "string", "format": "date"},
            ),
            _query(
                "tz",
                "The time zone of the days, by its name in the tz database. Its days begin at a "
                "full hour of UTC.",
                {"type": "string", "default": "UTC", "examples": ["Asia/Ho_Chi_Minh"]},
            ),
            _query(
                "by",
                f"What `lines` are told apart by: some of `{'`, `'.join(COST_DIMENSIONS)}`, "
                "separated by commas.",
                {"type": "string", "default": "provider,channel,country"},
            ),
            _query(
                "format",
                "`csv`: the lines alone.",
                {"type": "string", "enum": [*CostFormat], "default": CostFormat.JSON},
            ),
        ),
        errors=(ValidationFailed, Unavailable),
        text="text/csv",
    ),
    "GET /v1/decisions": Operation(
        tag="Figures",
        answer=DecisionPage,
        about="A page. It may hold fewer than `limit`, or none, while there are more.",
        parameters=(
            _query("phone", "To this number: E.164, or with `region`.", {"type": "string"}),
            _query("region", "ISO 3166 country of `phone`.", {"type": "string"}),
            _query(
                "refused",
                "`false`: the sends instead that a limit in mode `record` would have refused.",
                {"type": "boolean", "default": True},
            ),
            *_between("Refused"),
            _LIMIT,
            _CURSOR,
        ),
        errors=(LimitReached, ValidationFailed, Unavailable),
    ),
    "POST /v1/keys": Operation(
        tag="Keys",
        answer=NewKey,
        about="The key; a repetition with the same `Idempotency-Key` is answered without `key`.",
        status=201,
        headers=REPLAYED,
    ),
    "GET /v1/keys": Operation(
        tag="Keys",
        answer=KeyPage,
        about="A page.",
        parameters=(_LIMIT, _CURSOR),
        errors=(ValidationFailed, Unavailable),
    ),
    "DELETE /v1/keys/{id}": Operation(
        tag="Keys",
        answer=Key,
        about="It is refused within 60 seconds. Again, it changes nothing.",
        parameters=(_KEY_ID,),
        errors=(NotFound, LastAdminKey, Unavailable),
    ),
    "POST /v1/keys/{id}/rotate": Operation(
        tag="Keys",
        answer=NewKey,
        about="The new key; a repetition with the same `Idempotency-Key` is without `key`.",
        status=201,
        parameters=(_KEY_ID,),
        errors=(NotFound, KeyEnded),
        headers=REPLAYED,
        body_required=False,
    ),
    "GET /v1/settings": Operation(
        tag="Settings",
        answer=ClientSettings,
        about="The settings. They can be sent back as they are.",
        errors=(Unavailable,),
    ),
    "PUT /v1/settings": Operation(
        tag="Settings",
        answer=ClientSettings,
        about="The settings as they are then. They hold everywhere within 60 seconds.",
        description="A limit above the ceiling that the stack's operator has set for the client is "
        "refused (`above_ceiling`).",
        errors=(SettingsChanged,),
    ),
    "GET /v1/cause-table": Operation(
        tag="Settings",
        answer=CauseTable,
        about="The whole table, the client's changes in it.",
        description="A row with a reason goes before the one of the same outcome without.",
        errors=(Unavailable,),
    ),
    "PUT /v1/cause-table": Operation(
        tag="Settings",
        answer=CauseTable,
        about="The whole table as it is then. It holds everywhere within 60 seconds.",
        description="Rows that are not sent are those of the default table.",
        errors=(SettingsChanged,),
    ),
    "POST /v1/webhook-endpoints": Operation(
        tag="Webhook endpoints",
        answer=NewWebhookEndpoint,
        about="The endpoint, with its secret.",
        status=201,
        description="An endpoint gets what happens from now on.",
        errors=(EndpointsFull,),
        headers=REPLAYED,
    ),
    "GET /v1/webhook-endpoints": Operation(
        tag="Webhook endpoints",
        answer=WebhookEndpointPage,
        about="A page.",
        parameters=(_LIMIT, _CURSOR),
        errors=(ValidationFailed, Unavailable),
    ),
    "GET /v1/webhook-endpoints/{id}": Operation(
        tag="Webhook endpoints",
        answer=WebhookEndpoint,
        about="The endpoint.",
        parameters=(_ENDPOINT_ID,),
        errors=(NotFound, Unavailable),
    ),
    "PUT /v1/webhook-endpoints/{id}": Operation(
        tag="Webhook endpoints",
        answer=WebhookEndpoint,
        about="The endpoint as it is then.",
        parameters=(_ENDPOINT_ID,),
        errors=(NotFound, EndpointChanged),
    ),
    "DELETE /v1/webhook-endpoints/{id}": Operation(
        tag="Webhook endpoints",
        answer=WebhookEndpoint,
        about="The endpoint as it was.",
        parameters=(_ENDPOINT_ID,),
        errors=(NotFound, Unavailable),
    ),
    "POST /v1/webhook-endpoints/{id}/rotate-secret": Operation(
        tag="Webhook endpoints",
        answer=NewWebhookEndpoint,
        about="The endpoint, with its new secret.",
        parameters=(_ENDPOINT_ID,),
        errors=(NotFound,),
        body_required=False,
    ),
    "POST /v1/webhook-endpoints/{id}/enable": Operation(
        tag="Webhook endpoints",
        answer=WebhookEndpoint,
        about="The endpoint, enabled.",
        parameters=(_ENDPOINT_ID,),
        errors=(NotFound, Unavailable),
    ),
    "POST /v1/webhook-endpoints/{id}/test": Operation(
        tag="Webhook endpoints",
        answer=WebhookTest,
        about="The `ping` is on its way.",
        status=202,
        parameters=(_ENDPOINT_ID,),
        errors=(NotFound, Unavailable),
    ),
    "POST /v1/webhook-endpoints/{id}/replay": Operation(
        tag="Webhook endpoints",
        answer=WebhookReplay,
        about="The events are on their way.",
        status=202,
        parameters=(_ENDPOINT_ID,),
        errors=(NotFound,),
    ),
    "GET /v1/webhook-endpoints/{id}/attempts": Operation(
        tag="Webhook endpoints",
        answer=WebhookAttemptPage,
        about="A page.",
        parameters=(_ENDPOINT_ID, *_ATTEMPTS, *_between("that began"), _LIMIT, _CURSOR),
        errors=(NotFound, ValidationFailed, Unavailable),
    ),
    "POST /v1/zns-templates": Operation(
        tag="ZNS templates",
        answer=RegisteredTemplate,
        about="The template.",
        status=201,
        description="Neither Zalo nor CareSoft is told: it mirrors what is set up there.",
        errors=(NameTaken,),
        headers=REPLAYED,
    ),
    "GET /v1/zns-templates": Operation(
        tag="ZNS templates",
        answer=TemplatePage,
        about="A page.",
        parameters=(_LIMIT, _CURSOR),
        errors=(ValidationFailed, Unavailable),
    ),
    "GET /v1/zns-templates/{id}": Operation(
        tag="ZNS templates",
        answer=RegisteredTemplate,
        about="The template.",
        parameters=(_TEMPLATE_ID,),
        errors=(NotFound, Unavailable),
    ),
    "PUT /v1/zns-templates/{id}": Operation(
        tag="ZNS templates",
        answer=RegisteredTemplate,
        about="The template as it is then. It holds everywhere within 60 seconds.",
        parameters=(_TEMPLATE_ID,),
        errors=(NotFound, NameTaken, TemplateChanged),
    ),
    "DELETE /v1/zns-templates/{id}": Operation(
        tag="ZNS templates",
        answer=RegisteredTemplate,
        about="The template as it was. It may be sent for another 60 seconds.",
        parameters=(_TEMPLATE_ID,),
        errors=(NotFound, Unavailable),
    ),
    "GET /v1/oa/{oa_id}/settings": Operation(
        tag="OA calls",
        answer=OaSettings,
        about="The settings. Before anything was set: switched off, of version 0.",
        parameters=(_OA_ID,),
        errors=(NotFound, Unavailable),
    ),
    "PUT /v1/oa/{oa_id}/settings": Operation(
        tag="OA calls",
        answer=OaSettings,
        about="The settings as they are then. They hold at once.",
        description="Zalo is not told: it has no API for them.",
        parameters=(_OA_ID,),
        errors=(NotFound, SettingsChanged),
    ),
    "GET /v1/oa/{oa_id}/settings/versions": Operation(
        tag="OA calls",
        answer=OaSettingsPage,
        about="A page.",
        parameters=(_OA_ID, _LIMIT, _CURSOR),
        errors=(NotFound, ValidationFailed, Unavailable),
    ),
    "POST /v1/oa/{oa_id}/settings/preview": Operation(
        tag="OA calls",
        answer=OaReplyPreview,
        about="The text, with its placeholders filled in. Nothing is sent or changed.",
        parameters=(_OA_ID,),
        errors=(NotFound,),
    ),
    "GET /v1/oa/{oa_id}/agents": Operation(
        tag="OA calls",
        answer=OaAgents,
        about="All of them.",
        parameters=(_OA_ID,),
        errors=(NotFound, Unavailable),
    ),
    "POST /v1/oa/{oa_id}/agents": Operation(
        tag="OA calls",
        answer=AddedOaAgent,
        about="The agent.",
        status=201,
        description="There are five at most. Zalo is not told: it has no API for it.",
        parameters=(_OA_ID,),
        errors=(NotFound, AgentExists, AgentsFull),
    ),
    "GET /v1/oa/{oa_id}/agents/history": Operation(
        tag="OA calls",
        answer=OaAgentHistory,
        about="A page.",
        parameters=(_OA_ID, _LIMIT, _CURSOR),
        errors=(NotFound, ValidationFailed, Unavailable),
    ),
    "DELETE /v1/oa/{oa_id}/agents/{agent_id}": Operation(
        tag="OA calls",
        answer=OaAgent,
        about="The agent as it was.",
        parameters=(_OA_ID, _AGENT_ID),
        errors=(NotFound, Unavailable),
    ),
    "POST /v1/oa/{oa_id}/consents": Operation(
        tag="OA calls",
        answer=OaConsent,
        about="The permission, also where Zalo refused the request: `state` and `why` say so.",
        status=202,
        description=(
            "Zalo asks the customer, and charges a fee for it. It is asked once, whatever fails; "
            "a customer who is being asked, has allowed such calls or has blocked them is not "
            "asked again. The limit `zalo_consents` is Zalo's own: too many for this customer."
        ),
        parameters=(_OA_ID,),
        errors=(
            NotAllowed,
            NotConfigured,
            NotFound,
            ConsentOpen,
            ConsentAllowed,
            ConsentBlocked,
            InProgress,
            LimitReached,
        ),
        headers=REPLAYED,
    ),
    "GET /v1/oa/{oa_id}/consents": Operation(
        tag="OA calls",
        answer=OaConsentPage,
        about="A page. It may hold fewer than `limit`, or none, while there are more.",
        parameters=(
            _OA_ID,
            _query("phone", "Of this number.", {"type": "string"}),
            _query("region", "ISO 3166 country of a national `phone`.", {"type": "string"}),
            _query("state", "Those that are so now.", {"type": "string", "enum": [*ConsentState]}),
            _LIMIT,
            _CURSOR,
        ),
        errors=(NotFound, LimitReached, ValidationFailed, Unavailable),
    ),
    "GET /v1/oa/{oa_id}/consents/export": Operation(
        tag="OA calls",
        answer=None,
        about="One fact in a line; a part of all of them, if there are many.",
        parameters=(
            _OA_ID,
            _query("format", "`jsonl` if it is left out.", {"type": "string", "enum": [*Format]}),
            _query("cursor", "The header `Next-Cursor` of the part before.", {"type": "string"}),
        ),
        errors=(NotFound, ValidationFailed, Unavailable),
        headers={
            NEXT: {
                "description": "Where the next part starts; absent at the end.",
                "schema": {"type": "string"},
            }
        },
        content={
            "application/jsonl": {"schema": {"type": "string"}},
            "text/csv": {"schema": {"type": "string"}},
        },
    ),
    "GET /v1/oa/{oa_id}/consents/{id}": Operation(
        tag="OA calls",
        answer=OaConsentWithEvidence,
        about="The permission, with all that it follows from.",
        parameters=(_OA_ID, _CONSENT_ID),
        errors=(NotFound, Unavailable),
    ),
    "POST /v1/oa/{oa_id}/consents/{id}/check": Operation(
        tag="OA calls",
        answer=OaConsentWithEvidence,
        about="The permission after Zalo was asked about it. What Zalo said is one more fact.",
        parameters=(_OA_ID, _CONSENT_ID),
        errors=(NotFound, NotConfigured, ProviderFailed, Unavailable),
    ),
    "DELETE /v1/oa/{oa_id}/consents/{id}": Operation(
        tag="OA calls",
        answer=OaConsent,
        about="The permission as it was. It is gone, with all that it followed from.",
        parameters=(_OA_ID, _CONSENT_ID),
        errors=(NotFound, Unavailable),
    ),
    "DELETE /v1/oa/{oa_id}/consents": Operation(
        tag="OA calls",
        answer=OaConsent,
        about="The permission as it was. It is gone, with all that it followed from.",
        parameters=(
            _OA_ID,
            {
                **_query("phone", "Of this number.", {"type": "string"}),
                "required": True,
            },
            _query("region", "ISO 3166 country of a national `phone`.", {"type": "string"}),
        ),
        errors=(NotFound, ValidationFailed, Unavailable),
    ),
    "POST /v1/oa/{oa_id}/calls": Operation(
        tag="OA calls",
        answer=PlacedOaCall,
        about="The call, with the link for its agent. Nobody's phone rings yet.",
        status=201,
        description=(
            "All checks are made, and all that do not hold are named in `checks`. Where the "
            "customer's consent alone is in doubt, Zalo is asked about it first."
        ),
        parameters=(_OA_ID,),
        errors=(NotFound, NotAllowed, CallNotAllowed, NotConfigured, ProviderFailed),
        headers=REPLAYED,
    ),
    "GET /v1/oa/{oa_id}/calls": Operation(
        tag="OA calls",
        answer=OaCallPage,
        about="A page. It may hold fewer than `limit`, or none, while there are more.",
        parameters=(
            _OA_ID,
            _query(
                "q",
                "A part of the customer's or the agent's name, with or without accents.",
                {"type": "string", "minLength": 1, "maxLength": 64},
            ),
            _query("result", "With this result.", {"type": "string", "enum": [*CallResult]}),
            _query("agent_id", "Of this agent.", {"type": "string", "pattern": "^[0-9]{1,20}$"}),
            _query("direction", "In this direction.", {"type": "string", "enum": [*Direction]}),
            *_between("Placed, or begun,"),
            _LIMIT,
            _CURSOR,
        ),
        errors=(NotFound, ValidationFailed, Unavailable),
    ),
    "GET /v1/oa/{oa_id}/calls/{id}": Operation(
        tag="OA calls",
        answer=OaCall,
        about="The call. Without its link: that has only who placed it.",
        parameters=(_OA_ID, _CALL_ID),
        errors=(NotFound, Unavailable),
    ),
    "GET /o/{token}": Operation(
        tag="OA calls",
        answer=None,
        about="To Zalo, where the agent makes the call.",
        status=302,
        description=(
            "For an agent's browser: whoever has the link may open it. It is good for two minutes "
            "from its first opening, and only while all checks hold."
        ),
        parameters=(_LINK_TOKEN,),
        errors=(NotFound, LinkEnded, Unavailable),
        headers={
            "Location": {
                "description": "Zalo's link.",
                "schema": {"type": "string", "format": "uri"},
            },
            **_PRIVATE,
        },
        content={},
        pages=True,
    ),
    "GET /o/{token}/qr": Operation(
        tag="OA calls",
        answer=None,
        about="The link as a QR code; once the link is no good, a grey picture.",
        parameters=(
            _LINK_TOKEN,
            _query(
                "format",
                "Left out: `png` if the header `Accept` names it and no SVG, else `svg`.",
                {"type": "string", "enum": [*Form]},
            ),
        ),
        errors=(NotFound, ValidationFailed, Unavailable),
        headers={
            BLURRED: {
                "description": (
                    "Present if the picture holds nothing: the codes of the checks, with commas "
                    "between them."
                ),
                "schema": {"type": "string"},
            },
            **_PRIVATE,
        },
        content={
            Form.SVG.content_type: {"schema": {"type": "string"}},
            Form.PNG.content_type: {"schema": {"type": "string", "format": "binary"}},
        },
    ),
    "POST /v1/scenarios": Operation(
        tag="Scenarios",
        answer=Scenario,
        about="The scenario; it is inactive.",
        status=201,
        description="Bizfly is not told: it mirrors what is set up in Bizfly's console.",
        errors=(NameTaken,),
        headers=REPLAYED,
    ),
    "GET /v1/scenarios": Operation(
        tag="Scenarios",
        answer=ScenarioPage,
        about="A page. It may hold fewer than `limit` while there are more.",
        parameters=(
            _query(
                "status",
                "Those that have it now.",
                {"type": "string", "enum": [str(each) for each in ScenarioStatus]},
            ),
            _LIMIT,
            _CURSOR,
        ),
        errors=(ValidationFailed, Unavailable),
    ),
    "GET /v1/scenarios/{id}": Operation(
        tag="Scenarios",
        answer=Scenario,
        about="The scenario.",
        parameters=(_SCENARIO_ID,),
        errors=(NotFound, Unavailable),
    ),
    "PUT /v1/scenarios/{id}": Operation(
        tag="Scenarios",
        answer=Scenario,
        about="The scenario as it is then.",
        parameters=(_SCENARIO_ID,),
        errors=(NotFound, NameTaken, ScenarioChanged, ScenarioActive, ScenarioDeactivated),
    ),
    "DELETE /v1/scenarios/{id}": Operation(
        tag="Scenarios",
        answer=Scenario,
        about="The scenario as it was.",
        parameters=(_SCENARIO_ID,),
        errors=(NotFound, ScenarioActive, ScenarioDeactivated, Unavailable),
    ),
    "POST /v1/scenarios/{id}/activate": Operation(
        tag="Scenarios",
        answer=Scenario,
        about="The scenario, active. Again, it changes nothing.",
        description=(
            "At most two are active at once in an account at Bizfly, whoever's they are. Bizfly is "
            "not told: activate it in Bizfly's console, too."
        ),
        parameters=(_SCENARIO_ID,),
        errors=(
            NotFound,
            ScenarioDeactivated,
            ScenarioIncomplete,
            ScenarioSlotsTaken,
            Unavailable,
        ),
    ),
    "POST /v1/scenarios/{id}/deactivate": Operation(
        tag="Scenarios",
        answer=Scenario,
        about="The scenario, deactivated. It may be called for another 60 seconds.",
        parameters=(_SCENARIO_ID,),
        errors=(NotFound, ScenarioNotActive, Unavailable),
    ),
    "POST /v1/scenarios/{id}/copy": Operation(
        tag="Scenarios",
        answer=Scenario,
        about="The new scenario; it is inactive.",
        status=201,
        parameters=(_SCENARIO_ID,),
        errors=(NotFound, NameTaken),
        headers=REPLAYED,
        body_required=False,
    ),
    "GET /v1/scenarios/{id}/preview": _PREVIEW,
    "POST /v1/scenarios/{id}/preview": _PREVIEW,
    "GET /v1/scenarios/{id}/api-guide": Operation(
        tag="Scenarios",
        answer=ScenarioGuide,
        about="OTP id, key (masked), endpoint, headers, data and a command line.",
        parameters=(_SCENARIO_ID,),
        errors=(NotFound, Unavailable),
    ),
    "GET /v1/providers": Operation(
        tag="Providers",
        answer=ProviderPage,
        about="All providers.",
        errors=(Unavailable,),
    ),
    "DELETE /v1/providers/{name}/suspension": Operation(
        tag="Providers",
        answer=SuspensionEnded,
        about="It is asked again, also where it was not suspended.",
        description="It ends for all clients of the stack; the operator may forbid it to a client.",
        parameters=(
            {
                "name": "name",
                "in": "path",
                "required": True,
                "description": "The provider.",
                "schema": {"type": "string", "enum": [facts.name for facts in PROVIDERS]},
            },
        ),
        errors=(NotFound, Unavailable),
    ),
    "POST /v1/hooks/{server}": Operation(
        tag="Sign-in servers",
        answer=SignInAnswer,
        about=(
            "The code is taken, and will be sent; an empty object. Supabase reads refusals in an "
            "answer with 200, too."
        ),
        description=(
            "Each server signs its request, or sends its token; the secret that matches says which "
            "client's workflow the code takes. No provider is asked before the answer. The same "
            "code for the same number is sent once in ten minutes."
        ),
        parameters=(_path("server", "The sign-in server.", enum=sorted(HOOKS)),),
        errors=(
            InvalidJson,
            Unauthorized,
            NotFound,
            BodyTooLarge,
            ValidationFailed,
            Unavailable,
        ),
        body={
            "description": "As the server documents it; other fields are passed over.",
            "required": True,
            "content": {
                "application/json": {
                    "schema": {
                        "anyOf": [
                            reference("SupabaseSms"),
                            reference("LogtoMessage"),
                            reference("ZitadelNotification"),
                        ]
                    }
                }
            },
        },
        security=({"supabaseSignature": []}, {"logtoToken": []}, {"zitadelSignature": []}),
    ),
    "POST /v1/webhooks/caresoft": Operation(
        tag="Webhooks",
        answer=EventsReceived,
        about="All that came is stored, also what cannot be read.",
        description=(
            "Any event of CareSoft's; `ticket.inbox_zalo_zns` is the one to register for. What a "
            "ticket holds beside the fields below is kept without its texts."
        ),
        errors=(Unauthorized, BodyTooLarge, Unavailable),
        body={
            "content": {
                "application/json": {"schema": reference("TicketEvent")},
                "*/*": {"schema": {}},
            },
        },
        security=({"caresoftSignature": []},),
    ),
    "POST /v1/webhooks/voice-gateway": Operation(
        tag="Webhooks",
        answer=EventsReceived,
        about="What came is stored, also what cannot be read.",
        description=(
            "What became of a call of the team's own telephony. Signed by Standard Webhooks, at "
            "most five minutes ago."
        ),
        errors=(Unauthorized, BodyTooLarge, Unavailable),
        body={
            "content": {
                "application/json": {"schema": reference("VoiceGatewayEvent")},
                "*/*": {"schema": {}},
            },
        },
        security=({"voiceGatewaySignature": []},),
    ),
    "POST /v1/webhooks/zalo": Operation(
        tag="Webhooks",
        answer=EventsReceived,
        about="What came is stored, also what tells of nothing of ours.",
        description=(
            "Any event of Zalo's; `user_received_message` of a message from a template settles its "
            "delivery."
        ),
        parameters=(
            {
                "name": "X-ZEvent-Server",
                "in": "header",
                "description": "`ZNS` where the event is about a message from a template.",
                "schema": {"type": "string"},
            },
        ),
        errors=(Unauthorized, BodyTooLarge, Unavailable),
        body={
            "content": {
                "application/json": {"schema": reference("ZaloEvent")},
                "*/*": {"schema": {}},
            },
        },
        security=({"zaloSignature": []},),
    ),
    "POST /v1/webhooks/bizfly": Operation(
        tag="Webhooks",
        answer=CallResultsReceived,
        about="All that came is stored, also what cannot be read.",
        description=(
            "What became of Bizfly's calls. Its form is not documented: whatever names a callee is "
            "taken for a call, alone or in an array, in any envelope, as JSON or as a form; 50 in "
            "one request at most."
        ),
        errors=(Unauthorized, BodyTooLarge, Unavailable),
        body={
            "content": {
                "application/json": {
                    "schema": {
                        "anyOf": [
                            {"type": "object"},
                            {"type": "array", "items": {"type": "object"}},
                        ]
                    },
                    "example": {
                        "start_time": 1795249800,
                        "callee": "0389801371",
                        "direct": "outbound",
                        "state": "ANSWERED",
                    },
                },
                "application/x-www-form-urlencoded": {"schema": {"type": "object"}},
                "*/*": {"schema": {}},
            },
        },
        security=({"bizflyToken": []},),
    ),
    "POST /v1/webhooks/mcn/{token}": _webhook(_TOKEN, body=_CDRS, by_header=False),
    "GET /v1/webhooks/mcn/{token}": _webhook(_TOKEN, _CDR, body=None, by_header=False),
    "POST /v1/webhooks/mcn": _webhook(body=_CDRS, by_header=True),
    "GET /v1/webhooks/mcn": _webhook(_CDR, body=None, by_header=True),
    "GET /v1/health": Operation(
        tag="Stack",
        answer=Health,
        about="The table answers, and the functions are set up right.",
        description=(
            "It asks no provider. 503 also where the layers were built for another processor, or "
            "where a parameter of the stack that is JSON cannot be read: `detail` says which."
        ),
        errors=(Unavailable,),
    ),
    "GET /": Operation(
        tag="Stack",
        answer=None,
        about="An empty page with Zalo's tag `zalo-platform-site-verification`.",
        description="404 unless the stack has `ZaloVerification`.",
        errors=(NotFound,),
        content={"text/html": {"schema": {"type": "string"}}},
    ),
    **{
        f"GET /v1/{name}.json": Operation(
            tag="Stack",
            answer=None,
            about="The document.",
            parameters=(
                {
                    "name": "If-None-Match",
                    "in": "header",
                    "description": "The `ETag` of the copy at hand.",
                    "schema": {"type": "string"},
                },
            ),
            headers=CACHED,
            other={"304": {"description": "The copy at hand is the same.", "headers": CACHED}},
        )
        for name in ("asyncapi", "openapi")
    },
}

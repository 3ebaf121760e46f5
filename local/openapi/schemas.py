"""Schemas of what is sent and answered, from the types that the code itself uses."""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import walk_packages
from types import get_original_bases
from typing import TYPE_CHECKING, Any, Final, Required, TypedDict, is_typeddict

from pydantic import ConfigDict, TypeAdapter

import ringpass
from local.openapi import examples
from ringpass.config import CONSENTS
from ringpass.errors import ApiError
from ringpass.providers.facts import ChannelName
from ringpass.wiring.provider_facts import PROVIDERS

if TYPE_CHECKING:
    from pydantic.json_schema import JsonSchemaMode

REF: Final = "#/components/schemas/{model}"


class Cdr(TypedDict, total=False):
    """What MCN tells about a call. Other fields are passed over; any may lack."""

    verification_call_uuid: str
    """MCN's id of the call; `verification_uuid` is read too."""
    q931_status: int | str
    """The cause, a number or its text."""
    final_status: str
    """`ANSWER` or `CANCEL`."""
    called_number: str
    """With its country code; the stack may name this field otherwise."""


class TicketEvent(TypedDict, total=False):
    """What CareSoft tells about a ticket; it documents no more of a ZNS's. Any field may lack."""

    object: str
    """`ticket`."""
    action: str
    """`create`, `update` and others."""
    ticket: dict[str, Any]
    """With `ticket_id`; a number or its text."""


class VoiceGatewayResult(TypedDict, total=False):
    """What became of a call of the voice gateway."""

    call_id: Required[str]
    """The gateway's id of the call."""
    delivery_id: str
    """The delivery that the call was ordered for."""
    outcome: str
    """`answered`, `busy`, `no_answer`, `refused`, `unreachable` or `failed`."""
    q850_cause: int
    """The cause of ITU-T Q.850; it decides if there is no `outcome`."""


class VoiceGatewayEvent(TypedDict, total=False):
    """What the voice gateway tells about a call."""

    type: Required[str]
    """`call.ended`."""
    data: Required[VoiceGatewayResult]


class ZaloMessage(TypedDict, total=False):
    """The message that an event of Zalo's is about."""

    msg_id: str
    """Zalo's id of it."""
    tracking_id: str
    """The delivery that it was sent for."""
    delivery_time: str
    """When it arrived, in milliseconds since 1970."""


class ZaloEvent(TypedDict, total=False):
    """What Zalo tells about a message or the OA. Ids and times are texts."""

    event_name: Required[str]
    """`user_received_message` and others."""
    timestamp: Required[str]
    """In milliseconds since 1970; the signature is over it, too."""
    app_id: str
    sender: dict[str, Any]
    recipient: dict[str, Any]
    message: ZaloMessage


class SupabaseSms(TypedDict, total=False):
    """What Supabase Auth tells about a code."""

    user: Required[dict[str, Any]]
    """With `phone`, if `sms` has none."""
    sms: Required[dict[str, Any]]
    """With `otp`; newer servers add `phone`."""
    metadata: dict[str, Any]


class LogtoMessage(TypedDict, total=False):
    """What Logto tells about a code."""

    to: Required[str]
    """The number, with or without a plus."""
    type: str
    """`SignIn` and others."""
    payload: Required[dict[str, Any]]
    """With `code`."""
    ip: str


class ZitadelNotification(TypedDict, total=False):
    """What Zitadel tells about a code."""

    contextInfo: Required[dict[str, Any]]
    """With `recipientPhoneNumber`."""
    templateData: dict[str, Any]
    args: Required[dict[str, Any]]
    """With `code`, or `oTP` of a sign-in."""


_RECEIVED: Final = (
    *(Cdr, TicketEvent, VoiceGatewayResult, VoiceGatewayEvent, ZaloMessage, ZaloEvent),
    *(SupabaseSms, LogtoMessage, ZitadelNotification),
)
"""What webhooks take."""


def kinds_of_errors(kind: type[ApiError] = ApiError) -> list[type[ApiError]]:
    """Every refusal that the API has."""
    below = [one for child in kind.__subclasses__() for one in kinds_of_errors(child)]
    return below if kind is ApiError or not kind.is_for_http else [kind, *below]


def _more() -> dict[str, dict[str, Any]]:
    """What a type's name alone does not say."""
    return {
        "Channel": {"enum": list(ChannelName), "description": "How a phone is reached."},
        "CountedChannel": {
            "enum": [*ChannelName, CONSENTS],
            "description": f"A channel, or `{CONSENTS}`: asking customers of an OA.",
        },
        "ProviderName": {
            "enum": [facts.name for facts in PROVIDERS],
            "description": "Who carries it out.",
        },
        "ProviderStatus": {"enum": ["active", "not_configured", "suspended", "probing"]},
        "CostKind": {"enum": ["estimated", "settled"]},
        "ProblemCode": {"enum": sorted({error.code for error in kinds_of_errors()})},
        "Instant": {
            "format": "date-time",
            "description": "RFC 3339 in UTC, with milliseconds.",
        },
    }


def schemas(commands: list[type]) -> dict[str, Any]:
    """Every schema by its name: the commands that are given, and all answers."""
    every = [*_answers(), *_RECEIVED]
    # A type that only others are made of is described where they are.
    bases = {base for one in every for base in get_original_bases(one)}
    answers = [one for one in every if one not in bases]
    for answer in every:
        # The strings under the fields of a typed dictionary are descriptions.
        setattr(answer, "__pydantic_config__", ConfigDict(use_attribute_docstrings=True))  # noqa: B010
    adapters: list[tuple[type, JsonSchemaMode, TypeAdapter[Any]]] = [
        *((one, "validation", TypeAdapter(one)) for one in commands),
        *((one, "serialization", TypeAdapter(one)) for one in answers),
    ]
    _, document = TypeAdapter.json_schemas(adapters, ref_template=REF)
    definitions: dict[str, Any] = _tidy(document["$defs"])
    for name, more in _more().items():
        definitions[name] |= more
    for name, example in examples.of_schemas().items():
        definitions[name]["examples"] = [example]
    return dict(sorted(definitions.items()))


def ref(kind: type) -> dict[str, str]:
    """Where a type's schema is."""
    return {"$ref": REF.format(model=kind.__name__)}


def _answers() -> list[type]:
    """The typed dictionaries of every module ``responses``."""
    names = (entry.name for entry in walk_packages(ringpass.__path__, "ringpass."))
    modules = [import_module(name) for name in names if name.endswith(".responses")]
    return [
        one
        for module in modules
        for one in vars(module).values()
        if is_typeddict(one) and one.__module__ == module.__name__
    ]


def _tidy(schema: Any) -> Any:  # noqa: ANN401 - JSON
    """Without the titles that pydantic makes of names; with what it leaves unsaid."""
    if isinstance(schema, list):
        return [_tidy(one) for one in schema]
    if not isinstance(schema, Mapping):
        return schema
    tidied = {
        name: _tidy(value)
        for name, value in schema.items()
        if not (name == "title" and isinstance(value, str))
    }
    if "patternProperties" in tidied:
        tidied = {"additionalProperties": False} | tidied
    return tidied

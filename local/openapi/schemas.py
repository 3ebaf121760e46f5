"""Schemas of what is sent and answered, from the types that the code itself uses.

Generators make types of them, so:

- A request's field has no ``default``: many generators require such a field, or send it. The
  description says what holds where it is left out.
- A request's words are closed, and stand where they are used: a word that is not listed is
  refused.
- An answer's words are open, ``anyOf`` of the known ones and any text: a newer stack may have more.
"""

import json
import re
from collections.abc import Iterable, Mapping
from importlib import import_module
from pkgutil import walk_packages
from types import get_original_bases
from typing import Any, Final, Required, TypedDict, is_typeddict

from pydantic import ConfigDict, TypeAdapter
from pydantic.json_schema import JsonSchemaMode

import ringpass
from local.openapi import examples
from local.openapi.names import reference, renamed, schema_name
from ringpass.audit.model import Action, Resource
from ringpass.clients.api_keys.key import SCOPES
from ringpass.config import CONSENTS
from ringpass.errors import ApiError, LimitReached, NotAllowed
from ringpass.http.responses import Problem
from ringpass.providers.facts import ChannelName
from ringpass.verifications.model import TimelineEvent, VerificationStatus
from ringpass.webhook_endpoints.model import DisabledReason, EndpointStatus
from ringpass.wiring.provider_facts import PROVIDERS

# Of a paragraph; one between paragraphs stays.
_LINE_BREAK: Final = re.compile(r"(?<!\n)\n(?!\n)")
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


class SignInError(TypedDict):
    """A refusal as Supabase reads it."""

    http_code: int
    """The status that other servers would get."""
    message: str


class SignInAnswer(TypedDict, total=False):
    """What a sign-in server gets: an empty object, or to Supabase a refusal."""

    error: SignInError


_OF_WEBHOOKS: Final = (
    *(Cdr, TicketEvent, VoiceGatewayResult, VoiceGatewayEvent, ZaloMessage, ZaloEvent),
    *(SupabaseSms, LogtoMessage, ZitadelNotification, SignInError, SignInAnswer),
)
"""What webhooks take, and what they answer beside the types of the code."""


def kinds_of_errors(kind: type[ApiError] = ApiError) -> list[type[ApiError]]:
    """Every refusal that the API has."""
    below = [one for child in kind.__subclasses__() for one in kinds_of_errors(child)]
    return below if kind is ApiError or not kind.is_for_http else [kind, *below]


def _more() -> dict[str, dict[str, Any]]:
    """What a type's name alone does not say."""
    ends = [status for status in VerificationStatus if status is not VerificationStatus.PENDING]
    return {
        "Channel": {"enum": [*ChannelName], "description": "How a phone is reached."},
        "CountedChannel": {
            "enum": [*ChannelName, CONSENTS],
            "description": f"A channel, or `{CONSENTS}`: asking customers of an OA.",
        },
        "ProviderName": {
            "enum": [facts.name for facts in PROVIDERS],
            "description": "Who carries it out.",
        },
        "ProviderStatus": {
            "enum": ["active", "not_configured", "suspended", "probing"],
            "description": "Whether a provider gets requests.",
        },
        "CostKind": {
            "enum": ["estimated", "settled"],
            "description": "Whether a delivery's cost is final.",
        },
        "ProblemCode": {
            "enum": sorted({error.code for error in kinds_of_errors()}),
            "description": "What is wrong, for programs.",
        },
        "RefusalCode": {
            "enum": [LimitReached.code, NotAllowed.code],
            "description": "Whether a limit or a list refused.",
        },
        "VerificationEnd": {"enum": ends, "description": "How a verification has ended."},
        "VerificationEvent": {
            "enum": [*TimelineEvent, "outcome"],
            "description": "Type of a line of a verification's story.",
        },
        "VerificationReason": {
            "enum": [
                *("code_right", "asked", "replaced", "deleted", "time_over", "attempts_used"),
                "all_failed",
            ],
            "description": "Why a verification has ended.",
        },
        "CheckedCodeStatus": {
            "enum": [
                VerificationStatus.APPROVED,
                VerificationStatus.PENDING,
                VerificationStatus.MAX_ATTEMPTS_REACHED,
            ],
            "description": "What a code came to.",
        },
        "EndpointStatus": {
            "enum": [*EndpointStatus],
            "description": "Whether a webhook endpoint gets events.",
        },
        "DisabledReason": {
            "enum": [*DisabledReason],
            "description": "Why a webhook endpoint gets no events.",
        },
        "AuditAction": {"enum": [*Action], "description": "How something was changed."},
        "AuditResource": {"enum": [*Resource], "description": "What was changed."},
        "ApiKeyScope": {"enum": [*SCOPES], "description": "What an API key may do."},
        "Instant": {
            "format": "date-time",
            "description": "RFC 3339 in UTC, with milliseconds.",
        },
    }


def schemas(commands: list[type]) -> dict[str, Any]:
    """Every schema by its name: the commands that are given, and all answers.

    Raises:
        LookupError: A schema is of a request and of an answer, or two have one name.
    """
    every = [*_answers(), *_OF_WEBHOOKS]
    for answer in every:
        # The strings under the fields of a typed dictionary are descriptions.
        setattr(answer, "__pydantic_config__", ConfigDict(use_attribute_docstrings=True))  # noqa: B010
    requests = _definitions(commands, "validation")
    answers = _with_inherited_descriptions(every, _definitions(every, "serialization"))
    for name, more in _more().items():
        answers[name] |= more
    words = {name for name, schema in requests.items() if "enum" in schema}
    if shared := (set(requests) - words) & set(answers):
        raise LookupError(f"of requests and of answers: {sorted(shared)}")
    definitions = {
        name: _for_request(schema, requests)
        for name, schema in requests.items()
        if name not in words
    }
    definitions |= _with_open_words(answers)
    for name, example in examples.of_schemas().items():
        definitions[name]["examples"] = [example]
    return dict(sorted(renamed(definitions).items()))


def _definitions(types: Iterable[type], mode: JsonSchemaMode) -> dict[str, Any]:
    """Schemas by the names of their classes."""
    adapters: list[tuple[type, JsonSchemaMode, TypeAdapter[Any]]] = [
        (one, mode, TypeAdapter(one)) for one in types
    ]
    _, document = TypeAdapter.json_schemas(adapters, ref_template=REF)
    definitions: dict[str, Any] = _tidy(document["$defs"])
    return definitions


def _with_inherited_descriptions(
    types: list[type], definitions: Mapping[str, Any]
) -> dict[str, Any]:
    """Describes fields as the type that they are inherited from does: pydantic reads each its own.

    A type that only others are made of is left out.
    """
    bases = {base for one in types for base in get_original_bases(one)} & set(types)

    def described(kind: type) -> dict[str, Any]:
        schema: dict[str, Any] = definitions[kind.__name__]
        fields = dict(schema.get("properties", {}))
        for base in get_original_bases(kind):
            inherited = described(base)["properties"] if base in bases else {}
            for name, field in inherited.items():
                if "description" in field:
                    fields[name] = {"description": field["description"]} | fields[name]
        return schema | {"properties": fields}

    whole = {**definitions} | {one.__name__: described(one) for one in types}
    references = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(whole)))
    unused = {base.__name__ for base in bases - {Problem}} - references
    return {name: schema for name, schema in whole.items() if name not in unused}


def _for_request(schema: Any, requests: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """Without defaults, and with the words where they are used."""
    if isinstance(schema, list):
        return [_for_request(one, requests) for one in schema]
    if not isinstance(schema, Mapping):
        return schema
    part = dict(schema)
    words = requests.get(str(part.get("$ref", "")).rpartition("/")[2], {})
    if "enum" in words:
        del part["$ref"]
        part = words | part
    if "properties" in part:
        part["properties"] = {
            name: _without_default(field) for name, field in part["properties"].items()
        }
    return {name: _for_request(value, requests) for name, value in part.items()}


def _without_default(field: Mapping[str, Any]) -> dict[str, Any]:
    """Moves a field's default to its description."""
    rest = {name: value for name, value in field.items() if name != "default"}
    default, description = field.get("default"), field.get("description", "")
    if default is not None and "if left out" not in description:
        sentence = f"`{json.dumps(default)}` if left out"
        rest["description"] = f"{description}; {sentence}" if description else sentence
    return rest


def _with_open_words(answers: Mapping[str, Any]) -> dict[str, Any]:
    """With any text beside the known words, which have a schema of their own, ``Known...``."""
    opened: dict[str, Any] = {}

    def open_words(schema: Mapping[str, Any], name: str) -> dict[str, Any]:
        words = schema.get("enum", [schema["const"]] if "const" in schema else None)
        if words is None:
            return dict(schema)
        known = f"Known{schema_name(name)}"
        opened[known] = {
            "description": "The words that this version has; another one may have more.",
            "type": "string",
            "enum": words,
        }
        rest = {key: value for key, value in schema.items() if key not in ("const", "enum", "type")}
        return rest | {"anyOf": [reference(known), {"type": "string"}]}

    for name, schema in answers.items():
        opened[name] = open_words(schema, name)
        if "properties" in schema:
            opened[name]["properties"] = {
                field: open_words(part, schema_name(name) + field.title().replace("_", ""))
                for field, part in schema["properties"].items()
            }
    return opened


def ref(kind: type) -> dict[str, str]:
    """Where a type's schema is."""
    return reference(kind.__name__)


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
    """Without the titles that pydantic makes of names, and without the source's line breaks."""
    if isinstance(schema, list):
        return [_tidy(one) for one in schema]
    if not isinstance(schema, Mapping):
        return schema
    tidied = {
        name: _tidy(value)
        for name, value in schema.items()
        if not (name == "title" and isinstance(value, str))
    }
    if isinstance(text := tidied.get("description"), str):
        tidied["description"] = _LINE_BREAK.sub(" ", text)
    if "patternProperties" in tidied:
        tidied = {"additionalProperties": False} | tidied
    return tidied

"""Puts the documents together, and writes each to its two places."""

import json
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from local.openapi import examples
from local.openapi.asyncapi import asyncapi
from local.openapi.event_schemas import event_files, event_schemas
from local.openapi.operations import (
    IDEMPOTENCY_KEY,
    OF_A_COMMAND,
    OF_A_SCOPE,
    OF_AN_IDEMPOTENCY_KEY,
    OF_EVERY_ROUTE,
    OPERATIONS,
    PROBLEMS,
    RETRY_AFTER,
    TAGS,
    Operation,
)
from local.openapi.routes import Route, routes
from local.openapi.schemas import kinds_of_errors, ref, schemas
from local.openapi.webhooks import parameters, webhooks
from local.paths import ROOT
from ringpass import __version__
from ringpass.clients.api_keys.key import SCOPES
from ringpass.errors import (
    ApiError,
    InProgress,
    LimitReached,
    ProviderSuspended,
    QuotaUsedUp,
)
from ringpass.http.responses import GatewayMessage, Problem

_READ: Final = ROOT / "docs"
_SERVED: Final = ROOT / "layers" / "ringpass" / "ringpass"

_DESCRIPTION: Final = """\
Proves that a person holds a phone number, and reaches them on it, in Vietnam and Russia.

Errors are `application/problem+json` (RFC 9457); `code` and `errors[].type` are for programs. \
A few answers are made by API Gateway before any function runs: they are `application/json`, \
`{"message": "..."}`.

Answers may get further fields, and words further values: pass over those that you do not know."""

# What API Gateway answers by itself: on every route, and where an API key is asked for.
_GATEWAY: Final = {
    429: "More requests a second than the stack takes.",
    500: "A function could not be started.",
    503: "A function ended without an answer, or could not be started.",
    504: "A function did not answer in time.",
}
_GATEWAY_WITH_KEY: Final = {
    401: "There is no `Authorization` header.",
    403: "The API key is not valid.",
}
_GATEWAY_WITH_BODY: Final = {413: "The body is larger than 10 MB."}


def document() -> dict[str, Any]:
    """The whole document.

    Raises:
        LookupError: A route is not described, or one is that does not exist.
    """
    all_routes = routes()
    wrong = {route.key for route in all_routes} ^ set(OPERATIONS)
    if wrong:
        raise LookupError(f"local/openapi/operations.py and functions/ differ: {sorted(wrong)}")
    commands = {one.registered.command for one in all_routes if one.registered.command is not None}
    paths: dict[str, Any] = {}
    refusals: dict[str, Any] = {}
    for route in all_routes:
        operation = _operation(route, OPERATIONS[route.key], refusals)
        paths.setdefault(route.path, {})[route.method] = operation
    definitions = schemas(sorted(commands, key=lambda one: one.__name__))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Ringpass",
            "version": __version__,
            "summary": "Phone verification for Vietnam and Russia",
            "description": _DESCRIPTION,
        },
        "servers": [{"url": "/", "description": "The stack that answers this document"}],
        "tags": [{"name": name, "description": description} for name, description in TAGS.items()],
        "paths": paths,
        "webhooks": webhooks(),
        "components": {
            "schemas": dict(sorted((definitions | event_schemas(definitions)).items())),
            "parameters": parameters(),
            "responses": dict(sorted(refusals.items())),
            "examples": {
                error.code: {"value": examples.of_problem(error)} for error in kinds_of_errors()
            },
            "securitySchemes": _security_schemes(),
        },
    }


def files() -> dict[Path, str]:
    """What belongs into which file: each document for people and as it is served; the schemas."""
    content = document()
    definitions = content["components"]["schemas"]
    documents = {"openapi.json": content, "asyncapi.json": asyncapi(definitions)}
    texts = event_files(definitions)
    for name, one in documents.items():
        texts[_READ / name] = json.dumps(one, ensure_ascii=False, indent=2) + "\n"
        texts[_SERVED / name] = json.dumps(one, ensure_ascii=False, separators=(",", ":")) + "\n"
    return texts


def write() -> list[Path]:
    """Write the files that are not as they should be; tell which."""
    stale = [
        (path, text)
        for path, text in files().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    for path, text in stale:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return [path for path, _ in stale]


def _operation(route: Route, operation: Operation, refusals: dict[str, Any]) -> dict[str, Any]:
    command, scope = route.registered.command, route.registered.scope
    entry: dict[str, Any] = {
        "operationId": route.operation_id,
        "summary": route.summary,
        "tags": [operation.tag],
    }
    paragraphs = [operation.description] if operation.description else []
    if scope is not None:
        paragraphs.append(f"The API key needs the scope `{scope}`.")
    if paragraphs:
        entry["description"] = "\n\n".join(paragraphs)
    entry["security"] = [{"apiKey": [scope]}] if scope else list(operation.security)
    if parameters := [*operation.parameters, *([IDEMPOTENCY_KEY] if _is_repeatable(route) else [])]:
        entry["parameters"] = parameters
    if command is not None:
        body = {"application/json": {"schema": ref(command)}}
        entry["requestBody"] = {"required": operation.body_required, "content": body}
    elif operation.body is not None:
        entry["requestBody"] = operation.body
    entry["responses"] = _responses(route, operation, refusals)
    return entry


def _is_repeatable(route: Route) -> bool:
    """Whether a repetition is told by its `Idempotency-Key`; a PUT's needs none."""
    return route.registered.command is not None and route.method == "post"


def _responses(route: Route, operation: Operation, refusals: dict[str, Any]) -> dict[str, Any]:
    schema = ref(operation.answer) if operation.answer else {"type": "object"}
    good: dict[str, Any] = {"description": operation.about}
    if operation.headers:
        good["headers"] = operation.headers
    if operation.content is None:
        good["content"] = {"application/json": {"schema": schema}}
    elif operation.content:
        good["content"] = operation.content
    if operation.text:
        good["content"][operation.text] = {"schema": {"type": "string"}}
    responses = {str(operation.status): good, **operation.other}
    errors = _errors(route, operation)
    gateway = _gateway(route, operation)
    for status in sorted({error.status for error in errors} | set(gateway)):
        of_status = [error for error in errors if error.status == status]
        name = _name(status, of_status, gateway=status in gateway)
        refusal = _refusal(of_status, gateway.get(status))
        if operation.pages and status < HTTPStatus.INTERNAL_SERVER_ERROR and of_status:
            name += ".page"
            refusal["content"]["text/html"] = {"schema": {"type": "string"}}
        refusals[name] = refusal
        responses[str(status)] = {"$ref": f"#/components/responses/{name}"}
    return responses


def _errors(route: Route, operation: Operation) -> list[type[ApiError]]:
    errors: set[type[ApiError]] = {*OF_EVERY_ROUTE, *operation.errors}
    if route.registered.scope is not None:
        errors.update(OF_A_SCOPE)
    if route.registered.command is not None:
        errors.update(OF_A_COMMAND)
    if _is_repeatable(route):
        errors.update(OF_AN_IDEMPOTENCY_KEY)
    return sorted(errors, key=lambda error: (error.status, error.code))


def _gateway(route: Route, operation: Operation) -> dict[int, str]:
    has_body = route.registered.command is not None or operation.body is not None
    return (
        _GATEWAY
        | (_GATEWAY_WITH_KEY if route.registered.scope is not None else {})
        | (_GATEWAY_WITH_BODY if has_body else {})
    )


def _name(status: int, errors: list[type[ApiError]], *, gateway: bool) -> str:
    """What one answer to several operations is called in the document."""
    return ".".join([str(status), *(one.code for one in errors), *(["gateway"] if gateway else [])])


def _refusal(errors: list[type[ApiError]], gateway: str | None) -> dict[str, Any]:
    paragraphs = [f"`{error.code}`: {_sentence(error)}" for error in errors]
    paragraphs += [f"From API Gateway: {gateway}"] if gateway else []
    refusal: dict[str, Any] = {"description": "\n\n".join(paragraphs)}
    if {InProgress, LimitReached, ProviderSuspended, QuotaUsedUp} & set(errors):
        refusal["headers"] = RETRY_AFTER
    content: dict[str, Any] = {}
    if errors:
        kinds = dict.fromkeys(PROBLEMS.get(error, Problem) for error in errors)
        # The widest comes last: a program that tries one after the other takes the first that fits.
        alternatives = [ref(kind) for kind in sorted(kinds, key=lambda kind: kind is Problem)]
        content["application/problem+json"] = {
            "schema": alternatives[0] if len(kinds) == 1 else {"anyOf": alternatives},
            "examples": {one.code: {"$ref": f"#/components/examples/{one.code}"} for one in errors},
        }
    if gateway:
        content["application/json"] = {"schema": ref(GatewayMessage)}
    return refusal | {"content": content}


def _sentence(error: type[ApiError]) -> str:
    return (error.__doc__ or error.title).strip().splitlines()[0]


def _security_schemes() -> dict[str, Any]:
    scopes = ", ".join(f"`{scope}`" for scope in SCOPES)
    return {
        "apiKey": {
            "type": "http",
            "scheme": "bearer",
            "description": (
                f"An API key, `rp_...`. It belongs to a client and has scopes of {scopes}; each "
                "operation names the one that it needs. With `phones:read` phone numbers are "
                "answered in clear."
            ),
        },
        "zaloSignature": {
            "type": "apiKey",
            "in": "header",
            "name": "X-ZEvent-Signature",
            "description": (
                "`mac=` and the SHA-256, in hexadecimal, of the app's id, the very body, its "
                "`timestamp` and the OA's secret key, one behind the other."
            ),
        },
        "supabaseSignature": {
            "type": "apiKey",
            "in": "header",
            "name": "webhook-signature",
            "description": "By Standard Webhooks, with `webhook-id` and `webhook-timestamp`.",
        },
        "logtoToken": {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "The value that the connector is set up with, as it is.",
        },
        "zitadelSignature": {
            "type": "apiKey",
            "in": "header",
            "name": "ZITADEL-Signature",
            "description": (
                "`t=<Unix seconds>,v1=<hex>`: HMAC-SHA256 of the time, a dot and the very body "
                "under the provider's signing key."
            ),
        },
        "caresoftSignature": {
            "type": "apiKey",
            "in": "header",
            "name": "X-Hub-Signature",
            "description": (
                "HMAC-SHA1 of the very body under the secret that the stack and CareSoft share, in "
                "hexadecimal."
            ),
        },
        "voiceGatewaySignature": {
            "type": "apiKey",
            "in": "header",
            "name": "webhook-signature",
            "description": "By Standard Webhooks, with `webhook-id` and `webhook-timestamp`.",
        },
        "bizflyToken": {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "The token that the stack and Bizfly share, as it is (no `Bearer`).",
        },
        "webhookToken": {
            "type": "apiKey",
            "in": "header",
            "name": "X-Ringpass-Token",
            "description": "The token that the stack and MCN share.",
        },
    }

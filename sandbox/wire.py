"""What travels: a request as it was read, a reply as it will be written, and why one is refused."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NoReturn

type Json = bool | int | float | str | list[Json] | dict[str, Json] | None


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, read to its end. Header names are lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP reply. ``headers`` are those beside Content-Type and Content-Length."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


BAD_GATEWAY = Reply(
    502,
    b"<html><head><title>502 Bad Gateway</title></head>"
    b"<body><center><h1>502 Bad Gateway</h1></center></body></html>",
    "text/html",
)
"""What stands before a provider answers in its place."""


class Refused(Exception):
    """A provider takes this request for wrong. ``why`` names a field, never its value."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


class BadInput(Exception):
    """A control route was given something it cannot use. ``where`` is the field's name."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where}: {why}")
        self.where = where
        self.why = why


def json_reply(status: int, value: Mapping[str, Json]) -> Reply:
    r"""Build a JSON reply as the providers write theirs: compact, non-ASCII as ``\uXXXX``."""
    return Reply(status, json.dumps(value, separators=(",", ":")).encode("ascii"))


def parse_json(body: bytes) -> Json:
    """Read JSON strictly. Raises ValueError for anything that is not JSON in UTF-8."""
    try:
        value: Json = json.loads(body.decode("utf-8"), parse_constant=_refuse_constant)
    except RecursionError as error:
        message = "nested too deep"
        raise ValueError(message) from error
    return value


def _refuse_constant(name: str) -> NoReturn:
    # Python reads NaN and Infinity, JSON does not know them.
    message = f"{name} is not JSON"
    raise ValueError(message)


def is_json(content_type: str) -> bool:
    """Tell whether a Content-Type header names JSON, with or without parameters."""
    return content_type.partition(";")[0].strip().lower() == "application/json"


def read_json_object(request: Request) -> dict[str, Json]:
    """Read the JSON object that every provider here wants. Raises Refused (415, 400)."""
    if not is_json(request.headers.get("content-type", "")):
        raise Refused(415, "Content-Type must be application/json")
    try:
        value = parse_json(request.body)
    except ValueError as error:
        raise Refused(400, "the body is not JSON") from error
    if not isinstance(value, dict):
        raise Refused(400, "the body must be a JSON object")
    return value


def check_fields(
    value: Mapping[str, Json], *, required: tuple[str, ...], optional: tuple[str, ...] = ()
) -> None:
    """Refuse (400) a missing field, and one that the provider's documentation does not know."""
    for name in required:
        if name not in value:
            raise Refused(400, f"{name} is missing")
    for name in value:
        if name not in required and name not in optional:
            # The name is the sender's own text, so it may be long or hold anything.
            raise Refused(400, f"unknown field {json.dumps(name[:40])}")


def check_bearer(request: Request, token: str) -> None:
    """Refuse (401) all but ``Authorization: Bearer <token>``."""
    authorization = request.headers.get("authorization")
    if authorization is None:
        raise Refused(401, "Authorization is missing")
    scheme, _, credentials = authorization.partition(" ")
    if scheme != "Bearer":
        raise Refused(401, "Authorization must be 'Bearer <token>'")
    if credentials != token:
        raise Refused(401, "the token in Authorization is not the account's")


def check_method(request: Request, allowed: str) -> None:
    """Refuse (405) every other method."""
    if request.method != allowed:
        raise Refused(405, f"only {allowed} is allowed here")

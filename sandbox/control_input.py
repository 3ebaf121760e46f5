"""What control routes are given, and how they say that they cannot use it."""

import json
import re
from collections.abc import Mapping
from urllib.parse import parse_qsl

from sandbox import phones
from sandbox.wire import BadInput, Json, Reply, Request, parse_json

_HEADER_NAME = re.compile(r"[A-Za-z0-9-]+")
_TWO_DIGITS = re.compile(r"[0-9]{2}")
_MOST_TIMES = 1000


def problem(status: int, title: str, detail: str, where: str | None = None) -> Reply:
    """Build a problem; ``where`` is the field or query parameter at fault."""
    value: dict[str, Json] = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
    }
    if where is not None:
        value["errors"] = [{"loc": [where], "type": "invalid"}]
    return Reply(status, json.dumps(value).encode(), "application/problem+json")


def read_times(body: Mapping[str, Json], least: int = 1) -> int:
    """How often something is to be sent. Raises BadInput."""
    times = body.get("times", 1)
    if isinstance(times, bool) or not isinstance(times, int) or not least <= times <= _MOST_TIMES:
        raise BadInput("times", f"must be an integer, {least} to {_MOST_TIMES}")
    return times


def read_path(body: Mapping[str, Json]) -> str | None:
    """A path on the webhook's host; None for the one that is set. Raises BadInput."""
    path = body.get("path")
    if path is None:
        return None
    if not isinstance(path, str) or not path.startswith("/") or not fits_header(path):
        raise BadInput("path", "must be a path on the webhook's host, from its first /")
    if " " in path:
        raise BadInput("path", "must not hold blanks")
    return path


def read_headers(body: Mapping[str, Json]) -> dict[str, str]:
    """Headers to be sent. Raises BadInput."""
    headers = body.get("headers", {})
    if not isinstance(headers, dict):
        raise BadInput("headers", "must be an object of strings")
    valid_headers = {}
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name) or not isinstance(value, str):
            raise BadInput("headers", "must be an object of strings")
        if not fits_header(value):
            raise BadInput("headers", "must hold printable ASCII text")
        valid_headers[name] = value
    return valid_headers


def fits_header(value: Json) -> bool:
    """Tell whether this can stand in a header."""
    return isinstance(value, str) and value.isascii() and value.isprintable()


def read_query(request: Request, names: tuple[str, ...]) -> dict[str, str]:
    """The query's parameters, all of which must be known. Raises BadInput."""
    query = dict(parse_qsl(request.query, keep_blank_values=True))
    for name in query:
        if name not in names:
            raise BadInput(name, "no such query parameter")
    return query


def read_body(request: Request, names: tuple[str, ...] | None = None) -> dict[str, Json]:
    """Read a JSON object under any Content-Type; an empty body is an empty object."""
    if not request.body:
        return {}
    try:
        body = parse_json(request.body)
    except ValueError as error:
        raise BadInput("body", "is not JSON") from error
    if not isinstance(body, dict):
        raise BadInput("body", "must be a JSON object")
    for name in body:
        if names is not None and name not in names:
            raise BadInput(name, "no such field")
    return body


def read_phone(value: Json) -> str:
    """An E.164 number. Raises BadInput."""
    # A plus in a query string arrives as a blank.
    phone = "+" + value[1:] if isinstance(value, str) and value.startswith(" ") else value
    if not isinstance(phone, str) or not phones.is_e164(phone):
        raise BadInput("phone", "must be E.164, such as +84389801371")
    return phone


def read_digits(name: str, value: Json) -> str:
    """The two digits of a row of a table. Raises BadInput."""
    if not isinstance(value, str) or not _TWO_DIGITS.fullmatch(value):
        raise BadInput(name, "must be a string of two digits")
    return value


def raw_text(raw: Json) -> str:
    """A body of any form: a text as it is, anything else as JSON."""
    return raw if isinstance(raw, str) else json.dumps(raw, separators=(",", ":"))

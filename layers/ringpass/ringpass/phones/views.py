"""Responses for a person's data."""

from typing import TYPE_CHECKING
from urllib.parse import unquote

from ringpass.errors import invalid_field
from ringpass.http.router import Request, Response
from ringpass.phone import Phone, PhoneError, parse_phone

if TYPE_CHECKING:
    from ringpass.http.pagination import Page
    from ringpass.phones import responses
    from ringpass.phones.delete import Deletion
    from ringpass.phones.export import ExportLine

NEXT = "Next-Cursor"
"""The header that leads to the next page of an export."""


def phone_of(request: Request) -> Phone:
    """Returns the number in the path: E.164, or national with ``region`` in the query.

    A ``+`` may be percent-encoded or not; one that was read as a blank is one, too.

    Raises:
        ValidationFailed: It is not a number.
    """
    text = unquote(request.path["phone"])
    if text.startswith(" "):
        text = f"+{text[1:]}"
    try:
        return parse_phone(text, request.query.get("region"))
    except PhoneError as error:
        loc = ["query", "region"] if error.type == "region_unknown" else ["path", "phone"]
        raise invalid_field(loc, error.type, error.message) from None


def export_response(page: "Page[ExportLine]") -> Response:
    """The response with a page of an export: a JSON document in each line."""
    headers = {"Content-Type": "application/x-ndjson"}
    if page.next_cursor is not None:
        headers[NEXT] = page.next_cursor
    return Response({}, 200, headers, text="".join(line.text for line in page.items))


def deletion_response(deletion: "Deletion") -> Response:
    """The report of a deletion."""
    body: responses.PhoneDeletion = {
        "complete": deletion.complete,
        "phone_hash": deletion.phone_hash,
        "deleted": {kind: count for kind, count in sorted(deletion.counts.items()) if count},
        "kept": list(deletion.kept),
    }
    return Response(body)

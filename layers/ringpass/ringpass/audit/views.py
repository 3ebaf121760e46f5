"""Response bodies of the audit log."""

from typing import TYPE_CHECKING

from ringpass.audit.model import AuditEntry
from ringpass.http.pagination import Page
from ringpass.http.router import Response

if TYPE_CHECKING:
    from ringpass.audit import responses


def entry_view(entry: AuditEntry) -> "responses.AuditEntry":
    """Returns an entry as the API shows it."""
    change = entry.change
    return {
        "id": entry.id,
        "at": entry.created_at,
        "key_id": entry.key_id or None,
        "action": change.action,
        "resource": change.resource,
        "resource_id": change.resource_id,
        "from_version": change.from_version,
        "to_version": change.to_version,
        "fields": list(change.fields),
    }


def page_response(page: Page[AuditEntry]) -> Response:
    """Returns a page of entries."""
    body: responses.AuditEntryList = {
        "items": [entry_view(entry) for entry in page.items],
        "next_cursor": page.next_cursor,
    }
    return Response(body)

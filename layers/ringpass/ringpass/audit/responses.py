"""Response types of the audit log."""

from typing import TypedDict

from ringpass.http.responses import Instant

# docs/openapi.json has the words of each.
type AuditAction = str
type AuditResource = str


class AuditEntry(TypedDict):
    """Who changed what, from which version to which."""

    id: str
    at: Instant
    key_id: str | None
    """The API key that was used; null: the operator of the stack, with rights of AWS."""
    action: AuditAction
    resource: AuditResource
    resource_id: str | None
    """Which one; null: a client has only one."""
    from_version: int | None
    """The version before; null: there was none, or it has no versions."""
    to_version: int | None
    """The version after; null: it was deleted, or it has no versions."""
    fields: list[str]
    """Names of the fields that differ, never their values; of an object, `object.field`."""


class AuditEntryList(TypedDict):
    """A page of the audit log, newest first."""

    items: list[AuditEntry]
    next_cursor: str | None
    """Of the next page; null on the last one."""

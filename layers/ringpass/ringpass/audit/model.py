"""An entry of the audit log: who changed what, from which version to which."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Protocol, Self

_NOT_CONTENT: Final = frozenset({"version", "updated_at", "updated_by", "fingerprint"})


class Resource(StrEnum):
    """What was changed."""

    SETTINGS = "settings"
    CAUSE_TABLE = "cause_table"
    API_KEY = "api_key"
    SCENARIO = "scenario"
    ZNS_TEMPLATE = "zns_template"
    OA_SETTINGS = "oa_settings"
    OA_AGENT = "oa_agent"
    PROVIDER = "provider"
    WEBHOOK_ENDPOINT = "webhook_endpoint"
    PHONE = "phone"


class Action(StrEnum):
    """How it was changed."""

    CREATED = "created"
    REPLACED = "replaced"
    DELETED = "deleted"
    ACTIVATED = "activated"
    DEACTIVATED = "deactivated"
    ROTATED = "rotated"
    """It has a successor: another key, another secret."""
    REVOKED = "revoked"
    ENABLED = "enabled"
    RESUMED = "resumed"
    """A provider's suspension was ended by hand."""


class Versioned(Protocol):
    """A stored resource with a version."""

    @property
    def version(self) -> int:
        """The number of its writes."""

    def to_item(self) -> Mapping[str, Any]:
        """Returns its attributes in the table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change of one resource.

    Attributes:
        resource: What was changed.
        resource_id: Which one; None: a client has only one.
        action: How.
        from_version: The version before; None: there was none, or it has no versions.
        to_version: The version after; None: it was deleted, or it has no versions.
        fields: Names of the fields that differ, never their values.
    """

    resource: Resource
    resource_id: str | None
    action: Action
    from_version: int | None = None
    to_version: int | None = None
    fields: tuple[str, ...] = ()

    @classmethod
    def between(
        cls,
        resource: Resource,
        resource_id: str | None,
        action: Action,
        old: Versioned | None,
        new: Versioned | None,
    ) -> Self:
        """Returns the change from one version to another; None: it was created, or deleted."""
        return cls(
            resource=resource,
            resource_id=resource_id,
            action=action,
            from_version=old.version if old else None,
            to_version=new.version if new else None,
            fields=changed_fields(old.to_item(), new.to_item()) if old and new else (),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """A change with its author and its time.

    Attributes:
        id: ``aud_`` and 32 characters.
        client: Who sees it.
        key_id: The API key that was used; empty: none (``Actor.key_id``).
        created_at: When it was written, RFC 3339.
        change: What was changed.
    """

    id: str
    client: str
    key_id: str
    created_at: str
    change: Change


def changed_fields(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, ...]:
    """Returns the names of the fields that differ, in the order of the alphabet.

    A field of an object is named with it: ``limits.daily_sends``. Fields that every change changes
    are left out, such as ``version``.
    """
    return tuple(sorted(name for name in _changed(old, new, depth=2) if name not in _NOT_CONTENT))


def _changed(old: Mapping[str, Any], new: Mapping[str, Any], depth: int) -> set[str]:
    names: set[str] = set()
    for name in old.keys() | new.keys():
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        if depth > 1 and isinstance(before or {}, Mapping) and isinstance(after or {}, Mapping):
            inner = _changed(before or {}, after or {}, depth - 1)
            names |= {f"{name}.{one}" for one in inner} or {name}
        else:
            names.add(name)
    return names

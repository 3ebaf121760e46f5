"""Repository of the audit log.

    PK AUD#<id>   SK AUD   entity "audit_entry"

The list index has a client's entries under ``AUDIT#<client>``; clients' names are in lower case. An
entry is written in the transaction of its change, so that neither exists without the other. It does
not expire: neither do the settings and keys that it is about.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Final

from ringpass.audit.model import Action, AuditEntry, Change, Resource
from ringpass.aws.client_index import BY_CLIENT, listed_at
from ringpass.aws.dynamodb import Item, Table
from ringpass.aws.transaction import Put
from ringpass.http.actor import Actor
from ringpass.ids import audit_id

_PAGE: Final = 50


def audit_entry(actor: Actor, change: Change, now: str) -> Put:
    """Returns the write of an entry, for the transaction of its change.

    Args:
        actor: Who changes it.
        change: What changes.
        now: When, RFC 3339.
    """
    return Put(
        _to_item(
            AuditEntry(
                id=audit_id(),
                client=actor.client,
                key_id=actor.key_id,
                created_at=now,
                change=change,
            )
        ),
        "attribute_not_exists(PK)",
    )


@dataclass(frozen=True, slots=True)
class AuditRepository:
    """Reads the audit log.

    Attributes:
        table: The table.
    """

    table: Table

    def list_by_client(self, client: str, after: str, before: str) -> Iterator[AuditEntry]:
        """List a client's entries, newest first, ``after <= listed_at < before``."""
        items = self.table.list_items(BY_CLIENT, [_bucket(client)], after, before, _PAGE)
        return map(_from_item, items)


def _to_item(entry: AuditEntry) -> Item:
    return {
        "PK": f"AUD#{entry.id}",
        "SK": "AUD",
        "entity": "audit_entry",
        "id": entry.id,
        "client": entry.client,
        "key_id": entry.key_id,
        "created_at": entry.created_at,
        **asdict(entry.change),
        "fields": list(entry.change.fields),
        "client_bucket": _bucket(entry.client),
        "listed_at": listed_at(entry),
    }


def _from_item(item: Item) -> AuditEntry:
    return AuditEntry(
        id=item["id"],
        client=item["client"],
        key_id=item["key_id"],
        created_at=item["created_at"],
        change=Change(
            resource=Resource(item["resource"]),
            resource_id=item.get("resource_id"),
            action=Action(item["action"]),
            from_version=item.get("from_version"),
            to_version=item.get("to_version"),
            fields=tuple(item["fields"]),
        ),
    )


def _bucket(client: str) -> str:
    return f"AUDIT#{client}"

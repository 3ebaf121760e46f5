"""Repository of API keys.

    PK KEY#<key id>   SK KEY   entity "key"

The list index has them under ``KEYS#<client>``, apart from the client's deliveries. Clients' names
are in lower case, so the two cannot be confused.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from ringpass.aws.client_index import BY_CLIENT, listed_at
from ringpass.aws.dynamodb import Item, Table
from ringpass.aws.transaction import Check, Put, Transaction, Update

KEY: Final = "key"
"""Tag of the new or revoked key in a transaction."""
_PAGE: Final = 50
_EARLIEST, _LATEST = "0", "9"  # sort before and after every instant
_ABSENT: Final = "attribute_not_exists(PK)"
_REVOKE: Final = "SET revoked_at = :now"
_NOT_REVOKED: Final = "attribute_exists(PK) AND attribute_not_exists(revoked_at)"
_ACTIVE: Final = (
    "attribute_exists(PK) AND attribute_not_exists(revoked_at)"
    " AND attribute_not_exists(valid_until)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRecord:
    """A stored API key, with only the SHA-256 of its secret part (256 random bits).

    Attributes:
        id: Its middle part.
        client: Its owner.
        scopes: What it may do.
        digest: SHA-256 of its secret part.
        created_at: RFC 3339.
        label: The owner's own name for it.
        fingerprint: Hash of the request, to detect another request with the same idempotency key.
        valid_until: When it ends, once it has been rotated.
        revoked_at: When it was revoked.
        replaced_by: Id of the key that it was rotated to.
    """

    id: str
    client: str
    scopes: tuple[str, ...]
    digest: str
    created_at: str
    label: str | None = None
    fingerprint: str | None = None
    valid_until: str | None = None
    revoked_at: str | None = None
    replaced_by: str | None = None

    @property
    def is_active(self) -> bool:
        """Whether it is neither revoked nor rotated."""
        return self.revoked_at is None and self.valid_until is None

    def is_valid(self, now: str) -> bool:
        """Whether it is accepted at ``now``."""
        return self.revoked_at is None and (self.valid_until is None or now < self.valid_until)


@dataclass(frozen=True, slots=True)
class ApiKeyRepository:
    """Reads and writes API keys."""

    table: Table

    def get(self, key_id: str) -> KeyRecord | None:
        """Read a key; None if there is none."""
        item = self.table.get(_key(key_id))
        return from_item(item) if item else None

    def add(self, record: KeyRecord, entry: Put) -> None:
        """Write a new key, and the entry of the audit log.

        Raises:
            ConditionsFailed: There is a key with this id (``KEY``).
        """
        tx = Transaction(self.table)
        tx.add(Put(_to_item(record), _ABSENT), KEY)
        tx.add(entry)
        tx.commit()

    def revoke(self, key_id: str, now: str, entry: Put) -> None:
        """End a key at once, and write the entry of the audit log.

        Raises:
            ConditionsFailed: It has been revoked already, or there is none (``KEY``).
        """
        tx = Transaction(self.table)
        tx.add(Update(_key(key_id), _REVOKE, {":now": now}, _NOT_REVOKED), KEY)
        tx.add(entry)
        tx.commit()

    def revoke_if_other_is_active(self, key_id: str, other_id: str, now: str, entry: Put) -> None:
        """End a key at once, if the key ``other_id`` is active.

        Raises:
            ConditionsFailed: The key (``KEY``) or the other one has been revoked or rotated
                already.
        """
        tx = Transaction(self.table)
        tx.add(Update(_key(key_id), _REVOKE, {":now": now}, _ACTIVE), KEY)
        tx.add(Check(_key(other_id), _ACTIVE))
        tx.add(entry)
        tx.commit()

    def replace(
        self, key_id: str, new: KeyRecord, valid_until: str, entries: Iterable[Put]
    ) -> None:
        """Write a new key and set the end of the old one, in one transaction.

        Raises:
            ConditionsFailed: There is a key with the new one's id (``KEY``), or the old one has
                been revoked or rotated already.
        """
        end_of_old = Update(
            _key(key_id),
            "SET valid_until = :until, replaced_by = :new",
            {":until": valid_until, ":new": new.id},
            _ACTIVE,
        )
        tx = Transaction(self.table)
        tx.add(Put(_to_item(new), _ABSENT), KEY)
        tx.add(end_of_old)
        for entry in entries:
            tx.add(entry)
        tx.commit()

    def for_client(self, client: str, before: str = _LATEST) -> Iterator[KeyRecord]:
        """List a client's keys, newest first, ``listed_at < before``."""
        items = self.table.list_items(BY_CLIENT, [_bucket(client)], _EARLIEST, before, _PAGE)
        return map(from_item, items)


def from_item(item: Item) -> KeyRecord:
    """Return the key that an item stores."""
    return KeyRecord(
        id=item["PK"].removeprefix("KEY#"),
        client=item["client"],
        scopes=tuple(item["scopes"]),
        digest=item["digest"],
        created_at=item["created_at"],
        label=item.get("label"),
        fingerprint=item.get("fingerprint"),
        valid_until=item.get("valid_until"),
        revoked_at=item.get("revoked_at"),
        replaced_by=item.get("replaced_by"),
    )


def _to_item(record: KeyRecord) -> dict[str, Any]:
    return {
        **_key(record.id),
        "entity": "key",
        "client": record.client,
        "scopes": list(record.scopes),
        "digest": record.digest,
        "created_at": record.created_at,
        "label": record.label,
        "fingerprint": record.fingerprint,
        "client_bucket": _bucket(record.client),
        "listed_at": listed_at(record),
    }


def _key(key_id: str) -> Item:
    return {"PK": f"KEY#{key_id}", "SK": "KEY"}


def _bucket(client: str) -> str:
    return f"KEYS#{client}"

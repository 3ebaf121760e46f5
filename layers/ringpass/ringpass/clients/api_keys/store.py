"""Items of API keys.

    PK KEY#<key id>   SK KEY   entity "key"

They stand in the list index under ``KEYS#<client>``, apart from the client's deliveries. Clients'
names are in lower case, so neither can be taken for the other.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from ringpass.aws.dynamodb import Check, Index, Item, Put, Table, Update

_PAGE: Final = 50
_BY_CLIENT: Final = Index("by_client", "client_bucket", "listed_at")
_NEVER, _EVER = "0", "9"  # before and after any instant as text
_ABSENT: Final = "attribute_not_exists(PK)"
_LASTS: Final = (
    "attribute_exists(PK) AND attribute_not_exists(revoked_at)"
    " AND attribute_not_exists(valid_until)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRecord:
    """An API key as it is kept: of its secret part only the SHA-256 (it has 256 random bits).

    Attributes:
        id: Its middle part, by which it is named.
        client: Who it belongs to.
        scopes: What it may do.
        digest: SHA-256 of its secret part.
        created_at: RFC 3339.
        label: What its owner calls it.
        fingerprint: Tells apart the requests that an idempotency key may have served.
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
    def lasts(self) -> bool:
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
        """The key, or None."""
        item = self.table.get(_key(key_id))
        return from_item(item) if item else None

    def add(self, record: KeyRecord) -> None:
        """Write a new key.

        Raises:
            ConditionFailed: There is a key with this id.
        """
        self.table.put(_to_item(record), _ABSENT)

    def revoke(self, key_id: str, now: str) -> KeyRecord:
        """End a key at once; one that has been revoked stays as it is.

        Raises:
            ConditionFailed: There is no such key.
        """
        return from_item(
            self.table.update(
                _key(key_id),
                "SET revoked_at = if_not_exists(revoked_at, :now)",
                {":now": now},
                condition="attribute_exists(PK)",
            )
        )

    def revoke_beside(self, key_id: str, witness: str, now: str) -> None:
        """End a key at once, if the key ``witness`` lasts.

        Raises:
            ConditionFailed: The key has been revoked or rotated already.
            Blocked: ``witness`` has been.
        """
        self.table.transact(
            Update(_key(key_id), "SET revoked_at = :now", {":now": now}, _LASTS),
            Check(_key(witness), _LASTS),
        )

    def replace(self, key_id: str, new: KeyRecord, valid_until: str) -> None:
        """Write a new key and let the old one end: both, or neither.

        Raises:
            ConditionFailed: There is a key with the new one's id.
            Blocked: The old one has been revoked or rotated already.
        """
        self.table.transact(
            Put(_to_item(new), _ABSENT),
            Update(
                _key(key_id),
                "SET valid_until = :until, replaced_by = :new",
                {":until": valid_until, ":new": new.id},
                _LASTS,
            ),
        )

    def of_client(self, client: str, before: str = _EVER) -> Iterator[KeyRecord]:
        """A client's keys, newest first, ``listed_at < before``."""
        items = self.table.list_items(_BY_CLIENT, [_bucket(client)], _NEVER, before, _PAGE)
        return map(from_item, items)


def listed_at(record: KeyRecord) -> str:
    """Where a key stands in a list: its creation, and its id to tell equal ones apart."""
    return f"{record.created_at}#{record.id}"


def from_item(item: Item) -> KeyRecord:
    """The key of an item."""
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

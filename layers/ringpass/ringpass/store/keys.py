"""Items of API keys.

PK KEY#<key id>   SK KEY   entity "key"
"""

from dataclasses import dataclass

from ringpass.store.table import Item, Table


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """An API key as it is kept: of its secret part only the SHA-256 (it has 256 random bits)."""

    id: str
    client: str
    scopes: tuple[str, ...]
    digest: str
    created_at: str
    revoked_at: str | None = None


@dataclass(frozen=True, slots=True)
class Keys:
    """Reads and writes API keys."""

    table: Table

    def add(self, record: KeyRecord) -> None:
        """Write a new key."""
        self.table.put(
            {
                **_key(record.id),
                "entity": "key",
                "client": record.client,
                "scopes": list(record.scopes),
                "digest": record.digest,
                "created_at": record.created_at,
            },
            "attribute_not_exists(PK)",
        )

    def get(self, key_id: str) -> KeyRecord | None:
        """The key, or None."""
        item = self.table.get(_key(key_id))
        if item is None:
            return None
        return KeyRecord(
            id=key_id,
            client=item["client"],
            scopes=tuple(item["scopes"]),
            digest=item["digest"],
            created_at=item["created_at"],
            revoked_at=item.get("revoked_at"),
        )


def _key(key_id: str) -> Item:
    return {"PK": f"KEY#{key_id}", "SK": "KEY"}

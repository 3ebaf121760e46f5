"""Repository of clients' settings.

    PK CLI#<client>   SK SETTINGS   entity "client_settings"

One item has two documents, ``settings`` and ``cause_rows``, so one read returns both. Each is
replaced in one transaction, which leaves the other one unchanged, increments ``version``
(optimistic lock) and adds an entry to the audit log. The operator's ceiling is in other items
(``ringpass.clients.ceilings.store``), in the same read.
"""

from dataclasses import dataclass
from typing import Any, Final

from ringpass.aws.dynamodb import Item, Table
from ringpass.aws.transaction import Put, Transaction, Update
from ringpass.clients.ceilings.store import ceiling_from_items, ceiling_keys
from ringpass.clients.settings.model import ClientSettings, row_to_item

CURRENT: Final = "current"
"""Tag of the current version in a transaction."""
_SK: Final = "SETTINGS"
_ABSENT: Final = "attribute_not_exists(PK)"
_UNCHANGED: Final = "version = :expected"
_OTHER_FIELDS: Final = frozenset({"cause_rows", "version"})


@dataclass(frozen=True, slots=True)
class ClientSettingsRepository:
    """Reads and writes clients' settings."""

    table: Table

    def get(self, client: str) -> ClientSettings:
        """Read the client's settings, limited by the operator's ceiling.

        They are the defaults if there is no item.
        """
        items = self.table.get_many([_key(client), *ceiling_keys(client)])
        settings_item = next((item for item in items if item["SK"] == _SK), None)
        settings = _from_item(settings_item) if settings_item else ClientSettings()
        return settings.with_ceiling(ceiling_from_items(client, items))

    def replace_settings(self, client: str, new: ClientSettings, now: str, entry: Put) -> None:
        """Replace the version before by new settings, but not the rows of the cause table.

        Args:
            client: Their owner.
            new: The settings, with the next version.
            now: RFC 3339.
            entry: The entry of the audit log.

        Raises:
            ConditionsFailed: The stored version is another one (``CURRENT``).
        """
        document = {
            name: value for name, value in new.to_item().items() if name not in _OTHER_FIELDS
        }
        self._replace(client, "settings", document, new.version, now, entry)

    def replace_cause_rows(self, client: str, new: ClientSettings, now: str, entry: Put) -> None:
        """Replace the rows of the cause table in the version before.

        Raises:
            ConditionsFailed: The stored version is another one (``CURRENT``).
        """
        rows = list(map(row_to_item, new.cause_rows))
        self._replace(client, "cause_rows", rows, new.version, now, entry)

    def _replace(
        self, client: str, name: str, document: object, version: int, now: str, entry: Put
    ) -> None:
        values: dict[str, Any] = {
            ":document": document,
            ":entity": "client_settings",
            ":now": now,
            ":version": version,
        }
        is_first = version == 1
        if not is_first:
            values[":expected"] = version - 1
        write = Update(
            _key(client),
            "SET #document = :document, entity = :entity, updated_at = :now, version = :version",
            values,
            _ABSENT if is_first else _UNCHANGED,
            {"#document": name},
        )
        tx = Transaction(self.table)
        tx.add(write, CURRENT)
        tx.add(entry)
        tx.commit()


def _key(client: str) -> Item:
    return {"PK": f"CLI#{client}", "SK": _SK}


def _from_item(item: Item) -> ClientSettings:
    other_fields = {name: item[name] for name in _OTHER_FIELDS if name in item}
    return ClientSettings.from_item({**item.get("settings", {}), **other_fields})

"""Repository of clients' settings.

    PK CLI#<client>   SK SETTINGS   entity "client_settings"

One item has two documents, ``settings`` and ``cause_rows``, so one read returns both. Each is
replaced in one update that leaves the other one unchanged and increments ``version``. The
operator's ceiling is in other items (``ringpass.clients.ceilings.store``), in the same read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from ringpass.aws.dynamodb import Item, Table
from ringpass.clients.ceilings.store import ceiling_from_items, ceiling_keys
from ringpass.clients.settings.cause_table import CauseRow
from ringpass.clients.settings.model import ClientSettings, row_to_item

_SK: Final = "SETTINGS"
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

    def replace_settings(
        self, client: str, settings: ClientSettings, now: str, expected_version: int | None = None
    ) -> ClientSettings:
        """Write all but the rows of the cause table; return what is stored then.

        Args:
            client: Their owner.
            settings: Its rows and its version are ignored.
            now: RFC 3339.
            expected_version: Write only if this is the version; 0: only if there is none yet.

        Raises:
            ConditionFailed: There is another version.
        """
        document = {
            name: value for name, value in settings.to_item().items() if name not in _OTHER_FIELDS
        }
        return self._replace(client, "settings", document, now, expected_version)

    def replace_cause_rows(
        self, client: str, rows: Sequence[CauseRow], now: str, expected_version: int | None = None
    ) -> ClientSettings:
        """Write the client's rows of the cause table; return what is stored then.

        Raises:
            ConditionFailed: There is another version than ``expected_version``.
        """
        return self._replace(
            client, "cause_rows", list(map(row_to_item, rows)), now, expected_version
        )

    def _replace(
        self, client: str, name: str, document: object, now: str, expected_version: int | None
    ) -> ClientSettings:
        values: dict[str, Any] = {
            ":document": document,
            ":entity": "client_settings",
            ":now": now,
            ":none": 0,
            ":one": 1,
        }
        if expected_version:
            values[":expected"] = expected_version
        item = self.table.update(
            _key(client),
            "SET #document = :document, entity = :entity, updated_at = :now,"
            " version = if_not_exists(version, :none) + :one",
            values,
            names={"#document": name},
            condition=_condition(expected_version),
        )
        return _from_item(item)


def _condition(expected_version: int | None) -> str | None:
    if expected_version is None:
        return None
    return "version = :expected" if expected_version else "attribute_not_exists(PK)"


def _key(client: str) -> Item:
    return {"PK": f"CLI#{client}", "SK": _SK}


def _from_item(item: Item) -> ClientSettings:
    other_fields = {name: item[name] for name in _OTHER_FIELDS if name in item}
    return ClientSettings.from_item({**item.get("settings", {}), **other_fields})

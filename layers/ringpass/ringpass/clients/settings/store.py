"""Items of clients' settings.

    PK CLI#<client>   SK SETTINGS   entity "client_settings"

Two documents in one item, so that one read gives both: ``settings`` and ``cause_rows``. Each is
replaced by itself, in one update that leaves the other one as it is and counts ``version``. What
the operator allows the client stands in items of its own (``ringpass.clients.ceilings.store``) and
is read in the same request.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from ringpass.aws.dynamodb import Item, Table
from ringpass.clients.ceilings.store import ceiling_keys, ceiling_of
from ringpass.clients.settings.cause_table import CauseRow
from ringpass.clients.settings.model import ClientSettings, row_to_item

_SK: Final = "SETTINGS"
_APART: Final = frozenset({"cause_rows", "version"})


@dataclass(frozen=True, slots=True)
class ClientSettingsRepository:
    """Reads and writes clients' settings."""

    table: Table

    def get(self, client: str) -> ClientSettings:
        """The client's settings as they hold under the operator's ceiling.

        They are those of one that has set nothing, if there is no item.
        """
        items = self.table.get_many([_key(client), *ceiling_keys(client)])
        own = next((item for item in items if item["SK"] == _SK), None)
        settings = _from_item(own) if own else ClientSettings()
        return settings.under(ceiling_of(client, items))

    def replace_settings(
        self, client: str, settings: ClientSettings, now: str, expected: int | None = None
    ) -> ClientSettings:
        """Write all but the rows of the cause table, and give what is written then.

        Args:
            client: Whose they are.
            settings: Its rows and its version are passed over.
            now: RFC 3339.
            expected: Only if this is the version; 0: only if there is nothing yet.

        Raises:
            ConditionFailed: There is another version.
        """
        document = {name: value for name, value in settings.to_item().items() if name not in _APART}
        return self._replace(client, "settings", document, now, expected)

    def replace_cause_rows(
        self, client: str, rows: Sequence[CauseRow], now: str, expected: int | None = None
    ) -> ClientSettings:
        """Write the client's rows of the cause table, and give what is written then.

        Raises:
            ConditionFailed: There is another version than ``expected``.
        """
        return self._replace(client, "cause_rows", list(map(row_to_item, rows)), now, expected)

    def _replace(
        self, client: str, name: str, document: object, now: str, expected: int | None
    ) -> ClientSettings:
        values: dict[str, Any] = {
            ":document": document,
            ":entity": "client_settings",
            ":now": now,
            ":none": 0,
            ":one": 1,
        }
        if expected:
            values[":expected"] = expected
        item = self.table.update(
            _key(client),
            "SET #document = :document, entity = :entity, updated_at = :now,"
            " version = if_not_exists(version, :none) + :one",
            values,
            names={"#document": name},
            condition=_condition(expected),
        )
        return _from_item(item)


def _condition(expected: int | None) -> str | None:
    if expected is None:
        return None
    return "version = :expected" if expected else "attribute_not_exists(PK)"


def _key(client: str) -> Item:
    return {"PK": f"CLI#{client}", "SK": _SK}


def _from_item(item: Item) -> ClientSettings:
    apart = {name: item[name] for name in _APART if name in item}
    return ClientSettings.from_item({**item.get("settings", {}), **apart})

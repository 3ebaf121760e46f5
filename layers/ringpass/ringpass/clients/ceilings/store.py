"""Repository of the operator's ceilings.

    PK CEI#<client>   SK CEILING   entity "ceiling"
    PK CEI#*          SK CEILING   of every client

Only the operator's command writes them: the functions' roles may only read ``CEI#``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ringpass.aws.dynamodb import Item, Table
from ringpass.clients.ceilings.model import EVERYONE, Ceiling


@dataclass(frozen=True, slots=True)
class CeilingRepository:
    """Reads and writes ceilings."""

    table: Table

    def get(self, client: str) -> Ceiling:
        """Read the client's ceiling in one request; ``Ceiling()`` if none is set."""
        return ceiling_from_items(client, self.table.get_many(ceiling_keys(client)))

    def get_document(self, client: str) -> Mapping[str, Any] | None:
        """Read the document of one client or of ``EVERYONE``; None if none is set."""
        item = self.table.get(_key(client))
        return None if item is None else item["ceiling"]

    def put(self, client: str, document: Mapping[str, Any], now: str) -> None:
        """Replace a ceiling.

        Args:
            client: Whose ceiling, or ``EVERYONE``.
            document: In the form that ``Ceiling.from_document`` parses.
            now: RFC 3339.
        """
        item = {"entity": "ceiling", "ceiling": document, "updated_at": now}
        self.table.put({**_key(client), **item}, None)

    def remove(self, client: str) -> None:
        """Remove a ceiling, if there is one."""
        self.table.delete(_key(client))


def ceiling_keys(client: str) -> list[Item]:
    """Return the keys of the items that ``ceiling_from_items`` needs."""
    return [_key(client), _key(EVERYONE)]


def ceiling_from_items(client: str, items: Iterable[Item]) -> Ceiling:
    """Return the client's ceiling, from items that include those of ``ceiling_keys``."""
    documents = {item["PK"]: item["ceiling"] for item in items if item["SK"] == "CEILING"}
    everyone, own = documents.get(_pk(EVERYONE), {}), documents.get(_pk(client), {})
    return Ceiling.merge(everyone, own) if everyone or own else Ceiling()


def _pk(client: str) -> str:
    return f"CEI#{client}"


def _key(client: str) -> Item:
    return {"PK": _pk(client), "SK": "CEILING"}

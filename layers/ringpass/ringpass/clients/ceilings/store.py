"""Items of the operator's ceilings.

    PK CEI#<client>   SK CEILING   entity "ceiling"
    PK CEI#*          SK CEILING   of every client

Written by the operator's command alone: the functions' roles may only read ``CEI#``.
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

    def of(self, client: str) -> Ceiling:
        """The client's ceiling, in one request; ``Ceiling()`` if nobody has set one."""
        return ceiling_of(client, self.table.get_many(ceiling_keys(client)))

    def document(self, client: str) -> Mapping[str, Any] | None:
        """What the operator has set for one client, or for ``EVERYONE``; None: nothing."""
        item = self.table.get(_key(client))
        return None if item is None else item["ceiling"]

    def put(self, client: str, document: Mapping[str, Any], now: str) -> None:
        """Replace it.

        Args:
            client: Whose ceiling, or ``EVERYONE``.
            document: As ``Ceiling.from_document`` takes it.
            now: RFC 3339.
        """
        item = {"entity": "ceiling", "ceiling": document, "updated_at": now}
        self.table.put({**_key(client), **item}, None)

    def remove(self, client: str) -> None:
        """Remove it, if there is one."""
        self.table.delete(_key(client))


def ceiling_keys(client: str) -> list[Item]:
    """What ``ceiling_of`` needs, to be read together with something else."""
    return [_key(client), _key(EVERYONE)]


def ceiling_of(client: str, items: Iterable[Item]) -> Ceiling:
    """The client's ceiling, from items of which some are those of ``ceiling_keys``."""
    found = {item["PK"]: item["ceiling"] for item in items if item["SK"] == "CEILING"}
    everyone, own = found.get(_pk(EVERYONE), {}), found.get(_pk(client), {})
    return Ceiling.of(everyone, own) if everyone or own else Ceiling()


def _pk(client: str) -> str:
    return f"CEI#{client}"


def _key(client: str) -> Item:
    return {"PK": _pk(client), "SK": "CEILING"}

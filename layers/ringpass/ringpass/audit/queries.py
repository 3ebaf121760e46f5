"""Lists a client's audit log, newest first."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ringpass.audit.model import Action, AuditEntry, Resource
from ringpass.audit.store import AuditRepository
from ringpass.aws.client_index import listed_at, position_pattern
from ringpass.clock import Clock
from ringpass.http.pagination import Page, Parameters, take_page
from ringpass.ids import AUDIT_ID

_POSITION: Final = position_pattern(AUDIT_ID)
_MOST_CHARACTERS: Final = 128
_PARAMETERS: Final = frozenset(
    {"resource", "resource_id", "action", "key_id", "from", "to", "limit", "cursor"}
)


@dataclass(frozen=True, slots=True)
class AuditQueries:
    """Reads the audit log.

    Attributes:
        entries: Repository of the audit log.
        clock: Returns the current time.
    """

    entries: AuditRepository
    clock: Clock

    def page(self, client: str, query: Mapping[str, str]) -> Page[AuditEntry]:
        """A page of a client's entries, by ``resource, resource_id, action, key_id, from, to``.

        A page may hold fewer than ``limit`` although there are more: see ``next_cursor``.

        Raises:
            ValidationFailed: Names each parameter at fault.
            Unavailable: The table cannot be reached.
        """
        params = Parameters(query, _PARAMETERS)
        resource, action = params.choice("resource", Resource), params.choice("action", Action)
        expected = f"1 to {_MOST_CHARACTERS} characters"
        resource_id = params.read("resource_id", None, _read_id, expected)
        key_id = params.read("key_id", None, _read_id, expected)
        after, before = params.between(self.clock(), _POSITION)
        limit = params.limit()
        params.check()

        def matches(entry: AuditEntry) -> bool:
            change = entry.change
            return (
                resource in (None, change.resource)
                and resource_id in (None, change.resource_id)
                and action in (None, change.action)
                and key_id in (None, entry.key_id)
            )

        rows = self.entries.list_by_client(client, after, before)
        return take_page(rows, limit, listed_at, matches)


def _read_id(text: str) -> str:
    if not 1 <= len(text) <= _MOST_CHARACTERS:
        raise ValueError("id")
    return text

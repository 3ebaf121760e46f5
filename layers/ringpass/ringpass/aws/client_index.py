"""Client index: a sparse index of the records in a client's lists, newest first.

Its hash key ``client_bucket`` names the list. Its range key ``listed_at`` is the record's creation
and its id: ``2026-11-21T08:30:00.000Z#dlv_...``.
"""

import re
from typing import Final, Protocol

from ringpass.aws.dynamodb import Index

BY_CLIENT: Final = Index("by_client", "client_bucket", "listed_at")


class Listed(Protocol):
    """A record in a list."""

    @property
    def id(self) -> str:
        """The id."""

    @property
    def created_at(self) -> str:
        """The creation, as ``clock.to_text`` writes it."""


def listed_at(record: Listed) -> str:
    """Returns a record's position in its list: its creation, then its id for equal ones."""
    return f"{record.created_at}#{record.id}"


def position_pattern(id_: re.Pattern[str]) -> re.Pattern[str]:
    """Returns the pattern of a position in a list of records with such ids."""
    return re.compile(rf"\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{{3}}Z#{id_.pattern}")

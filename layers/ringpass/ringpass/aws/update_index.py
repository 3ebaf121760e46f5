"""Update index: the records of a client's lists in the order of their last changes.

Its hash key is that of the client index, its range key ``updated_at``. Items without ``updated_at``
are not in it.

A change gets into the index later than its ``updated_at`` says: the clock is read before the write,
and the index follows the table. A reader that has seen a change could miss an earlier one. So a
list of changes ends ``HORIZON`` ago: whatever happened before that is in the index.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from ringpass.aws.dynamodb import Index

BY_UPDATE: Final = Index("by_update", "client_bucket", "updated_at")
HORIZON: Final = timedelta(seconds=40)
"""A sender ends after 29 seconds (``config.SEND_TIMEOUT_SECONDS``); 11 are left for the index."""


@dataclass(frozen=True, slots=True)
class Changes:
    """A part of a list of changes: ``after < position``, ``updated_at < before``.

    A position is a change's time and its record's id: ``2026-11-21T08:30:00.000Z#dlv_...``.
    """

    after: str
    before: str

    @property
    def since(self) -> str:
        """The time of ``after``."""
        return self.after.partition("#")[0]

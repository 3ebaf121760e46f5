"""Creates the repository and the queries of events."""

from functools import cache
from typing import Final

from ringpass.clock import utc_now
from ringpass.events.queries import EventQueries
from ringpass.events.store import EventRepository
from ringpass.wiring import stack

LEAST_RETENTION_SECONDS: Final = 5 * 86_400
"""Events are kept so long at least, in seconds."""


@cache
def repository() -> EventRepository:
    """Returns the repository of events."""
    # Webhooks are tried for three days.
    retention_seconds = max(stack.settings().retention_seconds, LEAST_RETENTION_SECONDS)
    return EventRepository(stack.table(), retention_seconds)


@cache
def queries() -> EventQueries:
    """Returns the queries of events."""
    return EventQueries(repository(), utc_now)

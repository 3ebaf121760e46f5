"""Creates the repository and the queries of events."""

from functools import cache

from ringpass.clock import utc_now
from ringpass.events.queries import EventQueries
from ringpass.events.store import EventRepository
from ringpass.wiring import stack


@cache
def repository() -> EventRepository:
    """Returns the repository of events."""
    return EventRepository(stack.table(), stack.settings().retention_seconds)


@cache
def queries() -> EventQueries:
    """Returns the queries of events."""
    return EventQueries(repository(), utc_now)

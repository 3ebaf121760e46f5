"""Creates the repository of statistics."""

from functools import cache

from ringpass.reporting.store import StatisticsRepository
from ringpass.wiring import stack


@cache
def statistics() -> StatisticsRepository:
    """Returns the repository of statistics."""
    return StatisticsRepository(stack.table())

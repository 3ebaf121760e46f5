"""Creates the repository of circuits and the limit planner."""

from functools import cache

from ringpass.limits.circuit_store import CircuitRepository
from ringpass.limits.counters import CounterRepository
from ringpass.limits.planner import LimitPlanner
from ringpass.limits.refusals_store import RefusalRepository
from ringpass.wiring import stack


@cache
def circuits() -> CircuitRepository:
    """Returns the repository of circuit breakers' states."""
    return CircuitRepository(stack.table())


@cache
def planner() -> LimitPlanner:
    """Returns the planner of the counters that a send needs."""
    retention_seconds = stack.settings().retention_seconds
    return LimitPlanner(
        CounterRepository(stack.table()),
        RefusalRepository(stack.table(), retention_seconds),
        stack.secrets(),
    )

"""Creates the service that matches Bizfly's call results with calls."""

from functools import cache

from ringpass.deliveries.callees_store import CalleeRepository
from ringpass.deliveries.receipts.call_results import CallResults
from ringpass.wiring import deliveries, stack


@cache
def call_results() -> CallResults:
    """Returns the service that matches call results with calls."""
    return CallResults(CalleeRepository(stack.table()), deliveries.repository())

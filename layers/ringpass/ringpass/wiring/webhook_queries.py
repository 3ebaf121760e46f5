"""Creates the queries of webhook endpoints and of tries."""

from datetime import timedelta
from functools import cache

from ringpass.clock import utc_now
from ringpass.webhook_endpoints.attempts import AttemptQueries
from ringpass.webhook_endpoints.attempts_store import AttemptRepository
from ringpass.webhook_endpoints.queries import EndpointQueries
from ringpass.webhook_endpoints.store import EndpointRepository
from ringpass.wiring import stack


@cache
def repository() -> EndpointRepository:
    """Returns the repository of endpoints."""
    return EndpointRepository(stack.table())


@cache
def endpoints() -> EndpointQueries:
    """Returns the queries of endpoints."""
    return EndpointQueries(repository())


@cache
def attempts_repository() -> AttemptRepository:
    """Returns the repository of tries."""
    return AttemptRepository(stack.table(), timedelta(seconds=stack.settings().retention_seconds))


@cache
def attempts() -> AttemptQueries:
    """Returns the queries of tries."""
    return AttemptQueries(attempts_repository(), utc_now)

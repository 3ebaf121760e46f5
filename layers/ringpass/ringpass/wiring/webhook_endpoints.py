"""Creates the service of webhook endpoints, their tests, replays and tries."""

from datetime import timedelta
from functools import cache

from ringpass.clock import utc_now
from ringpass.redaction import Secret
from ringpass.webhook_endpoints.attempts import AttemptQueries
from ringpass.webhook_endpoints.attempts_store import AttemptRepository
from ringpass.webhook_endpoints.redelivery import Redelivery
from ringpass.webhook_endpoints.service import EndpointService
from ringpass.wiring import events, stack, webhook_lanes


def signing_key() -> Secret:
    """Returns the secret from which the endpoints' secrets are derived."""
    return stack.secrets().value("webhook_signing", "key")


@cache
def service() -> EndpointService:
    """Returns the service of webhook endpoints."""
    return EndpointService(
        stack.settings().stack,
        webhook_lanes.endpoints(),
        signing_key,
        utc_now,
        public_only=stack.settings().webhooks_public_only,
    )


@cache
def redelivery() -> Redelivery:
    """Returns what tests endpoints and replays events."""
    return Redelivery(
        service(), events.repository(), webhook_lanes.lanes(), webhook_lanes.wake, utc_now
    )


@cache
def attempts() -> AttemptRepository:
    """Returns the repository of tries."""
    return AttemptRepository(stack.table(), timedelta(seconds=stack.settings().retention_seconds))


@cache
def attempt_queries() -> AttemptQueries:
    """Returns the queries of tries."""
    return AttemptQueries(attempts(), utc_now)

"""Creates the service of webhook endpoints."""

from functools import cache

from ringpass.clock import utc_now
from ringpass.redaction import Secret
from ringpass.webhook_endpoints.service import EndpointService
from ringpass.wiring import stack, webhook_queries


def signing_key() -> Secret:
    """Returns the secret from which the endpoints' secrets are derived."""
    return stack.secrets().value("webhook_signing", "key")


@cache
def service() -> EndpointService:
    """Returns the service of webhook endpoints."""
    return EndpointService(
        stack.settings().stack,
        webhook_queries.endpoints(),
        signing_key,
        utc_now,
        public_only=stack.settings().webhooks_public_only,
    )

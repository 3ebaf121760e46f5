"""Creates the dispatcher of webhooks."""

from functools import cache

from ringpass.clock import utc_now
from ringpass.providers.http_client import Transport
from ringpass.webhook_endpoints.disabling import EndpointDisabler
from ringpass.webhook_endpoints.dispatcher import WebhookDispatcher
from ringpass.webhook_endpoints.sender import MAX_REPLY_BYTES, TIMEOUT_SECONDS, WebhookSender
from ringpass.wiring import events, stack, webhook_endpoints, webhook_lanes, webhook_queries


@cache
def dispatcher() -> WebhookDispatcher:
    """Returns the dispatcher."""
    transport = Transport(TIMEOUT_SECONDS, max_body_bytes=MAX_REPLY_BYTES)
    return WebhookDispatcher(
        webhook_queries.repository(),
        webhook_lanes.lanes(),
        webhook_queries.attempts_repository(),
        events.repository(),
        WebhookSender(transport, utc_now, public_only=stack.settings().webhooks_public_only),
        EndpointDisabler(webhook_queries.repository(), events.repository(), utc_now),
        webhook_endpoints.signing_key,
        webhook_lanes.wake,
        utc_now,
    )

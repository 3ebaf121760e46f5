"""Makes the repositories of what could not be read or matched."""

from functools import cache

from ringpass.deliveries.receipts.strays_store import Strays
from ringpass.deliveries.receipts.unmatched_payloads_store import UnmatchedPayloads
from ringpass.wiring import stack


@cache
def payloads() -> UnmatchedPayloads:
    """Payloads of webhooks, whole, for replay."""
    return UnmatchedPayloads(stack.table(), stack.secrets(), stack.settings().retention_seconds)


@cache
def receipts() -> Strays:
    """Receipts that came before their delivery was known."""
    return Strays(stack.table(), stack.secrets(), stack.settings().retention_seconds)

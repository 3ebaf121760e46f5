"""Makes the repositories of what could not be read or matched."""

from functools import cache

from ringpass.deliveries.receipts.strays_store import UnmatchedReceiptRepository
from ringpass.deliveries.receipts.unmatched_payloads_store import UnmatchedPayloadRepository
from ringpass.wiring import stack


@cache
def payloads() -> UnmatchedPayloadRepository:
    """Payloads of webhooks, whole, for replay."""
    return UnmatchedPayloadRepository(
        stack.table(), stack.secrets(), stack.settings().retention_seconds
    )


@cache
def receipts() -> UnmatchedReceiptRepository:
    """Receipts that came before their delivery was known."""
    return UnmatchedReceiptRepository(
        stack.table(), stack.secrets(), stack.settings().retention_seconds
    )

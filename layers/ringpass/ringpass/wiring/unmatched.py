"""Creates the repositories of unmatched payloads and receipts."""

from functools import cache

from ringpass.deliveries.receipts.unmatched_payloads_store import UnmatchedPayloadRepository
from ringpass.deliveries.receipts.unmatched_receipts_store import UnmatchedReceiptRepository
from ringpass.wiring import stack


@cache
def payloads() -> UnmatchedPayloadRepository:
    """Dead letters: payloads of webhooks, whole, for replay."""
    return UnmatchedPayloadRepository(
        stack.table(), stack.secrets(), stack.settings().retention_seconds
    )


@cache
def receipts() -> UnmatchedReceiptRepository:
    """Events that need no work, of which it is stored that they came."""
    return UnmatchedReceiptRepository(
        stack.table(), stack.secrets(), stack.settings().retention_seconds
    )

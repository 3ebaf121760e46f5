"""Creates the repositories of unmatched payloads and receipts."""

from functools import cache

from ringpass.deliveries.receipts.strays_store import UnmatchedReceiptRepository
from ringpass.deliveries.receipts.unmatched_payloads_store import UnmatchedPayloadRepository
from ringpass.wiring import stack


@cache
def payloads() -> UnmatchedPayloadRepository:
    """Returns the repository of whole webhook payloads, for replay."""
    return UnmatchedPayloadRepository(
        stack.table(), stack.secrets(), stack.settings().retention_seconds
    )


@cache
def receipts() -> UnmatchedReceiptRepository:
    """Returns the repository of receipts that came before their delivery."""
    return UnmatchedReceiptRepository(
        stack.table(), stack.secrets(), stack.settings().retention_seconds
    )

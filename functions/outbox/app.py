"""Runs the outbox on the table's stream. It raises errors: Lambda bisects and retries the batch."""

from collections.abc import Mapping
from typing import Any

from ringpass.wiring import outbox


def handler(event: Mapping[str, Any], _context: object) -> None:
    """Handle each record; a repeated record does no harm."""
    outbox.outbox().handle_all(event["Records"])

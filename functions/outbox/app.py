"""Acts on the table's stream. An error is raised, so that Lambda bisects and repeats the batch."""

from collections.abc import Mapping
from typing import Any

from ringpass.wiring import outbox


def handler(event: Mapping[str, Any], _context: object) -> None:
    """Act on each record; a record that comes again does no harm."""
    outbox.outbox().handle_all(event["Records"])

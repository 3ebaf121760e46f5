"""Publishes new events, from the table's stream. It raises errors: Lambda bisects and retries."""

from collections.abc import Mapping
from typing import Any

from ringpass.wiring import event_publisher


def handler(event: Mapping[str, Any], _context: object) -> None:
    """Hand over each record's event; a repeated record repeats it, with the same id."""
    event_publisher.publisher().publish(event["Records"])

"""Queues what is due within the next 15 minutes, every five minutes."""

from ringpass import wiring


def handler(_event: object, _context: object) -> dict[str, int]:
    """Tell how many tasks were queued."""
    return {"queued": wiring.scheduler().run()}

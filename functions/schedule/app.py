"""Queues what is due within the next 15 minutes, every five minutes."""

from ringpass.wiring import tasks


def handler(_event: object, _context: object) -> dict[str, int]:
    """Tell how many tasks were queued."""
    return {"queued": tasks.scheduler().run()}

"""Runs the scheduler, every five minutes: queues tasks that are due within 15 minutes."""

from ringpass.wiring import tasks


def handler(_event: object, _context: object) -> dict[str, int]:
    """Queue the tasks; returns their number."""
    return {"queued": tasks.scheduler().run()}

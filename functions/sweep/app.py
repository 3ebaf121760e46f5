"""Runs the sweeper, once an hour: queues overdue tasks."""

from ringpass.wiring import tasks


def handler(_event: object, _context: object) -> dict[str, int]:
    """Queue overdue tasks; returns their number, 0 in a healthy stack."""
    return {"overdue": tasks.sweeper().run()}

"""Polls providers, every five minutes, about deliveries without a final status."""

from ringpass.wiring import reconciliation


def handler(_event: object, _context: object) -> None:
    """Poll once about all deliveries that are due; the log has their number."""
    reconciliation.reconciler().run()

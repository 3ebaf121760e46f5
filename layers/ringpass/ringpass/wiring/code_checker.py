"""Creates the checker of codes."""

from functools import cache

from ringpass.clock import utc_now
from ringpass.verifications.check import CodeChecker
from ringpass.wiring import deliveries, stack, verifications


@cache
def checker() -> CodeChecker:
    """Returns the service that checks codes and cancels verifications."""
    return CodeChecker(
        verifications.repository(),
        deliveries.repository(),
        verifications.codes(),
        stack.secrets(),
        utc_now,
    )

"""Makes what checks codes."""

from functools import cache

from ringpass.clock import utc_now
from ringpass.verifications.check import Checks
from ringpass.verifications.codes import Codes
from ringpass.verifications.store import Verifications
from ringpass.wiring import deliveries, stack


@cache
def repository() -> Verifications:
    """The table's verifications."""
    return Verifications(stack.table(), stack.settings().retention_seconds)


@cache
def codes() -> Codes:
    """Derives codes."""
    return Codes(stack.secrets())


@cache
def checker() -> Checks:
    """Checks codes and cancels verifications."""
    return Checks(repository(), deliveries.repository(), codes(), stack.secrets(), utc_now)

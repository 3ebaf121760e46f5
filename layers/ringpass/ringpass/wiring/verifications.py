"""Creates the repository of verifications and the checker of codes."""

from functools import cache

from ringpass.clock import utc_now
from ringpass.verifications.check import CodeChecker
from ringpass.verifications.codes import Codes
from ringpass.verifications.store import VerificationRepository
from ringpass.wiring import deliveries, stack


@cache
def repository() -> VerificationRepository:
    """Returns the repository of verifications."""
    return VerificationRepository(stack.table(), stack.settings().retention_seconds)


@cache
def codes() -> Codes:
    """Returns the service that derives codes."""
    return Codes(stack.secrets())


@cache
def checker() -> CodeChecker:
    """Returns the service that checks codes and cancels verifications."""
    return CodeChecker(repository(), deliveries.repository(), codes(), stack.secrets(), utc_now)

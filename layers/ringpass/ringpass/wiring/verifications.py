"""Creates the repository and the codes of verifications."""

from functools import cache

from ringpass.verifications.codes import Codes
from ringpass.verifications.store import VerificationRepository
from ringpass.wiring import stack


@cache
def repository() -> VerificationRepository:
    """Returns the repository of verifications."""
    return VerificationRepository(stack.table(), stack.settings().retention_seconds)


@cache
def codes() -> Codes:
    """Returns the service that derives codes."""
    return Codes(stack.secrets())

"""Creates the queries of the audit log."""

from functools import cache

from ringpass.audit.queries import AuditQueries
from ringpass.audit.store import AuditRepository
from ringpass.clock import utc_now
from ringpass.wiring import stack


@cache
def queries() -> AuditQueries:
    """Returns the queries of the audit log."""
    return AuditQueries(AuditRepository(stack.table()), utc_now)

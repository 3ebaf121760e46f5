"""Creates the export and the deletion of a person's data."""

from functools import cache

from ringpass.clock import utc_now
from ringpass.deliveries.callees_store import CalleeRepository
from ringpass.limits.counters import CounterRepository
from ringpass.limits.refusals_store import RefusalRepository
from ringpass.oa.calls.store import CallRepository
from ringpass.oa.consents.store import ConsentRepository
from ringpass.phones.delete import PhoneDeletion
from ringpass.phones.export import PhoneExport
from ringpass.phones.records import Records
from ringpass.providers.bizfly.facts import BIZFLY
from ringpass.verifications.store import ActiveVerificationLock
from ringpass.wiring import (
    client_settings,
    deliveries,
    events,
    oa_events,
    phone_lookups,
    stack,
    verifications,
)


@cache
def export() -> PhoneExport:
    """Returns the export."""
    return PhoneExport(_records(), phone_lookups.rate_limiter(), stack.secrets(), utc_now)


@cache
def deletion() -> PhoneDeletion:
    """Returns the deletion."""
    return PhoneDeletion(stack.table(), _records(), stack.secrets(), utc_now)


@cache
def _records() -> Records:
    table, retention_seconds = stack.table(), stack.settings().retention_seconds
    return Records(
        verifications=verifications.repository(),
        lock=ActiveVerificationLock(table),
        deliveries=deliveries.repository(),
        correlations=deliveries.correlations(),
        callees=CalleeRepository(table),
        refusals=RefusalRepository(table, retention_seconds),
        events=events.repository(),
        access=oa_events.access(),
        calls=CallRepository(table, retention_seconds),
        consents=ConsentRepository(table, retention_seconds),
        counters=CounterRepository(table),
        client_settings=client_settings.service(),
        callee_provider=BIZFLY.name,
    )

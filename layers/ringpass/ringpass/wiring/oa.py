"""Makes the parts of Zalo OA calls that never ask Zalo."""

from functools import cache

from ringpass.clock import utc_now
from ringpass.oa.calls.open_link import LinkOpener
from ringpass.oa.calls.store import CallRepository
from ringpass.oa.consents.recorder import ConsentRecorder
from ringpass.oa.consents.store import ConsentRepository
from ringpass.oa.desk.service import DeskService
from ringpass.oa.desk.store import DeskRepository
from ringpass.wiring import client_settings, oa_events, stack


@cache
def consent_recorder() -> ConsentRecorder:
    """Customers' permissions to be called."""
    store = ConsentRepository(stack.table(), stack.settings().retention_seconds)
    return ConsentRecorder(oa_events.access(), store, stack.secrets())


@cache
def desk() -> DeskService:
    """The OA's call desk."""
    return DeskService(oa_events.access(), DeskRepository(stack.table()), utc_now)


def public_url(domain: str) -> str:
    """Where an agent's browser reaches the API that was asked under this domain."""
    return stack.settings().public_url or f"https://{domain}"


@cache
def calls() -> CallRepository:
    """The table's OA calls."""
    return CallRepository(stack.table(), stack.settings().retention_seconds)


@cache
def link_opener() -> LinkOpener:
    """Opens the links of calls."""
    return LinkOpener(
        access=oa_events.access(),
        desk=desk(),
        consents=consent_recorder(),
        client_settings=client_settings.service(),
        calls=calls(),
        clock=utc_now,
    )

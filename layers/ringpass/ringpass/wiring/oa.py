"""Creates the parts of Zalo OA calls that send no requests to Zalo."""

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
    """Returns the recorder of customers' consents to calls."""
    store = ConsentRepository(stack.table(), stack.settings().retention_seconds)
    return ConsentRecorder(oa_events.access(), store, stack.secrets())


@cache
def desk() -> DeskService:
    """Returns the service of the OA's call desk."""
    return DeskService(oa_events.access(), DeskRepository(stack.table()), utc_now)


def public_url(domain: str) -> str:
    """Returns the API's URL for an agent's browser; ``domain`` is the request's."""
    return stack.settings().public_url or f"https://{domain}"


@cache
def calls() -> CallRepository:
    """Returns the repository of OA calls."""
    return CallRepository(stack.table(), stack.settings().retention_seconds)


@cache
def link_opener() -> LinkOpener:
    """Returns the opener of call links."""
    return LinkOpener(
        access=oa_events.access(),
        desk=desk(),
        consents=consent_recorder(),
        client_settings=client_settings.service(),
        calls=calls(),
        clock=utc_now,
    )

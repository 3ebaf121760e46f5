"""Makes the parts of Zalo OA calls that never ask Zalo."""

from functools import cache

from ringpass.clock import utc_now
from ringpass.oa.calls.open_link import Openings
from ringpass.oa.calls.store import OaCalls
from ringpass.oa.consents.recorder import ConsentRecords
from ringpass.oa.consents.store import Consents
from ringpass.oa.desk.service import Desk
from ringpass.oa.desk.store import OaDesks
from ringpass.wiring import client_settings, oa_events, stack


@cache
def consent_recorder() -> ConsentRecords:
    """Customers' permissions to be called."""
    store = Consents(stack.table(), stack.settings().retention_seconds)
    return ConsentRecords(oa_events.access(), store, stack.secrets())


@cache
def desk() -> Desk:
    """The OA's call desk."""
    return Desk(oa_events.access(), OaDesks(stack.table()), utc_now)


def public_url(domain: str) -> str:
    """Where an agent's browser reaches the API that was asked under this domain."""
    return stack.settings().public_url or f"https://{domain}"


@cache
def calls() -> OaCalls:
    """The table's OA calls."""
    return OaCalls(stack.table(), stack.settings().retention_seconds)


@cache
def link_opener() -> Openings:
    """Opens the links of calls."""
    return Openings(
        access=oa_events.access(),
        desk=desk(),
        consents=consent_recorder(),
        preferences=client_settings.service(),
        calls=calls(),
        clock=utc_now,
    )

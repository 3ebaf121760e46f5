"""Creates the parts of Zalo OA calls that send requests to Zalo."""

from functools import cache
from typing import TYPE_CHECKING

from ringpass.clock import utc_now
from ringpass.config import TestNumbers
from ringpass.oa.calls.auto_reply import AutoReplySender
from ringpass.oa.calls.ended_calls import EndedCallHandler
from ringpass.oa.calls.service import CallService
from ringpass.oa.consents.refresh import ConsentChecker
from ringpass.oa.consents.service import ConsentService
from ringpass.oa.events.dispatcher import EventDispatcher, EventHandler
from ringpass.oa.events.model import CALL_EVENTS, CONSENT_EVENTS
from ringpass.providers.zalo.oa_client import ZaloOaClient
from ringpass.wiring import (
    client_settings,
    limits,
    oa,
    oa_events,
    parameters,
    phone_lookups,
    providers,
    stack,
    zalo,
)

if TYPE_CHECKING:
    from collections.abc import Callable


@cache
def consents() -> ConsentService:
    """Returns the service of consents to calls."""
    settings = stack.settings()
    return ConsentService(
        stack=settings.stack,
        recorder=oa.consent_recorder(),
        lookups=phone_lookups.rate_limiter(),
        zalo=_zalo(),
        planner=limits.planner(),
        client_settings=client_settings.service(),
        prices=parameters.prices(),
        plays_test_numbers=settings.test_numbers is TestNumbers.SANDBOX,
        clock=utc_now,
    )


@cache
def event_dispatcher() -> EventDispatcher:
    """Returns the dispatcher of the OA's events."""
    handlers: dict[str, Callable[[], EventHandler]] = dict.fromkeys(
        CONSENT_EVENTS, oa.consent_recorder
    )
    handlers |= dict.fromkeys(CALL_EVENTS, _ended_calls)
    return EventDispatcher(oa_events.repository(), handlers, utc_now)


@cache
def calls() -> CallService:
    """Returns the service of an OA's calls."""
    return CallService(
        stack=stack.settings().stack,
        access=oa_events.access(),
        desk=oa.desk(),
        consents=ConsentChecker(oa.consent_recorder(), _zalo(), utc_now),
        client_settings=client_settings.service(),
        zalo=_zalo(),
        calls=oa.calls(),
        secrets=stack.secrets(),
        plays_test_numbers=stack.settings().test_numbers is TestNumbers.SANDBOX,
        clock=utc_now,
    )


@cache
def _ended_calls() -> EndedCallHandler:
    """Returns the handler of ended calls: stores them, and replies after missed calls."""
    return EndedCallHandler(
        stack=stack.settings().stack,
        access=oa_events.access(),
        desk=oa.desk(),
        consents=oa.consent_recorder(),
        calls=oa.calls(),
        replies=AutoReplySender(oa.desk(), client_settings.service(), _zalo(), oa.calls()),
    )


@cache
def _zalo() -> ZaloOaClient:
    return ZaloOaClient(
        stack.settings().zalo_openapi_url, providers.transport().send, zalo.access_tokens()
    )

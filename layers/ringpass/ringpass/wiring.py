"""The one place that puts real parts together.

Each is made at its first use and kept; tests build the same use cases from other parts. Modules
that cost time at a cold start are imported by those who need them: httpx and pydantic never reach
the webhook.
"""

import os
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from ringpass.aws import session
from ringpass.aws.dynamodb import Table
from ringpass.aws.secrets import Secrets
from ringpass.clock import utc_now
from ringpass.config import (
    PROVIDER_TIMEOUT_SECONDS,
    ZALO_ROTATION_TIMEOUT_SECONDS,
    Settings,
    TestNumbers,
)
from ringpass.deliveries.references_store import References
from ringpass.deliveries.store import Deliveries
from ringpass.errors import Unavailable
from ringpass.observability import logger

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ringpass.background.outbox import Outbox
    from ringpass.background.scheduler import TaskScheduler
    from ringpass.background.sweeper import Sweep
    from ringpass.background.tasks import Agenda
    from ringpass.background.worker import Advance
    from ringpass.clients.api_keys.service import Keyring
    from ringpass.clients.api_keys.store import Keys
    from ringpass.clients.ceilings.store import CeilingRepository
    from ringpass.clients.scenarios.api_guide import Guides
    from ringpass.clients.scenarios.cache import ScenarioBook
    from ringpass.clients.scenarios.service import Registry
    from ringpass.clients.settings.service import Preferences
    from ringpass.clients.zns_templates.cache import TemplateBook
    from ringpass.clients.zns_templates.quotas import TemplateQuotas
    from ringpass.clients.zns_templates.service import TemplateRegistry
    from ringpass.clients.zns_templates.store import Templates
    from ringpass.costs import Prices
    from ringpass.deliveries.channel import Channel, Channels
    from ringpass.deliveries.order_builders import Preparation
    from ringpass.deliveries.queries import Reads
    from ringpass.deliveries.receipts.bizfly import BizflyInbox
    from ringpass.deliveries.receipts.call_results import CallResults
    from ringpass.deliveries.receipts.caresoft import TicketInbox
    from ringpass.deliveries.receipts.mcn import CdrInbox
    from ringpass.deliveries.receipts.reconciler import Reconcile
    from ringpass.deliveries.receipts.strays_store import Strays
    from ringpass.deliveries.receipts.unmatched_payloads_store import UnmatchedPayloads
    from ringpass.deliveries.receipts.zalo import ZaloInbox
    from ringpass.deliveries.requests import PasswordCall, SendCommand, VoiceOtp, Zns
    from ringpass.deliveries.route import Route
    from ringpass.deliveries.send import Sends
    from ringpass.http.ip_allowlist import Sources
    from ringpass.limits.circuit_store import Suspensions
    from ringpass.limits.phone_lookups import PhoneLookups
    from ringpass.limits.planner import Allowance
    from ringpass.limits.provider_health import Overview
    from ringpass.limits.rate_limiter import Pacing
    from ringpass.oa.access import OaAccess
    from ringpass.oa.calls.ended import EndedCalls
    from ringpass.oa.calls.open_link import Openings
    from ringpass.oa.calls.service import Calls
    from ringpass.oa.calls.store import OaCalls
    from ringpass.oa.consents.recorder import ConsentRecords
    from ringpass.oa.consents.service import Consents
    from ringpass.oa.desk.service import Desk
    from ringpass.oa.events.dispatcher import OaEvents, Taker
    from ringpass.oa.events.store import OaEvents as OaEventItems
    from ringpass.outcomes import Status
    from ringpass.providers.base import HttpAnswer, NoAnswer, Provider
    from ringpass.providers.http_client import Transport
    from ringpass.providers.orders import CallOrder, MessageOrder, Order, VoiceOrder
    from ringpass.providers.zalo.access_token import Tokens
    from ringpass.providers.zalo.oa_client import ZaloCalls
    from ringpass.providers.zalo.quota_meter import Quotas
    from ringpass.providers.zalo.token_rotation import TokenRotation
    from ringpass.reporting.queries import Figures
    from ringpass.reporting.store import Statistics
    from ringpass.verifications.advance import Moves
    from ringpass.verifications.check import Checks
    from ringpass.verifications.codes import Codes
    from ringpass.verifications.pepper_rotation import PepperRotation
    from ringpass.verifications.queries import VerificationReads
    from ringpass.verifications.start import Starts
    from ringpass.verifications.steps import Steps
    from ringpass.verifications.store import Verifications


@cache
def settings() -> Settings:
    """The function's environment."""
    return Settings(os.environ)


@cache
def table() -> Table:
    """The stack's table."""
    return Table(session.client("dynamodb"), settings().table)


@cache
def secrets() -> Secrets:
    """The stack's secrets."""
    return Secrets(session.client("secretsmanager"), settings().secret)


@cache
def deliveries() -> Deliveries:
    """The table's deliveries."""
    return Deliveries(table(), settings().retention_seconds)


@cache
def references() -> References:
    """The table's references."""
    return References(table(), settings().retention_seconds)


@cache
def statistics() -> "Statistics":
    """The table's statistics."""
    from ringpass.reporting.store import Statistics  # noqa: PLC0415

    return Statistics(table())


@cache
def suspensions() -> "Suspensions":
    """The table's suspensions."""
    from ringpass.limits.circuit_store import Suspensions  # noqa: PLC0415

    return Suspensions(table())


@cache
def keys() -> "Keys":
    """The table's API keys."""
    from ringpass.clients.api_keys.store import Keys  # noqa: PLC0415

    return Keys(table())


@cache
def keyring() -> "Keyring":
    """Manages API keys."""
    from ringpass.clients.api_keys.service import Keyring  # noqa: PLC0415

    return Keyring(settings().stack, keys(), utc_now)


@cache
def scenarios() -> "Registry":
    """Manages scenarios."""
    from ringpass.clients.scenarios.service import Registry  # noqa: PLC0415
    from ringpass.clients.scenarios.store import Scenarios  # noqa: PLC0415

    return Registry(settings().stack, Scenarios(table()), ceilings(), utc_now)


@cache
def guides() -> "Guides":
    """Makes guides to scenarios."""
    from ringpass.clients.scenarios.api_guide import Guides  # noqa: PLC0415

    return Guides(scenarios(), secrets(), settings().bizfly_base_url)


@cache
def ceilings() -> "CeilingRepository":
    """Reads what the operator allows clients."""
    from ringpass.clients.ceilings.store import CeilingRepository  # noqa: PLC0415

    return CeilingRepository(table())


@cache
def preferences() -> "Preferences":
    """Reads and writes clients' settings."""
    from ringpass.clients.settings.service import Preferences  # noqa: PLC0415
    from ringpass.clients.settings.store import Clients  # noqa: PLC0415

    return Preferences(Clients(table()), secrets(), utc_now)


@cache
def voice_otp() -> "Sends[VoiceOtp]":
    """Sends voice OTPs."""
    return _sends("POST /v1/voice-otp", _voice_otp_channel())


@cache
def password_calls() -> "Sends[PasswordCall]":
    """Places Password Calls."""
    return _sends("POST /v1/password-calls", _password_call_channel())


@cache
def zns() -> "Sends[Zns]":
    """Sends ZNS."""
    return _sends("POST /v1/zns", _zns_channel())


def _sends[C: SendCommand](route: str, channel: "Channel[C, Any]") -> "Sends[C]":
    from ringpass.deliveries.send import Sends  # noqa: PLC0415

    return Sends(settings().stack, route, channel, preferences(), secrets(), utc_now)


@cache
def _voice_otp_channel() -> "Channel[VoiceOtp, VoiceOrder]":
    """Voice OTPs through Bizfly."""
    from ringpass.deliveries.order_builders import VoiceOtps  # noqa: PLC0415
    from ringpass.providers.bizfly.client import Bizfly  # noqa: PLC0415

    bizfly = Bizfly(settings().bizfly_base_url)
    return _channel("voice_otp", VoiceOtps(_scenario_book()), _route(bizfly))


@cache
def _scenario_book() -> "ScenarioBook":
    from ringpass.clients.scenarios.cache import ScenarioBook  # noqa: PLC0415
    from ringpass.clients.scenarios.store import Scenarios  # noqa: PLC0415

    return ScenarioBook(Scenarios(table()), settings().bizfly_otp_id, utc_now)


@cache
def _password_call_channel() -> "Channel[PasswordCall, CallOrder]":
    """Password Calls through MCN."""
    from ringpass.deliveries.order_builders import PasswordCalls  # noqa: PLC0415
    from ringpass.providers.mcn.client import Mcn  # noqa: PLC0415

    return _channel("password_call", PasswordCalls(), _route(Mcn(settings().mcn_base_url)))


@cache
def _zns_channel() -> "Channel[Zns, MessageOrder]":
    """ZNS through CareSoft, and through Zalo itself."""
    from ringpass.deliveries.order_builders import Messages  # noqa: PLC0415
    from ringpass.providers.caresoft.client import Caresoft  # noqa: PLC0415

    given = settings()
    caresoft = Caresoft(given.caresoft_base_url, given.caresoft_domain)
    messages = Messages(template_book(), given.zalo_oa_id)
    return _channel("zns", messages, _route(caresoft, _caresoft_pacing()), _zalo_route())


def _caresoft_pacing() -> "Pacing":
    from ringpass.limits.rate import Rate  # noqa: PLC0415
    from ringpass.limits.rate_limiter import Pacing  # noqa: PLC0415

    given = settings()
    rate = Rate(given.caresoft_per_second, given.caresoft_per_hour)
    return Pacing("caresoft", rate, table(), utc_now)


@cache
def _templates() -> "Templates":
    """The table's ZNS templates."""
    from ringpass.clients.zns_templates.store import Templates  # noqa: PLC0415

    return Templates(table())


@cache
def template_book() -> "TemplateBook":
    """Finds ZNS templates."""
    from ringpass.clients.zns_templates.cache import TemplateBook  # noqa: PLC0415

    return TemplateBook(_templates(), utc_now)


@cache
def template_registry() -> "TemplateRegistry":
    """Manages ZNS templates."""
    from ringpass.clients.zns_templates.service import TemplateRegistry  # noqa: PLC0415

    return TemplateRegistry(settings().stack, _templates(), utc_now)


def _zalo_route() -> "Route[MessageOrder]":
    from ringpass.deliveries.route import Route  # noqa: PLC0415
    from ringpass.limits.circuit_breaker import Gate  # noqa: PLC0415
    from ringpass.providers.caller import Placing  # noqa: PLC0415
    from ringpass.providers.zalo.zns_client import Zalo  # noqa: PLC0415

    zalo = Zalo(settings().zalo_base_url, settings().zalo_oa_id)
    placing = Placing(zalo, _transport().send, zalo_tokens(), _rehearse())
    return Route(placing, Gate(zalo.name, suspensions(), utc_now), meter=zalo_quotas())


@cache
def zalo_tokens() -> "Tokens":
    """Zalo's access token."""
    from ringpass.providers.zalo.access_token import Tokens  # noqa: PLC0415

    return Tokens(session.client("secretsmanager"), lambda: settings().secret("zalo_token"))


@cache
def zalo_quotas() -> "Quotas":
    """What the OA may still send."""
    from ringpass.providers.zalo.quota_meter import Quotas  # noqa: PLC0415
    from ringpass.providers.zalo.quota_store import SenderQuotas  # noqa: PLC0415

    return Quotas(SenderQuotas(table(), "zalo", settings().zalo_oa_id))


@cache
def zalo_token_rotation() -> "TokenRotation":
    """Rotates Zalo's tokens."""
    from ringpass.aws.secret_rotation import SecretVersions  # noqa: PLC0415
    from ringpass.providers.zalo.refresh_lock import TokenClaims  # noqa: PLC0415
    from ringpass.providers.zalo.token_rotation import TokenRotation  # noqa: PLC0415

    given, manager = settings(), session.client("secretsmanager")
    return TokenRotation(
        versions=SecretVersions(manager, given.secret("zalo_token")),
        claims=TokenClaims(table(), timedelta(seconds=ZALO_ROTATION_TIMEOUT_SECONDS + 5)),
        quotas=zalo_quotas(),
        app_id=given.zalo_app_id,
        app_secret=lambda: secrets().value("zalo", "app_secret"),
        oauth_url=given.zalo_oauth_url,
        api_url=given.zalo_base_url,
        transmit=_transport().send,
        clock=utc_now,
    )


@cache
def zalo_inbox() -> "ZaloInbox":
    """Receives Zalo's events."""
    from ringpass.deliveries.receipts.zalo import ZaloInbox  # noqa: PLC0415
    from ringpass.oa.events.model import CALL_EVENTS, CONSENT_EVENTS  # noqa: PLC0415
    from ringpass.oa.events.receiver import OaInbox  # noqa: PLC0415

    of_the_oa = OaInbox(oa_access(), _oa_event_items())
    return ZaloInbox(
        secrets=secrets(),
        app_id=settings().zalo_app_id,
        deliveries=deliveries(),
        references=references(),
        payloads=unmatched_payloads(),
        strays=_strays(),
        clock=utc_now,
        handlers=dict.fromkeys((*CONSENT_EVENTS, *CALL_EVENTS), of_the_oa.keep),
    )


@cache
def prices() -> "Prices":
    """What sends cost.

    Raises:
        Unavailable: The parameter cannot be read: nothing is sent for a price that nobody knows.
    """
    from ringpass.costs import Prices  # noqa: PLC0415

    return _read("Prices", Prices.from_json, settings().prices)


@cache
def bizfly_call_states() -> "Mapping[str, Status]":
    """What Bizfly's words for the end of a call mean, beside those that are known.

    Raises:
        Unavailable: The parameter cannot be read.
    """
    from ringpass.providers.bizfly.webhook import states_from_json  # noqa: PLC0415

    return _read("BizflyCallStates", states_from_json, settings().bizfly_call_states)


def _read[T](parameter: str, read: Callable[[str], T], text: str) -> T:
    """A parameter of the stack that is JSON; the log says what to mend if it cannot be read."""
    try:
        return read(text)
    except ValueError as error:
        fix = "docs/settings.md shows its form: mend it in samconfig.toml and deploy again"
        logger().error("parameter not readable", parameter=parameter, why=str(error), fix=fix)
        raise Unavailable(f"The stack's parameter {parameter} cannot be read.") from error


@cache
def oa_access() -> "OaAccess":
    """Who may use the OA."""
    from ringpass.oa.access import OaAccess  # noqa: PLC0415

    return OaAccess(settings().zalo_oa_id, settings().zalo_oa_client)


@cache
def zalo_calls() -> "ZaloCalls":
    """Asks Zalo about the OA's calls."""
    from ringpass.providers.zalo.oa_client import ZaloCalls  # noqa: PLC0415

    return ZaloCalls(settings().zalo_openapi_url, _transport().send, zalo_tokens())


@cache
def consent_records() -> "ConsentRecords":
    """Customers' permissions to be called."""
    from ringpass.oa.consents.recorder import ConsentRecords  # noqa: PLC0415
    from ringpass.oa.consents.store import Consents  # noqa: PLC0415

    store = Consents(table(), settings().retention_seconds)
    return ConsentRecords(oa_access(), store, secrets())


@cache
def phone_lookups() -> "PhoneLookups":
    """Limits look-ups by phone."""
    from ringpass.limits.phone_lookups import PhoneLookups  # noqa: PLC0415
    from ringpass.limits.phone_lookups_store import PhoneLookupRepository  # noqa: PLC0415

    return PhoneLookups(PhoneLookupRepository(table()), utc_now)


@cache
def consents() -> "Consents":
    """Asks for permissions to call, and about them."""
    from ringpass.oa.consents.service import Consents  # noqa: PLC0415

    given = settings()
    return Consents(
        stack=given.stack,
        records=consent_records(),
        lookups=phone_lookups(),
        zalo=zalo_calls(),
        allowance=_allowance(),
        preferences=preferences(),
        prices=prices(),
        plays_test_numbers=given.test_numbers is TestNumbers.SANDBOX,
        clock=utc_now,
    )


@cache
def _oa_event_items() -> "OaEventItems":
    from ringpass.oa.events.store import OaEvents  # noqa: PLC0415

    return OaEvents(table())


@cache
def oa_events() -> "OaEvents":
    """Works on what Zalo told of the OA."""
    from ringpass.oa.events.dispatcher import OaEvents  # noqa: PLC0415
    from ringpass.oa.events.model import CALL_EVENTS, CONSENT_EVENTS  # noqa: PLC0415

    takers: dict[str, Callable[[], Taker]] = dict.fromkeys(CONSENT_EVENTS, consent_records)
    takers |= dict.fromkeys(CALL_EVENTS, _ended_calls)
    return OaEvents(_oa_event_items(), takers, utc_now)


@cache
def desk() -> "Desk":
    """The OA's call desk."""
    from ringpass.oa.desk.service import Desk  # noqa: PLC0415
    from ringpass.oa.desk.store import OaDesks  # noqa: PLC0415

    return Desk(oa_access(), OaDesks(table()), utc_now)


def public_url(domain: str) -> str:
    """Where an agent's browser reaches the API that was asked under this domain."""
    return settings().public_url or f"https://{domain}"


@cache
def _oa_call_items() -> "OaCalls":
    from ringpass.oa.calls.store import OaCalls  # noqa: PLC0415

    return OaCalls(table(), settings().retention_seconds)


@cache
def oa_calls() -> "Calls":
    """Places and reads an OA's calls."""
    from ringpass.oa.calls.service import Calls  # noqa: PLC0415
    from ringpass.oa.consents.refresh import ConsentChecks  # noqa: PLC0415

    return Calls(
        stack=settings().stack,
        access=oa_access(),
        desk=desk(),
        consents=ConsentChecks(consent_records(), zalo_calls(), utc_now),
        preferences=preferences(),
        zalo=zalo_calls(),
        calls=_oa_call_items(),
        secrets=secrets(),
        plays_test_numbers=settings().test_numbers is TestNumbers.SANDBOX,
        clock=utc_now,
    )


@cache
def openings() -> "Openings":
    """Opens the links of calls."""
    from ringpass.oa.calls.open_link import Openings  # noqa: PLC0415

    return Openings(
        access=oa_access(),
        desk=desk(),
        consents=consent_records(),
        preferences=preferences(),
        calls=_oa_call_items(),
        clock=utc_now,
    )


@cache
def _ended_calls() -> "EndedCalls":
    """Keeps what Zalo tells of calls, and answers customers whose call nobody took."""
    from ringpass.oa.calls.auto_reply import Replies  # noqa: PLC0415
    from ringpass.oa.calls.ended import EndedCalls  # noqa: PLC0415

    return EndedCalls(
        stack=settings().stack,
        access=oa_access(),
        desk=desk(),
        consents=consent_records(),
        calls=_oa_call_items(),
        replies=Replies(desk(), preferences(), zalo_calls(), _oa_call_items()),
    )


@cache
def template_quotas() -> "TemplateQuotas":
    """Reads the quotas of ZNS templates."""
    from ringpass.clients.zns_templates.quotas import TemplateQuotas  # noqa: PLC0415
    from ringpass.providers.zalo.quota_store import SenderQuotas  # noqa: PLC0415

    oa_id = settings().zalo_oa_id
    return TemplateQuotas(SenderQuotas(table(), "zalo", oa_id), oa_id, utc_now)


@cache
def _transport() -> "Transport":
    from ringpass.providers.http_client import Transport  # noqa: PLC0415

    return Transport(PROVIDER_TIMEOUT_SECONDS)


def _route[O: Order](provider: "Provider[O]", pacing: "Pacing | None" = None) -> "Route[O]":
    from ringpass.deliveries.route import Route  # noqa: PLC0415
    from ringpass.limits.circuit_breaker import Gate  # noqa: PLC0415
    from ringpass.providers.caller import Placing  # noqa: PLC0415

    placing = Placing(provider, _transport().send, secrets(), _rehearse())
    return Route(placing, Gate(provider.name, suspensions(), utc_now), pacing)


def _channel[C: SendCommand, O: Order](
    name: str, preparation: "Preparation[C, O]", *routes: "Route[O]"
) -> "Channel[C, O]":
    from ringpass.deliveries.channel import Channel  # noqa: PLC0415

    return Channel(
        name=name,
        preparation=preparation,
        routes=routes,
        prices=prices(),
        allowance=_allowance(),
        deliveries=deliveries(),
        references=references(),
        allow_test_numbers=settings().test_numbers is not TestNumbers.OFF,
        clock=utc_now,
    )


@cache
def _allowance() -> "Allowance":
    from ringpass.limits.counters import Counters  # noqa: PLC0415
    from ringpass.limits.planner import Allowance  # noqa: PLC0415
    from ringpass.limits.refusals_store import Decisions  # noqa: PLC0415

    kept = settings().retention_seconds
    return Allowance(Counters(table()), Decisions(table(), kept), secrets())


@cache
def verifications() -> "Verifications":
    """The table's verifications."""
    from ringpass.verifications.store import Verifications  # noqa: PLC0415

    return Verifications(table(), settings().retention_seconds)


@cache
def _codes() -> "Codes":
    from ringpass.verifications.codes import Codes  # noqa: PLC0415

    return Codes(secrets())


@cache
def _steps() -> "Steps":
    from ringpass.verifications.steps import Steps  # noqa: PLC0415

    channels: Channels = {
        "voice_otp": _voice_otp_channel,
        "password_call": _password_call_channel,
        "zns": _zns_channel,
    }
    return Steps(settings().stack, channels, _codes(), secrets())


@cache
def starts() -> "Starts":
    """Starts verifications."""
    from ringpass.verifications.start import Starts  # noqa: PLC0415
    from ringpass.verifications.store import OpenOnes  # noqa: PLC0415

    return Starts(
        stack=settings().stack,
        verifications=verifications(),
        open_ones=OpenOnes(table()),
        deliveries=deliveries(),
        steps=_steps(),
        codes=_codes(),
        preferences=preferences(),
        templates=template_book,
        secrets=secrets(),
        clock=utc_now,
    )


@cache
def moves() -> "Moves":
    """Moves verifications on."""
    from ringpass.verifications.advance import Moves  # noqa: PLC0415

    return Moves(verifications(), deliveries(), _steps(), preferences(), secrets(), utc_now)


@cache
def checks() -> "Checks":
    """Checks codes and cancels verifications."""
    from ringpass.verifications.check import Checks  # noqa: PLC0415

    return Checks(verifications(), deliveries(), _codes(), secrets(), utc_now)


@cache
def verification_reads() -> "VerificationReads":
    """Reads verifications."""
    from ringpass.verifications.queries import VerificationReads  # noqa: PLC0415

    return VerificationReads(verifications(), deliveries(), phone_lookups(), secrets(), utc_now)


def _rehearse() -> "Callable[[str, Order, str], HttpAnswer | NoAnswer] | None":
    if settings().test_numbers is not TestNumbers.ON:
        return None
    from ringpass.providers.simulator.responder import Rehearsal  # noqa: PLC0415

    return Rehearsal(PROVIDER_TIMEOUT_SECONDS).answer


@cache
def reads() -> "Reads":
    """Reads deliveries."""
    from ringpass.deliveries.queries import Reads  # noqa: PLC0415

    return Reads(deliveries(), phone_lookups(), secrets(), utc_now)


@cache
def figures() -> "Figures":
    """Reads statistics, costs and refusals."""
    from ringpass.clients.settings.store import Clients  # noqa: PLC0415
    from ringpass.limits.counters import Counters  # noqa: PLC0415
    from ringpass.limits.refusals_store import Decisions  # noqa: PLC0415
    from ringpass.reporting.queries import Figures  # noqa: PLC0415

    counters, decisions = Counters(table()), Decisions(table())
    return Figures(statistics(), counters, Clients(table()), decisions, utc_now)


@cache
def unmatched_payloads() -> "UnmatchedPayloads":
    """What could not be read or matched."""
    from ringpass.deliveries.receipts.unmatched_payloads_store import UnmatchedPayloads  # noqa: PLC0415

    return UnmatchedPayloads(table(), secrets(), settings().retention_seconds)


@cache
def _strays() -> "Strays":
    from ringpass.deliveries.receipts.strays_store import Strays  # noqa: PLC0415

    return Strays(table(), secrets(), settings().retention_seconds)


@cache
def mcn_sources() -> "Sources":
    """Where MCN's CDRs may come from."""
    from ringpass.http.ip_allowlist import Sources  # noqa: PLC0415

    return Sources.from_text(settings().mcn_source_ranges)


@cache
def cdr_inbox() -> "CdrInbox":
    """Receives CDRs."""
    from ringpass.deliveries.receipts.mcn import CdrInbox  # noqa: PLC0415

    return CdrInbox(
        secrets=secrets(),
        deliveries=deliveries(),
        references=references(),
        payloads=unmatched_payloads(),
        called_field=settings().called_number_field,
        clock=utc_now,
    )


@cache
def ticket_inbox() -> "TicketInbox":
    """Receives CareSoft's events."""
    from ringpass.deliveries.receipts.caresoft import TicketInbox  # noqa: PLC0415

    return TicketInbox(
        secrets(), deliveries(), references(), unmatched_payloads(), _strays(), utc_now
    )


@cache
def _call_results() -> "CallResults":
    from ringpass.deliveries.callees_store import Callees  # noqa: PLC0415
    from ringpass.deliveries.receipts.call_results import CallResults  # noqa: PLC0415

    return CallResults(Callees(table()), deliveries())


@cache
def bizfly_inbox() -> "BizflyInbox":
    """Receives Bizfly's call results."""
    from ringpass.deliveries.receipts.bizfly import BizflyInbox  # noqa: PLC0415

    return BizflyInbox(
        secrets=secrets(),
        results=_call_results(),
        payloads=unmatched_payloads(),
        strays=_strays(),
        states=bizfly_call_states(),
        clock=utc_now,
    )


@cache
def reconcile() -> "Reconcile":
    """Asks providers about deliveries of which nothing definite came."""
    from ringpass.aws.due_index import Unfinished  # noqa: PLC0415
    from ringpass.deliveries.callees_store import Callees  # noqa: PLC0415
    from ringpass.deliveries.receipts.bizfly_call_log import BizflyLog  # noqa: PLC0415
    from ringpass.deliveries.receipts.reconciler import Reconcile  # noqa: PLC0415
    from ringpass.deliveries.receipts.zalo_status import ZaloStatus  # noqa: PLC0415

    given = settings()
    bizfly_log = BizflyLog(
        base_url=given.bizfly_base_url,
        transmit=_transport().send,
        secrets=secrets(),
        callees=Callees(table()),
        results=_call_results(),
        states=bizfly_call_states(),
    )
    zalo_status = ZaloStatus(given.zalo_base_url, _transport().send, zalo_tokens())
    witnesses = (bizfly_log, zalo_status)
    return Reconcile(Unfinished(table()), deliveries(), witnesses, utc_now)


@cache
def _agenda() -> "Agenda":
    from ringpass.background.tasks import Agenda  # noqa: PLC0415

    return Agenda(session.client("sqs"), settings().queue_url)


@cache
def outbox() -> "Outbox":
    """Derives what follows a write."""
    from ringpass.background.outbox import Outbox  # noqa: PLC0415
    from ringpass.reporting.projector import Counting  # noqa: PLC0415

    return Outbox(
        deliveries(),
        _agenda(),
        utc_now,
        Counting(statistics(), deliveries()),
        rehearsing=settings().test_numbers is TestNumbers.ON,
    )


@cache
def advance() -> "Advance":
    """Does what is due."""
    from ringpass.background.worker import Advance  # noqa: PLC0415
    from ringpass.deliveries.receipts.late_matching import LateJoin  # noqa: PLC0415
    from ringpass.deliveries.receipts.ticket_matching import TicketJoin  # noqa: PLC0415

    window = timedelta(seconds=settings().join_window_seconds)
    late_join = LateJoin(deliveries(), references(), window, settings().mcn_account_id)
    return Advance(
        deliveries=deliveries(),
        references=references(),
        joins={
            "mcn": late_join,
            "caresoft": TicketJoin(deliveries(), references(), window),
            "zalo": late_join,
        },
        results=_call_results(),
        moves=moves,
        oa_events=oa_events,
        payloads={
            "mcn": lambda: cdr_inbox().receiver,
            "bizfly": lambda: bizfly_inbox().receiver,
            "caresoft": lambda: ticket_inbox().receiver,
            "zalo": lambda: zalo_inbox().receiver,
        },
        agenda=_agenda(),
        clock=utc_now,
    )


@cache
def sweep() -> "Sweep":
    """Queues what is overdue."""
    from ringpass.aws.due_index import Unfinished  # noqa: PLC0415
    from ringpass.background.sweeper import Sweep  # noqa: PLC0415

    return Sweep(Unfinished(table()), _agenda(), utc_now)


@cache
def scheduler() -> "TaskScheduler":
    """Queues what is due next."""
    from ringpass.aws.due_index import Unfinished  # noqa: PLC0415
    from ringpass.background.scheduler import TaskScheduler  # noqa: PLC0415

    return TaskScheduler(Unfinished(table()), _agenda(), utc_now)


@cache
def pepper_rotation() -> "PepperRotation":
    """Rotates the code peppers."""
    from ringpass.verifications.pepper_rotation import PepperRotation  # noqa: PLC0415

    arn = settings().secret("code_peppers")
    return PepperRotation(session.client("secretsmanager"), arn, utc_now)


@cache
def overview() -> "Overview":
    """Reads and ends suspensions."""
    from ringpass.limits.provider_health import Overview  # noqa: PLC0415

    given = settings()
    configured: dict[str, Callable[[], bool]] = {
        "bizfly": lambda: secrets().find("bizfly", "api_key") is not None,
        "mcn": lambda: secrets().find("mcn", "token") is not None,
        "caresoft": lambda: (
            bool(given.caresoft_domain) and secrets().find("caresoft", "token") is not None
        ),
        "zalo": lambda: bool(given.zalo_oa_id) and zalo_tokens().find() is not None,
    }
    return Overview(suspensions(), ceilings(), lambda name: configured[name](), utc_now)

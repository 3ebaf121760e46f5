"""The use cases on a table and secrets in moto, with a scripted provider and a clock to turn."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from ringpass.aws.dynamodb import Table
from ringpass.aws.secrets import Secrets
from ringpass.background.tasks import TaskType
from ringpass.background.worker import ReceiptMatcher, Simulation
from ringpass.clients.ceilings.model import ANY_FIELD, EVERYONE
from ringpass.clients.ceilings.store import CeilingRepository
from ringpass.clients.scenarios.cache import ScenarioCache
from ringpass.clients.scenarios.service import ScenarioService
from ringpass.clients.scenarios.store import ScenarioRepository
from ringpass.clients.settings.edit import SettingsEditor
from ringpass.clients.settings.requests import ReplaceSettings
from ringpass.clients.settings.service import ClientSettingsService
from ringpass.clients.settings.store import ClientSettingsRepository
from ringpass.clients.zns_templates.cache import TemplateCache
from ringpass.clients.zns_templates.store import TemplateRepository
from ringpass.clock import to_text
from ringpass.costs import Prices
from ringpass.deliveries.callees_store import CalleeRepository
from ringpass.deliveries.channel import Channel, Channels
from ringpass.deliveries.correlations_store import CorrelationRepository
from ringpass.deliveries.order_builders import (
    CallOrderBuilder,
    MessageOrderBuilder,
    OrderBuilder,
    VoiceOrderBuilder,
)
from ringpass.deliveries.poll_schedule import PollSchedule
from ringpass.deliveries.receipts.bizfly import store_simulated_result
from ringpass.deliveries.receipts.call_results import CallResults
from ringpass.deliveries.receipts.caresoft import CaresoftWebhookReceiver
from ringpass.deliveries.receipts.late_matcher import LateMatcher
from ringpass.deliveries.receipts.mcn import McnWebhookReceiver, store_simulated_cdr
from ringpass.deliveries.receipts.ticket_matcher import TicketMatcher
from ringpass.deliveries.receipts.unmatched_payloads_store import UnmatchedPayloadRepository
from ringpass.deliveries.receipts.unmatched_receipts_store import UnmatchedReceiptRepository
from ringpass.deliveries.receipts.voice_gateway import store_simulated_call
from ringpass.deliveries.receipts.zalo import store_simulated_arrival
from ringpass.deliveries.requests import PasswordCall, SendCommand, VoiceOtp, Zns
from ringpass.deliveries.route import Route
from ringpass.deliveries.send import SendService
from ringpass.deliveries.store import DeliveryRepository
from ringpass.limits.circuit_breaker import CircuitBreaker
from ringpass.limits.circuit_store import CircuitRepository
from ringpass.limits.counters import CounterRepository
from ringpass.limits.planner import LimitPlanner
from ringpass.limits.refusals_store import RefusalRepository
from ringpass.providers.base import HttpRequest, HttpResponse, NoResponse, Provider
from ringpass.providers.bizfly.client import Bizfly
from ringpass.providers.caller import ProviderCaller
from ringpass.providers.caresoft.client import Caresoft
from ringpass.providers.caresoft.facts import CARESOFT
from ringpass.providers.facts import ChannelName
from ringpass.providers.mcn.call_reference import is_own
from ringpass.providers.mcn.client import Mcn
from ringpass.providers.mcn.facts import MCN
from ringpass.providers.orders import CallOrder, MessageOrder, Order, VoiceOrder
from ringpass.providers.voice_gateway.facts import VOICE_GATEWAY
from ringpass.providers.zalo.facts import ZALO
from ringpass.verifications.advance import VerificationAdvancer
from ringpass.verifications.check import CodeChecker
from ringpass.verifications.codes import Codes
from ringpass.verifications.start import VerificationStarter
from ringpass.verifications.step_runner import StepRunner
from ringpass.verifications.store import ActiveVerificationLock, VerificationRepository
from ringpass.wiring.provider_facts import PROVIDERS
from tests.audit_log import actor
from tests.moto_table import make_once, moto_client, table

__all__ = ["table"]

RETENTION = 30 * 86_400
TOKEN = "webhook-token"
REF = "da59bda0a1bb_117793"
ACCEPTED = HttpResponse(
    200,
    b'{"ok":true,"caller_number":"74951091234","verification_code":"1234",'
    b'"verification_uuid":"da59bda0a1bb_117793","is_redirect":false}',
)


@dataclass
class Clock:
    """A clock that stands still until it is turned."""

    now: datetime = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **by: float) -> None:
        self.now += timedelta(**by)


type Answer = HttpResponse | NoResponse | Callable[[], HttpResponse | NoResponse]


@dataclass
class Wire:
    """A provider's answers in order, the last one for all further requests; and what was asked."""

    answers: list[Answer] = field(default_factory=lambda: [ACCEPTED])
    requests: list[HttpRequest] = field(default_factory=list)

    def send(self, request: HttpRequest) -> HttpResponse | NoResponse:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return answer() if callable(answer) else answer


@dataclass
class World:
    """All parts of a small stack."""

    table: Table
    clock: Clock
    wire: Wire
    secrets: Secrets
    parts: "Parts"
    deliveries: DeliveryRepository
    references: CorrelationRepository
    suspensions: CircuitRepository
    verifications: VerificationRepository
    preferences: ClientSettingsService
    calls: SendService[PasswordCall]
    starts: VerificationStarter
    moves: VerificationAdvancer
    checks: CodeChecker
    payloads: UnmatchedPayloadRepository
    inbox: McnWebhookReceiver
    late_matcher: LateMatcher
    messages: SendService[Zns]
    tickets: CaresoftWebhookReceiver
    joins: dict[str, ReceiptMatcher]
    simulations: dict[TaskType, Simulation]

    @property
    def editor(self) -> SettingsEditor:
        """Replaces settings."""
        return SettingsEditor(self.preferences.clients, self.secrets, self.clock)

    def put_secret(self, name: str, **values: object) -> None:
        moto_client("secretsmanager").put_secret_value(
            SecretId=name, SecretString=json.dumps(values)
        )

    def cdr(self, q931_status: int = 17, final_status: str = "CANCEL", **fields: object) -> int:
        """A CDR as MCN would deliver it; ``called_number=None`` leaves the number out."""
        body = {
            "verification_call_uuid": REF,
            "q931_status": q931_status,
            "final_status": final_status,
            "called_number": "79777777777",
        } | fields
        present = {name: value for name, value in body.items() if value is not None}
        return self.inbox.receive(TOKEN, json.dumps([present]).encode(), "")


@dataclass(frozen=True)
class Parts:
    """What channels are made of."""

    table: Table
    clock: Clock
    wire: Wire
    secrets: Secrets

    def channel[C: SendCommand, O: Order](
        self, name: ChannelName, order_builder: OrderBuilder[C, O], *providers: Provider[O]
    ) -> Channel[C, O]:
        """A channel whose providers are the wire."""
        planner = LimitPlanner(
            CounterRepository(self.table), RefusalRepository(self.table, RETENTION), self.secrets
        )
        return Channel(
            name=name,
            order_builder=order_builder,
            routes=tuple(
                Route(
                    ProviderCaller(provider, self.wire.send, self.secrets),
                    CircuitBreaker(provider.facts.name, CircuitRepository(self.table), self.clock),
                )
                for provider in providers
            ),
            prices=Prices.from_json('{"mcn": {"RU": "0.35 RUB", "*": "1.50 RUB"}}'),
            planner=planner,
            deliveries=delivery_repository(self.table),
            correlations=CorrelationRepository(self.table, RETENTION),
            allow_test_numbers=False,
            clock=self.clock,
        )

    @property
    def scenarios(self) -> ScenarioCache:
        return ScenarioCache(ScenarioRepository(self.table), "OTP-1", self.clock)

    @property
    def templates(self) -> TemplateCache:
        return TemplateCache(TemplateRepository(self.table), self.clock)

    @property
    def password_call(self) -> Channel[PasswordCall, CallOrder]:
        return self.channel(
            ChannelName.PASSWORD_CALL, CallOrderBuilder(), Mcn("https://example.test")
        )

    @property
    def voice_otp(self) -> Channel[VoiceOtp, VoiceOrder]:
        return self.channel(
            ChannelName.VOICE_OTP, VoiceOrderBuilder(self.scenarios), Bizfly("https://example.test")
        )

    @property
    def zns(self) -> Channel[Zns, MessageOrder]:
        caresoft = Caresoft("https://example.test", "acme")
        return self.channel(ChannelName.ZNS, MessageOrderBuilder(self.templates), caresoft)

    @property
    def channels(self) -> Channels:
        return {
            ChannelName.PASSWORD_CALL: lambda: self.password_call,
            ChannelName.VOICE_OTP: lambda: self.voice_otp,
            ChannelName.ZNS: lambda: self.zns,
        }


SECRETS: dict[str, dict[str, object]] = {
    "mcn": {"token": "old-token"},
    "bizfly": {"api_key": "key"},
    "caresoft": {"token": "token"},
    "lookup": {"key": "k" * 64},
    "code_peppers": {"0": "p" * 64},
    "caresoft_webhook": {"secrets": ["CS123", "next-secret"]},
    "mcn_webhook": {"tokens": [TOKEN, "next-token"]},
}


def delivery_repository(table: Table) -> DeliveryRepository:
    """With the polls of all providers."""
    return DeliveryRepository(table, RETENTION, PollSchedule.of(PROVIDERS))


def scenario_registry(table: Table, clock: Clock) -> ScenarioService:
    """Of a stack whose operator lets every client's scenarios have any key."""
    ceilings = CeilingRepository(table)
    ceilings.put(EVERYONE, {"bizfly_key_fields": [ANY_FIELD]}, to_text(clock()))
    return ScenarioService("test", ScenarioRepository(table), ceilings, clock)


@pytest.fixture
def world(table: Table) -> World:
    make_once(create_secrets)
    secrets = Secrets(moto_client("secretsmanager"), lambda name: name)
    return a_world(table, secrets, Clock(), Wire())


def create_secrets() -> None:
    """Those of a small stack: for ``make_once``."""
    for name, values in SECRETS.items():
        moto_client("secretsmanager").create_secret(Name=name, SecretString=json.dumps(values))


@pytest.fixture
def open_world(world: World) -> World:
    """With a client, acme, whose settings let each channel reach every country that it can."""
    countries = {channel: ["VN", "RU"] for channel in ("zns", "voice_otp", "password_call")}
    settings = ReplaceSettings.from_mapping({"countries": countries})
    world.editor.replace_settings(actor("acme"), settings, world.parts.templates)
    return world


@contextmanager
def after_first(operation: str, run: Callable[[], object]) -> Iterator[None]:
    """Runs something once, right after the table has answered a request of this kind."""
    events = moto_client("dynamodb").meta.events
    name = f"after-call.dynamodb.{operation}"

    def run_once(**_: object) -> None:
        events.unregister(name, run_once)
        run()

    events.register(name, run_once)
    try:
        yield
    finally:
        events.unregister(name, run_once)


def a_world(table: Table, secrets: Secrets, clock: Clock, wire: Wire) -> World:
    """A small stack on this table."""
    parts, codes = Parts(table, clock, wire, secrets), Codes(secrets)
    deliveries, references = (
        delivery_repository(table),
        CorrelationRepository(table, RETENTION),
    )
    verifications = VerificationRepository(table, RETENTION)
    preferences = ClientSettingsService(ClientSettingsRepository(table), clock)
    window = timedelta(hours=2)
    late_matcher = LateMatcher(
        deliveries, references, window, MCN.repeats_our_id, partial(is_own, "117793")
    )
    payloads = UnmatchedPayloadRepository(table, secrets, RETENTION)
    steps = StepRunner("test", parts.channels, codes, secrets)
    return World(
        table=table,
        clock=clock,
        wire=wire,
        secrets=secrets,
        parts=parts,
        deliveries=deliveries,
        references=references,
        suspensions=CircuitRepository(table),
        verifications=verifications,
        preferences=preferences,
        calls=SendService(
            "test", "POST /v1/password-calls", parts.password_call, preferences, secrets, clock
        ),
        starts=VerificationStarter(
            stack="test",
            verifications=verifications,
            active_lock=ActiveVerificationLock(table),
            deliveries=deliveries,
            step_runner=steps,
            codes=codes,
            client_settings=preferences,
            template_cache=lambda: parts.templates,
            secrets=secrets,
            clock=clock,
        ),
        moves=VerificationAdvancer(verifications, deliveries, steps, preferences, secrets, clock),
        checks=CodeChecker(verifications, deliveries, codes, secrets, clock),
        payloads=payloads,
        inbox=McnWebhookReceiver(
            secrets=secrets,
            deliveries=deliveries,
            correlations=references,
            payloads=payloads,
            called_field="called_number",
            clock=clock,
        ),
        late_matcher=late_matcher,
        messages=SendService("test", "POST /v1/zns", parts.zns, preferences, secrets, clock),
        tickets=CaresoftWebhookReceiver(
            secrets=secrets,
            deliveries=deliveries,
            correlations=references,
            payloads=payloads,
            unmatched_receipts=UnmatchedReceiptRepository(table, secrets, RETENTION),
            clock=clock,
        ),
        joins={
            MCN.name: late_matcher,
            ZALO.name: LateMatcher(deliveries, references, window, ZALO.repeats_our_id),
            VOICE_GATEWAY.name: LateMatcher(
                deliveries, references, window, VOICE_GATEWAY.repeats_our_id
            ),
            CARESOFT.name: TicketMatcher(deliveries, references, window),
        },
        simulations={
            TaskType.PLAY_CDR: partial(store_simulated_cdr, deliveries, references),
            TaskType.PLAY_RESULT: partial(
                store_simulated_result, CallResults(CalleeRepository(table), deliveries)
            ),
            TaskType.PLAY_ARRIVAL: partial(store_simulated_arrival, deliveries, references),
            TaskType.PLAY_CALL: partial(store_simulated_call, deliveries, references),
        },
    )

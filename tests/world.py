"""The use cases on a table and secrets in moto, with a scripted provider and a clock to turn."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from ringpass.aws.dynamodb import Table
from ringpass.aws.secrets import Secrets
from ringpass.background.worker import Join
from ringpass.clients.ceilings.model import ANY_FIELD, EVERYONE
from ringpass.clients.ceilings.store import CeilingRepository
from ringpass.clients.scenarios.cache import ScenarioBook
from ringpass.clients.scenarios.service import Registry
from ringpass.clients.scenarios.store import Scenarios
from ringpass.clients.settings.requests import ReplaceSettings
from ringpass.clients.settings.service import Preferences
from ringpass.clients.settings.store import Clients
from ringpass.clients.zns_templates.cache import TemplateBook
from ringpass.clients.zns_templates.store import Templates
from ringpass.clock import to_text
from ringpass.costs import Prices
from ringpass.deliveries.channel import Channel, Channels
from ringpass.deliveries.order_builders import Messages, PasswordCalls, Preparation, VoiceOtps
from ringpass.deliveries.receipts.caresoft import TicketInbox
from ringpass.deliveries.receipts.late_matching import LateJoin
from ringpass.deliveries.receipts.mcn import CdrInbox
from ringpass.deliveries.receipts.strays_store import Strays
from ringpass.deliveries.receipts.ticket_matching import TicketJoin
from ringpass.deliveries.receipts.unmatched_payloads_store import UnmatchedPayloads
from ringpass.deliveries.references_store import References
from ringpass.deliveries.requests import PasswordCall, SendCommand, VoiceOtp, Zns
from ringpass.deliveries.route import Route
from ringpass.deliveries.send import Sends
from ringpass.deliveries.store import Deliveries
from ringpass.limits.circuit_breaker import Gate
from ringpass.limits.circuit_store import Suspensions
from ringpass.limits.counters import Counters
from ringpass.limits.planner import Allowance
from ringpass.limits.refusals_store import Decisions
from ringpass.providers.base import HttpAnswer, HttpRequest, NoAnswer, Provider
from ringpass.providers.bizfly.client import Bizfly
from ringpass.providers.caller import Placing
from ringpass.providers.caresoft.client import Caresoft
from ringpass.providers.mcn.client import Mcn
from ringpass.providers.orders import CallOrder, MessageOrder, Order, VoiceOrder
from ringpass.verifications.advance import Moves
from ringpass.verifications.check import Checks
from ringpass.verifications.codes import Codes
from ringpass.verifications.start import Starts
from ringpass.verifications.steps import Steps
from ringpass.verifications.store import OpenOnes, Verifications
from tests.moto_table import moto_client, table

__all__ = ["table"]

RETENTION = 30 * 86_400
TOKEN = "webhook-token"
REF = "da59bda0a1bb_117793"
ACCEPTED = HttpAnswer(
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


type Answer = HttpAnswer | NoAnswer | Callable[[], HttpAnswer | NoAnswer]


@dataclass
class Wire:
    """A provider's answers in order, the last one for all further requests; and what was asked."""

    answers: list[Answer] = field(default_factory=lambda: [ACCEPTED])
    requests: list[HttpRequest] = field(default_factory=list)

    def send(self, request: HttpRequest) -> HttpAnswer | NoAnswer:
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
    deliveries: Deliveries
    references: References
    suspensions: Suspensions
    verifications: Verifications
    preferences: Preferences
    calls: Sends[PasswordCall]
    starts: Starts
    moves: Moves
    checks: Checks
    payloads: UnmatchedPayloads
    inbox: CdrInbox
    late_join: LateJoin
    messages: Sends[Zns]
    tickets: TicketInbox
    joins: dict[str, Join]

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
        self, name: str, preparation: Preparation[C, O], *providers: Provider[O]
    ) -> Channel[C, O]:
        """A channel whose providers are the wire."""
        allowance = Allowance(Counters(self.table), Decisions(self.table, RETENTION), self.secrets)
        return Channel(
            name=name,
            preparation=preparation,
            routes=tuple(
                Route(
                    Placing(provider, self.wire.send, self.secrets),
                    Gate(provider.name, Suspensions(self.table), self.clock),
                )
                for provider in providers
            ),
            prices=Prices.from_json('{"mcn": {"RU": "0.35 RUB", "*": "1.50 RUB"}}'),
            allowance=allowance,
            deliveries=Deliveries(self.table, RETENTION),
            references=References(self.table, RETENTION),
            allow_test_numbers=False,
            clock=self.clock,
        )

    @property
    def scenarios(self) -> ScenarioBook:
        return ScenarioBook(Scenarios(self.table), "OTP-1", self.clock)

    @property
    def templates(self) -> TemplateBook:
        return TemplateBook(Templates(self.table), self.clock)

    @property
    def password_call(self) -> Channel[PasswordCall, CallOrder]:
        return self.channel("password_call", PasswordCalls(), Mcn("https://example.test"))

    @property
    def voice_otp(self) -> Channel[VoiceOtp, VoiceOrder]:
        return self.channel("voice_otp", VoiceOtps(self.scenarios), Bizfly("https://example.test"))

    @property
    def zns(self) -> Channel[Zns, MessageOrder]:
        caresoft = Caresoft("https://example.test", "acme")
        return self.channel("zns", Messages(self.templates), caresoft)

    @property
    def channels(self) -> Channels:
        return {
            "password_call": lambda: self.password_call,
            "voice_otp": lambda: self.voice_otp,
            "zns": lambda: self.zns,
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


def scenario_registry(table: Table, clock: Clock) -> Registry:
    """Of a stack whose operator lets every client's scenarios have any key."""
    ceilings = CeilingRepository(table)
    ceilings.put(EVERYONE, {"bizfly_key_fields": [ANY_FIELD]}, to_text(clock()))
    return Registry("test", Scenarios(table), ceilings, clock)


@pytest.fixture
def world(table: Table) -> World:
    manager = moto_client("secretsmanager")
    for name, values in SECRETS.items():
        manager.create_secret(Name=name, SecretString=json.dumps(values))
    return a_world(table, Secrets(manager, lambda name: name), Clock(), Wire())


@pytest.fixture
def open_world(world: World) -> World:
    """With a client, acme, whose settings let each channel reach every country that it can."""
    countries = {channel: ["VN", "RU"] for channel in ("zns", "voice_otp", "password_call")}
    settings = ReplaceSettings.from_mapping({"countries": countries})
    world.preferences.replace_settings("acme", settings, world.parts.templates)
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
    deliveries, references = Deliveries(table, RETENTION), References(table, RETENTION)
    verifications = Verifications(table, RETENTION)
    preferences = Preferences(Clients(table), secrets, clock)
    late_join = LateJoin(deliveries, references, timedelta(hours=2), "117793")
    payloads = UnmatchedPayloads(table, secrets, RETENTION)
    steps = Steps("test", parts.channels, codes, secrets)
    return World(
        table=table,
        clock=clock,
        wire=wire,
        secrets=secrets,
        parts=parts,
        deliveries=deliveries,
        references=references,
        suspensions=Suspensions(table),
        verifications=verifications,
        preferences=preferences,
        calls=Sends(
            "test", "POST /v1/password-calls", parts.password_call, preferences, secrets, clock
        ),
        starts=Starts(
            stack="test",
            verifications=verifications,
            open_ones=OpenOnes(table),
            deliveries=deliveries,
            steps=steps,
            codes=codes,
            preferences=preferences,
            templates=lambda: parts.templates,
            secrets=secrets,
            clock=clock,
        ),
        moves=Moves(verifications, deliveries, steps, preferences, secrets, clock),
        checks=Checks(verifications, deliveries, codes, secrets, clock),
        payloads=payloads,
        inbox=CdrInbox(
            secrets=secrets,
            deliveries=deliveries,
            references=references,
            payloads=payloads,
            called_field="called_number",
            clock=clock,
        ),
        late_join=late_join,
        messages=Sends("test", "POST /v1/zns", parts.zns, preferences, secrets, clock),
        tickets=TicketInbox(
            secrets, deliveries, references, payloads, Strays(table, secrets, RETENTION), clock
        ),
        joins={
            "mcn": late_join,
            "zalo": late_join,
            "caresoft": TicketJoin(deliveries, references, timedelta(hours=2)),
        },
    )

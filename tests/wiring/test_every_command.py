"""Whatever body comes: it is done, kept, read back and answered, or refused with a word for why.

Bodies are made from each command's own JSON schema, half of them with something odd at one place.
Nothing but the API's own errors may come of them.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from moto import mock_aws

from ringpass.aws.secrets import Secrets
from ringpass.clients.api_keys.requests import CreateKey, RotateKey
from ringpass.clients.api_keys.service import ApiKeyService
from ringpass.clients.api_keys.store import ApiKeyRepository
from ringpass.clients.scenarios.preview import timeline
from ringpass.clients.scenarios.requests import CopyScenario, CreateScenario, ReplaceScenario
from ringpass.clients.scenarios.service import ScenarioService
from ringpass.clients.scenarios.views import scenario_view
from ringpass.clients.settings.requests import ReplaceCauseTable, ReplaceSettings
from ringpass.clients.settings.views import cause_table_view, settings_view
from ringpass.clients.zns_templates.quotas import TemplateQuotas
from ringpass.clients.zns_templates.requests import RegisterTemplate, ReplaceTemplate
from ringpass.clients.zns_templates.service import TemplateService
from ringpass.clients.zns_templates.store import TemplateRepository
from ringpass.clients.zns_templates.views import template_response
from ringpass.deliveries.requests import PasswordCall, SendCommand, VoiceOtp, Zns
from ringpass.deliveries.send import SendService
from ringpass.deliveries.views import delivery_view
from ringpass.errors import ApiError
from ringpass.http.actor import Actor
from ringpass.http.fields import Command
from ringpass.http.router import Caller
from ringpass.oa.calls import views as calls_views
from ringpass.oa.calls.requests import PlaceCall
from ringpass.oa.consents import views as consents_views
from ringpass.oa.consents.requests import AskConsent
from ringpass.oa.desk import views as desk_views
from ringpass.oa.desk.requests import AddAgent, PreviewReply, ReplaceOaSettings
from ringpass.providers.base import HttpResponse
from ringpass.providers.quota_store import QuotaRepository
from ringpass.verifications import views as verifications_views
from ringpass.verifications.requests import CheckCode, StartVerification
from tests.audit_log import actor
from tests.bodies import Json, bodies
from tests.clients.scenarios.test_requests import LEAST
from tests.clients.zns_templates.test_service import BOOKING
from tests.moto_table import make_table, moto_client
from tests.oa import call_office
from tests.oa.consent_office import Office as ConsentOffice
from tests.oa.desk.test_service import SET
from tests.world import SECRETS, Clock, Wire, World, a_world, scenario_registry

if TYPE_CHECKING:
    from ringpass.deliveries.channel import Channel

PHONE = "+84389801371"
AGENT = {"agent_id": call_office.AGENT, "name": "Lan", "role": "customer_care"}
OA, AUTHOR = call_office.OA, Actor("shop", "k1")
READER = Caller("shop", frozenset({"read", "phones:read"}))
# What each provider takes for a success.
TAKEN = HttpResponse(
    200, b'{"ok":true,"status":true,"verification_uuid":"da59bda0a1bb_117793","code":"ok"}'
)
type View = Mapping[str, object]


@dataclass(frozen=True)
class Desks:
    """Every use case, on one table."""

    world: World
    calls: call_office.Office
    consents: ConsentOffice

    @property
    def scenarios(self) -> ScenarioService:
        return scenario_registry(self.world.table, self.world.clock)

    @property
    def templates(self) -> TemplateService:
        return TemplateService("test", TemplateRepository(self.world.table), self.world.clock)

    @property
    def keys(self) -> ApiKeyService:
        return ApiKeyService("test", ApiKeyRepository(self.world.table), self.world.clock)


@pytest.fixture(scope="module")
def desks() -> Iterator[Desks]:
    with mock_aws():
        manager = moto_client("secretsmanager")
        for name, values in SECRETS.items():
            manager.create_secret(Name=name, SecretString=json.dumps(values))
        world = a_world(
            make_table(), Secrets(manager, lambda name: name), Clock(), Wire(answers=[TAKEN])
        )
        office = call_office.Office(world.table, world.clock, world.secrets, call_office.ZaloWire())
        yield Desks(world, office, ConsentOffice.made(world))


def replace_settings(desks: Desks, command: ReplaceSettings) -> View:
    """What is answered can be sent back, and what is kept resolves to steps."""
    editor, templates = desks.world.editor, desks.world.parts.templates
    result = editor.replace_settings(AUTHOR, command, templates)
    assert editor.clients.get("shop") == result
    for country in ("VN", "RU", "GB"):
        result.resolve(None, country)
    view = settings_view(result)
    again = {name: value for name, value in view.items() if name in ReplaceSettings.model_fields}
    ReplaceSettings.from_json(json.dumps(again).encode())
    return view


def replace_cause_table(desks: Desks, command: ReplaceCauseTable) -> View:
    result = desks.world.editor.replace_cause_table(AUTHOR, command)
    assert desks.world.preferences.clients.get("shop") == result
    return cause_table_view(result)


def send(desks: Desks, command: SendCommand) -> View:
    world, parts = desks.world, desks.world.parts
    channels: Mapping[type[SendCommand], Channel[Any, Any]] = {
        VoiceOtp: parts.voice_otp,
        PasswordCall: parts.password_call,
        Zns: parts.zns,
    }
    sends = SendService[Any](
        "test",
        "POST /v1/sends",
        channels[type(command)],
        world.preferences,
        world.secrets,
        world.clock,
    )
    world.clock.turn(minutes=15)
    delivery = sends.send(command, "sender", None).delivery
    assert world.deliveries.get(delivery.id) == delivery
    return delivery_view(delivery, clear_phone=True)


def start(desks: Desks, command: StartVerification) -> View:
    world = desks.world
    world.clock.turn(minutes=15)
    result = world.starts.start(command, "sender", None)
    verification = world.verifications.get(result.verification.id)
    assert verification is not None
    # What limits have counted is kept, and not answered.
    assert replace(verification, unverified=None, decision=None) == result.verification
    world.moves.advance(result.verification.id)
    return verifications_views.start_response(result, READER, world.clock()).body


def check(desks: Desks, command: CheckCode) -> View:
    world = desks.world
    world.clock.turn(hours=1)
    result = world.starts.start(
        StartVerification.from_mapping({"phone": "+79777777777"}), "checker", None
    )
    own, code = result.verification.id, command.code
    guess = world.checks.check(own, "checker", code, None)
    return verifications_views.check_response(own, guess).body


def replace_scenario(desks: Desks, command: ReplaceScenario) -> View:
    old = CreateScenario.from_json(json.dumps(LEAST | {"name": f"n{len(names)}"}).encode())
    names.append(old.name)
    scenario = desks.scenarios.create(actor(old.name), old).value
    return scenario_view(desks.scenarios.replace(actor(old.name), scenario.id, command))


names: list[str] = []


def create_scenario(desks: Desks, command: CreateScenario) -> View:
    scenario = desks.scenarios.create(actor("shop"), command).value
    assert desks.scenarios.get("shop", scenario.id) == scenario
    timeline(scenario.script)
    return scenario_view(scenario)


def copy_scenario(desks: Desks, command: CopyScenario) -> View:
    old = CreateScenario.from_json(json.dumps(LEAST | {"name": f"n{len(names)}"}).encode())
    names.append(old.name)
    scenario = desks.scenarios.create(actor(old.name), old).value
    return scenario_view(desks.scenarios.copy(actor(old.name), scenario.id, command).value)


def quotas(desks: Desks) -> TemplateQuotas:
    repository = QuotaRepository(desks.world.table, "zalo", OA)
    return TemplateQuotas(repository, OA, desks.world.clock)


def register_template(desks: Desks, command: RegisterTemplate) -> View:
    template = desks.templates.register(command, actor("shop"), None).value
    assert desks.templates.get("shop", template.id) == template
    return template_response(template, quotas(desks)).body


def replace_template(desks: Desks, command: ReplaceTemplate) -> View:
    first = RegisterTemplate.from_mapping({"name": f"t{len(names)}", "caresoft_id": 1})
    names.append(first.name)
    template = desks.templates.register(first, actor(first.name), None).value
    return template_response(
        desks.templates.replace(actor(first.name), template.id, command), quotas(desks)
    ).body


def create_key(desks: Desks, command: CreateKey) -> View:
    creation = desks.keys.create(actor("shop"), command.scopes, command.label)
    assert desks.keys.keys.get(creation.record.id) == creation.record
    return {"id": creation.record.id}


def rotate_key(desks: Desks, command: RotateKey) -> View:
    old = desks.keys.create(actor("shop"), ["send"]).record
    return {"id": desks.keys.rotate(actor("shop"), old.id, command.overlap_seconds).record.id}


def replace_oa_settings(desks: Desks, command: ReplaceOaSettings) -> View:
    desk = desks.calls.desk
    result = desk.replace(OA, AUTHOR, command)
    assert desk.settings(OA, AUTHOR) == result
    result.hours.next_opening(desks.world.clock())
    return desk_views.settings_response(result).body


def preview_reply(desks: Desks, command: PreviewReply) -> View:
    return desk_views.preview_response(desks.calls.desk.preview(OA, AUTHOR, command)).body


def add_agent(desks: Desks, command: AddAgent) -> View:
    desk = desks.calls.desk
    agent = desk.add_agent(OA, AUTHOR, command)
    assert desk.remove_agent(OA, AUTHOR, agent.id) == agent
    return desk_views.added_response(agent).body


def ask_consent(desks: Desks, command: AskConsent) -> View:
    desks.world.clock.turn(hours=25)
    result = desks.consents.consents.ask(OA, AUTHOR, command, None)
    return consents_views.accepted(result, READER, desks.world.clock).body


def place_call(desks: Desks, command: PlaceCall) -> View:
    office = desks.calls
    office.set(enabled=True, verified_enterprise=True, hours=call_office.ALWAYS, suspended=None)
    with suppress(ApiError):
        office.desk.add_agent(
            OA,
            AUTHOR,
            AddAgent.from_json(json.dumps(AGENT | {"agent_id": command.agent_id}).encode()),
        )
    office.consent()
    result = office.placing.place(OA, AUTHOR, command)
    office.desk.remove_agent(OA, AUTHOR, command.agent_id)
    return calls_views.placed_response(result, "https://api.test", READER, office.clock()).body


# Each command with a body that is taken, and all that follows from it.
CASES: Mapping[type[Command], tuple[dict[str, Json], Callable[[Desks, Json], View]]] = {
    ReplaceSettings: ({}, replace_settings),
    ReplaceCauseTable: ({"rows": []}, replace_cause_table),
    VoiceOtp: ({"phone": PHONE, "otp": "1234"}, send),
    PasswordCall: ({"phone": "+79777777777"}, send),
    Zns: ({"phone": PHONE, "template": 366}, send),
    StartVerification: ({"phone": PHONE}, start),
    CheckCode: ({"code": "1234"}, check),
    CreateScenario: (LEAST, create_scenario),
    ReplaceScenario: (LEAST, replace_scenario),
    CopyScenario: ({}, copy_scenario),
    RegisterTemplate: (BOOKING, register_template),
    ReplaceTemplate: (BOOKING, replace_template),
    CreateKey: ({"scopes": ["send"]}, create_key),
    RotateKey: ({}, rotate_key),
    ReplaceOaSettings: (SET, replace_oa_settings),
    PreviewReply: ({"reply": "busy", "text": "Xin"}, preview_reply),
    AddAgent: (AGENT, add_agent),
    AskConsent: ({"phone": PHONE, "call_type": "audio", "reason": "delivery"}, ask_consent),
    PlaceCall: ({"phone": PHONE, "agent_id": AGENT["agent_id"], "call_type": "audio"}, place_call),
}


@pytest.mark.slow
@pytest.mark.parametrize("model", CASES, ids=lambda model: model.__name__)
def test_any_body_is_taken_or_refused(desks: Desks, model: type[Command]) -> None:
    usual, follow = CASES[model]
    counts = {"taken": 0, "refused": 0}

    @settings(
        max_examples=8,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    @given(bodies(model, usual) | st.none())
    @example(usual)
    @example(None)
    def try_it(body: Json) -> None:
        try:
            command = model.from_json(json.dumps(body).encode())
            view = follow(desks, command)
        except ApiError as refusal:
            if refusal.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                raise
            counts["refused"] += 1
        else:
            json.dumps(view)
            counts["taken"] += 1

    try_it()
    assert min(counts.values()) > 0, counts


@pytest.mark.parametrize(
    ("model", "body"),
    [
        (ReplaceSettings, {"providers": {"zns": None}}),
        (ReplaceSettings, {"version": 10**40}),
        (ReplaceCauseTable, {"rows": [], "version": 10**40}),
    ],
)
def test_what_once_ended_in_an_error(desks: Desks, model: type[Command], body: Json) -> None:
    with suppress(ApiError):
        CASES[model][1](desks, model.from_json(json.dumps(body).encode()))

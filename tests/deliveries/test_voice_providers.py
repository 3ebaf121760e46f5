"""Voice OTP with two providers: Bizfly, whose calls need a scenario, and a voice gateway."""

import json
from dataclasses import replace
from typing import Any

import pytest

from ringpass.clients.settings.model import ClientSettings, Step, StepChoice
from ringpass.clients.settings.requests import ReplaceSettings
from ringpass.deliveries.channel import Channel
from ringpass.deliveries.model import Delivery
from ringpass.deliveries.order_builders import CodeSend, VoiceOrderBuilder
from ringpass.deliveries.requests import VoiceOtp
from ringpass.deliveries.send import SendService
from ringpass.errors import NotConfigured, ValidationFailed
from ringpass.outcomes import Status
from ringpass.phone import parse_phone
from ringpass.providers.base import HttpRequest, HttpResponse, NoResponse
from ringpass.providers.bizfly.client import Bizfly
from ringpass.providers.facts import ChannelName
from ringpass.providers.orders import VoiceOrder
from ringpass.providers.voice_gateway.client import VoiceGateway
from ringpass.redaction import Secret
from tests.audit_log import actor
from tests.moto_table import moto_client
from tests.world import World

MOBILE, LANDLINE, RUSSIAN = "+84389801371", "+842438221221", "+79777777777"
URL = "https://pbx.test/otp"
BIZFLY_TAKES = HttpResponse(200, b'{"status": true}')
BIZFLY_REFUSES = HttpResponse(200, b'{"status": false, "message": "no"}')
GATEWAY_TAKES = HttpResponse(200, b'{"accepted": true, "call_id": "c-1"}')
GATEWAY_REFUSES = HttpResponse(200, b'{"accepted": false, "reason": "no_free_line"}')
BOTH = ("bizfly", "voice_gateway")


class Providers:
    """Both, each with answers of its own; and who was asked."""

    def __init__(self) -> None:
        self.bizfly: HttpResponse | NoResponse = BIZFLY_TAKES
        self.gateway: HttpResponse | NoResponse = GATEWAY_TAKES
        self.requests: list[HttpRequest] = []

    def send(self, request: HttpRequest) -> HttpResponse | NoResponse:
        self.requests.append(request)
        return self.gateway if request.url == URL else self.bizfly

    @property
    def asked(self) -> list[str]:
        return ["voice_gateway" if one.url == URL else "bizfly" for one in self.requests]


@pytest.fixture
def providers(world: World) -> Providers:
    moto_client("secretsmanager").create_secret(
        Name="voice_gateway", SecretString='{"token": "gateway-token"}'
    )
    return Providers()


def channel(
    world: World, providers: Providers, *, url: str = URL, otp_id: str = "OTP-1"
) -> Channel[VoiceOtp, VoiceOrder]:
    """Both providers; the stack's own scenario may be none."""
    scenarios = replace(world.parts.scenarios, stack_otp_id=otp_id)
    both = world.parts.channel(
        ChannelName.VOICE_OTP,
        VoiceOrderBuilder(scenarios),
        Bizfly("https://bizfly.test"),
        VoiceGateway(url),
    )
    routes = tuple(
        replace(route, caller=replace(route.caller, transmit=providers.send))
        for route in both.routes
    )
    return replace(both, routes=routes)


def send(
    world: World,
    channel: Channel[VoiceOtp, VoiceOrder],
    key: str | None = None,
    phone: str = MOBILE,
    **fields: object,
) -> Delivery:
    service = SendService(
        "test", "POST /v1/voice-otp", channel, world.preferences, world.secrets, world.clock
    )
    command = VoiceOtp.from_mapping({"phone": phone, "otp": "4821"} | fields)
    return service.send(command, "acme", key).delivery


def settings(world: World, **fields: object) -> None:
    body = ReplaceSettings.from_mapping(fields)
    world.editor.replace_settings(actor("acme"), body, world.parts.templates)
    world.clock.turn(seconds=61)  # No function has older ones.


def fault(refusal: pytest.ExceptionInfo[ValidationFailed]) -> tuple[object, object]:
    [error] = refusal.value.errors
    return error["loc"], error["type"]


@pytest.mark.slow
def test_what_bizfly_refuses_the_gateway_gets_in_its_own_form(
    world: World, providers: Providers
) -> None:
    providers.bizfly = BIZFLY_REFUSES
    second = send(world, channel(world, providers), ring_timeout=40)
    assert (second.provider, second.status) == ("voice_gateway", Status.ACCEPTED)
    assert second.provider_ref == "c-1"
    [first] = [one for one in made(world) if one.id == second.retry_of]
    assert (first.provider, first.status, first.retried_by) == (
        "bizfly",
        Status.REJECTED,
        second.id,
    )
    assert providers.asked == list(BOTH)
    assert json.loads(providers.requests[1].body) == {
        "delivery_id": second.id,
        "phone": MOBILE,
        "code": "4821",
        "language": "vi",
        "ring_timeout": 40,
    }
    assert providers.requests[1].headers["Authorization"] == "Bearer gateway-token"


@pytest.mark.parametrize(
    "answer",
    [NoResponse("timeout"), HttpResponse(500, b""), HttpResponse(200, b"?"), BIZFLY_TAKES],
)
def test_a_call_that_may_have_been_placed_is_not_repeated(
    world: World, providers: Providers, answer: HttpResponse | NoResponse
) -> None:
    providers.bizfly = answer
    send(world, channel(world, providers))
    assert providers.asked == ["bizfly"]


def test_a_replay_calls_nobody_again(world: World, providers: Providers) -> None:
    providers.bizfly, providers.gateway = BIZFLY_REFUSES, GATEWAY_REFUSES
    both = channel(world, providers)
    last = send(world, both, "key")
    assert (last.status, last.reason) == (Status.REJECTED, "no_free_line")
    assert send(world, both, "key").id == last.id
    assert providers.asked == list(BOTH)


def test_after_a_401_the_gateway_is_asked_once_more_with_a_fresh_token(
    world: World, providers: Providers
) -> None:
    settings(world, providers={"voice_otp": ["voice_gateway"]})
    providers.gateway = HttpResponse(401, b"")
    delivery = send(world, channel(world, providers))
    assert (delivery.status, delivery.reason) == (Status.REJECTED, "unauthorized")
    assert providers.asked == ["voice_gateway"] * 2


def test_a_client_that_chose_it_alone_asks_it_alone(world: World, providers: Providers) -> None:
    settings(world, providers={"voice_otp": ["voice_gateway"]})
    assert send(world, channel(world, providers)).provider == "voice_gateway"
    providers.gateway = GATEWAY_REFUSES
    assert send(world, channel(world, providers)).status is Status.REJECTED
    assert providers.asked == ["voice_gateway"] * 2


def test_without_bizfly_s_key_it_is_asked_alone(world: World, providers: Providers) -> None:
    world.put_secret("bizfly", api_key="")
    both = channel(world, providers, otp_id="")
    assert send(world, both).provider == "voice_gateway"
    assert providers.asked == ["voice_gateway"]


@pytest.mark.slow
def test_while_bizfly_is_suspended_it_is_asked(world: World, providers: Providers) -> None:
    both = channel(world, providers)
    providers.bizfly = HttpResponse(401, b"")
    for number in range(3):
        send(world, both, phone=f"+8438980137{number}")
    providers.requests.clear()
    assert send(world, both, phone="+84389801379").provider == "voice_gateway"
    assert providers.asked == ["voice_gateway"]
    # One circuit breaker each.
    assert world.suspensions.get("bizfly").suspended_until
    assert not world.suspensions.get("voice_gateway").suspended_until


def test_without_a_gateway_nothing_is_different(world: World, providers: Providers) -> None:
    without = channel(world, providers, url="")
    providers.bizfly = BIZFLY_REFUSES
    assert send(world, without).status is Status.REJECTED
    assert providers.asked == ["bizfly"]
    for phone, type_ in ((LANDLINE, "landline_not_supported"), (RUSSIAN, "country_not_supported")):
        with pytest.raises(ValidationFailed) as refusal:
            send(world, without, phone=phone)
        assert fault(refusal) == (["phone"], type_)
    with pytest.raises(ValidationFailed) as refusal:
        send(world, channel(world, providers, url="", otp_id=""))
    assert fault(refusal) == (["scenario"], "scenario_required")


def test_a_client_that_chose_what_the_stack_does_not_have_gets_no_call(
    world: World, providers: Providers
) -> None:
    settings(world, providers={"voice_otp": ["voice_gateway"]})
    for without in (
        channel(world, providers, url=""),
        channel(world, providers, url="", otp_id=""),
    ):
        with pytest.raises(NotConfigured) as refusal:
            send(world, without)
        assert refusal.value.providers == ("voice_gateway",)
    assert providers.asked == []


def test_a_gateway_without_a_token_is_not_asked(world: World, providers: Providers) -> None:
    world.put_secret("voice_gateway", token="")
    providers.bizfly = BIZFLY_REFUSES
    assert send(world, channel(world, providers)).provider == "bizfly"
    assert providers.asked == ["bizfly"]


# --------------------------------------------------------------------------------- numbers


def test_a_landline_goes_to_the_gateway_alone(world: World, providers: Providers) -> None:
    assert send(world, channel(world, providers), phone=LANDLINE).provider == "voice_gateway"
    assert providers.asked == ["voice_gateway"]


def test_a_russian_number_goes_to_it_if_the_client_allows_the_country(
    world: World, providers: Providers
) -> None:
    both = channel(world, providers)
    with pytest.raises(ValidationFailed) as refusal:
        send(world, both, phone=RUSSIAN)
    assert fault(refusal) == (["phone"], "country_not_allowed")
    settings(world, countries={"voice_otp": ["VN", "RU"]})
    assert send(world, both, phone=RUSSIAN).provider == "voice_gateway"
    assert json.loads(providers.requests[-1].body)["language"] == "ru"
    settings(world, countries={"voice_otp": ["VN", "RU"]}, providers={"voice_otp": ["bizfly"]})
    with pytest.raises(ValidationFailed) as refusal:
        send(world, both, phone=RUSSIAN)
    assert fault(refusal) == (["phone"], "country_not_supported")


# ------------------------------------------------------------------------------- scenarios


def test_a_scenario_that_the_request_names_is_heard_or_nothing(
    world: World, providers: Providers
) -> None:
    providers.bizfly = BIZFLY_REFUSES
    delivery = send(world, channel(world, providers), scenario="OTP-7")
    assert (delivery.provider, delivery.status) == ("bizfly", Status.REJECTED)
    assert providers.asked == ["bizfly"], "the gateway would read another text"


@pytest.mark.parametrize("otp_id", ["", "OTP-1"])
def test_a_scenario_is_refused_where_no_provider_has_any(
    world: World, providers: Providers, otp_id: str
) -> None:
    settings(world, providers={"voice_otp": ["voice_gateway"]})
    with pytest.raises(ValidationFailed) as refusal:
        send(world, channel(world, providers, otp_id=otp_id), scenario="OTP-7")
    assert fault(refusal) == (["scenario"], "scenario_not_supported")
    assert providers.asked == []


def test_a_scenario_that_nobody_registered_is_refused_all_the_same(
    world: World, providers: Providers
) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        send(world, channel(world, providers), scenario="no such name")
    assert fault(refusal) == (["scenario"], "scenario_unknown")


@pytest.mark.parametrize("default", [None, "no such name"])
def test_without_a_usable_default_the_gateway_calls(
    world: World, providers: Providers, default: str | None
) -> None:
    settings(world, scenario=default)
    both = channel(world, providers, otp_id="")
    assert send(world, both).provider == "voice_gateway"
    assert providers.asked == ["voice_gateway"]


def test_the_client_s_own_default_does_not_keep_the_gateway_out(
    world: World, providers: Providers
) -> None:
    settings(world, scenario="OTP-7")
    providers.bizfly = BIZFLY_REFUSES
    assert send(world, channel(world, providers)).provider == "voice_gateway"
    assert json.loads(providers.requests[0].body)["otp_id"] == "OTP-7"


@pytest.mark.parametrize(
    ("choice", "default", "eligible"),
    [
        (None, None, BOTH),
        (None, "OTP-7", BOTH),
        ("OTP-7", None, ("bizfly",)),
        ("OTP-7", "OTP-8", ("bizfly",)),
    ],
)
def test_a_step_has_the_same_rule(
    world: World,
    providers: Providers,
    choice: str | None,
    default: str | None,
    eligible: tuple[str, ...],
) -> None:
    preferences = ClientSettings(scenario=default)
    steps = [StepChoice(ChannelName.VOICE_OTP, scenario=choice)]
    [step] = preferences.resolve(steps, "VN")
    both = channel(world, providers)
    routes = both.eligible_routes(order_of(both, step, preferences), preferences)
    assert tuple(route.name for route in routes) == eligible


def order_of(
    channel: Channel[VoiceOtp, VoiceOrder], step: Step, preferences: ClientSettings
) -> VoiceOrder:
    code = CodeSend("acme", parse_phone(MOBILE), Secret("4821"), {})
    return channel.prepare_step(step, code, preferences)


@pytest.mark.parametrize(("first", "requests"), [("bizfly", 2), ("voice_gateway", 3)])
def test_a_call_that_is_named_costs_one_write_more(
    world: World, providers: Providers, first: str, requests: int
) -> None:
    settings(world, providers={"voice_otp": [first]})
    both = channel(world, providers)
    send(world, both)  # It reads what is cached from then on.
    operations: list[str] = []
    events = moto_client("dynamodb").meta.events

    def note(model: Any, **_: object) -> None:  # noqa: ANN401 - botocore's
        operations.append(model.name)

    events.register("before-call.dynamodb", note)
    try:
        send(world, both, phone="+84389801372")
    finally:
        events.unregister("before-call.dynamodb", note)
    assert len(operations) == requests, operations


def made(world: World) -> list[Delivery]:
    return list(world.deliveries.list_by_client("acme", "0", "9"))

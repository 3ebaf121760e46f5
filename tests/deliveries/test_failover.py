"""Messages with two providers: what one refuses the other gets, and nobody is asked in vain."""

import json
from dataclasses import replace
from typing import Any

import pytest

from ringpass.clients.zns_templates.requests import RegisterTemplate
from ringpass.clients.zns_templates.service import TemplateService
from ringpass.deliveries.model import Delivery
from ringpass.deliveries.order_builders import MessageOrderBuilder
from ringpass.deliveries.requests import Zns
from ringpass.deliveries.send import SendResult, SendService
from ringpass.errors import ProviderSuspended, QuotaUsedUp
from ringpass.outcomes import Status
from ringpass.providers.base import HttpRequest, HttpResponse, NoResponse
from ringpass.providers.caresoft.client import Caresoft
from ringpass.providers.facts import ChannelName
from ringpass.providers.quota_store import QuotaRepository
from ringpass.providers.zalo.quota_meter import QuotaMeter
from ringpass.providers.zalo.zns_client import Zalo
from tests.audit_log import actor
from tests.moto_table import moto_client
from tests.world import World

PHONE = "+84983912148"
TAKEN = HttpResponse(200, b'{"status":"OK","ticket":{"ticketId":"297002"}}')


def zalo_says(error: int = 0, remaining: int | None = None) -> HttpResponse:
    body: dict[str, Any] = {"error": error}
    if error == 0:
        body["data"] = {"msg_id": "a4d0243feb9af3c4aa8b"}
        if remaining is not None:
            quota = {"dailyQuota": "500", "remainingQuota": str(remaining)}
            body["data"]["quota"] = quota
    return HttpResponse(200, json.dumps(body).encode())


class Providers:
    """Both, each with answers of its own; and who was asked."""

    def __init__(self) -> None:
        self.caresoft: HttpResponse | NoResponse = TAKEN
        self.zalo: HttpResponse | NoResponse = zalo_says()
        self.recipients: list[str] = []
        self.requests: list[HttpRequest] = []

    def send(self, request: HttpRequest) -> HttpResponse | NoResponse:
        name = "zalo" if "message/template" in request.url else "caresoft"
        self.recipients.append(name)
        self.requests.append(request)
        return self.zalo if name == "zalo" else self.caresoft


@pytest.fixture
def providers(world: World) -> Providers:
    moto_client("secretsmanager").create_secret(
        Name="zalo_token", SecretString='{"access_token": "access"}'
    )
    fields = {
        "name": "booking",
        "caresoft_id": 366,
        "zns_id": "7895417",
        "approved": True,
        "params": [{"name": "otp", "max_length": 10, "source": "code"}],
    }
    registry = TemplateService("test", world.parts.templates.templates, world.clock)
    registry.register(RegisterTemplate.from_json(json.dumps(fields).encode()), actor("acme"))
    return Providers()


def sends(world: World, providers: Providers, first: str) -> SendService[Zns]:
    """Over both, the first one wanted most."""
    caresoft, zalo = Caresoft("https://c.test", "acme"), Zalo("https://z.test", "oa")
    channel = world.parts.channel(
        ChannelName.ZNS, MessageOrderBuilder(world.parts.templates), caresoft, zalo
    )
    meter = QuotaMeter(QuotaRepository(world.table, "zalo", "oa"), world.clock)
    routes = [
        replace(
            route,
            caller=replace(route.caller, transmit=providers.send),
            meter=meter if route.name == "zalo" else None,
        )
        for route in channel.routes
    ]
    ordered = tuple(sorted(routes, key=lambda route: route.name != first))
    return SendService(
        "test",
        "POST /v1/zns",
        replace(channel, routes=ordered),
        world.preferences,
        world.secrets,
        world.clock,
    )


def send(
    world: World, providers: Providers, first: str = "zalo", key: str | None = None
) -> SendResult:
    command = Zns.from_mapping({"phone": PHONE, "template": "booking", "params": {"otp": "4821"}})
    return sends(world, providers, first).send(command, "acme", key)


def made(world: World) -> list[Delivery]:
    return list(world.deliveries.list_by_client("acme", "0", "9"))


@pytest.mark.slow
def test_zalo_is_asked_in_its_form(world: World, providers: Providers) -> None:
    delivery = send(world, providers).delivery
    assert (delivery.provider, delivery.status) == ("zalo", Status.ACCEPTED)
    assert delivery.provider_ref == "a4d0243feb9af3c4aa8b"
    assert json.loads(providers.requests[0].body) == {
        "phone": "84983912148",
        "template_id": "7895417",
        "template_data": {"otp": "4821"},
        "tracking_id": delivery.id,
    }
    assert providers.requests[0].headers["access_token"] == "access"


@pytest.mark.slow
@pytest.mark.parametrize("error", [-108, -110, -115, -132, -144, -147, -1471])
def test_what_zalo_refuses_caresoft_gets(world: World, providers: Providers, error: int) -> None:
    providers.zalo = zalo_says(error)
    delivery = send(world, providers).delivery
    assert (delivery.provider, delivery.status) == ("caresoft", Status.ACCEPTED)
    assert providers.recipients == ["zalo", "caresoft"]
    rejection = next(one for one in made(world) if one.provider == "zalo")
    assert rejection.status is Status.REJECTED
    assert delivery.retry_of == rejection.id


@pytest.mark.parametrize(
    "answer",
    [zalo_says(-100), NoResponse("timeout"), HttpResponse(500, b""), HttpResponse(200, b"x")],
)
def test_of_what_nobody_knows_no_other_is_made(
    world: World, providers: Providers, answer: HttpResponse | NoResponse
) -> None:
    providers.zalo = answer
    assert send(world, providers).delivery.status is Status.UNKNOWN
    assert providers.recipients == ["zalo"]


def test_what_caresoft_refuses_zalo_gets(world: World, providers: Providers) -> None:
    providers.caresoft = HttpResponse(200, b'{"code":"errors","message":"x"}')
    assert send(world, providers, "caresoft").delivery.provider == "zalo"
    assert providers.recipients == ["caresoft", "zalo"]


@pytest.mark.slow
@pytest.mark.parametrize("error", [-144, -147])
def test_an_oa_or_a_template_over_its_quota_is_passed_over(
    world: World, providers: Providers, error: int
) -> None:
    providers.zalo = zalo_says(error)
    send(world, providers)
    world.clock.turn(minutes=1)
    providers.recipients.clear()
    assert send(world, providers).delivery.provider == "caresoft"
    assert providers.recipients == ["caresoft"]
    # At midnight in Vietnam it is asked again.
    world.clock.turn(hours=9)
    providers.zalo = zalo_says()
    assert send(world, providers).delivery.provider == "zalo"


@pytest.mark.slow
def test_the_last_message_of_the_quota_closes_it(world: World, providers: Providers) -> None:
    providers.zalo = zalo_says(remaining=0)
    assert send(world, providers).delivery.provider == "zalo"
    world.clock.turn(minutes=1)
    assert send(world, providers).delivery.provider == "caresoft"


def used_up(world: World, providers: Providers) -> None:
    """Zalo's quota is used up, and CareSoft does not know the template."""
    registry = TemplateService("test", world.parts.templates.templates, world.clock)
    fields = {"name": "other", "zns_id": "1", "approved": True}
    registry.register(RegisterTemplate.from_json(json.dumps(fields).encode()), actor("acme"))
    providers.zalo = zalo_says(remaining=0)


@pytest.mark.slow
def test_where_no_other_is_left_it_is_refused_until_midnight(
    world: World, providers: Providers
) -> None:
    used_up(world, providers)
    command = Zns.from_mapping({"phone": PHONE, "template": "other"})
    first = sends(world, providers, "zalo").send(command, "acme", "key-1")
    world.clock.turn(minutes=1)
    before = len(made(world))
    with pytest.raises(QuotaUsedUp) as refusal:
        sends(world, providers, "zalo").send(command, "acme", "key-2")
    # From 08:31 to 17:00 UTC.
    assert refusal.value.retry_after == (8 * 60 + 29) * 60
    assert (refusal.value.status, refusal.value.code) == (429, "quota_used_up")
    assert isinstance(refusal.value, ProviderSuspended)
    assert len(made(world)) == before
    # A repetition is answered all the same.
    again = sends(world, providers, "zalo").send(command, "acme", "key-1")
    assert (again.replayed, again.delivery.id) == (True, first.delivery.id)


def test_a_send_without_a_template_at_zalo_never_goes_there(
    world: World, providers: Providers
) -> None:
    providers.caresoft = HttpResponse(200, b'{"code":"errors","message":"x"}')
    command = Zns.from_mapping({"phone": PHONE, "template": 366})
    delivery = sends(world, providers, "zalo").send(command, "acme", None).delivery
    assert (delivery.provider, delivery.status) == ("caresoft", Status.REJECTED)
    assert providers.recipients == ["caresoft"]

"""A step's order is the one that a command with the same values gets."""

import json

import pytest

from ringpass.clients.settings.model import ClientSettings, Step
from ringpass.clients.zns_templates.requests import RegisterTemplate
from ringpass.clients.zns_templates.service import TemplateService
from ringpass.deliveries.order_builders import CodeSend
from ringpass.deliveries.requests import PasswordCall, SendCommand, VoiceOtp, Zns
from ringpass.errors import ValidationFailed
from ringpass.phone import parse_phone
from ringpass.providers.facts import ChannelName
from ringpass.redaction import Secret
from tests.audit_log import actor
from tests.world import World

PHONE, CODE = "+84389801371", "4821"
SEND = CodeSend("acme", parse_phone(PHONE), Secret(CODE), {"shop": "Hoan Kiem"})
BARE = ClientSettings()


def register(world: World, *params: dict[str, object]) -> None:
    body = {"name": "code", "caresoft_id": 366, "approved": True, "params": list(params)}
    registry = TemplateService("test", world.parts.templates.templates, world.clock)
    registry.register(RegisterTemplate.from_json(json.dumps(body).encode()), actor("acme"))


@pytest.mark.parametrize(
    ("step", "command"),
    [
        (Step(ChannelName.VOICE_OTP, 60), VoiceOtp.from_mapping({"phone": PHONE, "otp": CODE})),
        (
            Step(ChannelName.VOICE_OTP, 60, scenario="OTP-7"),
            VoiceOtp.from_mapping({"phone": PHONE, "otp": CODE, "scenario": "OTP-7"}),
        ),
        (
            Step(ChannelName.PASSWORD_CALL, 45),
            PasswordCall.from_mapping({"phone": PHONE, "code": CODE}),
        ),
        (
            Step(ChannelName.ZNS, 60, template=366, code_param="otp", params={"name": "An"}),
            Zns.from_mapping(
                {"phone": PHONE, "template": 366, "params": {"name": "An", "otp": CODE}}
            ),
        ),
        (
            Step(ChannelName.ZNS, 60, template=366),
            Zns.from_mapping({"phone": PHONE, "template": 366, "params": {}}),
        ),
    ],
)
def test_a_step_s_order_is_that_of_a_command(
    world: World, step: Step, command: SendCommand
) -> None:
    builder = world.parts.channels[step.channel]().order_builder
    order = builder.for_step(step, SEND, BARE)
    assert order == builder.for_command(command, "acme", BARE)
    assert CODE not in repr(order)


def test_a_registered_template_takes_the_code_and_the_metadata_from_their_sources(
    world: World,
) -> None:
    register(
        world,
        {"name": "otp", "source": "code", "max_length": 10},
        {"name": "shop", "source": "metadata", "key": "shop"},
        {"name": "name"},
    )
    step = Step(ChannelName.ZNS, 60, template="code", params={"name": "An"})
    order = world.parts.zns.order_builder.for_step(step, SEND, BARE)
    assert order.params == {"otp": CODE, "shop": "Hoan Kiem", "name": "An"}
    assert (order.scenario_id, order.ticket_id) == (366, None)


@pytest.mark.slow
def test_a_step_without_a_template_is_refused(world: World) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        world.parts.zns.order_builder.for_step(Step(ChannelName.ZNS, 60), SEND, BARE)
    [fault] = refusal.value.errors
    assert (fault["loc"], fault["type"]) == (["template"], "no_template")


def test_what_all_steps_share_prints_no_phone_no_code_and_no_metadata() -> None:
    printed = repr(SEND)
    assert CODE not in printed
    assert PHONE not in printed
    assert "Hoan Kiem" not in printed

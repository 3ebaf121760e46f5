"""Numbers that a channel cannot reach, or that are nobody's: nothing is reserved for them."""

import json
from typing import Any

import pytest

from ringpass.clients.settings.requests import ReplaceSettings
from ringpass.deliveries.requests import PasswordCall, SendCommand, VoiceOtp, Zns
from ringpass.deliveries.send import SendService
from ringpass.errors import ValidationFailed
from ringpass.verifications.model import TimelineEvent
from ringpass.verifications.requests import StartVerification
from ringpass.verifications.start import StartResult
from tests.audit_log import actor
from tests.world import ACCEPTED, World

VN_LANDLINE, RU_LANDLINE, BRITISH = "+842438221221", "+74951234567", "+447911123456"
ZNS, VOICE = {"channel": "zns", "template": 366}, {"channel": "voice_otp"}
CALL = {"channel": "password_call"}


def send(world: World, command: SendCommand) -> None:
    channel: Any = {
        VoiceOtp: world.parts.voice_otp,
        PasswordCall: world.parts.password_call,
        Zns: world.parts.zns,
    }[type(command)]
    sends: SendService[Any] = SendService(
        "test", "POST /", channel, world.preferences, world.secrets, world.clock
    )
    sends.send(command, "acme", None)


def start(world: World, phone: str, *workflow: dict[str, Any], **fields: Any) -> StartResult:  # noqa: ANN401 - any field
    body = {"phone": phone, **fields} | ({"workflow": list(workflow)} if workflow else {})
    return world.starts.start(StartVerification.from_mapping(body), "acme", None)


def faults(refusal: pytest.ExceptionInfo[ValidationFailed]) -> list[tuple[object, object]]:
    return [(error["loc"], error["type"]) for error in refusal.value.errors]


def nothing_happened(world: World) -> bool:
    items = world.table.client.scan(TableName=world.table.name)["Items"]
    return not world.wire.requests and not [
        item
        for item in items
        if item["PK"]["S"].startswith(("DLV#", "VER#", "OPN#", "LED#", "LIM#"))
    ]


@pytest.mark.parametrize(
    "command",
    [
        VoiceOtp.from_mapping({"phone": VN_LANDLINE, "otp": "48291"}),
        VoiceOtp.from_mapping({"phone": "024 3822 1221", "region": "VN", "otp": "48291"}),
        Zns.from_mapping({"phone": VN_LANDLINE, "template": 366}),
    ],
    ids=lambda command: type(command).__name__,
)
def test_a_channel_that_reaches_no_landlines_says_so(
    open_world: World, command: SendCommand
) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        send(open_world, command)
    assert faults(refusal) == [(["phone"], "landline_not_supported")]
    assert nothing_happened(open_world)


@pytest.mark.parametrize(
    ("phone", "digits"), [(VN_LANDLINE, "842438221221"), (RU_LANDLINE, "74951234567")]
)
def test_a_password_call_rings_a_landline(open_world: World, phone: str, digits: str) -> None:
    open_world.wire.answers = [ACCEPTED]
    send(open_world, PasswordCall.from_mapping({"phone": phone, "code": "4829"}))
    [request] = open_world.wire.requests
    assert json.loads(request.body)["phone_number"] == digits


@pytest.mark.slow
def test_a_step_that_reaches_no_landlines_is_left_out_with_its_reason(open_world: World) -> None:
    open_world.wire.answers = [ACCEPTED]
    result = start(open_world, VN_LANDLINE, ZNS, VOICE, CALL)
    assert [(line.event, line.reason, line.channel) for line in result.verification.history] == [
        (TimelineEvent.STARTED, None, None),
        (TimelineEvent.SKIPPED, "landline_not_supported", "zns"),
        (TimelineEvent.SKIPPED, "landline_not_supported", "voice_otp"),
        (TimelineEvent.SENT, "started", "password_call"),
    ]


def test_where_no_step_reaches_landlines_the_phone_is_at_fault(open_world: World) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        start(open_world, VN_LANDLINE, ZNS, VOICE)
    assert faults(refusal) == [(["phone"], "landline_not_supported")]
    assert nothing_happened(open_world)


@pytest.mark.parametrize("workflow", [(), (CALL,), (ZNS, VOICE), (VOICE, CALL)])
def test_a_country_that_no_step_reaches_is_the_phone_s_fault(
    world: World, workflow: tuple[dict[str, Any], ...]
) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        start(world, BRITISH, *workflow)
    assert faults(refusal) == [(["phone"], "country_not_supported")]
    assert nothing_happened(world)


def test_a_country_that_the_client_does_not_allow_is_the_phone_s_fault(world: World) -> None:
    settings = ReplaceSettings.from_mapping({"countries": {"password_call": ["RU"]}})
    world.editor.replace_settings(actor("acme"), settings, world.parts.templates)
    with pytest.raises(ValidationFailed) as refusal:
        start(world, "+84389801371", CALL)
    assert faults(refusal) == [(["phone"], "country_not_allowed")]


def test_what_the_workflow_lacks_is_named_there_if_it_was_sent(open_world: World) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        start(open_world, "+84389801371", {"channel": "zns"})
    assert faults(refusal) == [(["workflow", 0, "channel"], "no_template")]


def test_no_field_is_named_that_was_not_sent(open_world: World) -> None:
    settings = ReplaceSettings.from_mapping({"workflows": {"VN": [{"channel": "zns"}]}})
    open_world.editor.replace_settings(actor("acme"), settings, open_world.parts.templates)
    with pytest.raises(ValidationFailed) as refusal:
        start(open_world, "+84389801371")
    assert faults(refusal) == [(["phone"], "no_template")]


@pytest.mark.parametrize(
    ("command", "fields"),
    [
        (PasswordCall, {"phone": "+78091234529", "code": "4829"}),
        (PasswordCall, {"phone": "8 800 555-35-35", "region": "RU"}),
        (VoiceOtp, {"phone": "1900 1234", "region": "VN", "otp": "48291"}),
        (Zns, {"phone": "+8418001234", "template": 366}),
        (StartVerification, {"phone": "+78091234529"}),
    ],
)
def test_a_service_s_number_is_refused_by_every_command(
    command: type[SendCommand], fields: dict[str, Any]
) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        command.from_mapping(fields)
    assert faults(refusal) == [(["phone"], "service_number")]


def test_one_number_is_one_command_however_it_is_written() -> None:
    spellings = [
        {"phone": "+84983912360"},
        {"phone": "+84 983 912 360"},
        {"phone": "0983.912.360", "region": "VN"},
    ]
    commands = {VoiceOtp.from_mapping(each | {"otp": "48291"}).canonical() for each in spellings}
    assert len(commands) == 1

"""Sends and verifications with a registered template: checked before anyone is asked."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from ringpass.clients.settings.model import ClientSettings, StepChoice, ZnsDefaults
from ringpass.clients.zns_templates.model import Template
from ringpass.clients.zns_templates.requests import RegisterTemplate, ReplaceTemplate
from ringpass.clients.zns_templates.service import TemplateService
from ringpass.deliveries.order_builders import MessageOrderBuilder
from ringpass.deliveries.requests import Zns
from ringpass.deliveries.send import SendResult, SendService
from ringpass.errors import IdempotencyKeyReused, ValidationFailed
from ringpass.limits.settings import LimitSettings
from ringpass.outcomes import Status
from ringpass.providers.base import HttpResponse
from ringpass.providers.facts import ChannelName
from ringpass.verifications.requests import StartVerification
from ringpass.verifications.start import StartResult
from ringpass.verifications.timeline import timeline
from tests.audit_log import actor
from tests.stored_settings import store_settings
from tests.world import World

TAKEN = HttpResponse(200, b'{"status":"OK","ticket":{"ticketId":"297002"}}')
CALLED = HttpResponse(200, b'{"message":"th\\u00e0nh c\\u00f4ng","status":true}')
PHONE = "+84983912148"
BOOKING: dict[str, Any] = {
    "name": "booking",
    "caresoft_id": 366,
    "approved": True,
    "params": [
        {"name": "otp", "max_length": 10, "source": "code"},
        {"name": "requester", "max_length": 30},
        {"name": "masoDatve", "type": "number", "required": False},
        {"name": "shop", "source": "constant", "value": "ACME"},
        {"name": "order", "source": "metadata", "key": "order", "required": False},
    ],
}
PARAMS = {"otp": "4821", "requester": "Nguyễn Hải Hà"}


@pytest.fixture(autouse=True)
def _taken(world: World) -> None:
    world.wire.answers = [TAKEN]


def registry(world: World) -> TemplateService:
    return TemplateService("test", world.parts.templates.templates, world.clock)


def register(world: World, **fields: object) -> Template:
    command = RegisterTemplate.from_json(json.dumps(BOOKING | fields).encode())
    return registry(world).register(command, actor("acme")).value


def send(
    world: World,
    sends: SendService[Zns] | None = None,
    key: str | None = None,
    **fields: object,
) -> SendResult:
    command = Zns.from_mapping({"phone": PHONE, "template": "booking"} | fields)
    return (sends or messages(world)).send(command, "acme", key)


def messages(world: World) -> SendService[Zns]:
    """Another function's."""
    parts = world.parts
    return SendService(
        "test", "POST /v1/zns", parts.zns, world.preferences, world.secrets, world.clock
    )


def zns_bodies(world: World) -> list[dict[str, Any]]:
    """What CareSoft was asked for."""
    return [json.loads(request.body)["zns"] for request in world.wire.requests]


def refused(world: World, **fields: object) -> list[tuple[list[Any], str]]:
    with pytest.raises(ValidationFailed) as refusal:
        send(world, **fields)  # type: ignore[arg-type]
    assert world.wire.requests == []
    assert list(world.deliveries.list_by_client("acme", "0", "9")) == []
    return [(error["loc"], error["type"]) for error in refusal.value.errors]


# ------------------------------------------------------------------------------------ single sends


def test_a_send_by_name(world: World) -> None:
    register(world)
    delivery = send(world, params=PARAMS, metadata={"order": "A-17"}).delivery
    assert (delivery.status, delivery.ticket_id) == (Status.ACCEPTED, "297002")
    assert zns_bodies(world) == [
        {
            "phone": "0983912148",
            "template_id": 366,
            "params": {
                "otp": "4821",
                "requester": "Nguyễn Hải Hà",
                "shop": "ACME",
                "order": "A-17",
            },
        }
    ]


def test_an_id_is_sent_as_it_is_also_where_a_template_has_it(world: World) -> None:
    register(world, approved=False)
    send(world, template=366, params={"anything": "at all"})
    assert zns_bodies(world)[0]["params"] == {"anything": "at all"}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"template": "booking"}, [(["params", "otp"], "missing"),
                                   (["params", "requester"], "missing")]),
        ({"params": PARAMS | {"colour": "red"}}, [(["params", "colour"], "param_unknown")]),
        ({"params": PARAMS | {"requester": "x" * 31}}, [(["params", "requester"],
                                                         "string_too_long")]),
        ({"params": PARAMS | {"masoDatve": "vé"}}, [(["params", "masoDatve"], "number_format")]),
        ({"params": PARAMS | {"shop": "B"}}, [(["params", "shop"], "other_source")]),
        ({"params": PARAMS, "template": "another"}, [(["template"], "template_unknown")]),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_before_anything_is_asked_or_written(
    world: World, fields: dict[str, Any], expected: list[Any]
) -> None:
    register(world)
    assert refused(world, **fields) == expected


def test_a_template_that_is_not_approved_is_refused(world: World) -> None:
    register(world, approved=False)
    assert refused(world, params=PARAMS) == [(["template"], "template_not_approved")]


@pytest.mark.slow
def test_a_template_whose_messages_answer_tickets_needs_one(world: World) -> None:
    register(world, ticket="given")
    assert refused(world, params=PARAMS) == [(["ticket_id"], "ticket_required")]
    send(world, params=PARAMS, ticket_id=297005)
    assert zns_bodies(world)[0]["ticket_id"] == 297005


def test_a_template_that_only_zalo_knows_is_not_caresofts(world: World) -> None:
    register(world, caresoft_id=None, zns_id="211214")
    assert refused(world, params=PARAMS) == [(["template"], "no_provider")]


@pytest.mark.parametrize(
    ("own", "stack_s", "zns_id"),
    [
        ("1", "1", "211214"),
        (None, "1", "211214"),
        ("1", "", "211214"),
        ("2", "1", None),
    ],
)
def test_a_template_is_not_sent_by_another_oa_than_its_own(
    world: World, own: str | None, stack_s: str, zns_id: str | None
) -> None:
    register(world, zns_id="211214", oa_id=own)
    command = Zns.from_mapping({"phone": PHONE, "template": "booking", "params": PARAMS})
    order = MessageOrderBuilder(world.parts.templates, stack_s).for_command(
        command, "acme", ClientSettings()
    )
    assert (order.zns_id, order.scenario_id) == (zns_id, 366)


def test_a_template_without_parameters_leaves_them_to_caresoft(world: World) -> None:
    register(world, params=[{"name": "requester", "required": False}])
    send(world)
    assert "params" not in zns_bodies(world)[0]


@pytest.mark.slow
def test_what_has_just_been_approved_can_be_sent_at_once(world: World) -> None:
    template, sends = register(world, approved=False), messages(world)
    with pytest.raises(ValidationFailed):
        send(world, sends, params=PARAMS)
    approved = json.dumps(BOOKING | {"approved": True}).encode()
    registry(world).replace(actor("acme"), template.id, ReplaceTemplate.from_json(approved))
    assert send(world, sends, params=PARAMS).delivery.status is Status.ACCEPTED


@pytest.mark.slow
def test_a_repetition_is_answered_also_once_its_template_is_gone(world: World) -> None:
    template, sends = register(world), messages(world)
    first = send(world, sends, key="key-1", params=PARAMS)
    registry(world).delete(actor("acme"), template.id)
    world.clock.turn(seconds=61)
    again = send(world, messages(world), key="key-1", params=PARAMS)
    assert again.replayed
    assert again.delivery == first.delivery
    with pytest.raises(IdempotencyKeyReused):
        send(world, messages(world), key="key-1", params={})
    with pytest.raises(ValidationFailed):
        send(world, messages(world), key="key-2", params=PARAMS)
    assert len(world.wire.requests) == 1


@pytest.mark.slow
def test_a_name_costs_two_reads_a_minute(world: World) -> None:
    register(world)
    sends, reads = messages(world), list[str]()

    def note(params: dict[str, Any], **_: object) -> None:
        key = json.loads(params["body"])["Key"]["PK"]["S"]
        if key.startswith("TPL#"):
            reads.append(key)

    world.table.client.meta.events.register("before-call.dynamodb.GetItem", note)
    for _ in range(3):
        send(world, sends, params=PARAMS)
        world.clock.turn(seconds=19)
    assert reads == ["TPL#acme"] * 2
    world.clock.turn(seconds=4)
    send(world, sends, params=PARAMS)
    assert reads == ["TPL#acme"] * 4
    # An id is nobody's name.
    send(world, messages(world), template=366)
    assert len(reads) == 4


def test_parameters_are_kept_nowhere(world: World) -> None:
    register(world)
    delivery = send(world, params=PARAMS).delivery
    item = world.table.get({"PK": f"DLV#{delivery.id}", "SK": "DLV"})
    assert "4821" not in str(item)
    assert "Nguyễn" not in str(item)


# ----------------------------------------------------------------------------------- verifications


def start(
    world: World, *workflow: Mapping[str, object], key: str | None = None, **fields: object
) -> StartResult:
    body = {"phone": PHONE, **({"workflow": workflow} if workflow else {})} | fields
    command = StartVerification.from_json(json.dumps(body).encode())
    return world.starts.start(command, "acme", key)


def start_refused(
    world: World, *workflow: Mapping[str, object], code_length: int | None = None
) -> list[tuple[list[Any], str]]:
    with pytest.raises(ValidationFailed) as refusal:
        start(world, *workflow, code_length=code_length)
    assert world.wire.requests == []
    return [(error["loc"], error["type"]) for error in refusal.value.errors]


def set_zns(world: World, *workflow: StepChoice) -> None:
    settings = ClientSettings(
        zns=ZnsDefaults("booking", None, {"requester": "Hà"}),
        limits=LimitSettings(pauses=None),
        workflows={"VN": workflow} if workflow else {},
    )
    store_settings(world.table, "acme", settings)


ZNS: dict[str, object] = {"channel": "zns", "template": "booking", "params": {"requester": "Hà"}}
VOICE: dict[str, object] = {"channel": "voice_otp"}


@pytest.mark.slow
def test_a_step_s_code_goes_into_the_parameter_that_takes_it(world: World) -> None:
    register(world)
    verification = start(world, ZNS, metadata={"order": "A-17"}).verification
    code = world.starts.codes.reveal(verification.code).reveal()
    [message] = zns_bodies(world)
    assert message["template_id"] == 366
    assert message["params"] == {"otp": code, "requester": "Hà", "shop": "ACME", "order": "A-17"}
    item = world.table.get({"PK": f"VER#{verification.id}", "SK": "VER"})
    assert code not in str(item)


def test_the_settings_may_name_the_template(world: World) -> None:
    register(world)
    set_zns(world)
    verification = start(world).verification
    code = world.starts.codes.reveal(verification.code).reveal()
    assert zns_bodies(world)[0]["params"] == {"otp": code, "requester": "Hà", "shop": "ACME"}


def test_a_template_without_a_code_cannot_be_a_step(world: World) -> None:
    register(world, params=[{"name": "requester"}])
    assert start_refused(world, VOICE, ZNS) == [
        (["workflow", 1, "template"], "template_without_code")
    ]


def test_a_template_whose_messages_answer_tickets_cannot_be_a_step(world: World) -> None:
    register(world, ticket="given")
    assert start_refused(world, ZNS, VOICE) == [(["workflow", 0, "template"], "ticket_required")]


def test_a_template_that_is_not_registered_cannot_be_a_step(world: World) -> None:
    assert start_refused(world, VOICE, ZNS) == [(["workflow", 1, "template"], "template_unknown")]


def test_parameters_of_a_step_are_those_of_its_template(world: World) -> None:
    register(world)
    step = ZNS | {"params": {"otp": "4821", "colour": "red"}}
    assert start_refused(world, VOICE, step) == [
        (["workflow", 1, "params", "colour"], "param_unknown"),
        (["workflow", 1, "params", "otp"], "other_source"),
        (["workflow", 1, "params", "requester"], "missing"),
    ]


def test_a_code_that_is_too_long_for_the_template_is_refused(world: World) -> None:
    register(world, params=[{"name": "otp", "max_length": 6, "source": "code"}])
    step = {"channel": "zns", "template": "booking"}
    assert start_refused(world, step, code_length=8) == [
        (["workflow", 0, "params", "otp"], "string_too_long")
    ]
    assert start(world, step, code_length=6).verification.step == 0


def test_a_start_is_repeated_also_once_its_template_is_gone(world: World) -> None:
    template = register(world)
    first = start(world, ZNS, key="key-1")
    registry(world).delete(actor("acme"), template.id)
    world.clock.turn(seconds=61)
    again = start(world, ZNS, key="key-1")
    assert again.replayed
    assert again.verification.id == first.verification.id
    assert len(world.wire.requests) == 1
    with pytest.raises(IdempotencyKeyReused):
        start(world, ZNS, key="key-1", attempts=1)


def skipped(result: StartResult) -> str:
    [line] = [
        line["text"]
        for line in timeline(result.verification, result.deliveries)
        if line["event"] == "skipped"
    ]
    return line


@pytest.mark.slow
def test_a_step_whose_template_is_not_approved_is_left_out(world: World) -> None:
    register(world, approved=False)
    world.wire.answers = [CALLED]
    result = start(world, ZNS, VOICE)
    assert result.verification.step == 1
    assert skipped(result).endswith("was left out: its template is not approved.")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        (None, "no template of this name is registered."),
        ({"params": []}, "its template has no parameter for the code."),
        ({"ticket": "given"}, "messages of its template answer a ticket."),
        (
            {"params": [{"name": "otp", "source": "code"}, {"name": "new"}]},
            "its template lacks a value, or has one that does not fit.",
        ),
    ],
)
def test_what_has_become_of_the_settings_template_leaves_its_step_out(
    world: World, fields: dict[str, object] | None, reason: str
) -> None:
    if fields is not None:
        register(world, **fields)
    set_zns(world, StepChoice(ChannelName.ZNS), StepChoice(ChannelName.VOICE_OTP))
    world.wire.answers = [CALLED]
    assert skipped(start(world)).endswith(reason)


@pytest.mark.slow
def test_a_later_step_is_filled_by_what_holds_then(world: World) -> None:
    template = register(world)
    world.wire.answers = [CALLED]
    set_zns(world)
    verification = start(world, VOICE, ZNS, metadata={"order": "A-17"}).verification
    another = json.dumps(BOOKING | {"caresoft_id": 367, "approved": True}).encode()
    registry(world).replace(actor("acme"), template.id, ReplaceTemplate.from_json(another))
    world.clock.turn(seconds=61)
    world.wire.answers = [TAKEN]
    world.moves.advance(verification.id)
    message = json.loads(world.wire.requests[-1].body)["zns"]
    assert (message["template_id"], message["params"]["order"]) == (367, "A-17")


def test_all_steps_left_out_is_a_refusal_that_says_why(world: World) -> None:
    register(world, approved=False)
    assert start_refused(world, ZNS) == [(["workflow", 0, "channel"], "template_not_approved")]

"""A country's numbers go to that country's providers alone, unless a client says otherwise.

And a provider that nobody has set up is never asked.
"""

from contextlib import suppress
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ringpass.aws.secrets import PLACEHOLDER
from ringpass.clients.settings.model import (
    DEFAULT_COUNTRIES,
    ClientSettings,
    StepChoice,
    ZnsDefaults,
)
from ringpass.deliveries.order_builders import CodeSend
from ringpass.deliveries.requests import PasswordCall, VoiceOtp, Zns
from ringpass.errors import ApiError, NotConfigured, Unavailable, ValidationFailed
from ringpass.limits.settings import LimitSettings
from ringpass.phone import parse_phone
from ringpass.providers.base import HttpRequest, HttpResponse
from ringpass.providers.bizfly.client import Bizfly
from ringpass.providers.caller import ProviderCaller
from ringpass.providers.caresoft.client import Caresoft
from ringpass.providers.facts import ChannelName
from ringpass.providers.zalo.zns_client import Zalo
from ringpass.redaction import Secret
from ringpass.verifications.model import Verification, VerificationStatus
from ringpass.verifications.requests import StartVerification
from ringpass.verifications.start import StartResult
from ringpass.verifications.timeline import timeline
from tests.moto_table import moto_client
from tests.stored_settings import store_settings
from tests.world import World

PHONE: Final = {"VN": "+84983912148", "RU": "+79777777777"}
HOME: Final = {"VN": {"bizfly", "caresoft"}, "RU": {"mcn"}}
CHANNELS: Final = (ChannelName.ZNS, ChannelName.VOICE_OTP, ChannelName.PASSWORD_CALL)
CALL: Final = StepChoice(ChannelName.PASSWORD_CALL)
VOICE: Final = StepChoice(ChannelName.VOICE_OTP)
ZNS: Final = StepChoice(ChannelName.ZNS)
_SAYS_YES: Final = HttpResponse(
    200,
    b'{"ok":true,"verification_uuid":"da59bda0a1bb_117793","status":true,"code":"ok",'
    b'"ticket":{"ticketId":"297002"}}',
)


def provider(request: HttpRequest) -> str:
    return {"passwordcall": "mcn", "otp_calls": "bizfly", "zns": "caresoft"}[
        request.url.rpartition("/")[2]
    ]


def recipients(world: World) -> list[str]:
    """The providers that were asked, in order."""
    return [provider(request) for request in world.wire.requests]


def set_for(world: World, client: str, **fields: Any) -> None:  # noqa: ANN401 - of any setting
    store_settings(world.table, client, ClientSettings(**fields))


def unset(world: World, *names: str) -> None:
    """The providers' secrets as a new stack makes them."""
    fields = {"mcn": "token", "bizfly": "api_key", "caresoft": "token"}
    for name in names:
        world.put_secret(name, **{fields[name]: "", PLACEHOLDER: "4f8yR"})


def start(
    world: World, country: str = "VN", key: str | None = None, **fields: object
) -> StartResult:
    command = StartVerification.from_mapping({"phone": PHONE[country]} | fields)
    return world.starts.start(command, "acme", key)


def history(world: World, verification: Verification) -> list[tuple[str, str | None, str]]:
    """The story's lines of steps: what happened, why, the sentence."""
    current = world.verifications.get(verification.id)
    assert current is not None
    lines = timeline(current, world.deliveries.get_many(current.delivery_ids))
    return [
        (line["event"], line["reason"], line["text"])
        for line in lines
        if line["event"] in {"sent", "skipped"}
    ]


def written(world: World) -> list[Any]:
    """Deliveries and verifications in the table."""
    items = world.table.client.scan(TableName=world.table.name)["Items"]
    return [one for one in items if one["entity"]["S"] in {"delivery", "verification", "counter"}]


def fault(refusal: ApiError) -> tuple[Any, Any]:
    [error] = refusal.errors
    return error["loc"], error["type"]


@pytest.fixture(autouse=True)
def _all_say_yes(world: World) -> None:
    world.wire.answers = [_SAYS_YES]


# ------------------------------------------------------------------------- whose numbers go where


@pytest.mark.slow
def test_a_client_that_has_set_nothing_sends_no_vietnamese_number_to_russia(world: World) -> None:
    """What was seen: an invalid MCN token, and MCN got number and code of each, twice."""
    world.put_secret("mcn", token="not-valid")
    set_for(world, "acme")

    def answer() -> HttpResponse:
        last_provider = provider(world.wire.requests[-1])
        return HttpResponse(401, b"{}") if last_provider == "mcn" else _SAYS_YES

    world.wire.answers = [answer]
    verification = start(world).verification
    assert recipients(world) == ["bizfly"]
    assert verification.code.digits == 6
    assert [step.channel for step in verification.workflow] == ["voice_otp"]
    for _ in range(3):
        world.clock.turn(seconds=61)
        world.moves.advance(verification.id)
    assert recipients(world) == ["bizfly"]


@pytest.mark.slow
def test_a_message_comes_first_where_the_client_has_a_template(world: World) -> None:
    set_for(world, "acme", zns=ZnsDefaults(366))
    verification = start(world).verification
    assert [step.channel for step in verification.workflow] == ["zns", "voice_otp"]
    assert verification.code.digits == 6
    world.clock.turn(seconds=61)
    world.moves.advance(verification.id)
    assert recipients(world) == ["caresoft", "bizfly"]


def test_a_russian_number_is_called_by_mcn(world: World) -> None:
    verification = start(world, "RU").verification
    assert [step.channel for step in verification.workflow] == ["password_call"]
    assert verification.code.digits == 4
    assert recipients(world) == ["mcn"]


def test_a_single_send_goes_abroad_only_if_the_client_has_set_so(world: World) -> None:
    command = PasswordCall.from_mapping({"phone": PHONE["VN"], "code": "1234"})
    with pytest.raises(ValidationFailed) as refusal:
        world.calls.send(command, "acme", "key")
    assert fault(refusal.value) == (["phone"], "country_not_allowed")
    assert recipients(world) == written(world) == []
    set_for(world, "other", countries={"password_call": frozenset({"VN"})})
    world.calls.send(command, "other", "key")
    assert recipients(world) == ["mcn"]


def test_what_was_sent_is_still_answered_when_the_client_has_changed_its_mind(world: World) -> None:
    command = PasswordCall.from_mapping({"phone": PHONE["VN"], "code": "1234"})
    set_for(world, "acme", countries={"password_call": frozenset({"VN"})})
    first = world.calls.send(command, "acme", "key")
    set_for(world, "acme")
    world.clock.turn(seconds=61)
    again = world.calls.send(command, "acme", "key")
    assert (again.delivery.id, again.replayed) == (first.delivery.id, True)
    assert recipients(world) == ["mcn"]


def test_a_workflow_in_a_request_does_not_go_beyond_the_settings(world: World) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        start(world, workflow=[{"channel": "password_call"}])
    assert fault(refusal.value) == (["phone"], "country_not_allowed")
    assert recipients(world) == written(world) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"countries": {"password_call": frozenset({"VN"})}},
        {"workflows": {"VN": (CALL,)}},
        {"workflows": {"*": (CALL, VOICE)}},
    ],
)
def test_a_client_may_say_that_mcn_calls_vietnam(world: World, fields: dict[str, Any]) -> None:
    set_for(world, "acme", **fields)
    start(world, workflow=[{"channel": "password_call"}])
    assert recipients(world) == ["mcn"]


def test_for_other_countries_there_is_no_default(world: World) -> None:
    command = StartVerification.from_mapping({"phone": "+77012345678"})
    with pytest.raises(ValidationFailed) as refusal:
        world.starts.start(command, "acme", None)
    assert fault(refusal.value) == (["phone"], "country_not_supported")
    assert recipients(world) == written(world) == []


BARE: Final = st.builds(
    ClientSettings,
    zns=st.one_of(st.none(), st.just(ZnsDefaults(366))),
    timeouts=st.dictionaries(st.sampled_from(CHANNELS), st.integers(15, 900)),
    scenario=st.one_of(st.none(), st.just("OTP-2")),
    providers=st.dictionaries(
        st.sampled_from(CHANNELS), st.permutations(["mcn", "bizfly", "caresoft"]).map(tuple)
    ),
    code_length=st.one_of(st.none(), st.integers(4, 8)),
    limits=st.builds(LimitSettings, phone=st.none()),
)
"""All that a client can set but workflows and countries."""


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    bare=BARE,
    country=st.sampled_from(["VN", "RU"]),
    digits=st.integers(0, 9_999),
    names=st.one_of(st.none(), st.lists(st.sampled_from(CHANNELS), min_size=1, max_size=3)),
)
def test_without_an_explicit_setting_no_order_leaves_its_country(
    world: World, bare: ClientSettings, country: str, digits: int, names: list[ChannelName] | None
) -> None:
    """Neither a step can be taken nor a single send be made, whatever a request names."""
    number = {"VN": f"+8498391{digits:04d}", "RU": f"+7977777{digits:04d}"}[country]
    phone = parse_phone(number)
    choices = None if names is None else [StepChoice(channel, template=366) for channel in names]
    workflow = bare.resolve(choices, country)
    barred = world.starts.step_runner.unavailable_reason(
        CodeSend("acme", phone, Secret("0000"), {}), workflow, bare
    )
    usable = {step.channel for number, step in enumerate(workflow) if barred(number) is None}
    home = {channel for channel in CHANNELS if country in DEFAULT_COUNTRIES[channel]}
    assert usable <= home
    assert usable or names
    commands = {
        ChannelName.PASSWORD_CALL: PasswordCall.from_mapping({"phone": number, "code": "1234"}),
        ChannelName.VOICE_OTP: VoiceOtp.from_mapping({"phone": number, "otp": "123456"}),
        ChannelName.ZNS: Zns.from_mapping({"phone": number, "template": 366}),
    }
    providers = set[str]()
    for name, command in commands.items():
        channel = world.parts.channels[name]()
        with suppress(ValidationFailed):
            order = channel.prepare(command, "acme", bare)
            providers |= {route.name for route in channel.routes if route.carries(order)}
    assert providers == HOME[country]


# -------------------------------------------------------------- what nobody has set up is not asked


@pytest.mark.slow
def test_a_step_without_a_provider_is_left_out_at_the_start_and_the_history_says_whose(
    world: World,
) -> None:
    unset(world, "caresoft")
    set_for(world, "acme", zns=ZnsDefaults(366))
    result = start(world)
    assert recipients(world) == ["bizfly"]
    assert result.verification.step == 1
    [skipped, sent] = history(world, result.verification)
    assert skipped[:2] == ("skipped", "not_configured")
    assert skipped[2] == (
        "Step 1, a Zalo message, was left out: its provider is not set up in this stack (caresoft)."
    )
    assert sent[0] == "sent"


@pytest.mark.slow
def test_a_step_without_a_provider_is_left_out_when_it_moves_on(world: World) -> None:
    unset(world, "mcn")
    set_for(
        world, "acme", workflows={"VN": (VOICE, CALL, StepChoice(ChannelName.ZNS, template=366))}
    )
    verification = start(world).verification
    world.clock.turn(seconds=61)
    world.moves.advance(verification.id)
    assert recipients(world) == ["bizfly", "caresoft"]
    events = [(event, reason) for event, reason, _ in history(world, verification)]
    assert events == [("sent", "started"), ("skipped", "not_configured"), ("sent", "time_out")]


def test_nothing_is_reserved_where_no_step_is_left(world: World) -> None:
    unset(world, "mcn", "bizfly")
    set_for(world, "acme", workflows={"VN": (CALL, ZNS, VOICE)})
    with pytest.raises(NotConfigured) as refusal:
        start(world)
    assert refusal.value.status == 503
    assert "mcn or bizfly" in refusal.value.detail
    assert recipients(world) == written(world) == []


def test_a_single_send_is_refused_before_anything_is_reserved(world: World) -> None:
    unset(world, "mcn")
    command = PasswordCall.from_mapping({"phone": PHONE["RU"], "code": "1234"})
    with pytest.raises(NotConfigured) as refusal:
        world.calls.send(command, "acme", "key")
    assert (refusal.value.status, refusal.value.code) == (503, "not_configured")
    assert "mcn" in refusal.value.detail
    assert recipients(world) == written(world) == []
    # The key is free: the same request is a first one when the token is there.
    world.put_secret("mcn", token="token")
    world.secrets.values("mcn", "token", refresh=True)
    assert not world.calls.send(command, "acme", "key").replayed
    assert recipients(world) == ["mcn"]


@pytest.mark.slow
def test_what_was_sent_is_still_answered_when_the_secret_is_gone(world: World) -> None:
    command = PasswordCall.from_mapping({"phone": PHONE["RU"], "code": "1234"})
    first = world.calls.send(command, "acme", "key")
    verification = start(world, key="start").verification
    unset(world, "mcn", "bizfly")
    for name, field in (("mcn", "token"), ("bizfly", "api_key")):
        with pytest.raises(Unavailable):
            world.secrets.values(name, field, refresh=True)
    assert world.calls.send(command, "acme", "key").delivery.id == first.delivery.id
    again = start(world, key="start")
    assert (again.verification.id, again.replayed) == (verification.id, True)
    assert recipients(world) == ["mcn", "bizfly"]


def test_of_two_providers_the_configured_one_is_asked(world: World) -> None:
    """A message that CareSoft and Zalo could carry."""
    parts, oa = world.parts, Zalo("https://example.test", "oa")
    unset(world, "caresoft")
    world.clock.turn(seconds=1)
    moto_client("secretsmanager").create_secret(
        Name="zalo_token", SecretString='{"access_token": "token"}'
    )
    channel = parts.channel(
        ChannelName.ZNS, parts.zns.order_builder, Caresoft("https://example.test", "acme"), oa
    )
    command = Zns.from_mapping({"phone": PHONE["VN"], "template": 366})
    order = channel.prepare(command, "acme", ClientSettings())
    with pytest.raises(NotConfigured) as refusal:
        channel.eligible_routes(order, ClientSettings())
    assert refusal.value.providers == ("caresoft",)
    both = order.__class__(order.phone, scenario_id=366, zns_id="7895417")
    assert [route.name for route in channel.eligible_routes(both, ClientSettings())] == ["zalo"]
    zalo_alone = ClientSettings(providers={"zns": ("caresoft",)})
    with pytest.raises(NotConfigured):
        channel.eligible_routes(both, zalo_alone)


@pytest.mark.slow
def test_a_parameter_that_lacks_is_no_set_up_either(world: World) -> None:
    channel = world.parts.channel(
        ChannelName.ZNS, world.parts.zns.order_builder, Caresoft("https://example.test", "")
    )
    command = Zns.from_mapping({"phone": PHONE["VN"], "template": 366})
    order = channel.prepare(command, "acme", ClientSettings())
    with pytest.raises(NotConfigured):
        channel.eligible_routes(order, ClientSettings())


def test_that_secrets_cannot_be_read_is_not_that_nobody_has_set_them(world: World) -> None:
    moto_client("secretsmanager").delete_secret(SecretId="bizfly", ForceDeleteWithoutRecovery=True)
    with pytest.raises(Unavailable) as refusal:
        start(world)
    assert refusal.value.code == "unavailable"
    assert recipients(world) == written(world) == []


def test_for_a_test_number_that_is_played_nothing_needs_to_be_set_up(world: World) -> None:
    """A new stack whose TestNumbers is on can be tried before there is an account anywhere."""

    def nobody(_request: HttpRequest) -> HttpResponse:
        raise AssertionError("a provider was asked")

    def plays(name: str, _order: object, _delivery: str) -> HttpResponse:
        assert name == "bizfly"
        return HttpResponse(200, b'{"status": true}')

    unset(world, "bizfly")
    placing = ProviderCaller(Bizfly("https://example.test"), nobody, world.secrets, plays)
    test_number = VoiceOtp.from_mapping({"phone": "+84000000000", "otp": "482915"})
    person = VoiceOtp.from_mapping({"phone": PHONE["VN"], "otp": "482915"})
    prepare = world.parts.voice_otp.order_builder.for_command
    order = prepare(test_number, "acme", ClientSettings())
    assert placing.is_configured(order)
    assert type(placing.credential(order)) is Secret
    assert type(placing.call(order, "dlv_1", placing.credential(order))).__name__ == "Accepted"
    assert not placing.is_configured(prepare(person, "acme", ClientSettings()))


@pytest.mark.slow
def test_a_verification_whose_later_step_was_never_set_up_ends_as_any_other(world: World) -> None:
    unset(world, "mcn")
    set_for(world, "acme", workflows={"VN": (VOICE, CALL)})
    world.wire.answers = [HttpResponse(200, b'{"status": false}')]
    first = start(world).verification
    world.moves.advance(first.id)
    verification = world.verifications.get(first.id)
    assert verification is not None
    assert verification.status is VerificationStatus.FAILED
    assert recipients(world) == ["bizfly"]

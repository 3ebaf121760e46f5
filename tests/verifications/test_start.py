"""Starting a verification for a phone that has one already, while limits count."""

import pytest

from ringpass.clients.settings.requests import ReplaceSettings
from ringpass.errors import LimitReached, ValidationFailed, VerificationEnded
from ringpass.phone import parse_phone
from ringpass.providers.base import HttpResponse
from ringpass.redaction import Secret
from ringpass.verifications.model import VerificationStatus
from ringpass.verifications.requests import StartVerification
from ringpass.verifications.start import StartResult
from tests.audit_log import actor
from tests.world import World


def start(world: World, **fields: str) -> StartResult:
    reference = f"{len(world.wire.requests):012x}_117793"
    text = f'{{"ok":true,"caller_number":"74951091234","verification_uuid":"{reference}"}}'
    world.wire.answers = [HttpResponse(200, text.encode())]
    command = StartVerification.from_mapping({"phone": "+79777777777"} | fields)
    return world.starts.start(command, "acme", None)


def test_a_start_before_its_pause_is_over_is_refused_and_leaves_the_open_one(world: World) -> None:
    first = start(world).verification
    world.clock.turn(seconds=5)
    with pytest.raises(LimitReached) as refusal:
        start(world)
    assert refusal.value.limit == "pauses"
    current = world.verifications.get(first.id)
    assert current is not None
    assert current.status is VerificationStatus.PENDING
    assert len(world.wire.requests) == 1


def test_a_limit_that_refuses_every_step_of_a_start_is_recorded_once(world: World) -> None:
    start(world)
    world.clock.turn(seconds=5)
    workflow = [{"channel": "password_call"}, {"channel": "password_call"}]
    command = StartVerification.from_mapping({"phone": "+79777777777", "workflow": workflow})
    for expected in (1, 2):
        with pytest.raises(LimitReached):
            world.starts.start(command, "acme", None)
        decisions = list(world.parts.password_call.planner.refusals.of_client("acme", "0", "9"))
        assert len(decisions) == expected
    assert {(one.limit, one.step, one.number) for one in decisions} == {
        ("pauses", 0, "+79777777777")
    }


@pytest.mark.slow
def test_a_start_after_its_pause_replaces_the_open_one(world: World) -> None:
    first = start(world).verification
    world.clock.turn(seconds=31)
    second = start(world).verification
    current = world.verifications.get(first.id)
    assert current is not None
    assert (current.status, current.replaced_by) == (VerificationStatus.CANCELED, second.id)
    assert len(world.wire.requests) == 2


def test_a_request_to_a_replaced_one_says_so_and_to_a_canceled_one_does_not(world: World) -> None:
    first = start(world).verification
    world.clock.turn(seconds=31)
    second = start(world).verification
    with pytest.raises(VerificationEnded) as ended:
        world.checks.check(first.id, "acme", Secret("1234"), None)
    assert ended.value.members == {
        "ended_as": "canceled",
        "reason": "replaced",
        "replaced_by": second.id,
    }
    for ask in (world.checks.cancel, world.moves.run_next_step):
        with pytest.raises(VerificationEnded) as again:
            ask(first.id, "acme", None)
        assert again.value.members == ended.value.members
    world.checks.cancel(second.id, "acme", None)
    with pytest.raises(VerificationEnded) as canceled:
        world.checks.check(second.id, "acme", Secret("1234"), None)
    assert canceled.value.members == {"ended_as": "canceled", "reason": "asked"}


def test_an_end_that_is_not_written_yet_has_its_reason(world: World) -> None:
    verification = start(world).verification
    world.clock.turn(seconds=601)
    with pytest.raises(VerificationEnded) as ended:
        world.checks.check(verification.id, "acme", Secret("1234"), None)
    assert ended.value.members == {"ended_as": "expired", "reason": "time_over"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("first", "again"),
    [
        ("203.0.113.7", "::ffff:203.0.113.7"),
        ("203.0.113.7", "64:ff9b::203.0.113.7"),
        ("::ffff:cb00:7107%eth0", "203.0.113.7"),
        ("2001:db8:0:7::1", "2001:db8:0:7:5:6:7:8"),
    ],
)
def test_a_user_of_several_addresses_has_one_budget(world: World, first: str, again: str) -> None:
    settings = ReplaceSettings.from_mapping({"limits": {"fraud_budget": {"ip_least": 1}}})
    world.editor.replace_settings(actor("acme"), settings, world.parts.templates)
    start(world, phone="+79161230203", ip=first)
    with pytest.raises(LimitReached) as refusal:
        start(world, phone="+79161230204", ip=again)
    assert refusal.value.limit == "fraud_budget_ip"
    start(world, phone="+79161230205", ip="203.0.113.8")


def test_a_user_of_numbers_of_several_countries_is_recorded(world: World) -> None:
    fields = {
        "countries": {"password_call": ["VN", "RU"]},
        "limits": {"fraud_budget": {"ip_countries": {"cap": 1}}},
    }
    settings = ReplaceSettings.from_mapping(fields)
    world.editor.replace_settings(actor("acme"), settings, world.parts.templates)
    start(world, ip="203.0.113.7")
    second = start(world, phone="+84389801371", ip="203.0.113.7").verification
    refusals = world.parts.password_call.planner.refusals
    [decision] = refusals.of_client("acme", "0", "9", refused=False)
    assert (decision.limit, decision.country) == ("fraud_budget_ip_countries", "VN")
    assert (decision.cap, decision.counted) == (1, 1)
    assert decision.verification_id == second.id


def test_an_address_that_is_none_is_named() -> None:
    with pytest.raises(ValidationFailed) as refusal:
        StartVerification.from_mapping({"phone": "+79777777777", "ip": "203.0.113.007"})
    assert [(e["loc"], e["type"]) for e in refusal.value.errors] == [(["ip"], "ip_format")]


@pytest.mark.parametrize("number", ["+79777777777", "+84389801371", "+842838222222"])
def test_a_started_verification_has_its_phone_parsed(world: World, number: str) -> None:
    settings = ReplaceSettings.from_mapping({"countries": {"password_call": ["VN", "RU"]}})
    world.editor.replace_settings(actor("acme"), settings, world.parts.templates)
    command = StartVerification.from_mapping(
        {"phone": number, "workflow": [{"channel": "password_call"}]}
    )
    verification = world.starts.start(command, "acme", None).verification
    current = world.verifications.get(verification.id)
    assert current is not None
    assert current.callee == command.phone == parse_phone(number)

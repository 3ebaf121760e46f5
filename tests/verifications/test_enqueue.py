"""A queued verification: its start asks no provider, and ``advance`` makes the first delivery."""

from datetime import timedelta

import pytest

from ringpass.clients.settings.requests import ReplaceSettings
from ringpass.clock import from_text
from ringpass.errors import IdempotencyKeyReused, ValidationFailed
from ringpass.outcomes import Status
from ringpass.providers.base import HttpResponse
from ringpass.verifications.model import TimelineEvent, Verification, VerificationStatus
from ringpass.verifications.requests import StartVerification
from tests.audit_log import actor
from tests.world import World

PHONE = "+79777777777"
REFUSED = HttpResponse(200, b'{"ok":false,"error":"no"}')
CALL = [{"channel": "password_call", "timeout_seconds": 30}]


def enqueue(
    world: World, key: str = "key", server: str | None = None, **fields: object
) -> Verification:
    command = StartVerification.from_mapping({"phone": PHONE} | fields)
    return world.starts.enqueue(command, "acme", key, sign_in_server=server)


def current(world: World, verification: Verification) -> Verification:
    stored = world.verifications.get(verification.id)
    assert stored is not None
    return stored


def test_a_queued_start_asks_nobody_and_is_due_at_once(world: World) -> None:
    verification = current(world, enqueue(world))
    assert world.wire.requests == []
    assert verification.status is VerificationStatus.PENDING
    assert (verification.turn, verification.delivery_ids) == (0, ())
    assert verification.due == world.clock.now
    assert [entry.event for entry in verification.history] == [TimelineEvent.STARTED]


def test_advance_makes_its_first_delivery_with_its_code(world: World) -> None:
    verification = enqueue(world, code="4821")
    assert world.moves.advance(verification.id) is None
    verification = current(world, verification)
    assert (verification.turn, verification.step, len(world.wire.requests)) == (1, 0, 1)
    assert "4821" in str(world.wire.requests[0].url) + str(world.wire.requests[0].body)
    events = [entry.event for entry in verification.history]
    assert events == [TimelineEvent.STARTED, TimelineEvent.SENT]
    assert verification.history[1].reason == "started"
    # Limits count it then, and the fraud budget can give the code back.
    assert verification.unverified is not None
    assert verification.decision is not None
    world.moves.advance(verification.id)
    assert len(world.wire.requests) == 1


def test_next_before_the_first_step_runs_it(world: World) -> None:
    verification = enqueue(world)
    result = world.moves.run_next_step(verification.id, "acme", None)
    assert (result.verification.turn, result.verification.step) == (1, 0)
    world.moves.advance(verification.id)
    assert len(world.wire.requests) == 1


def test_a_step_that_was_refused_is_left_for_the_next_one(open_world: World) -> None:
    workflow = [*CALL, {"channel": "voice_otp"}]
    open_world.wire.answers = [REFUSED, HttpResponse(200, b'{"status":true}')]
    verification = enqueue(open_world, phone="+84389801371", workflow=workflow)
    open_world.moves.advance(verification.id)
    verification = current(open_world, verification)
    assert (verification.turn, verification.step) == (2, 1)


def test_it_fails_if_limits_refuse_every_step(world: World) -> None:
    settings = ReplaceSettings.from_mapping({"limits": {"deny": {"numbers": [PHONE]}}})
    world.editor.replace_settings(actor("acme"), settings, world.parts.templates)
    verification = enqueue(world)
    world.moves.advance(verification.id)
    verification = current(world, verification)
    assert verification.status is VerificationStatus.FAILED
    assert verification.history[-2].reason == "started"
    skipped = [one.reason for one in verification.history if one.event is TimelineEvent.SKIPPED]
    assert skipped == ["not_allowed"]
    assert world.wire.requests == []


def test_a_repetition_gets_the_first_one(world: World) -> None:
    first = enqueue(world, code="4821")
    world.moves.advance(first.id)
    assert enqueue(world, code="4821").id == first.id
    assert len(world.wire.requests) == 1
    with pytest.raises(IdempotencyKeyReused):
        enqueue(world, code="4822")
    assert world.starts.find("acme", "key") == current(world, first)
    assert world.starts.find("acme", "other") is None


def test_it_replaces_the_open_one_of_the_phone(world: World) -> None:
    first = world.starts.start(
        StartVerification.from_mapping({"phone": PHONE}), "acme", None
    ).verification
    second = enqueue(world)
    third = enqueue(world, key="another")
    assert current(world, first).replaced_by == second.id
    assert current(world, second).replaced_by == third.id
    world.moves.advance(second.id)
    assert len(world.wire.requests) == 1  # The first one's.


def test_what_has_no_workflow_is_refused_before_anything_is_written(world: World) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        enqueue(world, phone="+12025550123")
    assert refusal.value.errors[0]["loc"] == ["phone"]
    with pytest.raises(ValidationFailed):
        enqueue(world, code="123456")  # A Password Call takes four digits.
    assert world.starts.find("acme", "key") is None


def test_it_fails_if_no_step_can_reach_the_number(world: World) -> None:
    verification = enqueue(world, phone="+84389801371", workflow=CALL)
    world.moves.advance(verification.id)
    verification = current(world, verification)
    assert (verification.status, verification.turn) == (VerificationStatus.FAILED, 0)
    skipped = [one.reason for one in verification.history if one.event is TimelineEvent.SKIPPED]
    assert skipped == ["country_not_allowed"]
    assert world.wire.requests == []


def test_it_fails_if_no_provider_is_set_up(world: World) -> None:
    world.put_secret("mcn", token="")
    verification = enqueue(world)
    world.moves.advance(verification.id)
    verification = current(world, verification)
    assert verification.status is VerificationStatus.FAILED
    skipped = [one.reason for one in verification.history if one.event is TimelineEvent.SKIPPED]
    assert skipped == ["not_configured:mcn"]


def arrived(world: World, verification: Verification, q931: int, final: str) -> None:
    """The call's CDR."""
    world.moves.advance(verification.id)
    world.cdr(q931, final)


def test_after_a_call_that_was_answered_nobody_is_called_again(world: World) -> None:
    """A sign-in server does not say whether the person has signed in."""
    workflow = [*CALL, *CALL]
    verification = enqueue(world, server="logto", code="4821", workflow=workflow)
    arrived(world, verification, 16, "ANSWER")
    (delivery,) = world.deliveries.get_many(current(world, verification).delivery_ids)
    assert delivery.status is Status.ANSWERED
    world.clock.turn(seconds=31)
    world.moves.advance(verification.id)
    verification = current(world, verification)
    assert (verification.turn, verification.exhausted) == (1, True)
    assert verification.due is not None
    assert verification.due > from_text(verification.ends_at)
    assert len(world.wire.requests) == 1


def test_a_call_whose_end_nobody_knows_is_followed_by_the_next_step(world: World) -> None:
    verification = enqueue(world, server="logto", code="4821", workflow=[*CALL, *CALL])
    world.moves.advance(verification.id)
    world.clock.turn(seconds=31)
    world.moves.advance(verification.id)
    assert current(world, verification).turn == 2


def test_ringpass_s_own_codes_move_on_after_an_answered_call(world: World) -> None:
    verification = enqueue(world, code="4821", workflow=[*CALL, *CALL])
    arrived(world, verification, 16, "ANSWER")
    world.clock.turn(seconds=31)
    world.moves.advance(verification.id)
    assert current(world, verification).turn == 2


def test_codes_of_a_sign_in_server_count_as_single_sends(world: World) -> None:
    """They are never verified here: 20 a day would be all of a country."""
    settings = ReplaceSettings.from_mapping(
        {"limits": {"fraud_budget": {"country_least": 1, "sends_least": 3}}}
    )
    world.editor.replace_settings(actor("acme"), settings, world.parts.templates)
    statuses = []
    for number in range(4):
        world.wire.answers = [
            HttpResponse(200, f'{{"ok":true,"verification_uuid":"{number:012x}_117793"}}'.encode())
        ]
        verification = enqueue(
            world, f"key-{number}", "logto", phone=f"+7977777777{number}", code="4821"
        )
        world.moves.advance(verification.id)
        statuses.append(current(world, verification).status)
        world.clock.turn(seconds=1)
    assert statuses == [VerificationStatus.PENDING] * 3 + [VerificationStatus.FAILED]


def test_the_end_is_written_though_no_step_was_ever_run(world: World) -> None:
    verification = enqueue(world)
    world.clock.now = from_text(verification.ends_at) + timedelta(minutes=1)
    world.moves.advance(verification.id)
    assert current(world, verification).status is VerificationStatus.EXPIRED
    assert world.wire.requests == []

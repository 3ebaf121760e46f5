"""A provider that fails is not asked for a while, and one real request tries it again."""

import json

import pytest

from ringpass.clients.ceilings.store import CeilingRepository
from ringpass.clients.scenarios.requests import CreateScenario
from ringpass.deliveries.requests import PasswordCall, VoiceOtp
from ringpass.deliveries.send import SendResult, SendService
from ringpass.errors import Forbidden, NotFound, ProviderSuspended
from ringpass.limits.circuit import CircuitState, Failure, after_failure
from ringpass.limits.provider_health import ProviderHealth
from ringpass.outcomes import Status
from ringpass.providers.base import HttpResponse
from ringpass.wiring.provider_facts import PROVIDERS
from tests.audit_log import actor
from tests.clients.scenarios.test_requests import LEAST
from tests.world import ACCEPTED, World, scenario_registry

BROKEN = HttpResponse(500, b"{}")


def health(world: World, ceilings: CeilingRepository) -> ProviderHealth:
    return ProviderHealth(
        channels={facts.name: facts.channel for facts in PROVIDERS},
        circuits=world.suspensions,
        may_end_suspensions=lambda client: ceilings.get(client).end_suspensions,
        is_configured=lambda _name: True,
        webhook_seen_at=lambda _name: None,
        clock=world.clock,
    )


def send(world: World, answer: HttpResponse, key: str | None = None) -> SendResult:
    world.wire.answers = [answer]
    # Another number each time: only so many sends to one are allowed.
    number = 0 if key else 1 + len(world.wire.requests)
    command = PasswordCall.from_mapping({"phone": f"+7977777{number:04}", "code": "1234"})
    return world.calls.send(command, "acme", key)


def suspend(world: World) -> None:
    for _ in range(3):
        send(world, BROKEN)


def marks(world: World) -> list[str]:
    items = world.table.client.scan(TableName=world.table.name)["Items"]
    return [item["PK"]["S"] for item in items if item["entity"] == {"S": "mark"}]


def state(world: World) -> str:
    ceilings = CeilingRepository(world.table)
    overview = health(world, ceilings)
    return str(next(each["status"] for each in overview.providers() if each["name"] == "mcn"))


@pytest.mark.slow
def test_three_failures_in_a_row_suspend_the_provider(world: World) -> None:
    suspend(world)
    assert state(world) == "suspended"
    with pytest.raises(ProviderSuspended) as refusal:
        send(world, ACCEPTED)
    assert refusal.value.retry_after == 30
    assert len(world.wire.requests) == 3
    # Nothing was reserved: the same key is free when the provider is back.
    deliveries = world.table.client.scan(TableName=world.table.name)["Items"]
    assert len([item for item in deliveries if item["entity"] == {"S": "delivery"}]) == 3


def broken_call(world: World, client: str = "acme") -> None:
    world.wire.answers = [BROKEN]
    world.clock.turn(seconds=1)
    command = PasswordCall.from_mapping({"phone": "+79777777777", "code": "1234"})
    world.calls.send(command, client, None)


@pytest.mark.slow
def test_one_client_s_failures_at_one_number_suspend_nobody(world: World) -> None:
    for _ in range(4):
        broken_call(world)
    assert state(world) == "active"
    assert send(world, ACCEPTED).delivery.status is Status.ACCEPTED


@pytest.mark.slow
def test_the_same_number_s_failures_for_two_clients_do(world: World) -> None:
    for client in ("acme", "acme", "rival"):
        broken_call(world, client)
    assert state(world) == "suspended"


@pytest.mark.slow
def test_what_a_scenario_s_own_account_refuses_suspends_nobody(world: World) -> None:
    world.put_secret("bizfly", api_key="key", own_key="without money")
    registry = scenario_registry(world.table, world.clock)
    script = LEAST | {"otp_id": "OTP-2", "api_key": "own_key"}
    scenario = registry.create(
        actor("acme"), CreateScenario.from_json(json.dumps(script).encode())
    ).value
    registry.activate(actor("acme"), scenario.id)
    calls = SendService(
        "test",
        "POST /v1/voice-otp",
        world.parts.voice_otp,
        world.preferences,
        world.secrets,
        world.clock,
    )

    def call(number: int, scenario: str) -> None:
        phone = f"+8438980137{number}"
        command = VoiceOtp.from_mapping({"phone": phone, "otp": "1234", "scenario": scenario})
        calls.send(command, "acme", None)

    world.wire.answers = [HttpResponse(401, b"{}")]
    for number in range(4):
        call(number, "OTP-2")
    assert world.suspensions.get("bizfly") == CircuitState()
    for number in range(4, 7):
        call(number, "OTP-1")
    trouble = world.suspensions.get("bizfly")
    assert trouble.suspended_until is not None


@pytest.mark.slow
def test_a_success_in_between_begins_the_count_anew(world: World) -> None:
    for answer in (BROKEN, BROKEN, ACCEPTED, BROKEN, BROKEN):
        send(world, answer)
    assert state(world) == "active"
    send(world, BROKEN)
    assert state(world) == "suspended"


@pytest.mark.slow
def test_refusals_of_single_requests_suspend_nobody(world: World) -> None:
    for _ in range(5):
        send(world, HttpResponse(200, b'{"ok":false}'))
    assert state(world) == "active"


@pytest.mark.slow
def test_a_probe_that_succeeds_ends_the_suspension(world: World) -> None:
    suspend(world)
    world.clock.turn(seconds=31)
    assert state(world) == "probing"
    assert send(world, ACCEPTED).delivery.status is Status.ACCEPTED
    assert state(world) == "active"
    assert marks(world) == []
    assert [change.reason for change in world.suspensions.get("mcn").last_changes] == [
        "http_500",
        None,
    ]


@pytest.mark.slow
def test_while_one_probe_is_under_way_nobody_else_asks(world: World) -> None:
    suspend(world)
    world.clock.turn(seconds=31)

    def meanwhile() -> HttpResponse:
        world.wire.answers = [BROKEN]
        with pytest.raises(ProviderSuspended):
            send(world, ACCEPTED)
        return BROKEN

    world.wire.answers = [meanwhile]
    command = PasswordCall.from_mapping({"phone": "+79777777777", "code": "1234"})
    world.calls.send(command, "acme", None)
    assert len(world.wire.requests) == 4
    # The probe failed: the next one goes after twice the time.
    world.clock.turn(seconds=59)
    with pytest.raises(ProviderSuspended):
        send(world, ACCEPTED)
    world.clock.turn(seconds=2)
    assert send(world, ACCEPTED).delivery.status is Status.ACCEPTED


@pytest.mark.slow
def test_a_replay_is_answered_while_the_provider_is_suspended(world: World) -> None:
    first = send(world, BROKEN, "key")
    for _ in range(2):
        send(world, BROKEN)
    assert state(world) == "suspended"
    assert send(world, ACCEPTED, "key") == SendResult(first.delivery, replayed=True)


@pytest.mark.slow
def test_it_can_be_ended_by_hand(world: World) -> None:
    ceilings = CeilingRepository(world.table)
    overview = health(world, ceilings)
    suspend(world)
    overview.end_suspension("mcn", actor("shop"))
    overview.end_suspension("mcn", actor("shop"))
    assert send(world, ACCEPTED).delivery.status is Status.ACCEPTED
    with pytest.raises(NotFound):
        overview.end_suspension("nobody", actor("shop"))


@pytest.mark.slow
def test_cdrs_suspend_nobody(world: World) -> None:
    for number in range(5):
        world.cdr(41, "CANCEL", verification_call_uuid=f"{number}_117793")
    assert state(world) == "active"


def test_the_operator_can_keep_the_end_of_suspensions_to_itself(world: World) -> None:
    ceilings = CeilingRepository(world.table)
    overview = health(world, ceilings)
    ceilings.put("shop", {"end_suspensions": False}, "2026-11-21T08:30:00.000Z")
    with pytest.raises(Forbidden):
        overview.end_suspension("mcn", actor("shop"))
    overview.end_suspension("mcn", actor("bank"))


def test_a_failure_during_a_success_is_not_forgotten(world: World) -> None:
    """The success has read the state before the failure was written."""
    circuits, now = world.suspensions, world.clock()
    failure = Failure(now, "acme", "one")
    first = after_failure(CircuitState(), failure, "http_500", is_probe=False)
    assert circuits.replace("mcn", CircuitState(), first)
    assert circuits.replace("mcn", first, after_failure(first, failure, "billing", is_probe=False))
    assert not circuits.close("mcn", first, now)
    assert circuits.get("mcn").reason == "billing"
    assert len(marks(world)) == 4
    assert circuits.close("mcn", circuits.get("mcn"), now)
    assert circuits.get("mcn") == CircuitState(version=3)
    assert marks(world) == []


def test_a_provider_that_never_failed_has_nothing_to_forget(world: World) -> None:
    assert world.suspensions.close("mcn", CircuitState(), world.clock())
    assert world.table.client.scan(TableName=world.table.name)["Count"] == 0

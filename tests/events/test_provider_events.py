"""Events of providers: each suspension and each recovery once, whoever writes it."""

import json
from typing import Any

import pytest

from ringpass.deliveries.requests import PasswordCall
from ringpass.events.model import STACK, Event, EventType
from ringpass.limits.circuit import CircuitState, Failure, after_failure
from ringpass.outcomes import LOCKED
from ringpass.providers.base import HttpResponse
from tests.docs.test_event_schemas import faults
from tests.events.streams import open_stream, project_all, projector, shuffled, stream_records
from tests.world import ACCEPTED, World

BROKEN = HttpResponse(500, b"{}")
SUSPENDED, RECOVERED = EventType.PROVIDER_SUSPENDED, EventType.PROVIDER_RECOVERED


@pytest.fixture
def streamed(world: World) -> World:
    open_stream(world.table)
    return world


def send(world: World, answer: HttpResponse, number: int) -> None:
    world.wire.answers = [answer]
    world.clock.turn(seconds=1)
    command = PasswordCall.from_mapping({"phone": f"+7977777{number:04}", "code": "1234"})
    world.calls.send(command, "acme", None)


def fail_and_recover(world: World, first: int = 0) -> None:
    """Three failures suspend it, one probe fails, the next one succeeds."""
    for number in range(3):
        send(world, BROKEN, first + number)
    world.clock.turn(seconds=31)
    send(world, BROKEN, first + 3)
    world.clock.turn(seconds=61)
    send(world, ACCEPTED, first + 4)


def project(world: World, *records: Any) -> list[Event]:  # noqa: ANN401 - stream records
    projection = projector(world.table, world.clock)
    project_all(projection, records)
    return projection.events.list_by_subject("mcn")


def test_a_provider_s_story(streamed: World) -> None:
    fail_and_recover(streamed)
    fail_and_recover(streamed, 10)
    events = project(streamed, *stream_records(streamed.table))
    assert [event.type for event in events] == [SUSPENDED, RECOVERED] * 2
    assert [event.sequence for event in events] == [1, 2, 3, 4]
    assert {event.client for event in events} == {STACK}
    assert [fault for event in events for fault in faults({**event.body})] == []
    suspended, recovered = (json.loads(event.data) for event in events[:2])
    assert suspended == {
        "name": "mcn",
        "channel": "password_call",
        "status": "suspended",
        "reason": "http_500",
        "suspended_until": suspended["suspended_until"],
        "failures": 3,
    }
    assert suspended["suspended_until"] > events[0].timestamp
    assert recovered == suspended | {
        "status": "active",
        "reason": None,
        "suspended_until": None,
        "failures": 0,
    }
    # Every client gets them: whose requests failed is nobody else's business.
    assert "acme" not in json.dumps([event.body for event in events])


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_any_order_and_any_number_of_times(streamed: World, seed: int) -> None:
    fail_and_recover(streamed)
    fail_and_recover(streamed, 10)
    events = project(streamed, *shuffled(stream_records(streamed.table), seed))
    assert [event.type for event in events] == [SUSPENDED, RECOVERED] * 2
    assert [event.sequence for event in events] == [1, 2, 3, 4]


@pytest.mark.slow
def test_each_record_that_is_lost_leaves_no_gap_once_a_later_change_comes(streamed: World) -> None:
    fail_and_recover(streamed)
    fail_and_recover(streamed, 10)
    records = stream_records(streamed.table, "provider")
    whole = project(streamed, *records)
    for lost in range(len(records) - 1):
        for event in whole:
            streamed.table.delete({"PK": f"EVT#{event.id}", "SK": "EVT"})
        assert project(streamed, *records[:lost], *records[lost + 1 :]) == whole


def test_a_provider_that_an_operator_trusts_again_has_recovered(streamed: World) -> None:
    circuits, now = streamed.suspensions, streamed.clock()
    state = after_failure(CircuitState(), Failure(now, "acme", "one"), LOCKED, is_probe=False)
    assert circuits.replace("mcn", CircuitState(), state)
    assert circuits.close("mcn", circuits.get("mcn"), now)
    assert circuits.close("mcn", circuits.get("mcn"), now)
    events = project(streamed, *stream_records(streamed.table))
    assert [event.type for event in events] == [SUSPENDED, RECOVERED]


def test_failures_that_suspend_nobody_are_no_events(streamed: World) -> None:
    for number, answer in enumerate((BROKEN, BROKEN, ACCEPTED, BROKEN)):
        send(streamed, answer, number)
    assert project(streamed, *stream_records(streamed.table)) == []

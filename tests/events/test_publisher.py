"""Events go to each target, whatever becomes of the others."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from boto3.dynamodb.types import TypeSerializer

from ringpass.events.model import Event, EventType
from ringpass.events.publisher import EventPublisher
from ringpass.events.store import EventRepository, from_item
from tests.template import ROOT
from tests.world import World


def event(number: int, *, timestamp: str = "2026-11-29T20:16:20.180Z") -> Event:
    return Event(
        id=f"evt_{number:032}",
        client="shop",
        type=EventType.DELIVERY_ACCEPTED,
        timestamp=timestamp,
        sequence=number,
        subject="dlv_1",
        test=False,
        data='{"id":"dlv_1","metadata":{"name":"Ân"}}',
    )


def records(world: World, events: Iterable[Event]) -> list[dict[str, Any]]:
    """The events as the stream has them, once the repository has written them."""
    repository = EventRepository(world.table, 60)
    images = []
    for one in events:
        repository.add(one, world.clock())
        key = {"PK": f"EVT#{one.id}", "SK": "EVT"}
        item = world.table.get(key)
        assert item is not None
        images.append({name: TypeSerializer().serialize(value) for name, value in item.items()})
    return [{"eventName": "INSERT", "dynamodb": {"NewImage": image}} for image in images]


class Target:
    """Keeps what it is handed, and fails if it is to."""

    def __init__(self, error: Exception | None = None) -> None:
        self.events: list[Event] = []
        self.error = error

    def take(self, events: Sequence[Event]) -> None:
        self.events += events
        if self.error:
            raise self.error


def test_each_target_gets_the_events_that_were_written_the_earliest_first(world: World) -> None:
    late, early = event(2), event(1)
    targets = Target(), Target()
    EventPublisher([one.take for one in targets]).publish(records(world, [late, early]))
    assert [one.events for one in targets] == [[early, late]] * 2


def test_a_target_gets_its_events_although_another_fails(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    first, second, third = Target(ValueError("first")), Target(), Target(OSError("third"))
    publisher = EventPublisher([one.take for one in (first, second, third)])
    with pytest.raises(OSError, match="third"):
        publisher.publish(records(world, [event(1)]))
    failures = [record.exc_info[0] for record in caplog.records if record.exc_info]
    assert failures == [ValueError, OSError]
    assert first.events == second.events == third.events == [event(1)]


def test_without_targets_nothing_happens(world: World) -> None:
    EventPublisher([]).publish(records(world, [event(1)]))


def test_the_example_is_an_item_of_the_repository(world: World) -> None:
    path = ROOT / "events" / "publish_events" / "delivery_settled.json"
    examples = json.loads(path.read_text("utf-8"))["Records"]
    target = Target()
    EventPublisher([target.take]).publish(examples)
    [one] = target.events
    [written] = records(world, [one])
    example = examples[0]["dynamodb"]["NewImage"]
    assert written["dynamodb"]["NewImage"].keys() == example.keys()
    assert json.loads(one.data)["id"] == one.subject
    assert from_item(world.table.get({"PK": f"EVT#{one.id}", "SK": "EVT"}) or {}) == one

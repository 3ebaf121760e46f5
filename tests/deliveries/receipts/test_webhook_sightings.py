"""When each provider called its webhook last."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from ringpass.clock import to_text
from ringpass.deliveries.receipts.mcn import store_simulated_cdr
from ringpass.deliveries.receipts.webhook_sightings import SightingProjector, SightingRepository
from ringpass.oa.events.model import OaEvent
from ringpass.oa.events.store import OaEventRepository
from tests.world import World

HOUR = timedelta(hours=1)


def _records(world: World) -> list[Mapping[str, Any]]:
    """The table's items, as the stream shows them."""
    scanned = world.table.client.scan(TableName=world.table.name)["Items"]
    return [{"eventName": "MODIFY", "dynamodb": {"NewImage": item}} for item in scanned]


def _project(world: World, projector: SightingProjector) -> str | None:
    for record in _records(world):
        projector.project(record)
    return projector.sightings.get("mcn")


@pytest.fixture
def projector(world: World) -> SightingProjector:
    return SightingProjector(SightingRepository(world.table), "zalo")


def test_a_cdr_is_a_sighting(world: World, projector: SightingProjector) -> None:
    assert _project(world, projector) is None
    world.cdr()
    assert _project(world, projector) == to_text(world.clock())
    assert projector.sightings.get("bizfly") is None


def test_a_payload_that_cannot_be_read_is_one_too(
    world: World, projector: SightingProjector
) -> None:
    world.cdr(verification_call_uuid=None, verification_uuid=None)
    assert _project(world, projector) == to_text(world.clock())


def test_what_the_stack_plays_itself_is_none(world: World, projector: SightingProjector) -> None:
    payload = {"ref": "a_test", "callee_key": "k", "q931_status": "17", "final_status": "CANCEL"}
    store_simulated_cdr(world.deliveries, world.references, payload, world.clock())
    assert _project(world, projector) is None


def test_it_is_written_once_an_hour(world: World, projector: SightingProjector) -> None:
    first = world.clock()
    world.cdr()
    assert _project(world, projector) == to_text(first)
    world.clock.turn(minutes=59)
    world.cdr(16, "ANSWER")
    assert _project(world, projector) == to_text(first)
    # Nor by another function, which does not know of the first write.
    other = SightingProjector(SightingRepository(world.table), "zalo")
    assert _project(world, other) == to_text(first)
    world.clock.turn(minutes=1)
    world.cdr(20)
    assert _project(world, projector) == to_text(first + HOUR)


def test_an_older_record_that_comes_later_changes_nothing(
    world: World, projector: SightingProjector
) -> None:
    now = world.clock()
    projector.sightings.put("mcn", now)
    projector.sightings.put("mcn", now - 2 * HOUR)
    assert projector.sightings.get("mcn") == to_text(now)


def test_records_of_other_kinds_are_passed_over(world: World, projector: SightingProjector) -> None:
    projector.project({"eventName": "REMOVE", "dynamodb": {"OldImage": {}}})
    world.table.put({"PK": "VER#1", "SK": "VER", "entity": "verification"}, None)
    assert _project(world, projector) is None
    assert projector.sightings.get("zalo") is None


def test_an_event_of_an_official_account_is_a_sighting_of_its_provider(
    world: World, projector: SightingProjector
) -> None:
    OaEventRepository(world.table).add(OaEvent("user_call_oa", {}, "digest", world.clock()))
    assert _project(world, projector) is None
    assert projector.sightings.get("zalo") == to_text(world.clock())

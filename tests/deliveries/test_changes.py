"""Lists of changes: a poller that asks from the newest change it has misses none."""

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from ringpass.aws.update_index import HORIZON
from ringpass.clock import to_text
from ringpass.config import SEND_TIMEOUT_SECONDS
from ringpass.deliveries.model import Delivery
from ringpass.deliveries.queries import DeliveryQueries, parse_filter
from ringpass.errors import ValidationFailed
from ringpass.http.pagination import Page
from ringpass.limits.phone_lookups import PhoneLookups
from ringpass.limits.phone_lookups_store import PhoneLookupRepository
from ringpass.verifications.queries import VerificationQueries
from tests.deliveries.test_queries import reads, send
from tests.verifications.test_start import start
from tests.world import Clock, World

__all__ = ["reads"]


def change(world: World, delivery_id: str, at: datetime, **fields: Any) -> None:  # noqa: ANN401
    """Write a change whose clock was read at ``at``."""
    names = {"#updated_at": "updated_at"} | {f"#{name}": name for name in fields}
    world.table.update(
        {"PK": f"DLV#{delivery_id}", "SK": "DLV"},
        "SET " + ", ".join(f"{name} = :{name[1:]}" for name in names),
        {":updated_at": to_text(at)} | {f":{name}": value for name, value in fields.items()},
        names=names,
    )


def settle(world: World) -> None:
    """Let all changes pass the horizon."""
    world.clock.turn(seconds=HORIZON.total_seconds() + 2)


def pages(reads: DeliveryQueries, query: Mapping[str, str]) -> list[Page[Delivery]]:
    """All pages of a list."""
    read = [reads.page("acme", query)]
    while (cursor := read[-1].next_cursor) is not None:
        read.append(reads.page("acme", {**query, "cursor": cursor}))
    return read


def changed(reads: DeliveryQueries, **query: str) -> list[str]:
    return [one.id for page in pages(reads, query) for one in page.items]


EVER = "2026-01-01T00:00:00Z"


@pytest.mark.slow
def test_the_oldest_change_comes_first(world: World, reads: DeliveryQueries) -> None:
    first, second, third = (send(world) for _ in range(3))
    send(world, client="other")
    change(world, first, world.clock.now + timedelta(seconds=1))
    settle(world)
    assert changed(reads, updated_since=EVER) == [second, third, first]


@pytest.mark.slow
def test_updated_since_is_inclusive_in_any_offset(world: World, reads: DeliveryQueries) -> None:
    ids = [send(world) for _ in range(3)]
    middle = reads.get("acme", ids[1]).updated_at
    settle(world)
    assert changed(reads, updated_since=middle) == ids[1:]
    for east in (-12, 7):
        instant = datetime.fromisoformat(middle).astimezone(
            datetime.strptime(f"{east:+03d}00", "%z").tzinfo
        )
        assert changed(reads, updated_since=instant.isoformat()) == ids[1:]
    after = datetime.fromisoformat(middle) + timedelta(milliseconds=1)
    assert changed(reads, updated_since=after.isoformat()) == ids[2:]


@pytest.mark.slow
def test_what_changed_just_now_comes_later(world: World, reads: DeliveryQueries) -> None:
    delivery_id = send(world)
    at = world.clock.now
    assert changed(reads, updated_since=EVER) == []
    # DynamoDB refuses a range that ends before it begins.
    assert changed(reads, updated_since=at.isoformat()) == []
    assert changed(reads, updated_since="2027-01-01T00:00:00Z") == []
    world.clock.now = at + HORIZON
    assert changed(reads, updated_since=EVER) == []
    world.clock.now = at + HORIZON + timedelta(milliseconds=1)
    assert changed(reads, updated_since=EVER) == [delivery_id]


@pytest.mark.slow
def test_changes_of_one_instant_are_not_lost_between_pages(
    world: World, reads: DeliveryQueries
) -> None:
    ids = [send(world) for _ in range(7)]
    for delivery_id in ids:
        change(world, delivery_id, world.clock.now)
    settle(world)
    for limit in ("1", "2", "3"):
        assert changed(reads, updated_since=EVER, limit=limit) == sorted(ids)


@pytest.mark.slow
def test_filters_go_with_it(world: World, reads: DeliveryQueries) -> None:
    ids = [send(world) for _ in range(3)]
    change(world, ids[1], world.clock.now, status="busy")
    settle(world)
    assert changed(reads, updated_since=EVER, status="busy") == [ids[1]]
    assert changed(reads, updated_since=EVER, status="busy", limit="1") == [ids[1]]
    assert changed(reads, updated_since=EVER, channel="zns") == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_a_poller_misses_nothing(world: World, reads: DeliveryQueries, seed: int) -> None:
    """Writes become visible up to a sender's time-out after their clock was read."""
    chance = random.Random(seed)  # noqa: S311 - shuffles
    ids = [send(world) for _ in range(8)]
    copy: dict[str, Delivery] = {}
    newest = EVER

    def poll(most_pages: int, *, is_last: bool = False) -> None:
        nonlocal newest
        query = {"updated_since": newest, "limit": str(chance.randint(1, 4))}
        for _ in range(most_pages):
            page = reads.page("acme", query)
            for one in page.items:
                copy[one.id] = one
                newest = max(newest, one.updated_at)
            if page.next_cursor is None:
                return
            query["cursor"] = page.next_cursor
            if not is_last and chance.random() < 0.5:
                write()  # while the poller reads

    def write() -> None:
        world.clock.turn(seconds=chance.uniform(0, 4))
        late = timedelta(seconds=chance.uniform(0, SEND_TIMEOUT_SECONDS))
        change(world, chance.choice(ids), world.clock.now - late, metadata={"n": f"{counter()}"})

    written = 0

    def counter() -> int:
        nonlocal written
        written += 1
        return written

    for _ in range(40):
        write()
        if chance.random() < 0.4:
            poll(chance.randint(1, 3))
    settle(world)
    poll(1_000, is_last=True)
    assert copy == {delivery_id: reads.get("acme", delivery_id) for delivery_id in ids}


@pytest.mark.slow
def test_a_failover_is_a_change_of_the_delivery_that_it_repeats(
    world: World, reads: DeliveryQueries
) -> None:
    first = reads.get("acme", send(world))
    world.clock.turn(seconds=1)
    retry = replace(first, id="dlv_retry", created_at=to_text(world.clock.now))
    link = world.deliveries.link(first.id, retry)
    world.table.update(link.key, link.update, link.values, condition=link.condition)
    assert reads.get("acme", first.id).updated_at == to_text(world.clock.now)


@pytest.mark.slow
def test_verifications_have_the_same_list(world: World) -> None:
    lookups = PhoneLookups(PhoneLookupRepository(world.table), world.clock)
    queries = VerificationQueries(
        world.verifications, world.deliveries, lookups, world.secrets, world.clock
    )
    ids = []
    for digit in range(3):
        world.clock.turn(seconds=1)
        ids.append(start(world, phone=f"+7977777777{digit}").verification.id)
    world.clock.turn(seconds=1)
    world.checks.cancel(ids[0], "acme", None)

    def changes(**query: str) -> list[str]:
        page = queries.page("acme", {"updated_since": EVER, **query})
        return [one.verification.id for one in page.items]

    assert changes() == []
    settle(world)
    assert changes() == [ids[1], ids[2], ids[0]]
    assert changes(status="pending") == [ids[1], ids[2]]
    [item] = queries.page("acme", {"updated_since": EVER, "status": "canceled"}).items
    assert [one.id for one in item.deliveries] == list(item.verification.delivery_ids)
    first = queries.page("acme", {"updated_since": EVER, "limit": "2"})
    assert first.next_cursor is not None
    assert changes(limit="2", cursor=first.next_cursor) == [ids[0]]


@pytest.mark.slow
def test_a_cursor_of_another_list_is_refused(world: World, reads: DeliveryQueries) -> None:
    for _ in range(3):
        send(world)
    plain = reads.page("acme", {"limit": "1"}).next_cursor
    assert plain is not None
    settle(world)
    of_changes = reads.page("acme", {"limit": "1", "updated_since": EVER}).next_cursor
    assert of_changes is not None
    late = to_text(world.clock.now)
    for query in (
        {"cursor": of_changes},
        {"cursor": plain, "updated_since": EVER},
        {"cursor": of_changes, "updated_since": late},
    ):
        with pytest.raises(ValidationFailed) as refusal_info:
            reads.page("acme", query)
        assert [error["loc"] for error in refusal_info.value.errors] == [["query", "cursor"]]


@pytest.mark.parametrize("name", ["phone", "region", "from", "to"])
def test_other_orders_and_ranges_are_refused_with_it(name: str) -> None:
    values = {"phone": "+79777777777", "region": "RU", "from": EVER, "to": EVER}
    with pytest.raises(ValidationFailed) as refusal_info:
        parse_filter({"updated_since": EVER, name: values[name]}, Clock().now)
    [error] = refusal_info.value.errors
    assert (error["loc"], error["type"]) == (["query", name], "extra_forbidden")


@pytest.mark.parametrize("value", ["", "yesterday", "2026-11-21", "2026-11-21T08:30:00"])
def test_updated_since_is_an_instant(value: str) -> None:
    with pytest.raises(ValidationFailed) as refusal_info:
        parse_filter({"updated_since": value}, Clock().now)
    [error] = refusal_info.value.errors
    assert (error["loc"], error["type"]) == (["query", "updated_since"], "updated_since_format")


def test_the_horizon_leaves_time_for_the_slowest_sender_and_the_index() -> None:
    assert HORIZON.total_seconds() >= SEND_TIMEOUT_SECONDS + 10

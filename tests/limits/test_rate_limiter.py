"""CareSoft's rate on our side: each send at its own time, refused in time, and never too many."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from ringpass.aws.dynamodb import ConditionFailed, Item, Table
from ringpass.deliveries.model import Delivery
from ringpass.deliveries.requests import Zns
from ringpass.deliveries.send import SendService
from ringpass.errors import LimitReached, ProviderSuspended
from ringpass.limits.counters import CounterRepository, milliseconds
from ringpass.limits.rate import RateLimit
from ringpass.limits.rate_limiter import RateLimiter
from ringpass.limits.rate_slots import SlotCounter
from ringpass.outcomes import Status
from ringpass.providers.base import HttpResponse
from tests.world import World

RATE = RateLimit(15, 54_000)
OK = HttpResponse(200, b'{"status":"OK","ticket":{"ticketId":"297002"}}')
LOCK = HttpResponse(404, b"Domain incorrect too many times , retry after 15 minutes ")


@dataclass
class Slept:
    """Sleeping turns the clock, and is remembered."""

    world: World
    seconds: list[float] = field(default_factory=list)

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        self.world.clock.turn(seconds=seconds)


def paced(world: World, rate: RateLimit = RATE, sleep: Slept | None = None) -> RateLimiter:
    first = lambda _: 0  # noqa: E731 - always the first free place
    return RateLimiter("caresoft", rate, world.table, world.clock, sleep or Slept(world), first)


def messages(world: World, pacing: RateLimiter) -> SendService[Zns]:
    channel = world.parts.zns
    [route] = channel.routes
    return replace(
        world.messages, channel=replace(channel, routes=(replace(route, rate_limiter=pacing),))
    )


def send(sends: SendService[Zns], number: int = 0, **fields: Any) -> Delivery:  # noqa: ANN401
    body = {"phone": f"+8498391{number:04}", "template": 366, **fields}
    return sends.send(Zns.from_mapping(body), "acme", None).delivery


def items(world: World, prefix: str) -> list[dict[str, Any]]:
    all_items = world.table.client.scan(TableName=world.table.name)["Items"]
    return [item for item in all_items if item["PK"]["S"].startswith(prefix)]


# --------------------------------------------------------------------------------- one at a time


@pytest.mark.slow
def test_a_send_that_is_alone_does_not_wait(world: World) -> None:
    world.wire.answers = [OK]
    slept = Slept(world)
    sends = messages(world, paced(world, sleep=slept))
    for number in range(3):
        assert send(sends, number).status is Status.ACCEPTED
        world.clock.turn(milliseconds=90)
    assert slept.seconds == []
    assert len(items(world, "LIM#RATE#caresoft#")) == 3


@pytest.mark.slow
def test_who_finds_its_place_taken_waits_for_the_next(world: World) -> None:
    world.wire.answers = [OK]
    slept = Slept(world)
    pacing = paced(world, sleep=slept)
    begin = RATE.slot(milliseconds(world.clock.now))
    world.clock.now = datetime.fromtimestamp(begin / 1000, UTC)
    for number in range(4):
        assert send(messages(world, pacing), number).status is Status.ACCEPTED
    assert [round(seconds, 3) for seconds in slept.seconds] == [0.09, 0.09, 0.09]


def test_test_numbers_take_no_place(world: World) -> None:
    world.wire.answers = [OK]
    sends = messages(world, paced(world))
    sends = replace(sends, channel=replace(sends.channel, allow_test_numbers=True))
    body = {"phone": "+84000000000", "template": 366}
    assert sends.send(Zns.from_mapping(body), "acme", None).delivery.test
    assert items(world, "LIM#RATE#") == []


@pytest.mark.slow
def test_after_three_seconds_of_waiting_it_is_refused_and_nothing_is_reserved(
    world: World,
) -> None:
    pacing = paced(world)
    for slot in RATE.slots(milliseconds(world.clock.now)):
        take(world, slot)
    with pytest.raises(LimitReached) as refusal:
        send(messages(world, pacing))
    assert refusal.value.limit == "caresoft_rate"
    assert refusal.value.retry_after == 1
    assert world.wire.requests == []
    assert items(world, "DLV#") == []
    [decision] = items(world, "DEC#")
    assert (decision["limit"], decision["cap"]) == ({"S": "caresoft_rate"}, {"N": "15"})
    # In a moment the next place is in reach.
    world.clock.turn(milliseconds=91)
    world.wire.answers = [OK]
    assert send(messages(world, pacing)).status is Status.ACCEPTED


def take(world: World, slot: int) -> None:
    """Take a place as somebody else would."""
    at = datetime.fromtimestamp(slot / 1000, UTC)
    write = SlotCounter.optimistic("x", "caresoft", RATE, lambda: at, lambda _: 0).write
    world.table.update(write.key, write.update, write.values, condition=write.condition)


def test_a_place_is_taken_once_and_an_item_is_used_again(world: World) -> None:
    at = RATE.slot(milliseconds(world.clock.now))
    take(world, at)
    with pytest.raises(ConditionFailed):
        take(world, at)
    take(world, at + 512 * RATE.slot_length)
    with pytest.raises(ConditionFailed):
        take(world, at)
    assert len(items(world, "LIM#RATE#")) == 1


def test_who_comes_too_late_for_its_place_takes_another(world: World) -> None:
    slept = Slept(world)
    pacing = paced(world, sleep=slept)
    [slot] = pacing.slot_counters()
    assert isinstance(slot, SlotCounter)
    world.clock.turn(milliseconds=500)
    assert pacing.wait(slot)
    assert len(items(world, "LIM#RATE#")) == 1, "the one that it takes now"


@pytest.mark.parametrize("milliseconds_each", [300, 800, 2_000])
def test_where_writes_are_slow_a_place_is_taken_so_far_ahead(
    world: World, milliseconds_each: int
) -> None:
    class Slow(Table):
        def update(self, *arguments: Any, **options: Any) -> Item:  # noqa: ANN401
            item = super().update(*arguments, **options)
            world.clock.turn(milliseconds=milliseconds_each)
            return item

    slept = Slept(world)
    pacing = replace(paced(world, sleep=slept), table=Slow(world.table.client, world.table.name))
    [slot] = pacing.slot_counters()
    assert isinstance(slot, SlotCounter)
    world.clock.turn(milliseconds=milliseconds_each)
    assert pacing.wait(slot)
    assert len(items(world, "LIM#RATE#")) <= 2, "two of them at most, and not one after the other"


@pytest.mark.slow
def test_if_there_is_none_by_then_it_is_not_sent(world: World) -> None:
    pacing = paced(world)

    def slow(seconds: float) -> None:
        """The process stands still, and the others take all places meanwhile."""
        world.clock.turn(seconds=seconds + 10)
        for slot in RATE.slots(milliseconds(world.clock.now)):
            take(world, slot)

    take(world, RATE.slot(milliseconds(world.clock.now)))
    delivery = send(messages(world, replace(pacing, sleep=slow)))
    assert (delivery.status, delivery.reason) == (Status.REJECTED, "rate_full")
    assert world.wire.requests == []
    assert world.suspensions.get("caresoft").failures == (), "it says nothing of CareSoft"


@pytest.mark.slow
def test_the_second_request_after_a_401_takes_a_place_of_its_own(world: World) -> None:
    world.wire.answers = [HttpResponse(401, b"{}"), OK]
    assert send(messages(world, paced(world))).status is Status.ACCEPTED
    assert len(world.wire.requests) == 2
    assert len(items(world, "LIM#RATE#caresoft#")) == 2


@pytest.mark.slow
def test_an_hour_that_is_narrower_is_counted_in_five_minutes(world: World) -> None:
    world.wire.answers = [OK]
    sends = messages(world, paced(world, RateLimit(15, 28)))
    for number in range(2):
        send(sends, number)
        world.clock.turn(seconds=1)
    with pytest.raises(LimitReached) as refusal:
        send(sends, 2)
    assert refusal.value.limit == "caresoft_rate"
    assert refusal.value.retry_after == 298
    world.clock.turn(seconds=298)
    assert send(sends, 3).status is Status.ACCEPTED


# ------------------------------------------------------------------------------------- many at once


@pytest.mark.slow
def test_forty_at_once_get_forty_places_or_a_refusal(world: World) -> None:
    """On a clock that runs: none of them leaves in another's place."""
    begin = milliseconds(world.clock.now)
    lock, slots, refusals = threading.Lock(), list[int](), list[LimitReached]()
    reader = CounterRepository(world.table)

    def one(_: int) -> None:
        counter = SlotCounter.optimistic("caresoft_rate", "caresoft", RATE, world.clock, spread)
        for _ in range(40):
            write = counter.write
            try:
                with lock:  # moto's conditional writes are not atomic
                    world.table.update(
                        write.key, write.update, write.values, condition=write.condition
                    )
            except ConditionFailed as conflict:
                try:
                    counter = counter.replanned(conflict.item or {}, reader)
                except Exception as full:  # noqa: BLE001
                    refusals.append(full)  # type: ignore[arg-type]
                    return
            else:
                slots.append(counter.slot)
                return

    def spread(below: int) -> int:
        return threading.get_ident() % below

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(40)))
    assert len(slots) == len(set(slots)) == 34
    assert len(refusals) == 6
    assert max(slots) < begin + 3_000


# ---------------------------------------------------------------------------------------- the lock


@pytest.mark.slow
def test_one_404_of_the_lock_suspends_caresoft_for_fifteen_minutes(world: World) -> None:
    world.wire.answers = [LOCK]
    sends = messages(world, paced(world))
    delivery = send(sends)
    assert (delivery.status, delivery.reason) == (Status.REJECTED, "rate_limit_locked")
    with pytest.raises(ProviderSuspended) as refusal:
        send(sends, 1)
    assert refusal.value.retry_after == 900
    assert len(world.wire.requests) == 1
    world.clock.turn(minutes=14, seconds=59)
    with pytest.raises(ProviderSuspended):
        send(sends, 2)


@pytest.mark.slow
def test_after_the_lock_one_send_tries_it(world: World) -> None:
    world.wire.answers = [LOCK]
    sends = messages(world, paced(world))
    send(sends)
    world.clock.turn(minutes=15, seconds=1)

    def meanwhile() -> HttpResponse:
        with pytest.raises(ProviderSuspended):
            send(sends, 1)
        return LOCK

    world.wire.answers = [meanwhile]
    assert send(sends, 2).status is Status.REJECTED
    world.clock.turn(minutes=14)
    with pytest.raises(ProviderSuspended):
        send(sends, 3)
    world.clock.turn(minutes=1, seconds=1)
    world.wire.answers = [OK]
    assert send(sends, 4).status is Status.ACCEPTED
    assert world.suspensions.get("caresoft").failures == ()


@pytest.mark.slow
def test_a_success_that_left_before_the_lock_does_not_end_it(world: World) -> None:
    sends = messages(world, paced(world))
    world.wire.answers = [HttpResponse(500, b"{}")]
    send(sends)

    def meanwhile() -> HttpResponse:
        world.wire.answers = [LOCK]
        world.clock.turn(seconds=1)
        send(sends, 1)
        return OK

    # It was let through while CareSoft was only watched.
    world.wire.answers = [meanwhile]
    assert send(sends, 2).status is Status.ACCEPTED
    with pytest.raises(ProviderSuspended):
        send(sends, 3)


def test_a_404_with_other_words_is_a_refusal_of_one_request(world: World) -> None:
    world.wire.answers = [HttpResponse(404, json.dumps({"message": "not found"}).encode())]
    sends = messages(world, paced(world))
    assert send(sends).reason == "http_404"
    assert world.suspensions.get("caresoft").failures == ()

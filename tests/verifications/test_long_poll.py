"""Long polls: what ends a wait, what it costs, and that they never take all slots."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, cast

import pytest

from ringpass.aws.dynamodb import Table
from ringpass.clock import from_text
from ringpass.errors import NotFound, Unavailable, ValidationFailed
from ringpass.limits.phone_lookups import PhoneLookups
from ringpass.limits.phone_lookups_store import PhoneLookupRepository
from ringpass.verifications.long_poll import LongPoll, PollResult
from ringpass.verifications.long_poll_slots_store import LongPollSlots
from ringpass.verifications.model import Verification, VerificationStatus
from ringpass.verifications.queries import VerificationQueries
from tests.reporting.test_projector import Requests
from tests.verifications.test_start import start
from tests.world import World


@dataclass
class Poll:
    """Long polls of a world: sleeping turns its clock, and does what was planned for then."""

    world: World
    slots: int = 4
    plans: dict[int, Callable[[], object]] = field(default_factory=dict)
    pauses: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.world.clock.turn(seconds=seconds)
        self.pauses.append(seconds)
        self.plans.pop(len(self.pauses), lambda: None)()

    def read(self, verification: Verification, client: str = "acme", **query: str) -> PollResult:
        world = self.world
        lookups = PhoneLookups(PhoneLookupRepository(world.table), world.clock)
        queries = VerificationQueries(
            world.verifications, world.deliveries, lookups, world.secrets, world.clock
        )
        slots = LongPollSlots(world.table, self.slots)
        return LongPoll(queries, slots, world.clock, self.sleep).read(
            client, verification.id, query
        )

    @property
    def held(self) -> int:
        """How many slots are taken."""
        items = (self.world.table.get({"PK": f"LPS#{n}", "SK": "LPS"}) for n in range(self.slots))
        return sum("holder" in (item or {}) for item in items)


@pytest.fixture
def poll(world: World) -> Poll:
    return Poll(world)


def cancel(world: World, verification: Verification) -> None:
    world.checks.cancel(verification.id, "acme", None)


def test_without_wait_it_is_read_once(world: World, poll: Poll) -> None:
    verification = start(world).verification
    result = poll.read(verification)
    assert result.details.verification.id == verification.id
    assert [one.id for one in result.details.deliveries] == list(verification.delivery_ids)
    assert (poll.pauses, result.retry_after) == ([], None)
    assert poll.read(verification, wait="0").details == result.details


def test_it_returns_within_a_second_of_the_end(world: World, poll: Poll) -> None:
    verification = start(world).verification
    poll.plans[3] = lambda: cancel(world, verification)
    result = poll.read(verification, wait="20")
    assert result.details.verification.status is VerificationStatus.CANCELED
    assert poll.pauses == [1.0] * 3
    assert poll.held == 0


def test_it_returns_when_time_is_over_with_the_record_as_it_is(world: World, poll: Poll) -> None:
    verification = start(world).verification
    result = poll.read(verification, wait="3")
    assert result.details.verification.status is VerificationStatus.PENDING
    assert sum(poll.pauses) == 3
    assert (poll.held, result.retry_after) == (0, None)


def test_it_returns_when_the_code_expires_by_the_clock(world: World, poll: Poll) -> None:
    verification = start(world).verification
    left = from_text(verification.ends_at) - world.clock()
    world.clock.turn(seconds=left.total_seconds() - 2)
    result = poll.read(verification, wait="20")
    assert result.details.verification.status_at(world.clock()) is VerificationStatus.EXPIRED
    assert poll.pauses == [1.0] * 2


def test_an_ended_one_is_answered_at_once(world: World, poll: Poll) -> None:
    verification = start(world).verification
    cancel(world, verification)
    assert poll.read(verification, wait="20").details.verification.end_reason == "asked"
    assert poll.pauses == []


def test_it_returns_at_another_step_than_the_first_read_s(world: World, poll: Poll) -> None:
    verification = start(world).verification

    def advance() -> None:
        world.table.update(
            {"PK": f"VER#{verification.id}", "SK": "VER"}, "SET step = :one", {":one": 1}
        )

    poll.plans[2] = advance
    result = poll.read(verification, wait="20")
    assert (result.details.verification.step, len(poll.pauses)) == (1, 2)


def test_it_returns_at_once_at_another_step_than_the_caller_knows(world: World, poll: Poll) -> None:
    verification = start(world).verification
    poll.read(verification, wait="20", step="2")
    assert poll.pauses == []
    poll.read(verification, wait="2", step="1")
    assert sum(poll.pauses) == 2


def test_a_whole_wait_costs_26_reads_two_writes_and_one_read_of_deliveries(
    world: World, poll: Poll
) -> None:
    verification = start(world).verification
    requests = Requests(world.table.client, Counter(), lambda _: "")
    table = replace(world.table, client=cast("Any", requests))
    counted = replace(
        world,
        table=table,
        verifications=replace(world.verifications, table=table),
        deliveries=replace(world.deliveries, table=table),
    )
    poll.world = counted
    poll.read(verification, wait="25")
    assert requests.counts == {"get_item": 26, "update_item": 2, "batch_get_item": 1}


def test_without_a_free_slot_it_does_not_wait(world: World, poll: Poll) -> None:
    verification = start(world).verification
    poll.slots = 0
    result = poll.read(verification, wait="20")
    assert (result.retry_after, poll.pauses) == (2, [])
    assert result.details.verification.id == verification.id


def test_a_poll_that_fails_gives_its_slot_back(world: World, poll: Poll) -> None:
    verification = start(world).verification

    def break_off() -> None:
        raise Unavailable("The table cannot be reached.")

    poll.plans[1] = break_off
    with pytest.raises(Unavailable):
        poll.read(verification, wait="20")
    assert poll.held == 0


def test_one_that_is_deleted_meanwhile_is_not_found(world: World, poll: Poll) -> None:
    verification = start(world).verification
    poll.plans[1] = lambda: world.table.delete({"PK": f"VER#{verification.id}", "SK": "VER"})
    with pytest.raises(NotFound):
        poll.read(verification, wait="20")
    assert poll.held == 0


def test_another_client_s_is_not_found_and_not_waited_for(world: World, poll: Poll) -> None:
    verification = start(world).verification
    with pytest.raises(NotFound):
        poll.read(verification, client="rival", wait="20")
    assert poll.pauses == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("wait", value) for value in ("26", "-1", "", "1.5", "٣", "1e1", "025", " 1")),
        *(("step", value) for value in ("0", "11", "x", "")),
    ],
)
def test_what_cannot_be_waited_for_is_refused_by_name(
    world: World, poll: Poll, name: str, value: str
) -> None:
    verification = start(world).verification
    with pytest.raises(ValidationFailed) as refusal_info:
        poll.read(verification, **{name: value})
    [error] = refusal_info.value.errors
    assert (error["loc"], error["type"]) == (["query", name], f"{name}_format")


# ---------------------------------------------------------------------------------- the slots


def slots(table: Table, most: int) -> LongPollSlots:
    return LongPollSlots(table, most)


def test_a_client_never_holds_more_than_half_of_the_slots(world: World) -> None:
    now = world.clock()
    until = from_text("2026-11-21T08:30:25.000Z")
    held = [slots(world.table, 10).acquire("acme", now, until) for _ in range(40)]
    taken = [slot for slot in held if slot is not None]
    assert len({slot.number for slot in taken}) == len(taken) == 5


def test_other_clients_find_a_slot_when_one_holds_its_half(world: World) -> None:
    now = world.clock()
    until = from_text("2026-11-21T08:30:25.000Z")
    for _ in range(40):
        slots(world.table, 10).acquire("acme", now, until)
    others = [slots(world.table, 10).acquire(f"client-{n}", now, until) for n in range(40)]
    assert sum(slot is not None for slot in others) == 5


def test_the_slot_of_a_function_that_died_is_free_when_its_time_is_over(world: World) -> None:
    only = slots(world.table, 1)
    first = only.acquire("acme", world.clock(), from_text("2026-11-21T08:30:25.000Z"))
    assert first is not None
    assert only.acquire("acme", world.clock(), from_text("2026-11-21T08:30:25.000Z")) is None
    world.clock.turn(seconds=25)
    second = only.acquire("acme", world.clock(), from_text("2026-11-21T08:30:50.000Z"))
    assert second is not None
    # The first one was not dead but slow: it does not free what is not its own.
    only.release(first)
    assert only.acquire("acme", world.clock(), from_text("2026-11-21T08:30:50.000Z")) is None
    only.release(second)
    assert only.acquire("acme", world.clock(), from_text("2026-11-21T08:30:50.000Z")) is not None

"""What the stream missed is found by the sweep."""

from datetime import timedelta

import pytest

from ringpass.aws.due_index import DueIndex
from ringpass.background.sweeper import OverdueSweeper
from ringpass.background.tasks import TaskType
from ringpass.outcomes import Status
from ringpass.providers.base import NoResponse
from tests.background.test_worker import Queue, agenda, send
from tests.deliveries.test_crashes import settle_down
from tests.deliveries.test_send import killed_while_sending
from tests.world import ACCEPTED, REF, World


@pytest.mark.slow
def test_a_healthy_stack_has_nothing_to_sweep(world: World) -> None:
    queue = Queue()
    send(world, ACCEPTED)
    world.cdr()
    world.clock.turn(hours=1)
    assert OverdueSweeper(DueIndex(world.table), agenda(queue), world.clock).run() == 0


@pytest.mark.slow
def test_what_nobody_saw_to_is_queued_when_it_is_overdue(world: World) -> None:
    queue = Queue()
    sweep = OverdueSweeper(DueIndex(world.table), agenda(queue), world.clock)
    killed_while_sending(world)
    world.cdr()
    assert sweep.run() == 0
    world.clock.turn(minutes=6)
    assert sweep.run() == 2
    tasks = [queue.take()[0] for _ in range(2)]
    assert {task.type for task in tasks} == {TaskType.GIVE_UP_RESERVED, TaskType.JOIN_CDR}
    assert {"provider": "mcn", "ref": REF} in [task.payload for task in tasks]


def test_stream_and_queue_have_five_minutes_before_anything_is_overdue(world: World) -> None:
    queue = Queue()
    sweep = OverdueSweeper(DueIndex(world.table), agenda(queue), world.clock)
    world.cdr()
    world.clock.turn(minutes=5)
    assert sweep.run() == 0
    world.clock.turn(seconds=0.001)
    assert sweep.run() == 1
    task, delay = queue.take()
    assert (task.due_at, delay) == (world.clock(), 0), "it is done at once"


@pytest.mark.slow
def test_another_cdr_of_a_call_that_was_joined_to_nothing_is_tried_at_once(world: World) -> None:
    call = send(world, NoResponse("connection_cut"))
    world.cdr(called_number=None)
    settle_down(world)
    reference = world.references.get("mcn", REF)
    assert reference is not None
    assert reference.unmatched_reason == "no_called_number"
    world.cdr(17)  # Now it says whom it called.
    settle_down(world)
    delivery = world.deliveries.get(call)
    assert delivery is not None
    assert (delivery.status, delivery.provider_ref) == (Status.BUSY, REF)
    assert list(DueIndex(world.table).list_overdue(world.clock() + timedelta(days=1))) == []


@pytest.mark.slow
def test_a_call_that_nobody_made_is_not_overdue_however_often_its_cdr_comes(world: World) -> None:
    for cause in (17, 17, 16, 31):
        world.cdr(cause)
        settle_down(world)
        reference = world.references.get("mcn", REF)
        assert reference is not None
        assert reference.unmatched_reason == "no_open_delivery"
    assert list(DueIndex(world.table).list_overdue(world.clock() + timedelta(days=1))) == []

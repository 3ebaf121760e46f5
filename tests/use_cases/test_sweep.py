"""What the stream missed is found by the sweep."""

from ringpass.due import Do
from ringpass.store.unfinished import Unfinished
from ringpass.sweep import Sweep
from tests.use_cases.conftest import ACCEPTED, REF, World
from tests.use_cases.test_due import Queue, agenda, send
from tests.use_cases.test_sends import killed_while_sending


def test_a_healthy_stack_has_nothing_to_sweep(world: World) -> None:
    queue = Queue()
    send(world, ACCEPTED)
    world.cdr()
    world.clock.turn(hours=1)
    assert Sweep(Unfinished(world.table), agenda(queue), world.clock).run() == 0


def test_what_nobody_saw_to_is_queued_when_it_is_overdue(world: World) -> None:
    queue = Queue()
    sweep = Sweep(Unfinished(world.table), agenda(queue), world.clock)
    killed_while_sending(world)
    world.cdr()
    assert sweep.run() == 0
    world.clock.turn(minutes=6)
    assert sweep.run() == 2
    tasks = [queue.take()[0] for _ in range(2)]
    assert {task.do for task in tasks} == {Do.GIVE_UP_RESERVED, Do.JOIN_CDR}
    assert {"provider": "mcn", "ref": REF} in [task.about for task in tasks]

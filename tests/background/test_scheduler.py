"""What is due late is queued in time, once, and no message goes round and round.

A verification's whole life is played on one clock: its stream, its queue with delays, the scheduler
every five minutes and the sweep every hour.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto import mock_aws

from ringpass.aws.due_index import LONGEST_DELAY, DueIndex, entry
from ringpass.aws.secrets import Secrets
from ringpass.background.outbox import Outbox
from ringpass.background.scheduler import TaskScheduler
from ringpass.background.sweeper import OVERDUE_AFTER, OverdueSweeper
from ringpass.background.tasks import Task, TaskQueue, TaskType
from ringpass.background.worker import MAX_ROUNDS, NotDueYet, TaskWorker
from ringpass.clients.settings.cause_table import Action, CauseRow
from ringpass.clients.settings.model import ClientSettings
from ringpass.clock import from_text, to_text
from ringpass.limits.settings import FraudBudget, LimitSettings, Mode
from ringpass.outcomes import Status
from ringpass.providers.base import HttpRequest, HttpResponse, NoResponse
from ringpass.verifications.model import GRACE, Verification, VerificationStatus
from ringpass.verifications.requests import StartVerification
from tests.background.test_worker import Queue, agenda
from tests.deliveries.test_send import killed_while_sending
from tests.moto_table import make_once, make_table, moto_client
from tests.stored_settings import store_settings
from tests.world import REF, Clock, Wire, World, a_world, create_secrets

if TYPE_CHECKING:
    from ringpass.aws.dynamodb import Item

PHONE = "+84389801371"
DAY = 86_400
UNLIMITED = LimitSettings(
    phone=None, phone_all_clients=None, pauses=None, fraud_budget=FraudBudget(mode=Mode.OFF)
)


class Provider:
    """Every provider: refuses, accepts, or answers nothing, as it is told."""

    def __init__(self, replies: list[str]) -> None:
        self.replies = replies
        self.requests: list[HttpRequest] = []

    def send(self, request: HttpRequest) -> HttpResponse | NoResponse:
        self.requests.append(request)
        match self.replies.pop(0) if self.replies else "accepts":
            case "refuses":
                body = b'{"message":"no","status":false}'
            case "cuts":
                return NoResponse("connection_cut")
            case _:
                body = b'{"message":"ok","status":true}'
        return HttpResponse(200, body)


class Life:
    """A small stack whose stream, queue and schedules run on one clock.

    The queue is as early as SQS may be (not at all) and as late as ``lateness``. ``in_a_row`` is
    what Lambda's recursive loop detection counts: how often in a row `advance` was invoked by a
    message that `advance` sent.
    """

    def __init__(
        self, replies: Sequence[str] = (), rows: Sequence[CauseRow] = (), lateness: float = 0.0
    ) -> None:
        self.clock, self.provider = Clock(), Provider(list(replies))
        self.began = self.clock()
        self.lateness = timedelta(seconds=lateness)
        table = make_table()
        make_once(create_secrets)
        secrets = Secrets(moto_client("secretsmanager"), lambda name: name)
        self.world: World = a_world(table, secrets, self.clock, cast("Wire", self.provider))
        own = ClientSettings(limits=UNLIMITED, cause_rows=tuple(rows))
        store_settings(table, "acme", own)
        self.messages: list[tuple[datetime, int, str, int]] = []
        self.in_a_row = self.most_in_a_row = 0
        self.overdue: list[int] = []
        self.images: dict[str, Item] = {}
        self.numbers = count()
        queue = TaskQueue(cast("Any", self), "url")
        self.outbox = Outbox(
            self.world.deliveries, queue, self.clock, correlations=self.world.references
        )
        self.advance = TaskWorker(
            self.world.deliveries,
            self.world.references,
            self.world.joins,
            self.world.simulations,
            lambda: self.world.moves,
            queue,
            self.clock,
            lambda: pytest.fail("nothing was told of an OA"),
        )
        self.scheduler = TaskScheduler(DueIndex(table), queue, self.clock)
        self.sweep = OverdueSweeper(DueIndex(table), queue, self.clock)

    def send_message(self, **message: Any) -> None:  # noqa: ANN401 - SQS's arguments
        assert 0 <= message["DelaySeconds"] <= LONGEST_DELAY.total_seconds()
        at = self.clock() + timedelta(seconds=message["DelaySeconds"]) + self.lateness
        self.messages.append((at, next(self.numbers), message["MessageBody"], self.in_a_row))

    def streamed(self) -> None:
        """What was written reaches the outbox, until nothing new is written."""
        while records := list(self._records()):
            self.outbox.handle_all(records)

    def _records(self) -> Iterator[dict[str, Any]]:
        for image in self.world.table.client.scan(TableName=self.world.table.name)["Items"]:
            key, old = image["PK"]["S"], self.images.get(image["PK"]["S"])
            if old == image or key[:3] not in ("VER", "DLV", "REF"):
                continue
            self.images[key] = image
            name = "MODIFY" if old else "INSERT"
            images = {"NewImage": image} | ({"OldImage": old} if old else {})
            yield {"eventName": name, "dynamodb": images}

    def due_ats(self, *buckets: str) -> list[datetime]:
        """When records of the due index are due."""
        return [
            from_text(image["due_at"]["S"])
            for image in self.images.values()
            if image.get("due_bucket", {}).get("S", "").startswith(buckets)
        ]

    def start(self, **fields: object) -> str:
        """Start a verification."""
        command = StartVerification.from_mapping({"phone": PHONE} | fields)
        verification_id = self.world.starts.start(command, "acme", None).verification.id
        self.streamed()
        return verification_id

    def read(self, verification_id: str) -> Verification:
        verification = self.world.verifications.get(verification_id)
        assert verification is not None
        return verification

    def run_until(self, end: datetime) -> None:
        """Let time pass. Runs of scheduler and sweep that would find nothing are left out."""
        while True:
            waiting = (at - LONGEST_DELAY for at in self.due_ats("later#"))
            late = (at + OVERDUE_AFTER for at in self.due_ats("due#", "later#"))
            queued = [at for at, *_ in self.messages]
            scheduled = [self._next_run(at, timedelta(minutes=5)) for at in waiting]
            swept = [self._next_run(at, timedelta(hours=1)) for at in late]
            moment = min([*queued, *scheduled, *swept], default=end)
            if moment >= end:
                self.clock.now = end
                return
            self.clock.now = max(moment, self.clock())
            if moment in queued:
                self._deliver(min(self.messages))
            elif moment in scheduled:
                self.scheduler.run()
            else:
                self.overdue.append(self.sweep.run())
            self.streamed()

    def _next_run(self, after: datetime, every: timedelta) -> datetime:
        spans = (max(after, self.clock()) - self.began) // every
        return self.began + every * (spans + 1)

    def _deliver(self, message: tuple[datetime, int, str, int]) -> None:
        self.messages.remove(message)
        self.in_a_row = message[3] + 1
        self.most_in_a_row = max(self.most_in_a_row, self.in_a_row)
        self.advance.run(Task.from_json(message[2]))
        self.in_a_row = 0


@pytest.fixture
def aws() -> Iterator[None]:
    with mock_aws():
        yield


@pytest.mark.slow
@pytest.mark.usefixtures("aws")
def test_a_verification_of_24_hours_ends_in_time() -> None:
    life = Life()
    begin = life.clock()
    call = {"channel": "voice_otp", "timeout_seconds": 900}
    id_ = life.start(workflow=[call], expires_in=DAY)
    life.run_until(begin + timedelta(seconds=DAY) + GRACE - timedelta(seconds=1))
    assert life.read(id_).status is VerificationStatus.PENDING
    life.run_until(begin + timedelta(seconds=DAY) + GRACE + timedelta(seconds=2))
    verification = life.read(id_)
    assert (verification.status, verification.end_reason) == (
        VerificationStatus.EXPIRED,
        "time_over",
    )
    assert life.most_in_a_row == 1
    assert life.overdue == []


TIMEOUTS = st.lists(st.integers(15, 900), min_size=1, max_size=5)
RETRIES = st.none() | st.tuples(st.integers(0, 900), st.integers(1, 5))


@pytest.mark.slow
@settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    timeouts=TIMEOUTS,
    retry=RETRIES,
    replies=st.lists(st.sampled_from(["accepts", "refuses", "cuts"]), max_size=12),
    expires_in=st.sampled_from([60, 1_000, 20_000, DAY]) | st.integers(60, DAY),
    lateness=st.sampled_from([0.0, 0.4, 30.0]),
)
def test_any_verification_ends_in_time_and_goes_round_a_few_times_at_most(
    timeouts: list[int],
    retry: tuple[int, int] | None,
    replies: list[str],
    expires_in: int,
    lateness: float,
) -> None:
    with mock_aws():
        rows = [
            CauseRow(Status.REJECTED, None, Action.RETRY, retry[0], retry[1], why="again")
            if retry
            else CauseRow(Status.REJECTED, None, Action.NEXT, why="next")
        ]
        life = Life(replies, rows, lateness)
        begin = life.clock()
        id_ = life.start(
            workflow=[{"channel": "voice_otp", "timeout_seconds": span} for span in timeouts],
            expires_in=expires_in,
        )
        over = begin + timedelta(seconds=expires_in) + GRACE
        life.run_until(over + timedelta(seconds=2 + 2 * lateness))
        assert life.read(id_).status in (VerificationStatus.EXPIRED, VerificationStatus.FAILED)
        assert life.most_in_a_row <= 5
        assert life.overdue == []


@pytest.mark.slow
@pytest.mark.usefixtures("aws")
def test_what_is_due_late_is_queued_once_and_not_before() -> None:
    life = Life()
    id_ = life.start(workflow=[{"channel": "voice_otp", "timeout_seconds": 15}], expires_in=DAY)
    life.run_until(life.clock() + timedelta(minutes=1))
    assert life.read(id_).exhausted
    assert life.messages == []
    assert life.scheduler.run() == 0
    life.clock.turn(seconds=DAY - 60 - 15 * 60)
    assert life.scheduler.run() == 0
    life.clock.turn(minutes=5)
    assert life.scheduler.run() == 1
    life.streamed()
    assert life.scheduler.run() == 0
    [(at, _, body, _)] = life.messages
    assert Task.from_json(body) == Task(TaskType.MOVE, at, {"verification_id": id_})
    # Its record stands where the sweep looks whether it was lost.
    life.messages.clear()
    life.clock.turn(minutes=10)
    assert life.sweep.run() == 0
    life.clock.turn(minutes=6)
    assert life.sweep.run() == 1


@pytest.mark.slow
@pytest.mark.usefixtures("aws")
def test_the_sweep_finds_what_the_scheduler_did_not_queue() -> None:
    life = Life()
    life.start(workflow=[{"channel": "voice_otp", "timeout_seconds": 15}], expires_in=DAY)
    life.run_until(life.clock() + timedelta(minutes=1))
    life.clock.turn(seconds=DAY + 300)
    assert life.sweep.run() == 1


@pytest.mark.usefixtures("aws")
def test_a_message_of_an_earlier_version_that_is_due_late_goes_into_the_index() -> None:
    life = Life()
    id_ = life.start(workflow=[{"channel": "voice_otp", "timeout_seconds": 15}], expires_in=DAY)
    life.run_until(life.clock() + timedelta(minutes=1))
    due_at = life.clock() + timedelta(hours=20)
    body = json.dumps({"do": "move", "due_at": to_text(due_at), "verification_id": id_})
    life.advance.run(Task.from_json(body))
    assert life.messages == []
    life.streamed()
    assert len(life.due_ats("later#")) == 1


@pytest.mark.usefixtures("aws")
def test_a_move_that_comes_too_early_again_and_again_is_left_to_the_scheduler() -> None:
    life = Life()
    id_ = life.start(workflow=[{"channel": "voice_otp", "timeout_seconds": 60}])
    assert len(life.due_ats("due#")) == 1
    queued = len(life.messages)
    due_at = life.clock() + timedelta(seconds=1)
    life.advance.run(Task(TaskType.MOVE, due_at, {"verification_id": id_}, MAX_ROUNDS))
    life.streamed()
    assert len(life.messages) == queued
    assert (len(life.due_ats("due#")), len(life.due_ats("later#"))) == (0, 1)


def advance_of(world: World, queue: Queue) -> TaskWorker:
    return TaskWorker(
        world.deliveries,
        world.references,
        world.joins,
        world.simulations,
        lambda: world.moves,
        agenda(queue),
        world.clock,
        lambda: pytest.fail("nothing was told of an OA"),
    )


@pytest.mark.slow
def test_a_join_that_comes_too_early_again_and_again_is_left_to_the_scheduler(world: World) -> None:
    queue = Queue()
    advance = advance_of(world, queue)
    killed_while_sending(world)
    world.cdr(16, "ANSWER")
    task = Task(TaskType.JOIN_CDR, world.clock(), {"provider": "mcn", "ref": REF})
    delays = []
    advance.run(task)
    while queue.sent:
        task, delay = queue.take()
        delays.append(delay)
        world.clock.turn(seconds=delay)
        advance.run(task)
    assert delays == [3, 6, 12, 24]
    scheduler = TaskScheduler(DueIndex(world.table), agenda(queue), world.clock)
    assert scheduler.run() == 1
    again, delay = queue.take()
    assert (again, again.rounds, delay) == (Task(task.type, again.due_at, task.payload), 0, 0)


class Interrupted(Queue):
    """Where something happens before a message is taken."""

    def __init__(self, meanwhile: Callable[[], None]) -> None:
        super().__init__()
        self.meanwhile = meanwhile

    def send_message(self, **message: Any) -> None:  # noqa: ANN401 - SQS's arguments
        self.meanwhile()
        super().send_message(**message)


def left_to_the_scheduler(world: World) -> TaskScheduler:
    """A join waits for the scheduler, whose queue takes everything."""
    world.cdr()
    world.references.leave_to_scheduler("mcn", REF, world.clock())
    world.clock.turn(minutes=1)
    return TaskScheduler(DueIndex(world.table), agenda(Queue()), world.clock)


def test_what_could_not_be_queued_is_queued_by_the_next_run(world: World) -> None:
    def fail() -> None:
        raise ConnectionError

    scheduler = left_to_the_scheduler(world)
    with pytest.raises(ConnectionError):
        replace(scheduler, queue=agenda(Interrupted(fail))).run()
    assert scheduler.run() == 1
    assert scheduler.run() == 0


@pytest.mark.slow
def test_what_was_put_off_while_it_was_queued_stays_with_the_scheduler(world: World) -> None:
    later = world.clock() + timedelta(minutes=10)

    def put_off() -> None:
        world.references.record_unmatched("mcn", REF, "no_open_delivery", world.clock())
        assert world.references.request_match("mcn", REF, later)
        world.references.leave_to_scheduler("mcn", REF, world.clock())

    scheduler = left_to_the_scheduler(world)
    assert replace(scheduler, queue=agenda(Interrupted(put_off))).run() == 1
    [item] = DueIndex(world.table).list_upcoming(later + timedelta(seconds=1), 9)
    assert item["due_at"] == to_text(later)
    assert scheduler.run() == 1


@pytest.mark.slow
@pytest.mark.parametrize("later", [None, timedelta(hours=1)], ids=["finished", "put off"])
@pytest.mark.parametrize("reader", [TaskScheduler, OverdueSweeper])
def test_what_has_left_the_index_since_it_was_read_is_left_alone(
    world: World, reader: type[TaskScheduler | OverdueSweeper], later: timedelta | None
) -> None:
    """Also where the index still names it: it follows the table after a while."""

    def see_to_the_others() -> None:
        for ref in refs[1:]:
            world.references.record_unmatched("mcn", ref, "no_open_delivery", world.clock())
            if later is not None:
                assert world.references.request_match("mcn", ref, world.clock() + later)

    refs = in_one_shard(3)
    for ref in refs:
        world.cdr(verification_call_uuid=ref)
        if reader is TaskScheduler:
            world.references.leave_to_scheduler("mcn", ref, world.clock())
    world.clock.turn(minutes=10)
    queue = Interrupted(see_to_the_others)
    assert reader(DueIndex(world.table), agenda(queue), world.clock).run() == 1
    assert [queue.take()[0].payload["ref"]] == refs[:1]


def in_one_shard(many: int) -> list[str]:
    """References whose records stand in one partition of the due index, in their order there."""
    refs = (f"{number:012x}_117793" for number in count(1))
    bucket = entry(REF, datetime.now(UTC))["due_bucket"]
    same = (ref for ref in refs if entry(ref, datetime.now(UTC))["due_bucket"] == bucket)
    return sorted(islice(same, many))


def test_a_call_that_nobody_made_is_looked_for_once(world: World) -> None:
    queue = Queue()
    world.cdr()
    advance_of(world, queue).run(
        Task(TaskType.JOIN_CDR, world.clock(), {"provider": "mcn", "ref": REF})
    )
    assert queue.sent == []
    assert list(DueIndex(world.table).list_overdue(world.clock() + timedelta(days=1))) == []


@pytest.mark.parametrize(
    "do", [TaskType.GIVE_UP_RESERVED, TaskType.OA_EVENT, TaskType.PLAY_CDR, TaskType.PLAY_RESULT]
)
def test_a_message_that_is_always_too_early_comes_back_by_itself(
    world: World, do: TaskType
) -> None:
    queue = Queue()
    advance = advance_of(world, queue)
    advance.run(Task(do, world.clock() + timedelta(seconds=1), {}))
    for _ in range(MAX_ROUNDS - 1):
        advance.run(queue.take()[0])
    last = queue.take()[0]
    with pytest.raises(NotDueYet):
        advance.run(last)
    assert queue.sent == []

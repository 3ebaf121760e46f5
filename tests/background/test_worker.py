"""What follows a write: derived from the stream, queued, done when due, harmless when repeated."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringpass.aws.dynamodb import to_wire
from ringpass.background.outbox import Outbox
from ringpass.background.tasks import Task, TaskQueue, TaskType
from ringpass.background.worker import TaskWorker
from ringpass.deliveries.call_reports import CallReport, ReportSource
from ringpass.deliveries.callees_store import CalleeRepository, register_delivery
from ringpass.deliveries.correlations_store import DeliveryReceipt
from ringpass.deliveries.model import Delivery, Fact, HistoryEntry, Source
from ringpass.deliveries.requests import PasswordCall
from ringpass.outcomes import Status
from ringpass.providers.base import HttpResponse, NoResponse
from ringpass.providers.facts import ChannelName
from ringpass.providers.simulator.outcomes import reference_of
from tests.deliveries.test_send import killed_while_sending
from tests.transactions import reserve
from tests.world import ACCEPTED, REF, World

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

AT = "2026-11-21T08:30:00.000Z"
LOST = NoResponse("connection_cut")


class Queue:
    """Stands for SQS: keeps what is sent, and gives it out whatever its delay."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    def send_message(self, **message: Any) -> None:  # noqa: ANN401 - SQS's arguments
        self.sent.append(message)

    def take(self) -> tuple[Task, int]:
        """The next message and its delay in seconds."""
        message = self.sent.pop(0)
        return Task.from_json(message["MessageBody"]), message["DelaySeconds"]


@pytest.fixture
def queue() -> Queue:
    return Queue()


def agenda(queue: Queue) -> TaskQueue:
    return TaskQueue(cast("SQSClient", queue), "url")


@pytest.fixture
def outbox(world: World, queue: Queue) -> Outbox:
    return Outbox(world.deliveries, agenda(queue), world.clock, correlations=world.references)


@pytest.fixture
def advance(world: World, queue: Queue) -> TaskWorker:
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


def stream(world: World, prefix: str) -> list[dict[str, Any]]:
    """Every item with this prefix as the stream would bring it."""
    items = world.table.client.scan(TableName=world.table.name)["Items"]
    return [
        {"eventName": "INSERT", "dynamodb": {"NewImage": item}}
        for item in items
        if item["PK"]["S"].startswith(prefix)
    ]


def send(world: World, answer: HttpResponse | NoResponse) -> str:
    world.wire.answers = [answer]
    command = PasswordCall.from_mapping({"phone": "+79777777777", "code": "1234"})
    return world.calls.send(command, "acme", None).delivery.id


def status(world: World, delivery_id: str) -> Status:
    delivery = world.deliveries.get(delivery_id)
    assert delivery is not None
    return delivery.status


def test_a_reserved_delivery_is_watched_and_given_up(
    world: World, outbox: Outbox, advance: TaskWorker, queue: Queue
) -> None:
    killed_while_sending(world)
    [record] = stream(world, "DLV#")
    outbox.handle(record)
    task, delay = queue.take()
    assert (task.type, delay) == (TaskType.GIVE_UP_RESERVED, 30)
    advance.run(task)
    # SQS was early: it goes back, and nothing has changed.
    assert queue.take()[0] == task
    assert status(world, task.payload["delivery_id"]) is Status.RESERVED
    world.clock.turn(seconds=30)
    advance.run(task)
    advance.run(task)
    assert status(world, task.payload["delivery_id"]) is Status.UNKNOWN


def test_a_delivery_that_was_answered_is_not_given_up(world: World, advance: TaskWorker) -> None:
    delivery = send(world, ACCEPTED)
    world.clock.turn(hours=1)
    advance.run(Task(TaskType.GIVE_UP_RESERVED, world.clock(), {"delivery_id": delivery}))
    advance.run(Task(TaskType.GIVE_UP_RESERVED, world.clock(), {"delivery_id": "dlv_gone"}))
    assert status(world, delivery) is Status.ACCEPTED


def test_a_delivery_whose_function_may_still_run_is_not_given_up(
    world: World, advance: TaskWorker
) -> None:
    killed_while_sending(world)
    [record] = stream(world, "DLV#")
    delivery = record["dynamodb"]["NewImage"]["id"]["S"]
    for seconds, expected in ((29, Status.RESERVED), (1, Status.UNKNOWN)):
        world.clock.turn(seconds=seconds)
        advance.run(Task(TaskType.GIVE_UP_RESERVED, world.clock(), {"delivery_id": delivery}))
        assert status(world, delivery) is expected


@pytest.mark.slow
def test_a_cdr_without_its_reply_is_joined_after_a_wait(
    world: World, outbox: Outbox, advance: TaskWorker, queue: Queue
) -> None:
    delivery = send(world, LOST)
    world.cdr(16, "ANSWER")
    [record] = stream(world, "REF#")
    outbox.handle(record)
    outbox.handle(record)
    task, delay = queue.take()
    assert (task.type, task.payload["ref"], delay) == (TaskType.JOIN_CDR, REF, 2)
    world.clock.turn(seconds=2)
    advance.run(task)
    advance.run(task)
    assert status(world, delivery) is Status.ANSWERED


def test_it_is_tried_again_while_a_reply_may_still_come(
    world: World, advance: TaskWorker, queue: Queue
) -> None:
    killed_while_sending(world)
    world.cdr(16, "ANSWER")
    advance.run(Task(TaskType.JOIN_CDR, world.clock(), {"provider": "mcn", "ref": REF}))
    task, delay = queue.take()
    assert (task.type, delay) == (TaskType.JOIN_CDR, 3)


def test_both_halves_are_settled_if_the_function_that_saw_them_died(
    world: World, outbox: Outbox, queue: Queue
) -> None:
    delivery = send(world, ACCEPTED)
    cdr = DeliveryReceipt(at=AT, outcome=Status.BUSY, reason="q850_17", digest="d", raw="{}")
    world.references.add_receipt("mcn", REF, cdr, world.clock())
    assert status(world, delivery) is Status.ACCEPTED
    for record in stream(world, "REF#") * 2:
        outbox.handle(record)
    assert status(world, delivery) is Status.BUSY
    assert queue.sent == []


def test_what_was_left_unjoined_is_not_queued_again(
    world: World, outbox: Outbox, queue: Queue
) -> None:
    world.cdr()
    world.late_matcher.match("mcn", REF, world.clock())
    [record] = stream(world, "REF#")
    outbox.handle(record)
    assert queue.sent == []


@pytest.mark.parametrize(
    "record",
    [
        {"eventName": "REMOVE", "dynamodb": {}},
        {"eventName": "INSERT", "dynamodb": {"NewImage": to_wire({"entity": "key"})}},
        {"eventName": "MODIFY", "dynamodb": {"NewImage": to_wire({"entity": "delivery"})}},
    ],
)
def test_other_records_ask_for_nothing(
    outbox: Outbox, queue: Queue, record: dict[str, Any]
) -> None:
    outbox.handle(record)
    assert queue.sent == []


@given(st.integers(-5_000, 1_500_000))
def test_a_delay_is_never_longer_than_sqs_allows_nor_too_short(milliseconds: int) -> None:
    now, queue = datetime(2026, 11, 21, tzinfo=UTC), Queue()
    due = now + timedelta(milliseconds=milliseconds)
    agenda(queue).add(Task(TaskType.JOIN_CDR, due, {}), now)
    _, delay = queue.take()
    assert 0 <= delay <= 900
    assert delay == 900 or now + timedelta(seconds=delay) >= due


@pytest.mark.slow
@given(
    st.sampled_from(TaskType),
    st.datetimes(min_value=datetime(2020, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.dictionaries(st.text(max_size=5).filter(lambda n: n not in ("do", "due_at")), st.text()),
)
def test_a_task_is_read_as_it_was_written(
    do: TaskType, due: datetime, about: dict[str, str]
) -> None:
    task = Task(do, due.replace(microsecond=0), about)
    assert Task.from_json(task.to_json()) == task


@pytest.mark.parametrize(
    "body",
    [
        "",
        "hello",
        "[]",
        "{}",
        '{"do":"x","due_at":"y"}',
        json.dumps({"do": "join_cdr"}),
        json.dumps({"do": "join_cdr", "due_at": AT, "rounds": "1"}),
    ],
)
def test_what_is_no_task_is_refused(body: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever is wrong with it
        Task.from_json(body)


def test_a_call_that_is_only_played_gets_its_cdr_through_the_queue(
    world: World, advance: TaskWorker, queue: Queue
) -> None:
    delivery = a_test_delivery()
    reserve(world.deliveries, delivery, "phone-key")
    playing = Outbox(
        world.deliveries,
        agenda(queue),
        world.clock,
        correlations=world.references,
        simulates_receipts=True,
    )
    for record in stream(world, "DLV#"):
        playing.handle(record)
    tasks = [queue.take()[0] for _ in range(4)]
    assert [task.type for task in tasks] == [TaskType.GIVE_UP_RESERVED, *[TaskType.PLAY_CDR] * 3]
    world.clock.turn(seconds=2)
    for task in tasks[1:]:
        advance.run(task)
    reference = world.references.get("mcn", reference_of(delivery.id))
    assert reference is not None
    assert (reference.receipt_count, len(reference.receipts)) == (3, 1)
    assert (reference.receipts[0].outcome, reference.callee_keys) == (
        Status.ANSWERED,
        ("phone-key",),
    )


def test_a_bizfly_call_that_is_only_played_gets_its_result_through_the_queue(
    world: World, advance: TaskWorker, queue: Queue
) -> None:
    call = a_bizfly_delivery()
    registration = register_delivery("bizfly", "phone-key", call.id, call.created_at)
    reserve(world.deliveries, call, "phone-key", registration)
    playing = Outbox(
        world.deliveries,
        agenda(queue),
        world.clock,
        correlations=world.references,
        simulates_receipts=True,
    )
    for record in stream(world, "DLV#"):
        playing.handle(record)
    tasks = [queue.take()[0] for _ in range(2)]
    assert [task.type for task in tasks] == [TaskType.GIVE_UP_RESERVED, TaskType.PLAY_RESULT]
    world.clock.turn(seconds=2)
    for _ in range(2):
        advance.run(Task.from_json(tasks[1].to_json()))
    delivery = world.deliveries.get(call.id)
    assert delivery is not None
    assert (delivery.status, len(delivery.history)) == (Status.BUSY, 2)


def test_a_message_that_is_only_played_arrives_through_the_queue(
    world: World, advance: TaskWorker, queue: Queue
) -> None:
    message = replace(
        a_test_delivery(),
        id="dlv_" + "a" * 32,
        channel=ChannelName.ZNS,
        provider="zalo",
        phone="+84000000007",
    )
    reserve(world.deliveries, message, "phone-key")
    playing = Outbox(
        world.deliveries,
        agenda(queue),
        world.clock,
        correlations=world.references,
        simulates_receipts=True,
    )
    for record in stream(world, "DLV#"):
        playing.handle(record)
    tasks = [queue.take()[0] for _ in range(2)]
    assert [task.type for task in tasks] == [TaskType.GIVE_UP_RESERVED, TaskType.PLAY_ARRIVAL]
    # The connection was cut, so the reply names nothing.
    cut = Fact(AT, Status.UNKNOWN, "connection_cut", Source.REPLY)
    world.deliveries.apply(message.id, [cut], message.snapshot, AT)
    world.clock.turn(seconds=2)
    for _ in range(2):
        advance.run(Task.from_json(tasks[1].to_json()))
    for record in stream(world, "REF#"):
        playing.handle(record)
    join = queue.take()[0]
    assert (join.type, join.payload["provider"]) == (TaskType.JOIN_CDR, "zalo")
    world.clock.turn(seconds=3)
    advance.run(join)
    assert status(world, message.id) is Status.DELIVERED


def test_what_a_webhook_wrote_before_it_died_is_told(
    world: World, outbox: Outbox, queue: Queue
) -> None:
    call = a_bizfly_delivery()
    registration = register_delivery("bizfly", "phone-key", call.id, call.created_at)
    reserve(world.deliveries, call, "phone-key", registration)
    callees = CalleeRepository(world.table)
    report = CallReport(
        source=ReportSource.WEBHOOK,
        key="a",
        received_at=world.clock(),
        started_at=world.clock(),
        outcome=Status.BUSY,
        reason=None,
        delivery_id=call.id,
    )
    assert callees.put_reports(callees.get("bizfly", "phone-key"), [report], world.clock())
    for record in stream(world, "CAL#"):
        outbox.handle(record)
    delivery = world.deliveries.get(call.id)
    assert delivery is not None
    assert delivery.status is Status.BUSY
    assert queue.sent == []


def test_otherwise_nothing_is_played(world: World, outbox: Outbox, queue: Queue) -> None:
    reserve(world.deliveries, a_test_delivery(), "phone-key")
    for record in stream(world, "DLV#"):
        outbox.handle(record)
    assert [queue.take()[0].type for _ in range(len(queue.sent))] == [TaskType.GIVE_UP_RESERVED]


def a_bizfly_delivery() -> Delivery:
    """To the test number whose line is busy."""
    return replace(
        a_test_delivery(), channel=ChannelName.VOICE_OTP, provider="bizfly", phone="+84000000001"
    )


def a_test_delivery() -> Delivery:
    """To the test number whose CDR comes three times."""
    return Delivery(
        id="dlv_1",
        client="acme",
        channel=ChannelName.PASSWORD_CALL,
        provider="mcn",
        phone="+70000000009",
        status=Status.RESERVED,
        created_at=AT,
        updated_at=AT,
        fingerprint="f",
        attempt="a",
        test=True,
        history=(HistoryEntry(AT, Status.RESERVED, None, Source.REQUEST),),
    )

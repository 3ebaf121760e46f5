"""Events from the stream: each fact once and without gaps, whatever comes, in whatever order."""

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import pytest

from ringpass.aws.dynamodb import Table
from ringpass.clients.settings.requests import ReplaceSettings
from ringpass.deliveries.feedback import FeedbackRecorder
from ringpass.deliveries.requests import PasswordCall
from ringpass.errors import LimitReached
from ringpass.events.model import Event, EventType
from ringpass.events.projector import EventProjector
from ringpass.ids import event_id
from ringpass.providers.base import HttpResponse
from ringpass.redaction import Secret
from ringpass.verifications.model import Verification
from ringpass.verifications.requests import StartVerification
from tests.audit_log import actor
from tests.events import streams
from tests.events.streams import open_stream, project_all, shuffled, stream_records
from tests.world import World

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PHONE = "+79777777777"


@pytest.fixture
def streamed(world: World) -> World:
    """A world whose table has its stream."""
    open_stream(world.table)
    return world


def projector(world: World, table: Table | None = None) -> EventProjector:
    return streams.projector(table or world.table, world.clock)


def reply(number: int) -> HttpResponse:
    reference = f"{number:012x}_117793"
    text = f'{{"ok":true,"caller_number":"74951091234","verification_uuid":"{reference}"}}'
    return HttpResponse(200, text.encode())


def start(world: World, *channels: str, **fields: str) -> Verification:
    workflow = [{"channel": channel, "timeout_seconds": 30} for channel in channels]
    body = {"phone": PHONE, "workflow": workflow, "code": "4821", **fields}
    command = StartVerification.from_mapping(body)
    world.wire.answers = [reply(number) for number in range(1, 4)]
    return world.starts.start(command, "acme", None).verification


def approved_in_two_steps(world: World) -> Verification:
    """The line is busy, the next call brings the code, and it is entered."""
    verification = start(world, "password_call", "password_call")
    world.clock.turn(seconds=2)
    world.cdr(17, verification_call_uuid=f"{1:012x}_117793")
    world.moves.advance(verification.id)
    world.clock.turn(seconds=2)
    world.cdr(16, "ANSWER", verification_call_uuid=f"{2:012x}_117793")
    world.checks.check(verification.id, "acme", Secret("4821"), None)
    return verification


def queued(world: World) -> Verification:
    """A start whose first step another function runs."""
    command = StartVerification.from_mapping({"phone": PHONE, "code": "4821"})
    world.wire.answers = [reply(1)]
    verification = world.starts.enqueue(command, "acme", "key", sign_in_server="logto")
    world.clock.turn(seconds=2)
    world.moves.advance(verification.id)
    return verification


def data_of(event: Event) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(event.data)
    return data


STORY = [
    EventType.VERIFICATION_STARTED,
    EventType.VERIFICATION_STEP_TAKEN,
    EventType.VERIFICATION_STEP_TAKEN,
    EventType.VERIFICATION_APPROVED,
]
CALL = [EventType.DELIVERY_ACCEPTED, EventType.DELIVERY_SETTLED]


def subjects_of(world: World, verification: Verification) -> list[str]:
    current = world.verifications.get(verification.id)
    assert current is not None
    return [current.id, *current.delivery_ids]


def test_a_verification_s_story(streamed: World) -> None:
    verification = approved_in_two_steps(streamed)
    projection = projector(streamed)
    project_all(projection, stream_records(streamed.table))
    story, first, second = map(
        projection.events.list_by_subject, subjects_of(streamed, verification)
    )
    assert [event.type for event in story] == STORY
    assert [event.sequence for event in story] == [1, 2, 3, 4]
    assert [data_of(event)["status"] for event in story] == ["pending"] * 3 + ["approved"]
    assert [data_of(event)["step"] for event in story] == [1, 1, 2, 2]
    assert [len(data_of(event)["deliveries"]) for event in story] == [0, 1, 2, 2]
    assert [event.timestamp for event in story] == sorted(event.timestamp for event in story)
    for call, status in ((first, "busy"), (second, "answered")):
        assert [event.type for event in call] == CALL
        assert [data_of(event)["status"] for event in call] == ["accepted", status]
        assert data_of(call[1])["cost"]["kind"] == "settled"


def test_a_queued_verification_s_story_begins_before_its_first_step(streamed: World) -> None:
    verification = queued(streamed)
    projection = projector(streamed)
    project_all(projection, stream_records(streamed.table))
    story = projection.events.list_by_subject(verification.id)
    assert [event.type for event in story] == STORY[:2]
    assert [event.sequence for event in story] == [1, 2]
    assert [len(data_of(event)["deliveries"]) for event in story] == [0, 1]
    assert {data_of(event)["sign_in_server"] for event in story} == {"logto"}


def test_no_event_holds_a_code_or_a_phone_and_each_groups_by_the_number(streamed: World) -> None:
    verification = approved_in_two_steps(streamed)
    projection = projector(streamed)
    project_all(projection, stream_records(streamed.table))
    events = [
        event
        for subject in subjects_of(streamed, verification)
        for event in projection.events.list_by_subject(subject)
    ]
    text = json.dumps([event.body for event in events])
    assert "4821" not in text
    assert PHONE[1:] not in text
    assert "history" not in text
    hashes = {data_of(event)["phone_hash"] for event in events}
    assert len(hashes) == 1
    items = streamed.table.client.scan(TableName=streamed.table.name)["Items"]
    keys = {item["phone_key"]["S"] for item in items if "phone_key" in item}
    assert not keys & hashes


@pytest.mark.parametrize("seed", range(10))
def test_any_order_and_any_number_of_times(streamed: World, seed: int) -> None:
    verification = approved_in_two_steps(streamed)
    projection = projector(streamed)
    project_all(projection, shuffled(stream_records(streamed.table), seed))
    story, *calls = map(projection.events.list_by_subject, subjects_of(streamed, verification))
    assert [event.type for event in story] == STORY
    assert [event.sequence for event in story] == [1, 2, 3, 4]
    for call in calls:
        assert [event.type for event in call] == CALL
        assert [event.sequence for event in call] == [1, 2]
    assert [data_of(event)["status"] for event in story][-1] == "approved"


@pytest.mark.parametrize("lost", range(3))
def test_a_lost_record_leaves_no_gap_once_a_later_one_comes(streamed: World, lost: int) -> None:
    verification = approved_in_two_steps(streamed)
    records = [
        record
        for record in stream_records(streamed.table)
        if record["dynamodb"]["Keys"]["PK"]["S"] == f"VER#{verification.id}"
    ]
    assert len(records) > lost + 1
    del records[lost]
    projection = projector(streamed)
    project_all(projection, records)
    story = projection.events.list_by_subject(verification.id)
    assert [event.type for event in story] == STORY
    assert [event.sequence for event in story] == [1, 2, 3, 4]


class Killed(BaseException):
    """The outbox ends."""


class MortalClient:
    """A client of DynamoDB that ends the function before or after one of its requests."""

    def __init__(self, client: object, life: int, *, after: bool) -> None:
        self._client = client
        self._life = life
        self._after = after

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any of boto3's methods
        method = getattr(self._client, name)

        def call(**arguments: Any) -> Any:  # noqa: ANN401
            self._life -= 1
            if self._life == 0 and not self._after:
                raise Killed
            answer = method(**arguments)
            if self._life == 0:
                raise Killed
            return answer

        return call


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("life", range(1, 12))
def test_an_outbox_that_dies_anywhere(streamed: World, life: int, *, after: bool) -> None:
    verification = approved_in_two_steps(streamed)
    records = stream_records(streamed.table)
    mortal = MortalClient(streamed.table.client, life, after=after)
    dying = projector(streamed, replace(streamed.table, client=cast("DynamoDBClient", mortal)))
    with pytest.raises(Killed):
        project_all(dying, records)
    # Lambda brings the batch again.
    projection = projector(streamed)
    project_all(projection, records)
    story, *calls = map(projection.events.list_by_subject, subjects_of(streamed, verification))
    assert [event.sequence for event in story] == [1, 2, 3, 4]
    assert [[event.sequence for event in call] for call in calls] == [[1, 2], [1, 2]]


def test_an_ended_verification_says_how(streamed: World) -> None:
    verification = start(streamed, "password_call")
    streamed.clock.turn(seconds=5)
    streamed.checks.cancel(verification.id, "acme", None)
    projection = projector(streamed)
    project_all(projection, stream_records(streamed.table))
    last = projection.events.list_by_subject(verification.id)[-1]
    assert last.type is EventType.VERIFICATION_ENDED
    assert (data_of(last)["status"], data_of(last)["reason"]) == ("canceled", "asked")


def test_events_that_are_written_late_have_the_status_of_their_time(streamed: World) -> None:
    verification = start(streamed, "password_call")
    streamed.clock.turn(seconds=5)
    for _ in range(verification.attempts):
        streamed.checks.check(verification.id, "acme", Secret("0000"), None)
    streamed.clock.turn(seconds=30)
    streamed.moves.advance(verification.id)
    *_, last = [
        record
        for record in stream_records(streamed.table)
        if record["dynamodb"]["Keys"]["PK"]["S"] == f"VER#{verification.id}"
    ]
    projection = projector(streamed)
    projection.project(last)
    story = projection.events.list_by_subject(verification.id)
    assert [event.type for event in story] == [
        EventType.VERIFICATION_STARTED,
        EventType.VERIFICATION_STEP_TAKEN,
        EventType.VERIFICATION_ENDED,
    ]
    statuses = [data_of(event)["status"] for event in story]
    assert statuses == ["pending", "pending", "max_attempts_reached"]


def test_a_refused_send_is_an_event(streamed: World) -> None:
    start(streamed, "password_call")
    streamed.clock.turn(seconds=5)
    with pytest.raises(LimitReached):
        start(streamed, "password_call")
    projection = projector(streamed)
    project_all(projection, stream_records(streamed.table))
    events = projection.events.list_by_client("acme", "0", "9")
    [refused] = [event for event in events if event.type is EventType.LIMIT_REFUSED]
    assert refused.id == event_id(refused.subject, 1)
    assert data_of(refused)["limit"] == "pauses"


def test_a_send_that_a_limit_only_records_is_no_refusal(streamed: World) -> None:
    fields = {"limits": {"fraud_budget": {"hourly": {"country_least": 0}}}}
    settings = ReplaceSettings.from_mapping(fields)
    streamed.editor.replace_settings(actor("acme"), settings, streamed.parts.templates)
    verification = start(streamed, "password_call")
    projection = projector(streamed)
    project_all(projection, stream_records(streamed.table))
    refusals = streamed.parts.password_call.planner.refusals
    assert len(list(refusals.of_client("acme", "0", "9", refused=False))) == 1
    subjects = {event.subject for event in projection.events.list_by_client("acme", "0", "9")}
    assert subjects == set(subjects_of(streamed, verification))


def test_a_consent_reference_is_in_every_event_of_a_verification(streamed: World) -> None:
    verification = start(streamed, "password_call", "password_call", consent_reference="№ 15")
    streamed.cdr(17, verification_call_uuid=f"{1:012x}_117793")
    streamed.moves.advance(verification.id)
    projection = projector(streamed)
    project_all(projection, stream_records(streamed.table))
    events = list(projection.events.list_by_client("acme", "0", "9"))
    assert {event.subject for event in events} == set(subjects_of(streamed, verification))
    for event in events:
        data = data_of(event)
        assert data["consent_reference"] == "№ 15"
        assert {one["consent_reference"] for one in data.get("deliveries", [])} <= {"№ 15"}


def test_feedback_is_no_event_and_later_ones_show_it(streamed: World) -> None:
    streamed.wire.answers = [reply(1)]
    command = PasswordCall.from_mapping({"phone": PHONE, "code": "4821"})
    delivery = streamed.calls.send(command, "acme", None).delivery
    recorder = FeedbackRecorder(streamed.deliveries, streamed.clock)
    recorder.record(delivery.id, "acme", verified=True)
    streamed.cdr(16, "ANSWER", verification_call_uuid=f"{1:012x}_117793")
    projection = projector(streamed)
    project_all(projection, stream_records(streamed.table))
    events = projection.events.list_by_subject(delivery.id)
    assert [event.type for event in events] == CALL
    assert [data_of(event)["verified"] for event in events] == [None, True]


def test_what_is_no_fact_costs_no_request(streamed: World) -> None:
    """Of a record whose write added no fact, nothing is read and nothing is written."""
    verification = start(streamed, "password_call")
    streamed.clock.turn(seconds=5)
    streamed.checks.check(verification.id, "acme", Secret("0000"), None)
    *_, last = [
        record
        for record in stream_records(streamed.table)
        if record["dynamodb"]["Keys"]["PK"]["S"] == f"VER#{verification.id}"
    ]
    mortal = MortalClient(streamed.table.client, 1, after=False)
    table = replace(streamed.table, client=cast("DynamoDBClient", mortal))
    projector(streamed, table).project(last)

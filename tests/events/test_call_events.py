"""The event of a call of the OA: that it has ended."""

import json

import pytest

from ringpass.events.model import Event, EventType
from tests.docs.test_event_schemas import faults
from tests.events.streams import open_stream, project_all, projector, shuffled, stream_records
from tests.moto_table import table
from tests.oa.call_office import PHONE, Office, office
from tests.oa.calls.test_ended_calls import a_call, missed

__all__ = ["office", "table"]


@pytest.fixture
def streamed(office: Office) -> Office:
    office.consent()
    open_stream(office.table)
    return office


def events_of(office: Office, call_id: str) -> list[Event]:
    return projector(office.table, office.clock).events.list_by_subject(call_id)


def test_a_placed_call_ends(streamed: Office) -> None:
    call = streamed.place()
    projection = projector(streamed.table, streamed.clock)
    project_all(projection, stream_records(streamed.table))
    assert events_of(streamed, call.id) == []
    streamed.clock.turn(seconds=90)
    streamed.tell("oa_call_user", a_call(streamed))
    project_all(projection, stream_records(streamed.table))
    [event] = events_of(streamed, call.id)
    assert (event.type, event.sequence) == (EventType.OA_CALL_ENDED, 1)
    assert (event.client, event.subject, event.test) == ("shop", call.id, False)
    assert faults({**event.body}) == []
    data = json.loads(event.data)
    assert data["result"] == "answered"
    assert data["ended"]["talk_seconds"] == 35
    assert event.timestamp == data["ended"]["told_at"]
    assert data["customer"]["phone"] == "+84******371"
    assert len(data["phone_hash"]) == 64
    assert PHONE[1:] not in event.data
    assert "zalo.test" not in event.data


def test_a_call_that_expires_leaves_its_event_as_it_is(streamed: Office) -> None:
    call = streamed.place()
    streamed.clock.turn(seconds=90)
    streamed.tell("oa_call_user", a_call(streamed))
    projection = projector(streamed.table, streamed.clock)
    project_all(projection, stream_records(streamed.table))
    before = events_of(streamed, call.id)
    count = len(stream_records(streamed.table))
    streamed.calls.delete(call)
    removals = [
        record
        for record in stream_records(streamed.table)[count:]
        if "NewImage" not in record["dynamodb"]
    ]
    # As DynamoDB marks what it deletes itself: its documentation of Record.userIdentity.
    service = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
    project_all(projection, [{**record, "userIdentity": service} for record in removals])
    assert events_of(streamed, call.id) == before
    project_all(projection, removals)
    [event] = events_of(streamed, call.id)
    assert json.loads(event.data)["customer"] == {
        "phone": "+84*********",
        "user_id": None,
        "name": None,
    }


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_a_call_that_is_only_told_of_and_its_reply_are_one_event(
    streamed: Office, seed: int
) -> None:
    streamed.tell("user_call_oa", missed(streamed))
    [call] = streamed.history()
    records = stream_records(streamed.table)
    assert len(stream_records(streamed.table, "oa_call")) > 1
    project_all(projector(streamed.table, streamed.clock), shuffled(records, seed))
    [event] = events_of(streamed, call.id)
    assert json.loads(event.data)["result"] == "not_answered"


def test_a_call_of_an_unknown_customer_has_no_hash(streamed: Office) -> None:
    streamed.tell("user_call_oa", a_call(streamed, user_id="1"))
    [call] = streamed.history()
    project_all(projector(streamed.table, streamed.clock), stream_records(streamed.table))
    [event] = events_of(streamed, call.id)
    assert faults({**event.body}) == []
    data = json.loads(event.data)
    assert (data["phone_hash"], data["customer"]["phone"]) == (None, None)

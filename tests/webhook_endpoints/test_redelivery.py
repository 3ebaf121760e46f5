"""Tests of endpoints, and replays: each event once, whatever becomes of it."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from local.webhook_receiver import Answer, webhook_receiver
from ringpass.clock import to_text
from ringpass.errors import NotFound, ValidationFailed
from ringpass.events.model import STACK, EventType
from ringpass.http.pagination import EPOCH
from ringpass.webhook_endpoints.requests import ReplayEvents
from tests.audit_log import actor
from tests.webhook_endpoints.post_office import PostOffice


def replay(**fields: object) -> ReplayEvents:
    return ReplayEvents.from_json(json.dumps(fields).encode())


def test_a_test_is_an_event_of_the_endpoint_and_goes_there_once(office: PostOffice) -> None:
    with webhook_receiver(lambda _: Answer(500)) as receiver:
        endpoint = office.register(receiver.url, "delivery.settled")
        first = office.redelivery.test("acme", endpoint.id)
        office.clock.turn(1)
        events = [first, office.redelivery.test("acme", endpoint.id)]
        office.fan_out.add(events)
        office.run(timedelta(days=1))
    assert [event.type for event in events] == [EventType.PING] * 2
    assert [event.sequence for event in events] == [1, 2]
    assert [one.headers["webhook-id"] for one in receiver.received] == [one.id for one in events]
    assert "ringpass-replay" not in receiver.received[0].headers
    assert [(one.error, one.next_at) for one in office.tries(endpoint)] == [("http_500", None)] * 2
    assert office.service.queries.get("acme", endpoint.id).version == 1
    assert office.is_at_rest()


def test_a_replay_of_a_period_is_of_the_endpoint_s_types_and_the_oldest_first(
    office: PostOffice,
) -> None:
    with webhook_receiver() as receiver:
        start = office.clock.now
        for number in range(1, 6):
            office.write(f"dlv_{number}", 1)
            office.write(f"ver_{number}", 1, type_=EventType.VERIFICATION_STARTED)
            office.clock.turn(60)
        endpoint = office.register(receiver.url, "delivery.*")
        office.write("dlv_other", 1, client="rival")
        period = {
            "from": to_text(start + timedelta(minutes=1)),
            "to": to_text(start + timedelta(minutes=4)),
        }
        assert office.redelivery.replay("acme", endpoint.id, replay(**period)) == 3
        office.run()
    subjects = [json.loads(one.body)["subject"] for one in receiver.received]
    assert subjects == ["dlv_2", "dlv_3", "dlv_4"]
    assert {one.headers["ringpass-replay"] for one in receiver.received} == {"true"}
    assert {one.replay for one in office.tries(endpoint)} == {True}


def test_a_replay_of_a_provider_older_than_its_events_has_those_that_are_left(
    office: PostOffice,
) -> None:
    with webhook_receiver() as receiver:
        endpoint = office.register(receiver.url)
        office.write("ver_1", 1)
        for number in range(31, 34):
            office.write("bizfly", number, client=STACK)
        assert office.redelivery.replay("acme", endpoint.id, replay(subject="bizfly")) == 3
        office.run()
    bodies = [json.loads(one.body) for one in receiver.received]
    assert [(one["subject"], one["sequence"]) for one in bodies] == [
        ("bizfly", 31),
        ("bizfly", 32),
        ("bizfly", 33),
    ]


@pytest.mark.parametrize(
    ("command", "at_fault"),
    [({"from": to_text(EPOCH)}, "from"), ({"subject": "whe_typo"}, "subject")],
)
def test_a_replay_has_a_bound(office: PostOffice, command: dict[str, str], at_fault: str) -> None:
    endpoint = office.register("http://127.0.0.1:1/")
    for number in range(4):
        office.write(f"ver_{number}", 1)
    office.clock.turn(1)
    small = replace(office.redelivery, most_events=3)
    with pytest.raises(ValidationFailed) as refusal:
        small.replay("acme", endpoint.id, replay(**command))
    [error] = refusal.value.errors
    assert (error["loc"], error["type"]) == ([at_fault], "too_many_events")
    assert office.messages == []


def test_a_replay_takes_as_long_as_it_takes_and_each_event_is_sent_once(
    office: PostOffice,
) -> None:
    def slow(_: object) -> Answer:
        office.clock.turn(4)
        return Answer(503)

    with webhook_receiver(slow) as receiver:
        endpoint = office.register(receiver.url)
        office.service.rotate(actor("acme"), endpoint.id, 0)
        ids = [office.write(f"ver_{number}", 1).id for number in range(120)]
        assert office.redelivery.replay("acme", endpoint.id, replay(event_ids=ids)) == 120
        office.run(timedelta(hours=1))
    assert [one.headers["webhook-id"] for one in receiver.received] == ids
    assert office.service.queries.get("acme", endpoint.id).is_enabled
    assert office.is_at_rest()


def test_a_replay_names_only_events_that_the_client_can_read(office: PostOffice) -> None:
    endpoint = office.register("http://127.0.0.1:1/")
    own, other = office.write("ver_1", 1), office.write("ver_2", 1, client="rival")
    with pytest.raises(ValidationFailed) as refusal:
        office.redelivery.replay("acme", endpoint.id, replay(event_ids=[own.id, other.id]))
    [error] = refusal.value.errors
    assert (error["loc"], error["type"]) == (["event_ids", 1], "event_unknown")
    assert office.redelivery.replay("acme", endpoint.id, replay(subject="ver_2")) == 0
    with pytest.raises(NotFound):
        office.redelivery.replay("rival", endpoint.id, replay(subject="ver_2"))
    assert office.messages == []

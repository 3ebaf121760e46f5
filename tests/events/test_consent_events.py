"""Events of customers' permissions: each change once and without gaps, for as long as they live."""

import json
from datetime import timedelta
from typing import Any

import pytest

from ringpass.clock import to_text
from ringpass.events.model import Event, EventType
from ringpass.ids import event_id
from tests.docs.test_event_schemas import faults
from tests.events.streams import open_stream, project_all, projector, shuffled, stream_records
from tests.oa.consent_office import DIGITS, OA, PHONE, SHOP, USER, Office
from tests.world import RETENTION, World


@pytest.fixture
def office(world: World) -> Office:
    made = Office.made(world)
    open_stream(world.table)
    return made


def story(office: Office) -> None:
    """A customer is asked, gets the request, allows calls, and then blocks them."""
    turn = office.world.clock.turn
    office.ask("order-1")
    turn(seconds=2)
    office.sent()
    turn(seconds=60)
    office.reply(user_id=USER)
    turn(seconds=60)
    office.reply("USER_BLOCKED", user_id=USER)


STATES = ["requested", "waiting", "allowed", "blocked"]


def events_of(office: Office, subject: str) -> list[Event]:
    return projector(office.world.table, office.world.clock).events.list_by_subject(subject)


def data_of(event: Event) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(event.data)
    return data


def project(office: Office, *records: Any) -> list[Event]:  # noqa: ANN401 - stream records
    project_all(projector(office.world.table, office.world.clock), records)
    return events_of(office, office.consent.id)


def test_each_change_is_an_event(office: Office) -> None:
    story(office)
    events = project(office, *stream_records(office.world.table))
    assert [event.sequence for event in events] == [1, 2, 3, 4]
    assert {event.type for event in events} == {EventType.CONSENT_CHANGED}
    assert {(event.client, event.subject) for event in events} == {("shop", office.consent.id)}
    assert [data_of(event)["state"] for event in events] == STATES
    assert [event.timestamp for event in events] == [
        to_text(office.world.clock.now - timedelta(seconds=ago)) for ago in (122, 120, 60, 0)
    ]
    assert [fault for event in events for fault in faults({**event.body})] == []
    allowed = data_of(events[2])
    assert allowed["expires_at"] is not None
    assert allowed["reason"] == "delivery"
    assert allowed["updated_at"] == events[2].timestamp


def test_no_event_holds_the_number(office: Office) -> None:
    story(office)
    text = json.dumps(
        [event.body for event in project(office, *stream_records(office.world.table))]
    )
    assert DIGITS not in text
    assert office.consent.phone_key not in text
    assert text.count('"phone_hash": ') == 4


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_any_order_and_any_number_of_times(office: Office, seed: int) -> None:
    story(office)
    events = project(office, *shuffled(stream_records(office.world.table), seed))
    assert [event.sequence for event in events] == [1, 2, 3, 4]
    assert [data_of(event)["state"] for event in events] == STATES


@pytest.mark.slow
def test_each_record_that_is_lost_leaves_no_gap_once_a_later_change_comes(office: Office) -> None:
    story(office)
    records = stream_records(office.world.table, "consent")
    whole = project(office, *records)
    for lost in range(len(records) - 2):
        for event in whole:
            office.world.table.delete({"PK": f"EVT#{event.id}", "SK": "EVT"})
        events = project(office, *records[:lost], *records[lost + 1 :])
        assert [event.sequence for event in events] == [1, 2, 3, 4]
        assert [data_of(event)["state"] for event in events] == STATES
        assert [event.timestamp for event in events] == [event.timestamp for event in whole]


def test_what_changes_nothing_that_is_seen_is_no_event(office: Office) -> None:
    """Zalo's reply that it has taken the request, and a check that says the same again."""
    office.ask("order-1")
    office.zalo.check = {"error": 2}
    office.consents.check(OA, SHOP, office.consent.id)
    office.consents.check(OA, SHOP, office.consent.id)
    assert office.consent.version > 2
    assert office.consent.changes == 1
    assert len(project(office, *stream_records(office.world.table))) == 1


def test_a_change_of_a_permission_that_is_older_than_its_events_is_told_alone(
    office: Office,
) -> None:
    story(office)
    records = stream_records(office.world.table)
    project(office, *records)
    for sequence in range(1, 5):  # They have expired.
        id_ = event_id(office.consent.id, sequence)
        office.world.table.delete({"PK": f"EVT#{id_}", "SK": "EVT"})
    office.world.clock.turn(seconds=RETENTION + 1)
    office.reply("ALLOW", user_id=USER)
    project(office, *stream_records(office.world.table)[len(records) :])
    there = [
        sequence
        for sequence in range(1, 7)
        if projector(office.world.table, office.world.clock).events.get(
            event_id(office.consent.id, sequence)
        )
    ]
    assert there == [5]


def test_a_permission_that_begins_anew_after_a_deletion_goes_on_counting(office: Office) -> None:
    story(office)
    old = office.consent
    office.consents.delete(OA, SHOP, old.id)
    office.world.clock.turn(seconds=60)
    office.ask("order-2")
    assert office.consent.id == old.id
    events = project(office, *stream_records(office.world.table))
    assert [event.sequence for event in events] == [1, 2, 3, 4, 5]
    assert [data_of(event)["state"] for event in events] == [*STATES, "requested"]
    # Those of the deleted one name nobody.
    assert [bool(data_of(event)["phone_hash"]) for event in events] == [*[False] * 4, True]
    assert [data_of(event)["user_id"] for event in events[:4]] == [None] * 4


def test_a_deletion_finds_the_events_of_a_permission_whose_first_ones_have_expired(
    office: Office,
) -> None:
    office.ask("order-1")
    for number in range(30):
        office.world.clock.turn(seconds=60)
        office.reply("ALLOW" if number % 2 else "DENY")
    consent = office.consent
    project(office, *stream_records(office.world.table))
    for sequence in range(1, 27):  # A whole page, and one more.
        id_ = event_id(consent.id, sequence)
        office.world.table.delete({"PK": f"EVT#{id_}", "SK": "EVT"})
    events = projector(office.world.table, office.world.clock).events
    assert events.list_by_subject(consent.id) == []
    assert events.erase(consent.id, consent.changes) == 5
    left = events.list_by_subject(consent.id, consent.changes)
    assert [data_of(event)["phone_hash"] for event in left] == [""] * 5


def test_a_change_during_a_deletion_is_counted(office: Office) -> None:
    story(office)
    stored = office.consents.get(OA, SHOP, office.consent.id)
    office.world.clock.turn(seconds=1)
    office.reply("ALLOW")
    assert office.consent.changes == 5
    office.consents.recorder.repository.delete(stored, office.world.clock())
    [tombstone] = office.items(f"CNS#{OA}")
    assert tombstone["changes"] == {"N": "5"}


def test_many_changes_leave_ten(office: Office) -> None:
    office.ask("order-1")
    for number in range(12):
        office.world.clock.turn(seconds=60)
        office.reply("ALLOW" if number % 2 else "DENY")
    consent = office.consent
    assert (consent.changes, len(consent.last_changes)) == (13, 10)
    events = project(office, *stream_records(office.world.table))
    assert [event.sequence for event in events] == list(range(1, 14))
    assert PHONE not in json.dumps([event.body for event in events])

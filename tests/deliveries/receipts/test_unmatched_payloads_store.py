"""Bodies that nobody could use: kept whole, worked on in rounds, listed until they are used."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from ringpass.aws.due_index import DueIndex
from ringpass.aws.dynamodb import Table
from ringpass.aws.sealing import NotGenuine
from ringpass.aws.secrets import Secrets
from ringpass.deliveries.receipts.unmatched_payloads_store import (
    Payload,
    UnmatchedPayloadRepository,
)
from tests.moto_table import moto_client

NOW: Final = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
LATER: Final = NOW + timedelta(hours=1)
TOMORROW: Final = NOW + timedelta(days=1)
# Nothing that can be compressed: it stands in two items.
LARGE: Final = b"".join(hashlib.sha256(number.to_bytes(2)).digest() for number in range(10_000))


@pytest.fixture
def payloads(table: Table) -> UnmatchedPayloadRepository:
    manager = moto_client("secretsmanager")
    manager.create_secret(Name="lookup", SecretString='{"key": "k"}')
    return UnmatchedPayloadRepository(table, Secrets(manager, lambda name: name), 30 * 86_400)


def read(payloads: UnmatchedPayloadRepository, id_: str) -> Payload:
    payload = payloads.get("mcn", id_)
    assert payload is not None
    return payload


def listed(payloads: UnmatchedPayloadRepository) -> list[str]:
    return [payload.id for payload in payloads.list_unmatched("mcn")]


def overdue(table: Table) -> list[str]:
    return [item["id"] for item in DueIndex(table).list_overdue(TOMORROW + timedelta(days=1))]


def part(payload: Payload, number: int) -> dict[str, str]:
    return {"PK": f"RAW#mcn#{payload.id}", "SK": f"PART#{number:03}"}


@pytest.mark.slow
def test_a_body_that_comes_again_is_counted_and_came_when_it_came_first(
    payloads: UnmatchedPayloadRepository,
) -> None:
    first = payloads.put("mcn", b"first", "unreadable", NOW)
    second = payloads.put("mcn", b"second", "unreadable", NOW + timedelta(minutes=1))
    assert payloads.put("mcn", b"first", "unreadable", LATER) == first
    payload = read(payloads, first)
    assert (payload.times, payload.received_at) == (2, NOW)
    assert listed(payloads) == [second, first], "the newest first"


def test_a_body_is_kept_for_the_retention_after_it_came_last(
    payloads: UnmatchedPayloadRepository, table: Table
) -> None:
    for now in (NOW, LATER):
        id_ = payloads.put("mcn", b"body", "unreadable", now)
    expected = int(LATER.timestamp()) + payloads.retention_seconds
    for key in ({"PK": f"RAW#mcn#{id_}", "SK": "RAW"}, part(read(payloads, id_), 0)):
        item = table.get(key)
        assert item is not None
        assert item["expires_at"] == expected


def test_a_body_is_worked_on_only_if_that_is_asked_for(
    payloads: UnmatchedPayloadRepository, table: Table
) -> None:
    id_ = payloads.put("mcn", b"body", "unreadable", NOW)
    assert read(payloads, id_).next is None
    assert overdue(table) == []
    due = payloads.put("mcn", b"many", "many_events", NOW, is_due=True)
    assert read(payloads, due).next == 0
    assert overdue(table) == [due]
    # A flood that comes again is worked on again.
    assert payloads.finish(read(payloads, due), 60, 0, "many_events", LATER)
    assert overdue(table) == []
    payloads.put("mcn", b"many", "many_events", LATER, is_due=True)
    assert read(payloads, due).next == 0


def test_each_round_goes_on_where_the_one_before_ended(
    payloads: UnmatchedPayloadRepository,
) -> None:
    id_ = payloads.put("mcn", b"body", "many_events", NOW, is_due=True)
    for place, unmatched in ((25, 1), (50, 3)):
        assert payloads.advance(read(payloads, id_), place, unmatched, "no_reference", LATER)
        payload = read(payloads, id_)
        assert (payload.next, payload.unmatched, payload.reason) == (
            place,
            unmatched,
            "no_reference",
        )


def test_of_two_that_work_on_the_same_events_one_is_written(
    payloads: UnmatchedPayloadRepository,
) -> None:
    id_ = payloads.put("mcn", b"body", "many_events", NOW, is_due=True)
    stale = read(payloads, id_)
    assert payloads.advance(stale, 25, 0, "many_events", LATER)
    assert not payloads.advance(stale, 50, 9, "no_reference", LATER)
    assert not payloads.finish(stale, 60, 0, "no_reference", LATER)
    assert (read(payloads, id_).next, read(payloads, id_).unmatched) == (25, 0)
    assert payloads.finish(read(payloads, id_), 60, 0, "many_events", LATER)
    assert not payloads.finish(stale, 60, 9, "no_reference", LATER)
    assert read(payloads, id_).unmatched == 0


def test_what_was_used_leaves_the_list_and_what_was_not_stays_where_it_was(
    payloads: UnmatchedPayloadRepository, table: Table
) -> None:
    ids = [
        payloads.put("mcn", bytes([number]), "unreadable", NOW + timedelta(seconds=number))
        for number in range(3)
    ]
    for number, id_ in enumerate(ids):
        assert payloads.request_replay(read(payloads, id_), LATER)
        unmatched = 0 if number == 1 else 1
        assert payloads.finish(read(payloads, id_), 1, unmatched, "no_reference", TOMORROW)
    assert listed(payloads) == [ids[2], ids[0]]
    assert overdue(table) == []


def test_what_was_used_once_and_then_could_not_be_used_is_listed_again(
    payloads: UnmatchedPayloadRepository,
) -> None:
    id_ = payloads.put("mcn", b"body", "unreadable", NOW)
    for unmatched, expected in ((0, []), (1, [id_])):
        assert payloads.request_replay(read(payloads, id_), LATER)
        assert payloads.finish(read(payloads, id_), 1, unmatched, "no_reference", LATER)
        assert listed(payloads) == expected


def test_a_replay_begins_anew(payloads: UnmatchedPayloadRepository) -> None:
    id_ = payloads.put("mcn", b"body", "many_events", NOW, is_due=True)
    assert payloads.advance(read(payloads, id_), 50, 2, "no_reference", NOW)
    assert payloads.finish(read(payloads, id_), 60, 2, "no_reference", NOW)
    assert payloads.request_replay(read(payloads, id_), LATER)
    payload = read(payloads, id_)
    assert (payload.next, payload.unmatched) == (0, 0)


def test_what_is_gone_is_not_asked_for(payloads: UnmatchedPayloadRepository, table: Table) -> None:
    id_ = payloads.put("mcn", b"body", "unreadable", NOW)
    payload = read(payloads, id_)
    table.delete({"PK": f"RAW#mcn#{id_}", "SK": "RAW"})
    assert not payloads.request_replay(payload, LATER)
    assert payloads.get("mcn", id_) is None


@pytest.mark.slow
def test_a_body_of_which_a_part_is_gone_is_not_given_out(
    payloads: UnmatchedPayloadRepository, table: Table
) -> None:
    payload = read(payloads, payloads.put("mcn", LARGE, "oversized", NOW))
    assert (payload.parts, payloads.body(payload)) == (2, LARGE)
    table.delete(part(payload, 1))
    with pytest.raises(LookupError):
        payloads.body(payload)


@pytest.mark.slow
def test_parts_that_changed_places_are_not_given_out(
    payloads: UnmatchedPayloadRepository, table: Table
) -> None:
    payload = read(payloads, payloads.put("mcn", LARGE, "oversized", NOW))
    first, second = (table.get(part(payload, number)) for number in range(2))
    assert first is not None
    assert second is not None
    table.put({**second, **part(payload, 0)}, None)
    table.put({**first, **part(payload, 1)}, None)
    with pytest.raises(NotGenuine):
        payloads.body(payload)

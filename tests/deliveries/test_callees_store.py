"""The rendezvous of a callee's calls: noted with the reservation, written only as it was read."""

from datetime import UTC, datetime, timedelta

import pytest

from ringpass.aws.dynamodb import Table
from ringpass.aws.transaction import Put
from ringpass.clock import to_text
from ringpass.deliveries.call_reports import MAX_REPORTS, CalleeDelivery, CallReport, ReportSource
from ringpass.deliveries.callees_store import Callee, CalleeRepository, from_item, register_delivery
from ringpass.outcomes import Status
from tests.transactions import commit

NOW = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
KEY = "callee-key"


@pytest.fixture
def callees(table: Table) -> CalleeRepository:
    return CalleeRepository(table)


def note(table: Table, delivery_id: str, at: datetime = NOW) -> None:
    """Note a call in a transaction, as a reservation does."""
    put = Put({"PK": f"DLV#{delivery_id}", "SK": "DLV"}, "attribute_not_exists(PK)")
    commit(table, put, register_delivery("bizfly", KEY, delivery_id, to_text(at)))


def a_row(key: str = "a", **more: object) -> CallReport:
    fields: dict[str, object] = {
        "source": ReportSource.WEBHOOK,
        "key": key,
        "received_at": NOW,
        "started_at": NOW,
        "outcome": Status.BUSY,
        "reason": None,
        "raw": '{"state": "BUSY"}',
    }
    return CallReport(**(fields | more))  # type: ignore[arg-type]


def item(table: Table) -> dict[str, object]:
    stored_item = table.get({"PK": f"CAL#bizfly#{KEY}", "SK": "CAL"})
    assert stored_item is not None
    return dict(stored_item)


def test_nothing_is_known_of_a_callee_who_was_never_called(callees: CalleeRepository) -> None:
    assert callees.get("bizfly", KEY) == Callee("bizfly", KEY)


def test_a_reservation_notes_its_call(callees: CalleeRepository, table: Table) -> None:
    note(table, "d0")
    note(table, "d1", NOW + timedelta(seconds=1))
    callee = callees.get("bizfly", KEY)
    assert callee.deliveries == (
        CalleeDelivery("d0", NOW),
        CalleeDelivery("d1", NOW + timedelta(seconds=1)),
    )
    assert (callee.reports, callee.version) == ((), 2)
    assert item(table)["created_at"] == to_text(NOW)
    assert item(table)["expires_at"] == int((NOW + timedelta(days=7, seconds=1)).timestamp())


def test_rows_are_written_and_read(callees: CalleeRepository, table: Table) -> None:
    note(table, "d0")
    rows = [
        a_row(delivery_id="d0", request_id="d0", reason="state_x", outcome=Status.FAILED),
        a_row("b", source=ReportSource.LOG, started_at=None, outcome=Status.UNKNOWN),
    ]
    assert callees.put_reports(callees.get("bizfly", KEY), rows, NOW)
    callee = callees.get("bizfly", KEY)
    assert callee.reports == tuple(rows)
    assert callee.deliveries == (CalleeDelivery("d0", NOW),)
    assert callees.get_many("bizfly", [KEY, "nobody"]) == [callee]
    assert from_item(item(table)) == callee


def test_rows_may_come_before_any_call_is_known(callees: CalleeRepository) -> None:
    assert callees.put_reports(Callee("bizfly", KEY), [a_row()], NOW)
    assert callees.get("bizfly", KEY).reports == (a_row(),)


def test_what_was_changed_since_it_was_read_is_not_written(
    callees: CalleeRepository, table: Table
) -> None:
    note(table, "d0")
    snapshot = callees.get("bizfly", KEY)
    note(table, "d1")
    assert not callees.put_reports(snapshot, [a_row()], NOW)
    assert callees.get("bizfly", KEY).reports == ()
    # Nor by two who have both read nothing.
    nobody = Callee("bizfly", "other")
    assert callees.put_reports(nobody, [a_row()], NOW)
    assert not callees.put_reports(nobody, [a_row("b")], NOW)


@pytest.mark.slow
def test_the_last_calls_are_kept(callees: CalleeRepository, table: Table) -> None:
    for number in range(MAX_REPORTS + 3):
        note(table, f"d{number}")
    assert callees.put_reports(callees.get("bizfly", KEY), [], NOW)
    deliveries = callees.get("bizfly", KEY).deliveries
    assert [each.id for each in deliveries] == [
        f"d{number}" for number in range(3, MAX_REPORTS + 3)
    ]


def test_the_stream_sees_what_was_told_and_not_that_somebody_will_be_called(
    callees: CalleeRepository, table: Table
) -> None:
    note(table, "d0")
    assert "told" not in item(table)
    assert callees.put_reports(callees.get("bizfly", KEY), [a_row()], NOW)
    assert item(table)["told"] == "yes"
    note(table, "d1")
    assert "told" not in item(table)
    assert callees.get("bizfly", KEY).reports == (a_row(),)

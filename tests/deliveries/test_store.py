"""Deliveries in the table: reserved once, changed by whoever learns something, listed."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from ringpass.aws.due_index import DueIndex, poll_entry
from ringpass.aws.dynamodb import ConditionFailed, Table
from ringpass.aws.transaction import Check
from ringpass.clock import to_text
from ringpass.costs import Cost
from ringpass.deliveries.model import (
    Delivery,
    DeliverySnapshot,
    Fact,
    HistoryEntry,
    Source,
    accepted_snapshot,
)
from ringpass.deliveries.store import AlreadyReserved, DeliveryRepository
from ringpass.outcomes import Status
from ringpass.providers.facts import ChannelName
from tests.transactions import refused_by, reserve

NOW = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
AT = to_text(NOW)
REF = "da59bda0a1bb_117793"
REPLY = Fact(
    AT,
    Status.ACCEPTED,
    None,
    Source.REPLY,
    {
        "provider_ref": REF,
        "caller_number": "7495109****",
        "is_redirect": False,
        "ticket_id": None,
        "cost": Cost(Decimal("0.35"), "RUB", "settled"),
    },
)
BUSY = Fact(AT, Status.BUSY, "q850_17", Source.RECEIPT, {"provider_ref": REF})


def a_delivery(number: int = 1, at: datetime = NOW, client: str = "acme") -> Delivery:
    return Delivery(
        id=f"dlv_{number:032d}",
        client=client,
        channel=ChannelName.PASSWORD_CALL,
        provider="mcn",
        phone="+79777777777",
        status=Status.RESERVED,
        created_at=to_text(at),
        updated_at=to_text(at),
        fingerprint="f",
        attempt=f"attempt{number}",
        cost=Cost(Decimal("0.35"), "RUB", "estimated"),
        metadata={"order": "1"},
        history=(HistoryEntry(to_text(at), Status.RESERVED, None, Source.REQUEST),),
    )


@pytest.fixture
def deliveries(table: Table) -> DeliveryRepository:
    return DeliveryRepository(table, 30 * 86_400)


def test_what_is_reserved_is_read_back(deliveries: DeliveryRepository) -> None:
    reserve(deliveries, a_delivery(), "key")
    assert deliveries.get(a_delivery().id) == a_delivery()
    assert deliveries.get("dlv_other") is None


def test_an_id_is_reserved_once(deliveries: DeliveryRepository) -> None:
    reserve(deliveries, a_delivery(), "key")
    with pytest.raises(AlreadyReserved) as refusal:
        reserve(deliveries, replace(a_delivery(), attempt="another"), "key")
    assert refusal.value.delivery == a_delivery()


def test_an_own_put_whose_answer_was_lost_is_no_conflict(deliveries: DeliveryRepository) -> None:
    reserve(deliveries, a_delivery(), "key")
    reserve(deliveries, a_delivery(), "key")


def test_a_reply_and_a_cdr_are_learnt(deliveries: DeliveryRepository) -> None:
    delivery = a_delivery()
    reserve(deliveries, delivery, "key")
    after = deliveries.apply(delivery.id, [REPLY], delivery.snapshot, AT)
    assert after is not None
    assert (after.status, after.version) == (Status.ACCEPTED, 2)
    assert after.cost == Cost(Decimal("0.35"), "RUB", "settled")
    busy = deliveries.apply(delivery.id, [REPLY, BUSY], accepted_snapshot(REF), AT)
    assert busy is not None
    assert (busy.status, busy.reason, busy.version) == (Status.BUSY, "q850_17", 3)
    assert busy == deliveries.get(delivery.id)
    assert [entry.status for entry in busy.history] == ["reserved", "accepted", "busy"]


def test_a_wrong_guess_is_corrected(deliveries: DeliveryRepository) -> None:
    delivery = a_delivery()
    reserve(deliveries, delivery, "key")
    # The webhook thinks that the reply was written; it was not yet.
    busy = deliveries.apply(delivery.id, [REPLY, BUSY], accepted_snapshot(REF), AT)
    assert busy is not None
    assert busy.status is Status.BUSY
    assert busy.caller_number == "7495109****"
    # The sender thinks that nothing happened since its reservation.
    assert deliveries.apply(delivery.id, [REPLY, BUSY], delivery.snapshot, AT) == busy


def test_a_guess_with_the_right_version_and_another_state_is_corrected(
    deliveries: DeliveryRepository,
) -> None:
    delivery = a_delivery()
    reserve(deliveries, delivery, "key")
    # The CDR came first: one write holds both, and what is guessed has the same version.
    busy = deliveries.apply(delivery.id, [REPLY, BUSY], delivery.snapshot, AT)
    assert busy is not None
    assert busy.version == accepted_snapshot(REF).version
    assert deliveries.apply(delivery.id, [REPLY, BUSY], accepted_snapshot(REF), AT) == busy
    answer = Fact(AT, Status.ANSWERED, "q850_16", Source.RECEIPT, {"provider_ref": REF})
    after = deliveries.apply(delivery.id, [REPLY, BUSY, answer], accepted_snapshot(REF), AT)
    assert after is not None
    assert (after.status, after.reason) == (Status.BUSY, "q850_17")
    reasons = [entry.reason for entry in after.history]
    assert reasons == [None, None, "q850_17", "later_cdr_answered:q850_16"]


def test_a_guess_with_the_right_state_and_another_history_is_corrected(
    deliveries: DeliveryRepository,
) -> None:
    delivery = a_delivery()
    reserve(deliveries, delivery, "key")
    # A CDR that says nothing came first: the write of the reply holds a remark about it, too.
    remark = Fact(AT, Status.UNKNOWN, "no_cause", Source.RECEIPT, {"provider_ref": REF})
    after = deliveries.apply(delivery.id, [REPLY, remark], delivery.snapshot, AT)
    assert after is not None
    guess = accepted_snapshot(REF)
    assert (after.version, after.status) == (guess.version, guess.status)
    assert len(after.history) == guess.lines + 1
    # The CDR again: it stands there already.
    assert deliveries.apply(delivery.id, [REPLY, remark], guess, AT) == after
    assert deliveries.get(delivery.id) == after


def test_a_change_that_adds_no_line_to_the_history_is_not_written_over(
    deliveries: DeliveryRepository,
) -> None:
    delivery = a_delivery()
    reserve(deliveries, delivery, "key")
    cdr = Fact(AT, Status.UNKNOWN, "no_cause", Source.RECEIPT)
    before = deliveries.apply(delivery.id, [replace(REPLY, details={}), cdr], delivery.snapshot, AT)
    assert before is not None
    # Two calls say it again, and each takes the delivery for its own.
    one, other = (replace(cdr, details={"provider_ref": ref}) for ref in (REF, "other_117793"))
    after = deliveries.apply(delivery.id, [one], before.snapshot, AT)
    assert after is not None
    assert (after.provider_ref, after.history) == (REF, before.history)
    assert deliveries.apply(delivery.id, [other], before.snapshot, AT) == after


def test_a_guess_with_another_status_alone_is_corrected(deliveries: DeliveryRepository) -> None:
    delivery = a_delivery()
    reserve(deliveries, delivery, "key")
    lost = Fact(AT, Status.UNKNOWN, "function_ended", Source.TIMER)
    unknown = deliveries.apply(delivery.id, [lost], delivery.snapshot, AT)
    guess = accepted_snapshot(REF)
    assert unknown is not None
    assert (unknown.version, len(unknown.history)) == (guess.version, guess.lines)
    # The reply came after all, and the CDR behind it.
    busy = deliveries.apply(delivery.id, [REPLY, BUSY], guess, AT)
    assert busy is not None
    assert [entry.status for entry in busy.history] == ["reserved", "unknown", "accepted", "busy"]
    assert busy.caller_number == "7495109****"


def test_an_old_reason_does_not_outlive_its_status(deliveries: DeliveryRepository) -> None:
    delivery = a_delivery()
    reserve(deliveries, delivery, "key")
    lost = Fact(AT, Status.UNKNOWN, "function_ended", Source.TIMER)
    unknown = deliveries.apply(delivery.id, [lost], delivery.snapshot, AT)
    assert unknown is not None
    assert unknown.reason == "function_ended"
    after = deliveries.apply(delivery.id, [REPLY], unknown.snapshot, AT)
    assert after is not None
    assert after.reason is None


def test_learning_about_a_delivery_that_does_not_exist(deliveries: DeliveryRepository) -> None:
    assert deliveries.apply("dlv_gone", [BUSY], accepted_snapshot(REF), AT) is None
    assert (
        deliveries.apply("dlv_gone", [], DeliverySnapshot(1, Status.RESERVED, has_reply=False), AT)
        is None
    )


def test_whoever_learns_nothing_new_gets_the_delivery_as_it_is(
    deliveries: DeliveryRepository,
) -> None:
    delivery = a_delivery()
    reserve(deliveries, delivery, "key")
    assert deliveries.apply(delivery.id, [], delivery.snapshot, AT) == delivery
    busy = deliveries.apply(delivery.id, [REPLY, BUSY], delivery.snapshot, AT)
    assert busy is not None
    assert deliveries.apply(delivery.id, [REPLY, BUSY], busy.snapshot, AT) == busy


@pytest.mark.slow
def test_a_client_s_list_is_newest_first_over_days_and_shards(
    deliveries: DeliveryRepository,
) -> None:
    originals = [a_delivery(n, NOW - timedelta(hours=n * 5)) for n in range(1, 21)]
    for delivery in originals:
        reserve(deliveries, delivery, "key")
    reserve(deliveries, a_delivery(99, client="other"), "key")
    page = list(deliveries.list_by_client("acme", to_text(NOW - timedelta(days=30)), AT))
    assert page == originals
    some = list(deliveries.list_by_client("acme", originals[9].created_at, originals[4].created_at))
    assert some == originals[5:10]


@pytest.mark.slow
def test_a_phone_s_list_reads_page_after_page(deliveries: DeliveryRepository) -> None:
    originals = [a_delivery(n, NOW - timedelta(minutes=n)) for n in range(1, 121)]
    for delivery in originals:
        reserve(deliveries, delivery, "key")
    reserve(deliveries, a_delivery(999), "another key")
    assert (
        list(
            deliveries.list_by_client_and_phone("acme", "key", to_text(NOW - timedelta(days=1)), AT)
        )
        == originals
    )


def test_a_phone_s_list_holds_one_client_s_alone(deliveries: DeliveryRepository) -> None:
    # One name begins with the other: neither takes the other's for its own.
    for number, client in enumerate(["acme", "acme-2", "acm"]):
        reserve(deliveries, a_delivery(number, client=client), "key")
    span = to_text(NOW - timedelta(days=1)), to_text(NOW + timedelta(days=1))
    for number, client in enumerate(["acme", "acme-2", "acm"]):
        page = list(deliveries.list_by_client_and_phone(client, "key", *span))
        assert page == [a_delivery(number, client=client)]
    assert list(deliveries.list_by_client_and_phone("ac", "key", *span)) == []


def test_every_client_s_deliveries_to_a_number_within_a_window(
    deliveries: DeliveryRepository,
) -> None:
    originals = [
        a_delivery(n, NOW - timedelta(hours=n), client)
        for n, client in enumerate(["acme", "other", "acme-2", "acme"])
    ]
    for delivery in originals:
        reserve(deliveries, delivery, "key")
    reserve(deliveries, a_delivery(9), "another key")
    window = to_text(NOW - timedelta(hours=2)), to_text(NOW)
    keys_read: list[str] = []

    def note(params: dict[str, Any], **_: object) -> None:
        [request] = params["RequestItems"].values()
        keys_read.extend(key["PK"]["S"].removeprefix("DLV#") for key in request["Keys"])

    events, name = (
        deliveries.table.client.meta.events,
        "provide-client-params.dynamodb.BatchGetItem",
    )
    events.register(name, note)
    ids = [one.id for one in deliveries.list_by_phone("key", *window)]
    events.unregister(name, note)
    assert set(ids) == {originals[1].id, originals[2].id}
    assert sorted(keys_read) == sorted(ids), "of deliveries of other times only the keys are read"


def test_no_phone_stands_in_a_key_or_a_record_outside_its_attribute(
    deliveries: DeliveryRepository, table: Table
) -> None:
    reserve(deliveries, a_delivery(), "key")
    [item] = table.client.scan(TableName=table.name)["Items"]
    assert item.pop("phone") == {"S": "+79777777777"}
    assert "79777777777" not in str(item)
    assert item["expires_at"] == {"N": str(int(NOW.timestamp()) + 30 * 86_400)}


def test_a_reserved_delivery_is_unfinished_until_something_is_learnt(
    deliveries: DeliveryRepository, table: Table
) -> None:
    delivery = a_delivery()
    reserve(deliveries, delivery, "key")
    unfinished = DueIndex(table)
    [item] = unfinished.list_overdue(NOW + timedelta(hours=1))
    assert item["id"] == delivery.id
    assert list(unfinished.list_overdue(NOW)) == []
    deliveries.apply(delivery.id, [REPLY], delivery.snapshot, AT)
    assert list(unfinished.list_overdue(NOW + timedelta(hours=1))) == []


def asked_at(table: Table, instant: datetime) -> list[str]:
    """The deliveries of which MCN would be asked at an instant."""
    return [item["id"] for item in DueIndex(table).list_polls("mcn", instant)]


def test_whoever_saw_late_what_was_to_be_asked_changes_nothing(
    deliveries: DeliveryRepository, table: Table
) -> None:
    delivery = a_delivery()
    first, second, third = (NOW + timedelta(minutes=minutes) for minutes in (1, 2, 3))
    reserve(deliveries, delivery, "key")
    waits = poll_entry("mcn", delivery.id, first)
    deliveries.apply(delivery.id, [REPLY], delivery.snapshot, AT, waits)
    assert asked_at(table, second) == [delivery.id]
    deliveries.reschedule_poll(delivery.id, to_text(first), to_text(second))
    assert asked_at(table, second) == []
    # Another run read it before: its writes are about the first time.
    deliveries.reschedule_poll(delivery.id, to_text(first), to_text(first))
    assert asked_at(table, second) == []
    deliveries.stop_polling(delivery.id, to_text(first))
    assert asked_at(table, third) == [delivery.id]
    deliveries.stop_polling(delivery.id, to_text(second))
    assert asked_at(table, third) == []
    assert list(DueIndex(table).list_overdue(third)) == []


def test_nobody_is_asked_about_what_is_settled(
    deliveries: DeliveryRepository, table: Table
) -> None:
    delivery = a_delivery()
    reserve(deliveries, delivery, "key")
    first, second = NOW + timedelta(minutes=1), NOW + timedelta(minutes=2)
    waits = poll_entry("mcn", delivery.id, first)
    after = deliveries.apply(delivery.id, [REPLY], delivery.snapshot, AT, waits)
    assert after is not None
    deliveries.apply(delivery.id, [BUSY], after.snapshot, AT, waits)
    deliveries.reschedule_poll(delivery.id, to_text(first), to_text(second))
    assert asked_at(table, NOW + timedelta(hours=1)) == []


def test_a_delivery_whose_reply_is_awaited_stays_with_the_sweep(
    deliveries: DeliveryRepository, table: Table
) -> None:
    delivery = a_delivery()
    reserve(deliveries, delivery, "key")
    deliveries.reschedule_poll(delivery.id, AT, to_text(NOW + timedelta(hours=1)))
    deliveries.stop_polling(delivery.id, AT)
    [item] = DueIndex(table).list_overdue(NOW + timedelta(seconds=1))
    assert item["id"] == delivery.id


def test_a_reservation_is_refused_while_another_item_forbids_it(
    deliveries: DeliveryRepository, table: Table
) -> None:
    mark = {"PK": "PRV#mcn#0", "SK": "MARK"}
    absent = Check(mark, "attribute_not_exists(PK)")
    reserve(deliveries, a_delivery(1), "key", absent)
    table.put(mark, None)
    with refused_by(("PRV#mcn#0", "MARK")):
        reserve(deliveries, a_delivery(2), "key", absent)
    assert deliveries.get(a_delivery(2).id) is None
    # What exists already is said first: a replay is answered also while the provider is suspended.
    with pytest.raises(AlreadyReserved):
        reserve(deliveries, replace(a_delivery(1), attempt="other"), "key", absent)


def test_a_delivery_is_repeated_by_one_other(table: Table) -> None:
    for again_id, is_taken in (("dlv_2", True), ("dlv_3", False)):
        again = replace(a_delivery(2), id=again_id, created_at="2026-11-21T09:00:00.000Z")
        link = DeliveryRepository(table).link("dlv_1", again)
        with nullcontext() if is_taken else pytest.raises(ConditionFailed):
            table.update(link.key, link.update, link.values, condition=link.condition)
    item = table.get({"PK": "DLV#dlv_1", "SK": "DLV"})
    assert item is not None
    assert (item["retried_by"], item["updated_at"]) == ("dlv_2", "2026-11-21T09:00:00.000Z")

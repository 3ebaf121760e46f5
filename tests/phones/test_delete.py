"""The deletion of a person: nothing names the number, costs stay, it goes on after a crash."""

import json
from dataclasses import replace
from typing import Any

import pytest

from ringpass.audit.store import AuditRepository
from ringpass.clock import to_text
from ringpass.deliveries.requests import PasswordCall
from ringpass.oa.consents.model import ConsentChange, ConsentState, ConsentStatus
from ringpass.phone import Phone
from ringpass.providers.base import HttpResponse
from ringpass.verifications.model import VerificationStatus
from tests.audit_log import actor
from tests.docs.test_event_schemas import faults
from tests.oa.call_office import USER
from tests.oa.calls.test_ended_calls import a_call
from tests.phones.person import PHONE, SHOP, House
from tests.world import World

RUSSIAN = "+79777777777"
MCN = HttpResponse(
    200,
    b'{"ok":true,"caller_number":"74951091234","verification_uuid":"da59bda0a1bb_117793"}',
)


@pytest.fixture
def house(world: World) -> House:
    return House(world)


def rows(house: House) -> list[dict[str, Any]]:
    """Statistics and ledgers."""
    return [item for item in house.items() if item["entity"]["S"] in ("statistics", "ledger")]


def amounts(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What was sent, started and spent."""
    names = ("PK", "SK", "sends", "started", "spent", "cost")
    return [
        {name: value for name, value in row.items() if name.startswith(names)}
        for row in sorted(rows, key=lambda row: (row["PK"]["S"], row["SK"]["S"]))
    ]


def test_nothing_names_the_number_any_more(house: House) -> None:
    house.live()
    assert {"delivery", "verification", "decision", "oa_call", "consent", "open"} <= (
        house.naming().keys()
    )
    deletion = house.delete()
    house.settle()
    assert deletion.complete
    assert house.naming().keys() == {"counter"}
    text = json.dumps(house.items())
    assert "Hoa" not in text
    assert "Nguyễn Thị Lan" in json.dumps(house.items(), ensure_ascii=False)  # The agent.


def test_the_report_counts_by_kind(house: House) -> None:
    house.live()
    deletion = house.delete()
    counts = dict(deletion.counts)
    assert counts.pop("events") >= 4
    assert counts.pop("oa_consent_evidence") >= 1
    assert {kind: count for kind, count in counts.items() if count} == {
        "verifications": 1,
        "deliveries": 1,
        "refusals": 1,
        "oa_calls": 1,
        "callees": 1,
        "oa_consents": 1,
    }
    assert deletion.kept == ("limit_counters",)
    again = house.delete()
    assert again.complete
    assert not again.counts.total()


def test_money_and_statistics_stay(house: House) -> None:
    house.live()
    before = rows(house)
    house.delete()
    house.settle()
    assert amounts(rows(house)) == amounts(before)
    # All that the deletion adds: the verification has ended.
    assert sum(int(row.get("ended_canceled", {"N": "0"})["N"]) for row in rows(house)) == 1


def test_a_pending_verification_is_canceled_and_its_lock_is_free(house: House) -> None:
    verification_id = house.start()
    house.settle()
    house.delete()
    verification = house.world.verifications.get(verification_id)
    assert verification is not None
    assert verification.status is VerificationStatus.CANCELED
    assert verification.end_reason == "deleted"
    assert verification.phone == "+8438*******"
    assert not [item for item in house.items() if item["entity"]["S"] == "open"]


def test_an_expired_one_ends_as_expired(house: House) -> None:
    verification_id = house.start(expires_in=60)
    house.world.clock.turn(hours=1)
    house.delete()
    verification = house.world.verifications.get(verification_id)
    assert verification is not None
    assert (verification.status, verification.end_reason) == ("expired", "time_over")


def test_the_record_is_still_the_idempotency_token(house: House) -> None:
    house.world.wire.answers = [MCN]
    command = PasswordCall.from_mapping({"phone": RUSSIAN, "code": "4821"})
    first = house.world.calls.send(command, "shop", "key-1").delivery
    house.delete(RUSSIAN)
    sent = len(house.world.wire.requests)
    again = house.world.calls.send(command, "shop", "key-1")
    assert again.replayed
    assert again.delivery.id == first.id
    assert again.delivery.phone == "+7977*******"
    assert len(house.world.wire.requests) == sent


def test_a_receipt_that_comes_later_settles_the_cost_and_names_nobody(house: House) -> None:
    house.world.wire.answers = [MCN]
    command = PasswordCall.from_mapping({"phone": RUSSIAN, "code": "4821"})
    delivery_id = house.world.calls.send(command, "shop", None).delivery.id
    house.settle()
    house.delete(RUSSIAN)
    assert house.world.cdr() == 1
    house.settle()
    delivery = house.world.deliveries.get(delivery_id)
    assert delivery is not None
    assert delivery.status == "busy"
    events = house.events.list_by_subject(delivery_id)
    assert [event.type for event in events] == ["delivery.accepted", "delivery.settled"]
    assert [event.sequence for event in events] == [1, 2]
    for event in events:
        data = json.loads(event.data)
        assert (data["phone"], data["phone_hash"]) == ("+7**********", "")
    assert house.naming(RUSSIAN).keys() == {"counter"}


def test_a_receipt_that_came_before_is_erased(house: House) -> None:
    house.world.wire.answers = [MCN]
    command = PasswordCall.from_mapping({"phone": RUSSIAN, "code": "4821"})
    house.world.calls.send(command, "shop", None)
    assert house.world.cdr() == 1
    house.settle()
    assert "reference" in house.naming(RUSSIAN)
    assert house.delete(RUSSIAN).counts["reports"] == 1
    assert house.naming(RUSSIAN).keys() == {"counter"}


def test_another_client_s_records_stay(house: House) -> None:
    house.start("shop")
    house.world.clock.turn(hours=2)
    house.start("other")
    house.settle()
    house.delete()
    house.settle()
    deliveries = [one for one in house.items() if one["entity"]["S"] == "delivery"]
    [left] = [one for one in deliveries if "phone_key" in one]
    assert left["client"]["S"] == "other"
    [callee] = [one for one in house.items() if one["entity"]["S"] == "callee"]
    assert [one["M"]["id"] for one in callee["deliveries"]["L"]] == [left["id"]]
    assert not house.delete(actor=actor("stranger")).counts.total()


def test_an_event_that_is_derived_late_names_nobody(house: House) -> None:
    house.start()
    house.delete()  # Before the outbox has seen anything.
    house.settle()
    events = [one for one in house.items() if one["entity"]["S"] == "event"]
    assert len(events) >= 3
    for event in events:
        assert PHONE[-3:] not in json.loads(event["data"]["S"])["phone"]
        assert '"phone_hash":""' in event["data"]["S"]
        assert "Hoa" not in event["data"]["S"]


@pytest.mark.parametrize("is_late", [False, True], ids=["projected-before", "projected-after"])
def test_events_of_a_consent_and_of_a_call_of_the_oa_name_nobody(
    house: House, *, is_late: bool
) -> None:
    office = house.office
    house.settle()
    consent = office.consent(
        changes=1,
        last_changes=(ConsentChange(to_text(office.clock()), ConsentStatus(ConsentState.ALLOWED)),),
    )
    call = office.place()
    office.clock.turn(seconds=90)
    office.tell("oa_call_user", a_call(office))
    if not is_late:
        house.settle()
        assert "Trần Văn Đức" in events_text(house, consent.id, call.id)
    house.delete()
    house.settle()
    events = [
        event
        for subject in (consent.id, call.id)
        for event in house.events.list_by_subject(subject)
    ]
    assert [(event.type, event.sequence) for event in events] == [
        ("consent.changed", 1),
        ("oa_call.ended", 1),
    ]
    assert [fault for event in events for fault in faults({**event.body})] == []
    text = events_text(house, consent.id, call.id)
    assert "Trần Văn Đức" not in text
    assert USER not in text
    assert PHONE[-3:] not in [json.loads(event.data).get("phone", "")[-3:] for event in events]
    assert [json.loads(event.data)["phone_hash"] for event in events] == ["", ""]
    assert "Nguyễn Thị Lan" in text  # The agent.


def events_text(house: House, *subjects: str) -> str:
    return "".join(
        event.data for subject in subjects for event in house.events.list_by_subject(subject)
    )


def test_it_is_in_the_audit_log_without_the_number(house: House) -> None:
    deletion = house.delete()
    [entry] = AuditRepository(house.world.table).list_by_client("shop", "2", "3")
    assert (entry.change.resource, entry.change.action) == ("phone", "deleted")
    assert entry.change.resource_id == deletion.phone_hash
    assert entry.key_id == SHOP.key_id
    assert house.naming() == {}


class Dying(Exception):
    """The function ends in the middle."""


@pytest.mark.slow
def test_it_goes_on_after_any_crash(house: House) -> None:
    """Every request to the table may be the last one of a function."""
    house.live()
    crashes = 0
    while True:
        client = house.world.table.client
        left = crashes + 1

        def die(**_: object) -> None:
            nonlocal left
            left -= 1
            if not left:
                raise Dying

        client.meta.events.register("before-call.dynamodb", die)
        try:
            deletion = house.delete()
        except Dying:
            crashes += 1
        else:
            break
        finally:
            client.meta.events.unregister("before-call.dynamodb", die)
    house.settle()
    assert crashes > 10
    assert deletion.complete
    assert house.naming().keys() == {"counter"}


@pytest.mark.slow
def test_a_long_deletion_says_that_it_is_not_complete(house: House) -> None:
    house.live()
    clock = house.world.clock

    def passing() -> Any:  # noqa: ANN401 - an instant
        clock.turn(seconds=8)
        return clock.now

    slow = replace(house.deletion, clock=passing)
    reports = [slow.delete(SHOP, Phone(PHONE, "VN"))]
    while not reports[-1].complete:
        reports.append(slow.delete(SHOP, Phone(PHONE, "VN")))
    assert len(reports) > 2
    assert sum(report.counts["deliveries"] for report in reports) == 1
    house.settle()
    assert house.naming().keys() == {"counter"}

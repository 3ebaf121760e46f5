"""Items of calls: written once, opened once, told once, answered once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ringpass.aws.client_index import listed_at
from ringpass.aws.dynamodb import ConditionFailed, Table
from ringpass.aws.transaction import ConditionsFailed
from ringpass.oa.calls.model import (
    AutoReply,
    Call,
    CallAgent,
    CallEnd,
    Customer,
    Direction,
    Link,
    ReplyState,
)
from ringpass.oa.calls.store import CALL, REPORT, CallRepository
from ringpass.oa.desk.reply_texts import Reply
from ringpass.providers.zalo.call_type import CallType
from tests.transactions import refused_by

NOW = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
RETENTION = 30 * 86_400
DIGEST = "d" * 64
OWN = count()


@pytest.fixture
def calls(table: Table) -> CallRepository:
    return CallRepository(table, RETENTION)


def a_call(number: int = 0, **fields: object) -> Call:
    call = Call(
        id="ocl_" + "abcdefghij"[number] * 32,
        oa_id="1",
        client="shop",
        direction=Direction.OUT,
        call_type=CallType.AUDIO,
        agent=CallAgent("7", "Lan"),
        customer=Customer("+84389801371", "phone-key", "4491783511907164918", "Minh"),
        created_at="2026-11-21T08:30:00.000Z",
        fingerprint="f",
        link=Link("https://zalo.test/call", NOW + timedelta(hours=48)),
    )
    return replace(call, **fields)  # type: ignore[arg-type]


def an_end(call_id: str = "z1") -> CallEnd:
    return CallEnd(
        call_id,
        "2026-11-21T08:35:00.000Z",
        NOW + timedelta(minutes=1),
        5_000,
        60_000,
        65_000,
        "0",
    )


def test_a_call_is_read_as_it_was_written(calls: CallRepository) -> None:
    call = a_call()
    calls.add(call, DIGEST, NOW)
    assert calls.get(call.id) == calls.get_by_link(DIGEST) == call
    assert calls.get_by_link("e" * 64) is None
    assert calls.get("ocl_" + "z" * 32) is None


def test_what_there_is_nothing_of_is_in_no_item(calls: CallRepository, table: Table) -> None:
    bare = a_call(
        agent=None, call_type=None, customer=Customer(), link=None, end=CallEnd(None, "t")
    )
    calls.add_reported(bare, DIGEST)
    assert calls.get(bare.id) == bare
    item = table.get({"PK": f"OCL#{bare.id}", "SK": "OCL"})
    assert item is not None
    assert None not in item.values()
    # An item with a phone_key would stand in the list of a number's deliveries.
    assert not {"phone_key", "link", "opened_at", "phone"} & item.keys()
    assert item["expires_at"] == int(NOW.timestamp()) + RETENTION


def test_a_call_is_written_once(calls: CallRepository) -> None:
    calls.add(a_call(), DIGEST, NOW)
    with pytest.raises(ConditionsFailed) as refusal:
        calls.add(a_call(call_type=CallType.VIDEO), DIGEST, NOW)
    item = refusal.value.items[CALL]
    assert item is not None
    assert Call.from_item(item) == a_call()


def test_the_first_opening_stays_the_first(calls: CallRepository) -> None:
    calls.add(call := a_call(), DIGEST, NOW)
    first = calls.open(call.id, NOW + timedelta(seconds=3))
    later = calls.open(call.id, NOW + timedelta(seconds=90))
    assert first == later
    assert first.link is not None
    assert first.link.opened_at == NOW + timedelta(seconds=3)
    with pytest.raises(ConditionFailed):
        calls.open("ocl_" + "z" * 32, NOW)


@pytest.mark.slow
@settings(
    max_examples=10,
    # Each example has a call of its own.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.integers(0, 10_000), min_size=2, max_size=6))
def test_however_many_open_it_they_share_one_start(table: Table, moments: list[int]) -> None:
    calls = CallRepository(table, RETENTION)
    own = next(OWN)
    calls.add(call := a_call(id=f"ocl_{own:032}"), f"{own:064}", NOW)
    starts = set()
    for moment in moments:
        link = calls.open(call.id, NOW + timedelta(milliseconds=moment)).link
        starts.add(link.opened_at if link else None)
    assert starts == {NOW + timedelta(milliseconds=moments[0])}


def test_calls_to_a_customer_are_found_by_either_name(calls: CallRepository) -> None:
    both, other = a_call(0), a_call(1, customer=Customer("+84389801372", "other"))
    calls.add(both, "1" * 64, NOW)
    calls.add(other, "2" * 64, NOW)
    assert calls.list_placed_to("4491783511907164918", None) == [both]
    assert calls.list_placed_to(None, "phone-key") == [both]
    assert calls.list_placed_to("4491783511907164918", "phone-key") == [both]
    assert calls.list_placed_to("1", "other") == [other]
    assert calls.list_placed_to(None, None) == []


def test_what_was_told_is_joined_once(calls: CallRepository) -> None:
    calls.add(call := a_call(customer=Customer("+84389801371", "key")), DIGEST, NOW)
    calls.record_end(call, an_end(), "1" * 64, "42")
    with refused_by(REPORT, CALL):
        calls.record_end(call, an_end(), "1" * 64, "42")
    with refused_by(CALL):
        calls.record_end(call, an_end("z2"), "2" * 64, "43")
    stored_call = calls.get_by_report("1" * 64)
    assert stored_call == replace(call, end=an_end(), customer=replace(call.customer, user_id="42"))
    assert calls.get_by_report("2" * 64) is None


def test_what_belongs_to_no_placed_call_is_kept_once(calls: CallRepository) -> None:
    own = a_call(link=None, end=an_end())
    calls.add_reported(own, DIGEST)
    with refused_by(REPORT, CALL):
        calls.add_reported(own, DIGEST)
    with refused_by(CALL):
        calls.add_reported(own, "e" * 64)
    assert calls.get_by_report(DIGEST) == own


def test_an_auto_reply_is_claimed_once(calls: CallRepository) -> None:
    own = a_call(link=None, end=an_end(), direction=Direction.IN)
    calls.add_reported(own, DIGEST)
    claim = AutoReply(Reply.BUSY, ReplyState.UNKNOWN, "function_ended", "t")
    reply = AutoReply(Reply.BUSY, ReplyState.SENT, None, "t")
    assert calls.claim_reply(own.id, claim)
    assert not calls.claim_reply(own.id, reply)
    calls.settle_reply(own.id, reply)
    assert calls.get(own.id) == replace(own, auto_reply=reply)
    calls.release_reply(own.id)
    assert calls.claim_reply(own.id, claim)
    assert not calls.claim_reply("ocl_" + "z" * 32, claim)


def test_a_list_is_newest_first(calls: CallRepository) -> None:
    times = ["2026-11-21T08:30:00.000Z", "2026-11-21T08:31:00.000Z", "2026-11-21T08:29:00.000Z"]
    for number, at in enumerate(times):
        calls.add(a_call(number, created_at=at), str(number) * 64, NOW)
    calls.add(a_call(4, oa_id="2"), "4" * 64, NOW)
    calls_of_oa = list(calls.list_for_oa("1", "0", "9"))
    assert [call.created_at for call in calls_of_oa] == sorted(times, reverse=True)
    assert list(calls.list_for_oa("1", "0", listed_at(calls_of_oa[1]))) == [calls_of_oa[2]]


def test_nothing_of_a_call_prints(calls: CallRepository) -> None:
    text = repr(a_call())
    assert "389801371" not in text
    assert "zalo.test" not in text
    assert "Minh" not in text

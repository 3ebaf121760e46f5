"""The rendezvous of reply and CDR."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from ringpass.aws.due_index import DueIndex
from ringpass.aws.dynamodb import Table
from ringpass.aws.secrets import Secrets
from ringpass.clock import to_text
from ringpass.costs import Cost
from ringpass.deliveries.correlations_store import (
    Correlation,
    CorrelationRepository,
    DeliveryReceipt,
    from_item,
)
from ringpass.deliveries.model import Fact, Source
from ringpass.deliveries.receipts.unmatched_receipts_store import UnmatchedReceiptRepository
from ringpass.ids import payload_id
from ringpass.outcomes import Status
from ringpass.redaction import Secret
from tests.moto_table import moto_client
from tests.transactions import commit

NOW = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
AT = to_text(NOW)
REF = "da59bda0a1bb_117793"
REPLY = Fact(
    AT,
    Status.ACCEPTED,
    None,
    Source.REPLY,
    {"provider_ref": REF, "is_redirect": True, "cost": Cost(Decimal("1.50"), "RUB", "settled")},
)


def a_cdr(number: int = 0, *callee_keys: str) -> DeliveryReceipt:
    return DeliveryReceipt(
        at=AT,
        outcome=Status.BUSY,
        reason=f"q850_{number}",
        digest=f"d{number}",
        raw="{}",
        callee_keys=callee_keys,
    )


@pytest.fixture
def references(table: Table) -> CorrelationRepository:
    return CorrelationRepository(table, 30 * 86_400)


def test_whoever_comes_second_finds_the_other(references: CorrelationRepository) -> None:
    first = references.add_reply("mcn", REF, "dlv_1", REPLY, NOW)
    assert (first.delivery_id, first.receipts) == ("dlv_1", ())
    second = references.add_receipt("mcn", REF, a_cdr(17), NOW)
    assert (second.delivery_id, second.reply, second.receipts) == ("dlv_1", REPLY, (a_cdr(17),))
    assert [fact.source for fact in second.facts] == ["reply", "cdr"]
    assert references.get("mcn", REF) == second


def test_a_call_stays_with_the_first_delivery_that_named_it(
    references: CorrelationRepository,
) -> None:
    first = references.add_reply("mcn", REF, "dlv_1", REPLY, NOW)
    later = Fact(AT, Status.ACCEPTED, None, Source.REPLY, {"provider_ref": REF})
    assert references.add_reply("mcn", REF, "dlv_2", later, NOW) == first
    assert references.set_delivery("mcn", REF, "dlv_3", NOW) == first


def test_the_cdr_may_come_first(references: CorrelationRepository) -> None:
    first = references.add_receipt("mcn", REF, a_cdr(17, "key"), NOW)
    assert (first.delivery_id, first.callee_keys) == (None, ("key",))
    second = references.add_reply("mcn", REF, "dlv_1", REPLY, NOW)
    assert (second.delivery_id, second.reply, second.receipts) == (
        "dlv_1",
        REPLY,
        (a_cdr(17, "key"),),
    )


@pytest.mark.parametrize(
    ("more", "expected"),
    [({}, ()), ({"callee_key": "key"}, ("key",)), ({"callee_keys": ["a", "b"]}, ("a", "b"))],
)
def test_a_cdr_that_version_0_1_0_kept_is_read(
    more: dict[str, object], expected: tuple[str, ...]
) -> None:
    cdr = {"at": AT, "outcome": "busy", "reason": "q850_17", "digest": "d17", "raw": "{}"}
    item = {"provider": "mcn", "ref": REF, "cdrs": [cdr | more], "cdr_count": 1}
    reference = from_item(item)
    assert reference.receipts == (a_cdr(17, *expected),)
    assert reference.callee_keys == expected


@pytest.mark.slow
def test_the_first_and_last_five_cdrs_are_kept_and_all_are_counted(
    references: CorrelationRepository,
) -> None:
    for number in range(30):
        references.add_receipt("mcn", REF, a_cdr(number), NOW)
    reference = references.get("mcn", REF)
    assert reference is not None
    assert reference.receipt_count == 30
    assert [cdr.reason for cdr in reference.receipts] == [
        f"q850_{n}" for n in (0, 1, 2, 3, 4, 25, 26, 27, 28, 29)
    ]


@pytest.mark.slow
def test_a_write_that_boto3_repeats_takes_out_one_cdr(references: CorrelationRepository) -> None:
    for number in range(10):
        references.add_receipt("mcn", REF, a_cdr(number), NOW)
    client = references.table.client
    name = "provide-client-params.dynamodb.UpdateItem"

    def repeat(params: dict[str, Any], **_: object) -> None:
        if params["UpdateExpression"].startswith("REMOVE"):
            client.meta.events.unregister(name, repeat)
            client.update_item(**params)

    client.meta.events.register(name, repeat)
    references.add_receipt("mcn", REF, a_cdr(10), NOW)
    reference = references.get("mcn", REF)
    assert reference is not None
    assert [cdr.digest for cdr in reference.receipts] == [
        f"d{n}" for n in (0, 1, 2, 3, 4, *range(6, 11))
    ]


def test_a_join_does_not_replace_the_reply_s_delivery(references: CorrelationRepository) -> None:
    references.add_reply("mcn", REF, "dlv_1", REPLY, NOW)
    assert references.set_delivery("mcn", REF, "dlv_2", NOW).delivery_id == "dlv_1"


def test_why_a_call_was_not_joined_is_kept(references: CorrelationRepository) -> None:
    references.add_receipt("mcn", REF, a_cdr(), NOW)
    assert references.record_unmatched("mcn", REF, "ambiguous", NOW).unmatched_reason == "ambiguous"


@pytest.mark.parametrize("news", ["a reply", "a join", "another CDR", "a replay"])
def test_what_was_joined_to_nothing_is_listed_until_there_is_news(
    references: CorrelationRepository, news: str
) -> None:
    def listed() -> list[str]:
        return [reference.ref for reference in references.list_unmatched("mcn")]

    references.add_receipt("mcn", REF, a_cdr(), NOW)
    assert listed() == []
    references.record_unmatched("mcn", REF, "ambiguous", NOW)
    references.add_receipt("mcn", REF, a_cdr(), NOW)
    assert listed() == [REF], "the same CDR is no news"
    match news:
        case "a reply":
            references.add_reply("mcn", REF, "dlv_1", REPLY, NOW)
        case "a join":
            references.set_delivery("mcn", REF, "dlv_1", NOW)
        case "another CDR":
            assert references.add_receipt("mcn", REF, a_cdr(1), NOW).unmatched_reason is None
        case _:
            assert references.request_match("mcn", REF, NOW)
    assert listed() == []


@pytest.mark.slow
def test_only_what_was_joined_to_nothing_is_looked_for_again(
    references: CorrelationRepository, table: Table
) -> None:
    later = NOW + timedelta(hours=1)
    references.add_reply("mcn", REF, "dlv_1", REPLY, NOW)
    references.add_receipt("mcn", REF, a_cdr(), NOW)
    assert not references.request_match("mcn", REF, NOW)
    assert not references.request_match("mcn", "nobody_1", NOW)
    assert references.get("mcn", "nobody_1") is None
    assert list(DueIndex(table).list_overdue(later)) == []
    references.add_receipt("mcn", "lost_117793", a_cdr(), NOW)
    references.record_unmatched("mcn", "lost_117793", "ambiguous", NOW)
    assert list(DueIndex(table).list_overdue(later)) == []
    assert references.request_match("mcn", "lost_117793", NOW)
    assert not references.request_match("mcn", "lost_117793", NOW), "it is looked for already"
    [item] = DueIndex(table).list_overdue(later)
    assert item["ref"] == "lost_117793"
    again = references.get("mcn", "lost_117793")
    assert again is not None
    assert again.unmatched_reason is None


@pytest.mark.slow
def test_another_account_s_call_is_neither_listed_nor_unfinished(
    references: CorrelationRepository, table: Table
) -> None:
    references.add_receipt("mcn", REF, a_cdr(), NOW)
    references.record_unmatched("mcn", REF, "no_open_delivery", NOW)
    # It is looked for once more, and by now the stack knows its account.
    references.record_unmatched("mcn", REF, "other_account", NOW, is_listed=False)
    assert list(references.list_unmatched("mcn")) == []
    assert list(DueIndex(table).list_overdue(NOW + timedelta(hours=1))) == []


def test_a_reference_is_kept_as_long_as_its_first_write_said(
    references: CorrelationRepository, table: Table
) -> None:
    references.add_receipt("mcn", REF, a_cdr(), NOW)
    references.add_receipt("mcn", REF, a_cdr(1), NOW + timedelta(days=1))
    item = table.get({"PK": f"REF#mcn#{REF}", "SK": "REF"})
    assert item is not None
    assert item["created_at"] == AT
    assert item["expires_at"] == int(NOW.timestamp()) + 30 * 86_400


def test_the_same_stray_is_counted(table: Table) -> None:
    manager = moto_client("secretsmanager")
    manager.create_secret(Name="lookup", SecretString='{"key": "k"}')
    unmatched_receipts = UnmatchedReceiptRepository(table, Secrets(manager, lambda name: name), 60)
    for _ in range(3):
        unmatched_receipts.add("mcn", "digest", "raw", "unreadable", NOW)
    item = table.get({"PK": f"RAW#mcn#{payload_id(Secret('k'), 'mcn', b'digest')}", "SK": "RAW"})
    assert item is not None
    assert (item["times"], item["why"], item["raw"]) == (3, "unreadable", "raw")


def test_a_repeated_cdr_is_counted_and_kept_once(references: CorrelationRepository) -> None:
    references.add_reply("mcn", REF, "dlv_1", REPLY, NOW)
    for number in (17, 17, 16, 17):
        references.add_receipt("mcn", REF, a_cdr(number), NOW)
    reference = references.get("mcn", REF)
    assert reference is not None
    assert [cdr.reason for cdr in reference.receipts] == ["q850_17", "q850_16"]
    assert reference.receipt_count == 4


@pytest.mark.slow
def test_cdrs_without_end_do_not_grow_the_item_without_end(
    references: CorrelationRepository,
) -> None:
    for number in range(103):
        references.add_receipt("mcn", REF, a_cdr(number), NOW)
    reference = references.get("mcn", REF)
    assert reference is not None
    assert reference.receipt_count == 103
    # Of a hundred different ones the first and the last are kept; every other is counted.
    assert [cdr.digest for cdr in reference.receipts] == [
        f"d{number}" for number in (0, 1, 2, 3, 4, 95, 96, 97, 98, 99)
    ]
    item = references.table.get({"PK": f"REF#mcn#{REF}", "SK": "REF"})
    assert item is not None
    assert item["digests"] == {f"d{number}" for number in range(100)}


def test_a_call_without_delivery_is_unfinished_until_one_is_named(
    references: CorrelationRepository, table: Table
) -> None:
    def unfinished() -> list[str]:
        later = NOW + timedelta(hours=1)
        return [str(item["ref"]) for item in DueIndex(table).list_overdue(later)]

    references.add_receipt("mcn", REF, a_cdr(), NOW)
    references.add_receipt("mcn", "b_117793", a_cdr(), NOW)
    assert sorted(unfinished()) == sorted([REF, "b_117793"])
    references.add_reply("mcn", REF, "dlv_1", REPLY, NOW)
    references.record_unmatched("mcn", "b_117793", "ambiguous", NOW)
    references.add_receipt("mcn", REF, a_cdr(1), NOW)
    assert unfinished() == []


def a_shared_one(references: CorrelationRepository, cdrs: int) -> Correlation:
    """A ticket that may hold several messages, with what was told of it."""
    commit(references.table, references.mark_shared("caresoft", "297002", NOW))
    for number in range(cdrs):
        references.add_receipt("caresoft", "297002", a_cdr(number), NOW)
    return shared(references)


def shared(references: CorrelationRepository) -> Correlation:
    reference = references.get("caresoft", "297002")
    assert reference is not None
    return reference


def test_one_event_of_a_shared_reference_is_joined_once(references: CorrelationRepository) -> None:
    before = a_shared_one(references, 3)
    assert before.unmatched_positions == [0, 1, 2]
    assert references.match_receipt(before, 1, "dlv_1")
    assert [cdr.matched_delivery_id for cdr in shared(references).receipts] == [None, "dlv_1", None]
    # Whoever read it before finds it taken, and takes it from nobody.
    assert not references.match_receipt(before, 1, "dlv_2")
    assert [cdr.matched_delivery_id for cdr in shared(references).receipts] == [None, "dlv_1", None]
    assert shared(references).unmatched_positions == [0, 2]


@pytest.mark.slow
def test_an_event_is_joined_by_what_it_is_not_by_where_it_stands(
    references: CorrelationRepository,
) -> None:
    before = a_shared_one(references, 10)
    # One more, and the sixth one goes: what stood behind it has moved.
    references.add_receipt("caresoft", "297002", a_cdr(10), NOW)
    assert [cdr.digest for cdr in shared(references).receipts[5:7]] == ["d6", "d7"]
    assert not references.match_receipt(before, 5, "dlv_1")
    assert not references.match_receipt(before, 6, "dlv_1")
    assert all(cdr.matched_delivery_id is None for cdr in shared(references).receipts)
    assert references.match_receipt(shared(references), 5, "dlv_1")
    assert shared(references).receipts[5].matched_delivery_id == "dlv_1"


def test_only_what_is_still_to_be_joined_is_left_to_the_scheduler(
    references: CorrelationRepository,
) -> None:
    table = references.table

    def bucket(provider: str, ref: str) -> str | None:
        item = table.get({"PK": f"REF#{provider}#{ref}", "SK": "REF"})
        return None if item is None else str(item.get("due_bucket", ""))

    references.leave_to_scheduler("mcn", "nobody_1", NOW)
    assert bucket("mcn", "nobody_1") is None
    references.add_reply("mcn", REF, "dlv_1", REPLY, NOW)
    references.leave_to_scheduler("mcn", REF, NOW)
    assert bucket("mcn", REF) == ""
    # One that waits for its reply, and one whose events are joined one by one.
    references.add_receipt("mcn", "lost_117793", a_cdr(), NOW)
    a_shared_one(references, 1)
    for provider, ref in (("mcn", "lost_117793"), ("caresoft", "297002")):
        references.leave_to_scheduler(provider, ref, NOW)
        assert (bucket(provider, ref) or "").startswith("later#")


def test_what_is_left_to_the_scheduler_stays_due_since_it_was(
    references: CorrelationRepository, table: Table
) -> None:
    references.add_receipt("mcn", REF, a_cdr(), NOW)
    references.leave_to_scheduler("mcn", REF, NOW + timedelta(minutes=2))
    [item] = DueIndex(table).list_upcoming(NOW + timedelta(minutes=1), 9)
    assert (item["ref"], item["due_at"]) == (REF, AT)

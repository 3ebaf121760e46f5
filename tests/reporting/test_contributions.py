"""What is counted of a record follows from its newest image, whatever came before it and how."""

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringpass.outcomes import Status
from ringpass.reporting.contributions import (
    ENDS,
    NO_CONTRIBUTION,
    NO_CURRENCY,
    Approval,
    Contribution,
    Counts,
    RecordChange,
    RowKey,
    cost_counter,
    costs,
    delta_from,
    image_rows,
    paid_sends,
    read_change,
)
from ringpass.wiring.provider_facts import PROVIDERS

DELIVERY: Mapping[str, Any] = {
    "entity": "delivery",
    "id": "dlv_1",
    "client": "acme",
    "channel": "password_call",
    "provider": "mcn",
    "phone": "+79161234567",
    "status": "reserved",
    "created_at": "2026-11-21T08:30:00.000Z",
    "cost": {"amount": "0.35", "currency": "RUB", "kind": "estimated"},
    "version": 1,
    "ledger_shard": 3,
    "test": False,
}
SETTLED = {"amount": "0.35", "currency": "RUB", "kind": "settled"}
FREE = {"amount": "0", "currency": "RUB", "kind": "settled"}
ACCEPTED = {**DELIVERY, "version": 2, "status": "accepted", "cost": SETTLED}
VERIFICATION: Mapping[str, Any] = {
    "entity": "verification",
    "id": "ver_1",
    "client": "acme",
    "phone": "+84389801371",
    "country": "VN",
    "status": "pending",
    "created_at": "2026-11-21T23:59:59.999Z",
    "updated_at": "2026-11-21T23:59:59.999Z",
    "version": 1,
    "test": False,
}
REQUEST: Mapping[str, Any] = {
    "entity": "consent_request",
    "id": "cnr_1",
    "client": "acme",
    "country": "VN",
    "prefix": "+8438",
    "created_at": "2026-11-21T08:30:00.000Z",
    "cost": {"amount": "0.35", "currency": "RUB", "kind": "estimated"},
    "version": 1,
    "ledger_shard": 3,
    "test": False,
}
VERIFIED_AT = "2026-11-21T08:31:00.000Z"
CALL = RowKey("08", "password_call", "RU", "+7916")
CONSENT = RowKey("08", "oa_consent", "VN", "+8438")

type History = Sequence[Mapping[str, Any]]
type Change = tuple[Mapping[str, Any], Mapping[str, Any] | None]


def changes(history: History) -> list[Change]:
    """As the stream brings them."""
    return list(zip(history, [None, *history[:-1]], strict=True))


def counted_of(
    changes: Sequence[Change],
) -> tuple[Contribution, Counter[tuple[RowKey, str]], Counts]:
    """All that these changes add, one after the other, and what the ledger is told."""
    counted, sums, spent = NO_CONTRIBUTION, Counter[tuple[RowKey, str]](), Counter[str]()
    for image, old in changes:
        change = read_change(image, old)
        assert change is not None
        delta = delta_from(counted, change)
        if delta is None:
            continue
        counted = delta.contribution
        for place, counts in delta.rows.items():
            assert all(counts.values())
            sums.update({(place, name): amount for name, amount in counts.items()})
        spent.update(delta.ledger_amounts)
    return counted, +sums, {name: amount for name, amount in spent.items() if amount}


def flat(rows: Mapping[RowKey, Counts]) -> dict[tuple[RowKey, str], int | Decimal]:
    return {(place, name): n for place, counts in rows.items() for name, n in counts.items()}


# ------------------------------------------------------------------------------ any order, any gap

prices = st.sampled_from(["0", "0.35", "1.50", "0.000001", "12345.67"])
costs_then = st.builds(
    lambda amount, kind: {"amount": amount, "currency": "RUB", "kind": kind},
    prices,
    st.just("settled"),
)


@st.composite
def deliveries(draw: st.DrawFn) -> History:
    """Any life of a delivery: not only those that the ranks allow."""
    first = {**DELIVERY, "cost": draw(st.none() | st.just(DELIVERY["cost"]))}
    lives = [first]
    settled = False
    for version in range(2, draw(st.integers(2, 8))):
        last = lives[-1]
        cost = last["cost"]
        if cost is not None and (settled or draw(st.booleans())):
            cost, settled = draw(costs_then), True
        status = draw(st.sampled_from(Status))
        verified = last.get("verified") or draw(st.sampled_from([None, False, True]))
        feedback = {} if verified is None else {"verified": verified, "verified_at": VERIFIED_AT}
        about = {"version": version, "status": str(status), "cost": cost}
        lives.append({**last, **about, **feedback})
    return lives


@st.composite
def consent_requests(draw: st.DrawFn) -> History:
    """A request for a permission, as its fee becomes known, or known otherwise."""
    lives = [{**REQUEST, "cost": draw(st.none() | st.just(REQUEST["cost"]))}]
    for version in range(2, draw(st.integers(2, 5))):
        cost = draw(costs_then) if lives[0]["cost"] else None
        lives.append({**REQUEST, "version": version, "cost": cost})
    return lives


@st.composite
def verifications(draw: st.DrawFn) -> History:
    lives = [VERIFICATION]
    for version in range(2, draw(st.integers(2, 8))):
        status = draw(st.sampled_from(["pending", *ENDS]))
        channel = draw(st.sampled_from([None, "zns", "voice_otp"]))
        extra = {"approved_channel": channel} if status == "approved" else {}
        lives.append({**VERIFICATION, **extra, "version": version, "status": status})
    return lives


@pytest.mark.slow
@given(st.data())
def test_the_sum_is_what_the_newest_image_adds_whatever_came_and_how_often(
    data: st.DataObject,
) -> None:
    history = data.draw(deliveries() | consent_requests() | verifications())
    touched = [(image, image) for image in history]
    possible = changes(history) + touched
    some = data.draw(st.lists(st.sampled_from(possible), min_size=1, max_size=20))
    counted, sums, _ = counted_of(some)
    newest, _ = max(some, key=lambda change: change[0]["version"])
    assert counted.version == newest["version"]
    assert counted.rows == image_rows(newest)
    assert sums == flat(image_rows(newest))


@pytest.mark.slow
@given(st.data())
def test_the_ledger_ends_at_what_the_record_costs(data: st.DataObject) -> None:
    history = data.draw(deliveries() | consent_requests())
    some = data.draw(st.lists(st.sampled_from(changes(history)), min_size=1, max_size=20))
    counted, _, spent = counted_of(some)
    images = [image for change in some for image in change if image is not None]
    newest, _ = max(some, key=lambda change: change[0]["version"])
    is_clear = any(not image["cost"] or image["cost"]["kind"] == "estimated" for image in images)
    assert counted.ledger_in_sync is is_clear
    reserved = history[0]["cost"]
    reservation = Decimal(reserved["amount"]) if reserved else 0
    # The ledger has the reserved amount already; the rest waits until an image shows how much.
    now = Decimal(newest["cost"]["amount"]) if newest["cost"] else 0
    assert spent.get("RUB", 0) == (now - reservation if is_clear else 0)


@pytest.mark.slow
@given(deliveries() | consent_requests() | verifications())
def test_what_is_thought_to_be_counted_is_counted_where_all_came_in_order(
    history: History,
) -> None:
    counted = NO_CONTRIBUTION
    for image, old in changes(history):
        change = read_change(image, old)
        assert change is not None
        assert (change.previous.version, change.previous.rows) == (counted.version, counted.rows)
        assert old is None or change.previous == counted
        delta = delta_from(counted, change)
        assert delta is not None
        counted = delta.contribution


# -------------------------------------------------------------------------------- one by one


def seen(image: Mapping[str, Any], old: Mapping[str, Any] | None = None) -> RecordChange:
    change = read_change(image, old)
    assert change is not None
    return change


@pytest.mark.parametrize("status", Status)
def test_a_delivery_counts_as_a_send_and_as_what_became_of_it(status: Status) -> None:
    [(place, counts)] = image_rows({**DELIVERY, "status": str(status), "cost": None}).items()
    assert place == CALL
    became = {
        "unknown": "unknown",
        "accepted": "accepted",
        "answered": "answered",
        "delivered": "answered",
    }
    expected = {"sends": 1, "sends_mcn_XXX": 1}
    if status is not Status.RESERVED:
        expected[became.get(status, "negative")] = 1
    assert counts == expected


def test_a_request_for_a_permission_is_no_send_and_costs_what_it_costs() -> None:
    counts = {"cost_estimated_zalo_RUB": Decimal("0.35"), "sends_zalo_RUB": 1}
    assert image_rows(REQUEST) == {CONSENT: counts}
    settled = {**REQUEST, "cost": SETTLED}
    counts = {"cost_settled_zalo_RUB": Decimal("0.35"), "sends_zalo_RUB": 1}
    assert image_rows(settled) == {CONSENT: counts}
    assert image_rows({**REQUEST, "cost": FREE}) == {}
    # Without a price nobody knows what it cost: it is counted, so that costs can say so.
    assert image_rows({**REQUEST, "cost": None}) == {CONSENT: {"sends_zalo_XXX": 1}}
    assert read_change({**REQUEST, "test": True}, None) is None


def test_a_cost_is_counted_by_kind_provider_and_currency() -> None:
    assert image_rows(DELIVERY)[CALL]["cost_estimated_mcn_RUB"] == Decimal("0.35")
    counts = image_rows({**DELIVERY, "cost": SETTLED})[CALL]
    assert counts == {"sends": 1, "cost_settled_mcn_RUB": Decimal("0.35"), "sends_mcn_RUB": 1}
    assert paid_sends(counts) == {("mcn", "RUB"): 1}
    assert paid_sends(image_rows({**DELIVERY, "cost": None})[CALL]) == {("mcn", NO_CURRENCY): 1}
    assert costs(counts) == {("settled", "mcn", "RUB"): Decimal("0.35")}
    assert image_rows({**DELIVERY, "cost": FREE})[CALL] == {"sends": 1, "sends_mcn_RUB": 1}
    assert cost_counter("settled", "mcn", "RUB") == "cost_settled_mcn_RUB"


@pytest.mark.parametrize("provider", [facts.name for facts in PROVIDERS])
def test_counters_of_money_are_read_as_they_were_written(provider: str) -> None:
    price = {"amount": "700", "currency": "VND", "kind": "settled"}
    image = {**DELIVERY, "provider": provider, "cost": price}
    [counts] = image_rows(image).values()
    assert costs(counts) == {("settled", provider, "VND"): Decimal(700)}
    assert paid_sends(counts) == {(provider, "VND"): 1}


def test_a_verification_counts_as_started_and_as_its_end() -> None:
    place = RowKey("23", "verification", "VN", "+8438")
    assert image_rows(VERIFICATION) == {place: {"started": 1}}
    for end in ENDS:
        counts = image_rows({**VERIFICATION, "status": end})[place]
        assert counts["started"] == counts[f"ended_{end}"] == 1


def test_an_approval_is_to_the_credit_of_its_channel() -> None:
    approved = {**VERIFICATION, "status": "approved"}
    rows = image_rows({**approved, "approved_channel": "voice_otp"})
    assert rows[RowKey("23", "voice_otp", "VN", "+8438")] == {"approved": 1}
    place = RowKey("23", "verification", "VN", "+8438")
    assert rows[place] == {"started": 1, "ended_approved": 1}
    # Once in all, also where the channel is not known.
    assert image_rows(approved) == {place: {"started": 1, "ended_approved": 1, "approved": 1}}


def test_feedback_counts_as_what_it_says_and_a_verified_code_for_its_channel() -> None:
    sent = {**DELIVERY, "cost": None}
    wrong, right = {**sent, "verified": False}, {**sent, "verified": True}
    counts = {"sends": 1, "sends_mcn_XXX": 1, "feedback_not_verified": 1}
    assert image_rows(wrong)[CALL] == counts
    assert image_rows({**right, "verified_at": VERIFIED_AT})[CALL] == {
        "sends": 1,
        "sends_mcn_XXX": 1,
        "feedback_verified": 1,
        "approved": 1,
    }


@pytest.mark.parametrize(
    ("phone", "country"),
    [("+84389801371", "VN"), ("+79161234567", "RU"), ("+33612345678", "other")],
)
def test_a_country_that_is_not_told_is_read_off_the_number(phone: str, country: str) -> None:
    [place] = image_rows({**DELIVERY, "phone": phone})
    assert (place.country, place.prefix) == (country, phone[:-7])
    [row] = image_rows({**DELIVERY, "phone": phone, "country": "KZ"})
    assert row.country == "KZ"


def test_tests_and_other_items_are_not_counted() -> None:
    assert read_change({**DELIVERY, "test": True}, None) is None
    assert read_change({"entity": "reference"}, None) is None
    assert read_change({}, None) is None


def test_the_ledger_is_told_the_difference_once() -> None:
    rejected = {**DELIVERY, "version": 2, "status": "rejected", "cost": FREE}
    first = delta_from(NO_CONTRIBUTION, seen(DELIVERY))
    assert first is not None
    assert first.ledger_amounts == {}
    same = delta_from(first.contribution, seen(ACCEPTED, DELIVERY))
    assert same is not None
    assert same.ledger_amounts == {}
    less = delta_from(first.contribution, seen(rejected, DELIVERY))
    assert less is not None
    assert less.ledger_amounts == {"RUB": Decimal("-0.35")}
    assert delta_from(less.contribution, seen(rejected, DELIVERY)) is None


def test_a_correction_waits_for_an_image_that_shows_the_estimate() -> None:
    rejected = {**DELIVERY, "version": 2, "status": "rejected", "cost": FREE}
    busy = {**rejected, "version": 3, "status": "busy"}
    late = delta_from(NO_CONTRIBUTION, seen(busy, rejected))
    assert late is not None
    assert (late.contribution.ledger_in_sync, late.ledger_amounts) == (False, {})
    # The reservation comes last: it adds nothing, but shows what the ledger was told.
    belated = delta_from(late.contribution, seen(DELIVERY))
    assert belated is not None
    assert (belated.contribution.version, belated.rows) == (3, {})
    assert belated.ledger_amounts == {"RUB": Decimal("-0.35")}
    assert delta_from(belated.contribution, seen(DELIVERY)) is None


def test_an_approval_is_told_to_the_fraud_budget_once() -> None:
    at = {"updated_at": "2026-11-22T00:10:00.000Z"}
    approved = {**VERIFICATION, **at, "version": 2, "status": "approved", "unverified": {"a": 1}}
    later = {**approved, "version": 3}
    first = delta_from(NO_CONTRIBUTION, seen(VERIFICATION))
    assert first is not None
    assert not first.has_approval
    second = delta_from(first.contribution, seen(approved, VERIFICATION))
    assert second is not None
    assert second.has_approval
    approval = seen(approved, VERIFICATION).approval
    assert approval == Approval("VN", "2026-11-22T00:10:00.000Z", {"a": 1})
    third = delta_from(second.contribution, seen(later, approved))
    assert third is not None
    assert not third.has_approval


def test_a_single_send_is_told_to_the_fraud_budget_once() -> None:
    place = {"day": "2026-11-21", "shard": 0, "single": True}
    sent = {**ACCEPTED, "unverified": place}
    wrong = {**sent, "version": 3, "verified": False}
    right = {**wrong, "version": 4, "verified": True, "verified_at": VERIFIED_AT}
    answered = {**right, "version": 5, "status": "answered"}
    counted, approvals = NO_CONTRIBUTION, []
    for image, old in changes([sent, wrong, right, answered]):
        change = seen(image, old)
        delta = delta_from(counted, change)
        assert delta is not None
        counted = delta.contribution
        if delta.has_approval:
            approvals.append(change.approval)
    assert approvals == [Approval("RU", VERIFIED_AT, place, own_code=True, delivery_ids=("dlv_1",))]


@pytest.mark.parametrize(
    ("at", "counts"),
    [("2026-11-22T08:30:00.000Z", True), ("2026-11-22T08:30:00.001Z", False)],
)
def test_a_code_is_valid_for_a_day_at_most_for_the_fraud_budget(at: str, counts: bool) -> None:
    right = {**ACCEPTED, "verified": True, "verified_at": at}
    assert (seen(right).approval is not None) is counts
    assert image_rows(right)[CALL]["approved"] == 1


def test_an_item_that_was_touched_is_looked_up() -> None:
    assert seen(ACCEPTED, DELIVERY).previous != NO_CONTRIBUTION
    assert seen(ACCEPTED, ACCEPTED).previous == NO_CONTRIBUTION


def test_without_a_ledger_there_is_nothing_to_correct() -> None:
    alone = {name: value for name, value in DELIVERY.items() if name != "ledger_shard"}
    rejected = {**alone, "version": 2, "status": "rejected", "cost": FREE}
    delta = delta_from(NO_CONTRIBUTION, seen(rejected, alone))
    assert delta is not None
    assert (delta.contribution.ledger_in_sync, delta.ledger_amounts) == (True, {})


def test_a_place_is_read_back() -> None:
    assert str(CALL) == "08#password_call#RU#+7916"
    assert RowKey.from_text(str(CALL)) == CALL

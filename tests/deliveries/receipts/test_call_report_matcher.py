"""Rows and deliveries: never two to one, never in doubt, whatever came first."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringpass.deliveries.call_reports import (
    MAX_REPORTS,
    CalleeDelivery,
    CallReport,
    ReportSource,
    merge,
)
from ringpass.deliveries.receipts.call_report_matcher import Matching, match
from ringpass.outcomes import Status

START = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def called(*seconds: float) -> list[CalleeDelivery]:
    """Deliveries `d0`, `d1`, ... made so many seconds after the start."""
    return [CalleeDelivery(f"d{number}", at(second)) for number, second in enumerate(seconds)]


def row(
    key: str,
    begin: float | None,
    *,
    arrival: float = 600,
    source: ReportSource = ReportSource.WEBHOOK,
    delivery_id: str | None = None,
    request_id: str | None = None,
    outcome: Status = Status.ANSWERED,
) -> CallReport:
    return CallReport(
        source=source,
        key=key,
        received_at=at(arrival),
        started_at=None if begin is None else at(begin),
        outcome=outcome,
        reason=None,
        request_id=request_id,
        delivery_id=delivery_id,
    )


def matches_of(matching: Matching) -> dict[str, str]:
    return {key: delivery_id for (_, key), delivery_id in matching.matches.items()}


def applied(rows: list[CallReport], matching: Matching) -> list[CallReport]:
    return [
        row
        if (row.source, row.key) not in matching.matches
        else row_with(row, matching.matches[row.source, row.key])
        for row in rows
    ]


def row_with(one: CallReport, delivery_id: str) -> CallReport:
    from dataclasses import replace

    return replace(one, delivery_id=delivery_id)


@pytest.mark.parametrize("begin", [-5, 0, 2, 60])
def test_a_call_that_began_within_a_minute_of_its_delivery_is_its_own(begin: float) -> None:
    assert matches_of(match(called(0), [row("a", begin)])) == {"a": "d0"}


@pytest.mark.parametrize("begin", [-5.1, 60.1, 3_600])
def test_a_call_of_another_time_is_not(begin: float) -> None:
    assert match(called(0), [row("a", begin)]) == Matching()


@pytest.mark.parametrize(("arrival", "expected"), [(0, "d0"), (300, "d0"), (301, None), (-1, None)])
def test_a_row_without_a_beginning_is_of_the_five_minutes_before_it_came(
    arrival: float, expected: str | None
) -> None:
    matching = match(called(0), [row("a", None, arrival=arrival)])
    assert matches_of(matching).get("a") == expected


def test_two_calls_within_a_minute_are_told_apart_whichever_row_comes_first() -> None:
    deliveries, first, second = called(0, 20), row("a", 2), row("b", 22)
    # The second call may be of either delivery; the first one cannot be of the later.
    assert match(deliveries, [second]) == Matching({}, frozenset({"d0", "d1"}))
    assert matches_of(match(deliveries, [second, first])) == {"a": "d0", "b": "d1"}
    early = applied([first], match(deliveries, [first]))
    assert matches_of(match(deliveries, [*early, second])) == {"b": "d1"}


def test_two_calls_at_the_same_time_are_left_open() -> None:
    matching = match(called(0, 1), [row("a", 2), row("b", 3)])
    assert matching == Matching({}, frozenset({"d0", "d1"}))


def test_one_row_and_two_deliveries_that_it_may_be_of_are_left_open() -> None:
    assert match(called(0, 10), [row("a", 12)]).matches == {}


def test_two_rows_and_one_delivery_are_left_open() -> None:
    """One of them is no call of ours: somebody else called the same number."""
    matching = match(called(0), [row("a", 2), row("b", 30)])
    assert matching == Matching({}, frozenset({"d0"}))


def test_others_are_matched_beside_those_in_doubt() -> None:
    deliveries = called(0, 1, 600)
    matching = match(deliveries, [row("a", 2), row("b", 3), row("c", 601)])
    assert matches_of(matching) == {"c": "d2"}
    assert matching.doubtful == {"d0", "d1"}


def test_each_witness_is_matched_alone() -> None:
    """The log's row of a call that the webhook has settled needs no id in common with it."""
    deliveries = called(0)
    webhook = row("a", 2, delivery_id="d0")
    log = row("x", 3, source=ReportSource.LOG)
    assert match(deliveries, [webhook, log]).matches == {(ReportSource.LOG, "x"): "d0"}


def test_an_id_that_both_witnesses_know_decides() -> None:
    deliveries = called(0, 1)
    webhook = row("a", 2, delivery_id="d1")
    log = row("a", 2, source=ReportSource.LOG)
    assert match(deliveries, [webhook, log]).matches == {(ReportSource.LOG, "a"): "d1"}
    # The same holds where one look finds both.
    both = [row("a", 2, request_id="dlv_a"), row("a", 2, source=ReportSource.LOG)]
    matching = match([CalleeDelivery("dlv_a", at(0)), CalleeDelivery("dlv_b", at(1))], both)
    assert set(matching.matches.values()) == {"dlv_a"}


def test_what_is_matched_is_not_matched_again() -> None:
    assert match(called(0), [row("a", 2, delivery_id="d0"), row("b", 4)]) == Matching()


def test_a_request_id_that_is_repeated_says_it() -> None:
    deliveries = [CalleeDelivery("dlv_a", at(0)), CalleeDelivery("dlv_b", at(1))]
    rows = [row("a", 2, request_id="dlv_b"), row("b", 2)]
    assert matches_of(match(deliveries, rows)) == {"a": "dlv_b", "b": "dlv_a"}


def test_a_request_id_of_another_stack_is_nobody_s() -> None:
    deliveries = [CalleeDelivery("dlv_a", at(0))]
    assert match(deliveries, [row("a", 2, request_id="dlv_other")]) == Matching()
    # Not in our form: perhaps Bizfly's own number for the request.
    assert matches_of(match(deliveries, [row("a", 2, request_id="123")])) == {"a": "dlv_a"}


SECONDS = st.integers(min_value=0, max_value=400)


@st.composite
def histories(
    draw: st.DrawFn,
) -> tuple[list[CalleeDelivery], list[tuple[CallReport, str]], list[int]]:
    """Deliveries; rows, each with the delivery that it truly is of; an order of their coming."""
    deliveries = called(*draw(st.lists(SECONDS, min_size=1, max_size=6)))
    rows = []
    for delivery in draw(st.lists(st.sampled_from(deliveries), unique_by=lambda one: one.id)):
        creation = (delivery.created_at - START).total_seconds()
        begin = creation + draw(st.integers(min_value=-5, max_value=60))
        rows.append((row(f"r{delivery.id}", begin), delivery.id))
    return deliveries, rows, draw(st.permutations(range(len(rows))))


@pytest.mark.slow
@given(histories())
def test_no_row_is_given_to_another_s_delivery(
    history: tuple[list[CalleeDelivery], list[tuple[CallReport, str]], list[int]],
) -> None:
    deliveries, rows, _ = history
    truth = {one.key: delivery_id for one, delivery_id in rows}
    matching = match(deliveries, [one for one, _ in rows])
    assert matches_of(matching).items() <= truth.items()
    assert len(set(matching.matches.values())) == len(matching.matches)
    assert not matching.doubtful & set(matching.matches.values())


@pytest.mark.slow
@given(histories())
def test_the_order_of_coming_makes_no_difference(
    history: tuple[list[CalleeDelivery], list[tuple[CallReport, str]], list[int]],
) -> None:
    deliveries, rows, order = history
    at_once = matches_of(match(deliveries, [one for one, _ in rows]))
    reports: list[CallReport] = []
    for number in order:
        reports.append(rows[number][0])
        reports = applied(reports, match(deliveries, reports))
    assert {one.key: one.delivery_id for one in reports if one.delivery_id} == at_once


@st.composite
def anything(draw: st.DrawFn) -> tuple[list[CalleeDelivery], list[CallReport]]:
    """Also rows of calls that are none of ours, of both witnesses, with and without a beginning."""
    deliveries = called(*draw(st.lists(SECONDS, max_size=6)))
    ids = [None, *(each.id for each in deliveries)]
    rows = []
    for source in ReportSource:
        used_ids: set[str] = set()
        for number, (begin, arrival, own) in enumerate(
            draw(
                st.lists(st.tuples(st.none() | SECONDS, SECONDS, st.sampled_from(ids)), max_size=6)
            )
        ):
            delivery_id = own if own not in used_ids else None
            used_ids.add(delivery_id or "")
            rows.append(
                row(str(number), begin, arrival=arrival, source=source, delivery_id=delivery_id)
            )
    return deliveries, draw(st.permutations(rows))


@pytest.mark.slow
@given(anything())
def test_never_two_rows_to_one_delivery_nor_one_row_to_two(
    history: tuple[list[CalleeDelivery], list[CallReport]],
) -> None:
    deliveries, rows = history
    matching = match(deliveries, rows)
    after = applied(rows, matching)
    for source in ReportSource:
        own = [one.delivery_id for one in after if one.source is source and one.delivery_id]
        assert len(own) == len(set(own))
    # A row that has a delivery keeps it: only rows without one are matched.
    free = {(one.source, one.key) for one in rows if one.delivery_id is None}
    assert matching.matches.keys() <= free
    # Looking again finds nothing more.
    assert match(deliveries, after).matches == {}


@pytest.mark.slow
@given(anything(), st.randoms(use_true_random=False))
def test_the_order_of_deliveries_and_rows_makes_no_difference(
    history: tuple[list[CalleeDelivery], list[CallReport]], shuffler: object
) -> None:
    deliveries, rows = history
    assert match(deliveries, rows) == match(deliveries[::-1], rows[::-1])


def test_a_call_that_is_told_again_is_one_row() -> None:
    first = row("a", 2, arrival=10)
    assert merge([first], [row("a", 2, arrival=20)]) == (first,)


def test_a_word_that_nobody_knows_gives_way_to_one_that_is_known() -> None:
    ringing = row("a", 2, arrival=10, outcome=Status.UNKNOWN, delivery_id="d0")
    busy = row("a", 2, arrival=20, outcome=Status.BUSY)
    [merged] = merge([ringing], [busy])
    assert (merged.outcome, merged.delivery_id) == (Status.BUSY, "d0")
    # Not the other way round, and the first definite one stays.
    assert merge([busy], [ringing]) == (busy,)
    assert merge([busy], [row("a", 2, arrival=30)]) == (busy,)


def test_so_many_rows_of_a_witness_are_kept_and_the_oldest_go() -> None:
    rows = [row(f"{number:03}", number, arrival=number) for number in range(MAX_REPORTS + 5)]
    log = row("log", 0, source=ReportSource.LOG, arrival=0)
    merged = merge(rows, [log])
    assert [one.key for one in merged if one.source is ReportSource.WEBHOOK] == [
        one.key for one in rows[5:]
    ]
    assert log in merged

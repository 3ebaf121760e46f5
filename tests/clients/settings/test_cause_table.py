"""What follows from an outcome: the defaults, and a client's own lines in their place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringpass.clients.settings.cause_table import DEFAULTS, REPEATABLE, Action, CauseRow, CauseTable
from ringpass.outcomes import Status

OUTCOMES = [status for status in Status if status is not Status.RESERVED]
REASONS = [None, "q850_1", "q850_17", "q850_20", "timeout", "billing"]
ROWS = st.lists(
    st.builds(
        CauseRow,
        st.sampled_from(OUTCOMES),
        st.sampled_from(REASONS),
        st.sampled_from(Action),
        why=st.just("a change"),
    )
)


@pytest.mark.parametrize(
    ("outcome", "action"),
    [
        (Status.BUSY, Action.NEXT),
        (Status.NO_ANSWER, Action.NEXT),
        (Status.REFUSED, Action.NEXT),
        (Status.UNREACHABLE, Action.NEXT),
        (Status.REJECTED, Action.NEXT),
        (Status.FAILED, Action.NEXT),
        (Status.BILLING_FAILED, Action.NEXT),
        (Status.ANSWERED, Action.WAIT),
        (Status.DELIVERED, Action.WAIT),
        (Status.ACCEPTED, Action.WAIT),
        (Status.UNKNOWN, Action.WAIT),
        (Status.RESERVED, Action.WAIT),
    ],
)
def test_the_defaults(outcome: Status, action: Action) -> None:
    row = CauseTable().action_for(outcome, "any_reason")
    assert (row.action, row.no_more_calls) == (action, False)


@pytest.mark.parametrize("reason", ["q850_1", "q850_22", "q850_28"])
def test_a_number_that_does_not_exist_is_called_no_more(reason: str) -> None:
    row = CauseTable().action_for(Status.UNREACHABLE, reason)
    assert (row.action, row.no_more_calls) == (Action.NEXT, True)


def test_a_number_that_is_only_away_is() -> None:
    assert not CauseTable().action_for(Status.UNREACHABLE, "q850_20").no_more_calls


def test_each_default_has_a_reason_that_can_be_read_aloud() -> None:
    for row in DEFAULTS:
        assert row.why[0].isupper()
        assert row.why.endswith(".")
        assert len(row.why) <= 200


def test_every_outcome_has_a_row_of_its_own() -> None:
    assert {row.outcome for row in DEFAULTS if row.reason is None} == set(OUTCOMES)
    assert len({row.key for row in DEFAULTS}) == len(DEFAULTS)


def test_what_may_have_reached_someone_is_never_repeated() -> None:
    reached = {Status.ACCEPTED, Status.UNKNOWN, Status.ANSWERED, Status.DELIVERED}
    assert set(OUTCOMES) - REPEATABLE == reached


def test_a_change_stands_where_the_default_stood() -> None:
    own = CauseRow(Status.BUSY, None, Action.RETRY, after_seconds=20, times=2, why="Ours queue.")
    table = CauseTable().with_changes([own])
    assert table.action_for(Status.BUSY, "q850_17") == own
    assert [row.key for row in table.rows] == [row.key for row in DEFAULTS]


def test_a_reason_goes_before_none_whoever_wrote_it() -> None:
    stop = CauseRow(Status.UNREACHABLE, None, Action.STOP, why="We ask the person first.")
    away = CauseRow(Status.UNREACHABLE, "q850_20", Action.RETRY, times=1, why="It comes back.")
    table = CauseTable().with_changes([stop, away])
    assert table.action_for(Status.UNREACHABLE, "q850_3") == stop
    assert table.action_for(Status.UNREACHABLE, "q850_20") == away
    assert table.action_for(Status.UNREACHABLE, "q850_28").no_more_calls
    assert table.rows[-1] == away


def test_nobody_changes_what_is_under_way() -> None:
    with pytest.raises(ValueError, match="reserved"):
        CauseTable().with_changes([CauseRow(Status.RESERVED, None, Action.NEXT, why="Faster.")])


@given(ROWS, st.sampled_from(OUTCOMES), st.sampled_from([*REASONS, "q850_99"]))
def test_there_is_one_row_for_whatever_happens(
    rows: list[CauseRow], outcome: Status, reason: str | None
) -> None:
    table = CauseTable().with_changes(rows)
    action_row = table.action_for(outcome, reason)
    assert action_row.outcome is outcome
    assert action_row.reason in (reason, None)
    exact = [row for row in rows if row.key == (outcome, reason)]
    if exact:
        assert action_row == exact[-1]
    assert len({row.key for row in table.rows}) == len(table.rows)
    assert table.with_changes(rows) == table

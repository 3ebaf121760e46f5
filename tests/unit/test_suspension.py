"""When a provider is suspended: three failures in a row within a minute, and then for longer."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringpass.outcomes import LOCKED, Accepted, Outcome, Rejected, Unknown
from ringpass.suspension import (
    Trouble,
    Verdict,
    failed,
    failure,
    probing,
    retry_after,
    verdict,
)

NOW = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)


def after(*seconds: float) -> Trouble:
    """Failures at these seconds."""
    trouble: Trouble | None = None
    for second in seconds:
        trouble = failed(trouble, NOW + timedelta(seconds=second), "http_500", probe=False)
    assert trouble is not None
    return trouble


@pytest.mark.parametrize(
    ("outcome", "counts"),
    [
        (Accepted(), False),
        (Rejected("unauthorized"), True),
        (Rejected("rate_limited"), True),
        (Rejected("rate_limit_locked"), True),
        (Rejected("billing"), True),
        (Rejected("refused"), False),
        (Rejected("http_400"), False),
        (Rejected("connect_failed"), False),
        (Unknown("http_500"), True),
        (Unknown("http_502"), True),
        (Unknown("unreadable_reply"), True),
        (Unknown("timeout"), False),
        (Unknown("connection_cut"), False),
    ],
)
def test_what_counts_as_a_failure(outcome: Outcome, counts: bool) -> None:
    assert (failure(outcome) is not None) is counts


def test_two_failures_are_watched_and_the_third_suspends() -> None:
    assert verdict(None, NOW) is Verdict.GO
    assert verdict(after(0, 1), NOW) is Verdict.GO
    assert verdict(after(0, 1, 2), NOW + timedelta(seconds=3)) is Verdict.WAIT


def test_three_failures_within_more_than_a_minute_do_not() -> None:
    assert verdict(after(0, 31, 61), NOW + timedelta(seconds=62)) is Verdict.GO
    assert verdict(after(0, 31, 60), NOW + timedelta(seconds=62)) is Verdict.WAIT


def test_after_the_pause_one_probe_goes_and_the_others_wait() -> None:
    trouble, later = after(0, 1, 2), NOW + timedelta(seconds=32)
    assert retry_after(trouble, NOW + timedelta(seconds=2)) == 30
    assert verdict(trouble, later) is Verdict.PROBE
    tried = probing(trouble, later)
    assert verdict(tried, later) is Verdict.WAIT
    # A probe whose function died does not block the provider for ever.
    assert verdict(tried, later + timedelta(seconds=30)) is Verdict.PROBE


def test_each_failed_probe_makes_the_pause_longer_up_to_a_quarter_of_an_hour() -> None:
    trouble, now, pauses = after(0, 1, 2), NOW + timedelta(seconds=2), []
    for _ in range(7):
        assert trouble.suspended_until is not None
        pauses.append((trouble.suspended_until - now).total_seconds())
        now = trouble.suspended_until
        trouble = failed(probing(trouble, now), now, "http_500", probe=True)
    assert pauses == [30, 60, 120, 240, 480, 900, 900]


def test_a_request_that_left_before_the_suspension_does_not_prolong_it() -> None:
    trouble = after(0, 1, 2)
    assert after(0, 1, 2, 3).suspended_until == trouble.suspended_until


def locked(trouble: Trouble | None, second: float, *, probe: bool = False) -> Trouble:
    return failed(trouble, NOW + timedelta(seconds=second), LOCKED, probe=probe)


def until(trouble: Trouble) -> float:
    """When it may be asked again, in seconds."""
    assert trouble.suspended_until is not None
    return (trouble.suspended_until - NOW).total_seconds()


def test_a_lock_suspends_at_once_and_for_fifteen_minutes() -> None:
    trouble = locked(None, 0)
    assert (until(trouble), trouble.reason, trouble.version) == (900, LOCKED, 1)
    assert verdict(trouble, NOW + timedelta(minutes=14, seconds=59)) is Verdict.WAIT
    assert verdict(trouble, NOW + timedelta(minutes=15)) is Verdict.PROBE
    assert retry_after(trouble, NOW) == 900


def test_a_lock_prolongs_a_shorter_suspension_and_what_is_only_watched() -> None:
    assert until(locked(after(0, 1), 2)) == 902
    assert until(locked(after(0, 1, 2), 3)) == 903


def test_replies_that_were_under_way_together_tell_of_one_lock() -> None:
    trouble = locked(locked(locked(None, 0), 0.5), 59)
    assert (until(trouble), trouble.version) == (900, 3)
    # One that is heard of later is another.
    assert until(locked(trouble, 61)) == 961


def test_a_probe_that_finds_the_lock_waits_for_its_whole_time_again() -> None:
    trouble = probing(locked(None, 0), NOW + timedelta(seconds=900))
    trouble = locked(trouble, 901, probe=True)
    assert (until(trouble), trouble.probe_until) == (1801, None)


def test_another_failure_does_not_shorten_a_lock() -> None:
    trouble = failed(locked(None, 0), NOW + timedelta(seconds=5), "http_500", probe=False)
    assert until(trouble) == 900


@given(st.lists(st.tuples(st.floats(0, 200), st.booleans()), min_size=1, max_size=12))
def test_every_failure_is_a_new_version_and_none_ends_a_suspension(
    events: list[tuple[float, bool]],
) -> None:
    trouble: Trouble | None = None
    for number, (second, probe) in enumerate(sorted(events), start=1):
        was = trouble
        trouble = failed(trouble, NOW + timedelta(seconds=second), "http_500", probe=probe)
        assert trouble.version == number
        if was and was.suspended_until:
            assert trouble.suspended_until is not None
        assert len(trouble.failures) <= 12

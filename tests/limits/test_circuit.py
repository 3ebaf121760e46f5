"""When a provider is suspended: three failures in a row within a minute, and then for longer."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringpass.limits.circuit import (
    Circuit,
    CircuitState,
    Failure,
    Transition,
    after_failure,
    after_success,
    circuit_of,
    failure_reason,
    retry_after,
    with_probe,
)
from ringpass.outcomes import LOCKED, Accepted, ProviderResponse, Rejected, Unknown

NOW = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)


def failure_at(second: float, client: str = "acme", number: str = "") -> Failure:
    """One failure; unless it is said, no two concern one number."""
    return Failure(NOW + timedelta(seconds=second), client, number or str(second))


def after(*seconds: float) -> CircuitState:
    """Failures at these seconds."""
    return known(*map(failure_at, seconds))


def known(*failures: Failure) -> CircuitState:
    """What is known after these failures."""
    state = CircuitState()
    for each in failures:
        state = after_failure(state, each, "http_500", is_probe=False)
    return state


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
def test_what_counts_as_a_failure(outcome: ProviderResponse, counts: bool) -> None:
    assert (failure_reason(outcome) is not None) is counts


def test_two_failures_are_watched_and_the_third_suspends() -> None:
    assert circuit_of(CircuitState(), NOW) is Circuit.CLOSED
    assert circuit_of(after(0, 1), NOW) is Circuit.CLOSED
    assert circuit_of(after(0, 1, 2), NOW + timedelta(seconds=3)) is Circuit.OPEN


def test_three_failures_within_more_than_a_minute_do_not() -> None:
    assert circuit_of(after(0, 31, 61), NOW + timedelta(seconds=62)) is Circuit.CLOSED
    assert circuit_of(after(0, 31, 60), NOW + timedelta(seconds=62)) is Circuit.OPEN


def test_after_the_pause_one_probe_goes_and_the_others_wait() -> None:
    state, later = after(0, 1, 2), NOW + timedelta(seconds=32)
    assert retry_after(state, NOW + timedelta(seconds=2)) == 30
    assert circuit_of(state, later) is Circuit.HALF_OPEN
    probing = with_probe(state, later)
    assert circuit_of(probing, later) is Circuit.OPEN
    # A probe whose function died does not block the provider for ever.
    assert circuit_of(probing, later + timedelta(seconds=30)) is Circuit.HALF_OPEN


def test_a_probe_is_a_write_of_its_own() -> None:
    state = after(0, 1, 2)
    assert with_probe(state, NOW).version == state.version + 1


def test_there_is_a_second_to_wait_at_least_also_for_what_is_only_watched() -> None:
    assert retry_after(after(0), NOW) == 1
    state = after(0, 1, 2)
    assert state.suspended_until is not None
    assert retry_after(state, state.suspended_until) == 1
    assert retry_after(state, state.suspended_until - timedelta(seconds=1.5)) == 2


def test_a_lock_keeps_how_long_the_pauses_had_become() -> None:
    assert locked(CircuitState(), 0).level == 0
    assert locked(after(0, 1, 2), 3).level == 0
    probed = after_failure(after(0, 1, 2), failure_at(40), "http_500", is_probe=True)
    assert probed.level == 1
    again = locked(probed, 200)
    assert (again.level, again.failures) == (1, (failure_at(200),))


def test_each_failed_probe_makes_the_pause_longer_up_to_a_quarter_of_an_hour() -> None:
    state, now, pauses = after(0, 1, 2), NOW + timedelta(seconds=2), []
    for _ in range(7):
        assert state.suspended_until is not None
        pauses.append((state.suspended_until - now).total_seconds())
        now = state.suspended_until
        new = Failure(now, "acme", f"probe at {now}")
        state = after_failure(with_probe(state, now), new, "http_500", is_probe=True)
    assert pauses == [30, 60, 120, 240, 480, 900, 900]


def test_a_request_that_left_before_the_suspension_does_not_prolong_it() -> None:
    state = after(0, 1, 2)
    assert after(0, 1, 2, 3).suspended_until == state.suspended_until


def locked(state: CircuitState, second: float, *, probe: bool = False) -> CircuitState:
    return after_failure(state, failure_at(second), LOCKED, is_probe=probe)


def until(state: CircuitState) -> float:
    """When it may be asked again, in seconds."""
    assert state.suspended_until is not None
    return (state.suspended_until - NOW).total_seconds()


def test_a_lock_suspends_at_once_and_for_fifteen_minutes() -> None:
    state = locked(CircuitState(), 0)
    assert (until(state), state.reason, state.version) == (900, LOCKED, 1)
    assert circuit_of(state, NOW + timedelta(minutes=14, seconds=59)) is Circuit.OPEN
    assert circuit_of(state, NOW + timedelta(minutes=15)) is Circuit.HALF_OPEN
    assert retry_after(state, NOW) == 900


def test_a_lock_prolongs_a_shorter_suspension_and_what_is_only_watched() -> None:
    assert until(locked(after(0, 1), 2)) == 902
    assert until(locked(after(0, 1, 2), 3)) == 903


def test_replies_that_were_under_way_together_tell_of_one_lock() -> None:
    state = locked(locked(locked(CircuitState(), 0), 0.5), 59)
    assert (until(state), state.version) == (900, 3)
    # One that is heard of later is another.
    assert until(locked(state, 61)) == 961


def test_a_probe_that_finds_the_lock_waits_for_its_whole_time_again() -> None:
    state = with_probe(locked(CircuitState(), 0), NOW + timedelta(seconds=900))
    state = locked(state, 901, probe=True)
    assert (until(state), state.probe_until) == (1801, None)


def test_another_failure_does_not_shorten_a_lock() -> None:
    state = after_failure(locked(CircuitState(), 0), failure_at(5), "http_500", is_probe=False)
    assert until(state) == 900


def of_one_client_and_number(count: int) -> list[Failure]:
    return [failure_at(second, "acme", "one") for second in range(count)]


@pytest.mark.parametrize("count", [3, 4, 30])
def test_what_one_client_sends_to_one_number_suspends_nobody(count: int) -> None:
    state = known(*of_one_client_and_number(count))
    assert circuit_of(state, NOW + timedelta(seconds=count)) is Circuit.CLOSED
    assert len(state.failures) < 3


@pytest.mark.parametrize("other", [("acme", "another"), ("rival", "one")])
@pytest.mark.parametrize("count", [2, 30])
def test_another_client_or_another_number_does(count: int, other: tuple[str, str]) -> None:
    state = known(*of_one_client_and_number(count), failure_at(count, *other))
    assert circuit_of(state, NOW + timedelta(seconds=count)) is Circuit.OPEN


def test_two_failures_are_two_whosever_they_are() -> None:
    state = known(failure_at(0, "acme", "one"), failure_at(1, "rival", "another"))
    assert circuit_of(state, NOW + timedelta(seconds=1)) is Circuit.CLOSED


def test_a_probe_for_a_number_that_failed_before_makes_the_pause_no_longer() -> None:
    state, now = after(0, 1, 2), NOW + timedelta(seconds=40)
    again = after_failure(
        with_probe(state, now), Failure(now, "acme", "1"), "http_500", is_probe=True
    )
    assert again.suspended_until == now + timedelta(seconds=30)
    new = after_failure(
        with_probe(state, now), Failure(now, "acme", "new"), "http_500", is_probe=True
    )
    assert new.suspended_until == now + timedelta(seconds=60)


@pytest.mark.slow
@given(
    st.lists(
        st.tuples(st.floats(0, 200), st.booleans(), st.sampled_from("ab"), st.sampled_from("12")),
        min_size=1,
        max_size=30,
    )
)
def test_every_failure_is_a_new_version_and_none_ends_a_suspension(
    events: list[tuple[float, bool, str, str]],
) -> None:
    state = CircuitState()
    sources: set[tuple[str, str]] = set()
    for number, (second, probe, client, phone) in enumerate(sorted(events), start=1):
        was = state
        sources.add((client, phone))
        new = failure_at(second, client, phone)
        state = after_failure(state, new, "http_500", is_probe=probe)
        assert state.version == number
        if was.suspended_until:
            assert state.suspended_until is not None
        assert len(state.failures) <= 10
        assert state.suspended_until is None or len(sources) > 1


def test_a_circuit_counts_how_often_it_opened_and_closed() -> None:
    state = after(0, 1, 2)
    opened = Transition(NOW + timedelta(seconds=2), "http_500", state.suspended_until, 3)
    assert (state.changes, state.last_changes) == (1, (opened,))
    # Neither a longer suspension nor a lock while it is suspended is another one.
    assert after(0, 1, 2, 3).changes == 1
    probe = after_failure(with_probe(state, NOW), failure_at(40), "http_500", is_probe=True)
    assert locked(probe, 50).last_changes == (opened,)
    closed = after_success(probe, NOW + timedelta(seconds=99))
    assert closed == CircuitState(
        version=6, changes=2, last_changes=(opened, Transition(NOW + timedelta(seconds=99)))
    )


def test_what_was_not_suspended_has_not_recovered() -> None:
    assert after_success(after(0, 1), NOW) == CircuitState(version=3)


def test_the_last_ten_changes_are_kept() -> None:
    state = CircuitState()
    for second in range(8):
        state = after_success(locked(state, second), NOW + timedelta(seconds=second))
    assert (state.changes, len(state.last_changes)) == (16, 10)
    assert state.last_changes[-1] == Transition(NOW + timedelta(seconds=7))

"""The arithmetic of limits, compared with the plainest way to count."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringpass.limits.arithmetic import (
    ClientSend,
    Starts,
    address_budget,
    budget_days,
    country_budget,
    day,
    hourly_address_budget,
    hourly_country_budget,
    next_start,
    sends_in_window,
    shard_count,
    share,
    sum_verified,
    until_next_hour,
    until_tomorrow,
    wait_for_room,
    wait_for_share,
)

NOW = 1_795_000_000_000
HOURS = [f"{hour:02}" for hour in range(24)]
by_hour = st.dictionaries(st.sampled_from(HOURS), st.integers(0, 10_000))


@given(st.lists(st.integers(0, 100_000)), st.integers(1, 9), st.integers(1, 60))
def test_there_is_a_place_exactly_after_the_wait(ago: list[int], cap: int, seconds: int) -> None:
    sent_at = [NOW - each for each in ago]
    counted = sends_in_window(sent_at, seconds, NOW)
    wait = wait_for_room(counted, cap, seconds, NOW)

    def taken(at: int) -> int:
        return sum(at - seconds * 1000 < each <= at for each in sent_at)

    assert 0 <= wait <= seconds * 1000
    assert taken(NOW + wait) < cap
    assert wait == 0 or taken(NOW + wait - 1) >= cap


CLIENTS = ("a", "b", "c")
several = st.lists(st.tuples(st.integers(0, 100_000), st.sampled_from(CLIENTS)))


@pytest.mark.slow
@given(several, st.integers(1, 9), st.integers(1, 60))
def test_a_client_has_room_exactly_after_the_wait(
    ago: list[tuple[int, str]], cap: int, seconds: int
) -> None:
    sends = [ClientSend(NOW - at, by) for at, by in ago]
    wait = wait_for_share(sends, "a", cap, seconds, NOW)

    def taken(at: int) -> int:
        counts = [
            sum(one.client == client and at - seconds * 1000 < one.at <= at for one in sends)
            for client in CLIENTS
        ]
        return counts[0] + sum(min(count, max(1, cap // 2)) for count in counts[1:])

    assert 0 <= wait <= seconds * 1000
    assert taken(NOW + wait) < cap
    assert wait == 0 or taken(NOW + wait - 1) >= cap


@given(st.integers(0, 10**9), st.sampled_from([1, 8]))
def test_the_shares_are_the_cap(cap: int, shards: int) -> None:
    shares = [share(cap, shards, shard) for shard in range(shards)]
    assert sum(shares) == cap
    assert max(shares) - min(shares) <= 1


@pytest.mark.parametrize(
    ("caps", "shards"),
    [
        ((799,), 1),
        ((800,), 8),
        ((None,), 8),
        ((None, Decimal(5000)), 8),
        ((10_000, Decimal("799.99")), 1),
        ((799, Decimal(5000)), 1),
    ],
)
def test_a_count_is_spread_where_each_cap_is_worth_it(
    caps: tuple[int | Decimal | None, ...], shards: int
) -> None:
    assert shard_count(*caps) == shards


@given(
    st.lists(st.integers(0, 900), min_size=1, max_size=6).map(sorted),
    st.integers(900, 4000),
    st.lists(st.integers(0, 5_000_000), max_size=30),
)
def test_no_start_is_nearer_than_its_pause_and_the_wait_is_exact(
    pauses: list[int], reset: int, gaps: list[int]
) -> None:
    before: Starts | None = None
    now = NOW
    for gap in gaps:
        now += gap
        starts = next_start(pauses, reset, before, now)
        if isinstance(starts, int):
            assert before
            assert 0 < starts <= pauses[-1] * 1000
            assert isinstance(next_start(pauses, reset, before, now + starts - 1), int)
            assert isinstance(next_start(pauses, reset, before, now + starts), Starts)
            continue
        assert starts.last == now
        if before is None or now - before.last >= reset * 1000:
            assert starts.count == 1
        else:
            assert starts.count == before.count + 1
            assert now - before.last >= pauses[min(before.count, len(pauses)) - 1] * 1000
        before = starts


@pytest.mark.slow
@given(st.integers(0, 100), st.lists(by_hour, max_size=15), st.integers(0, 23))
def test_what_a_countrys_budget_earns_is_the_greater_of_two(
    percent: int, verified: list[dict[str, int]], hour: int
) -> None:
    days = [*verified, {}, {}]
    last_24_hours = sum(days[0].values()) + sum(
        count for at, count in days[1].items() if int(at) > hour
    )
    best = max((sum(each.values()) for each in verified[1:]), default=0)
    expected = Decimal(max(best, last_24_hours)) * percent / 100
    codes = sum_verified(verified or [{}], hour)
    assert country_budget(0, percent, codes) == int(expected)
    assert country_budget(10**6, percent, codes) == 10**6
    before = (days[0] if hour else days[1]).get(f"{(hour - 1) % 24:02}", 0)
    last_hour = max(days[0].get(f"{hour:02}", 0), before)
    of_hour = max(Decimal(best) / 6, Decimal(last_hour)) * percent / 100
    assert hourly_country_budget(0, percent, codes) == int(of_hour)
    assert hourly_country_budget(10**6, percent, codes) == 10**6


def test_an_addresss_budget_is_the_greater_of_two() -> None:
    assert [address_budget(10, 20, verified) for verified in (0, 54, 55, 100)] == [10, 10, 11, 20]
    by_hour = [hourly_address_budget(5, 20, verified) for verified in (0, 179, 180, 300)]
    assert by_hour == [5, 5, 6, 10]


@given(st.integers(NOW, 2 * NOW))
def test_a_day_lasts_until_the_next_one(milliseconds: int) -> None:
    instant = datetime.fromtimestamp(milliseconds / 1000, UTC)
    tomorrow = datetime.fromtimestamp((milliseconds + until_tomorrow(milliseconds)) / 1000, UTC)
    assert tomorrow.time().isoformat() == "00:00:00"
    assert day(tomorrow) == day(instant + timedelta(days=1))


@given(st.integers(NOW, 2 * NOW))
def test_an_hour_lasts_until_the_next_one(milliseconds: int) -> None:
    end = milliseconds + until_next_hour(milliseconds)
    assert end % 3_600_000 == 0
    assert end // 3_600_000 == milliseconds // 3_600_000 + 1


def test_days_are_utcs() -> None:
    hanoi = datetime(2026, 11, 22, 6, 59, tzinfo=timezone(timedelta(hours=7)))
    assert day(hanoi) == "2026-11-21"
    days = budget_days(hanoi)
    assert (days[0], days[14], len(days)) == ("2026-11-21", "2026-11-07", 15)


def test_a_send_counts_until_its_window_is_over_to_the_millisecond() -> None:
    instant = NOW - 60_000
    assert sends_in_window([instant + 1, instant], 60, NOW) == [instant + 1]


def test_pauses_begin_anew_after_their_reset_to_the_millisecond() -> None:
    before = Starts(NOW, 2)
    pauses, reset = (30, 3_600), 60
    assert next_start(pauses, reset, before, NOW + 59_999) == 3_600_000 - 59_999
    assert next_start(pauses, reset, before, NOW + 60_000) == Starts(NOW + 60_000, 1)

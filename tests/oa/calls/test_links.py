"""A call's link: two minutes from its first opening, whoever opens it and however often."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringpass.ids import link_token
from ringpass.oa.calls.links import (
    LinkState,
    ends_at,
    is_token,
    list_blockers,
    state_at,
    token_digest,
)
from ringpass.oa.calls.model import Link
from ringpass.redaction import Secret

NOW = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
LINK = Link(url="https://zalo.test/call", ends_at=NOW + timedelta(hours=48))
OPENED = replace(LINK, opened_at=NOW)


@pytest.mark.parametrize(
    ("seconds", "state"),
    [
        (0, LinkState.OPEN),
        (119, LinkState.OPEN),
        (119.999, LinkState.OPEN),
        (120, LinkState.ENDED),
        (121, LinkState.ENDED),
    ],
)
def test_at_119_120_and_121_seconds(seconds: float, state: LinkState) -> None:
    at = NOW + timedelta(seconds=seconds)
    assert state_at(OPENED, at) is state
    assert [check.code for check in list_blockers(OPENED, at)] == (
        ["link_expired"] if state is LinkState.ENDED else []
    )


def test_unopened_it_lives_as_long_as_zalo_s() -> None:
    last = LINK.ends_at - timedelta(milliseconds=1)
    assert (state_at(LINK, last), list_blockers(LINK, last)) == (LinkState.UNOPENED, [])
    assert state_at(LINK, LINK.ends_at) is LinkState.ENDED
    assert [check.code for check in list_blockers(LINK, LINK.ends_at)] == ["link_too_old"]


def test_two_minutes_do_not_outlast_zalo_s_link() -> None:
    late = replace(LINK, opened_at=LINK.ends_at - timedelta(seconds=10))
    assert ends_at(late) == LINK.ends_at


@given(st.integers(-5_000, 400_000), st.integers(0, 48 * 3_600_000))
def test_it_is_open_for_exactly_120_seconds(age_ms: int, opened_after_ms: int) -> None:
    opened_at = NOW + timedelta(milliseconds=opened_after_ms)
    at = opened_at + timedelta(milliseconds=age_ms)
    link = replace(LINK, opened_at=opened_at)
    good = age_ms < 120_000 and at < LINK.ends_at
    # A clock that is a little behind the one that opened it does not end it.
    assert state_at(link, at) is (LinkState.OPEN if good else LinkState.ENDED)
    assert bool(list_blockers(link, at)) is not good


def test_a_token_is_the_call_s_own_and_nobody_else_can_make_it() -> None:
    key = Secret("k" * 64)
    token = link_token(key, "ocl_" + "a" * 32)
    assert is_token(token)
    assert token == link_token(key, "ocl_" + "a" * 32)
    assert token != link_token(key, "ocl_" + "b" * 32)
    assert token != link_token(Secret("j" * 64), "ocl_" + "a" * 32)
    assert token not in token_digest(token)


@pytest.mark.parametrize("text", ["", "x" * 31, "x" * 33, "x" * 31 + "/", "x" * 31 + "\n"])
def test_what_is_no_token(text: str) -> None:
    assert not is_token(text)

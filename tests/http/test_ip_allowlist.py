"""Where a webhook delivery may come from."""

import re
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringpass.http.ip_allowlist import Sources
from tests.template import template

PATTERN = template()["Parameters"]["McnSourceRanges"]["AllowedPattern"]
OLD_RANGES = "85.94.49.0/25,85.94.32.0/24"


@pytest.mark.parametrize("address", ["203.0.113.7", "2001:db8::1", "", "nowhere"])
def test_without_ranges_it_may_be_anywhere(address: str) -> None:
    assert Sources.from_text("").allows(address)


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("85.94.49.0", True),
        ("85.94.49.127", True),
        ("85.94.49.128", False),
        ("85.94.32.255", True),
        ("85.94.33.0", False),
        ("203.0.113.7", False),
        ("::ffff:203.0.113.7", False),
        ("::ffff:85.94.49.1", True),
        ("::ffff:85.94.49.1%eth0", True),
        ("64:ff9b::85.94.49.1", False),
        ("2002:555e:3101::1", False),
        ("2001:db8::1", False),
        ("85.94.49.1, 203.0.113.7", False),
        ("", False),
        ("nowhere", False),
    ],
)
def test_with_ranges_it_is_in_one_of_them(address: str, allowed: bool) -> None:
    assert Sources.from_text(OLD_RANGES).allows(address) is allowed


@pytest.mark.parametrize("text", ["", OLD_RANGES, "203.0.113.7", "203.0.113.7/24", "0.0.0.0/0"])
def test_the_template_takes_ranges(text: str) -> None:
    assert re.fullmatch(PATTERN, text)
    Sources.from_text(text)


@pytest.mark.parametrize(
    "text", ["85.94.49.0/33", "85.94.49", "256.0.0.0/8", "010.0.0.0/8", "a", ",", "1.1.1.1,"]
)
def test_the_template_takes_nothing_else(text: str) -> None:
    assert not re.fullmatch(PATTERN, text)


@pytest.mark.slow
@given(st.from_regex(PATTERN, fullmatch=True))
def test_whatever_the_template_takes_can_be_read(text: str) -> None:
    networks = tuple(ip_network(one, strict=False) for one in text.split(",") if one)
    assert Sources.from_text(text).networks == networks

"""One user is one address, however many the user has."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringpass.http.addresses import read_address, user_address


@pytest.mark.parametrize(
    ("text", "user"),
    [
        ("203.0.113.7", "203.0.113.7"),
        (" 203.0.113.7 ", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("::FFFF:cb00:7107", "203.0.113.7"),
        ("0:0:0:0:0:ffff:203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7%eth0", "203.0.113.7"),
        ("64:ff9b::203.0.113.7", "203.0.113.7"),  # NAT64
        ("2002:cb00:7107::1", "203.0.113.7"),  # 6to4
        ("2002:cb00:7107:ffff::1", "203.0.113.7"),
        ("2001:0:4136:e378:8000:63bf:34ff:8ef8", "203.0.113.7"),  # Teredo
        ("2001:db8:0:7:1:2:3:4", "2001:db8:0:7::"),
        ("2001:db8:0:7:ffff:ffff:ffff:ffff", "2001:db8:0:7::"),
        ("2001:DB8:0:7::", "2001:db8:0:7::"),
        ("2001:db8:0:8::", "2001:db8:0:8::"),
        ("fe80::1%eth0", "fe80::"),
        ("::1", "::"),
        ("64:ff9b::", "64:ff9b::"),
    ],
)
def test_a_user_has_one_address(text: str, user: str) -> None:
    assert user_address(text) == user


@pytest.mark.parametrize(
    "text",
    [
        "",
        "%eth0",
        "203.0.113",
        "203.0.113.007",
        "0313.0.0161.07",
        "0xcb.0.113.7",
        "3405803783",
        "203.0.113.7:443",
        "203.0.113.7/32",
        "203.0.113.7, 198.51.100.1",
        "[2001:db8::1]",
        "::ffff:203.0.113.007",
        "2001:db8::1::",
        "\u0662\u0660\u0663.0.113.7",
        "unknown",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whichever it is
        user_address(text)


@given(st.ip_addresses().map(str))
def test_the_one_form_of_an_address_is_its_own(text: str) -> None:
    assert user_address(user_address(text)) == user_address(text)


@given(st.ip_addresses(v=4))
def test_every_way_to_carry_an_ipv4_address_counts_as_it(address: ipaddress.IPv4Address) -> None:
    assert user_address(str(address)) == str(address)
    assert user_address(f"::ffff:{address}") == str(address)
    assert read_address(f"::ffff:{address}%1") == address
    if int(address):
        assert user_address(f"64:ff9b::{address}") == str(address)
    sixtofour = (0x2002 << 112) | (int(address) << 80) | 1
    assert user_address(str(ipaddress.IPv6Address(sixtofour))) == str(address)


@given(st.ip_addresses(v=6), st.integers(0, 2**64 - 1))
def test_a_line_of_ipv6_is_one_user(address: ipaddress.IPv6Address, host: int) -> None:
    neighbour = ipaddress.IPv6Address((int(address) >> 64 << 64) | host)
    one, other = user_address(str(address)), user_address(str(neighbour))
    assert one == other or "." in one + other


@given(st.text(max_size=50))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        user_address(text)
    except ValueError:
        return
    ipaddress.ip_address(text.strip().partition("%")[0])

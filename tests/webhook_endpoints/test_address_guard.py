"""Addresses that webhooks go to, and all those that they must never go to."""

from collections.abc import Sequence
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringpass.webhook_endpoints.address_guard import (
    NotPublic,
    NotResolved,
    is_public,
    literal_addresses,
    public_address,
)

NOT_PUBLIC = [
    "0.0.0.0",  # noqa: S104 - a text
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "169.254.170.2",
    "172.16.0.1",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]
PUBLIC = ["8.8.8.8", "203.0.114.1", "2606:4700::1111", "2a00:1450:4001:81b::200e"]


def resolving(*addresses: str) -> object:
    """A resolver with one answer."""

    def resolve(host: str, port: int) -> Sequence[str]:
        return addresses

    return resolve


@pytest.mark.parametrize("text", NOT_PUBLIC)
def test_an_address_that_is_not_public(text: str) -> None:
    assert not is_public(ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_a_public_address(text: str) -> None:
    assert is_public(ip_address(text))


@given(st.ip_addresses(v=4, network="10.0.0.0/8") | st.ip_addresses(v=4, network="169.254.0.0/16"))
def test_no_private_address_is_public_in_any_spelling(address: object) -> None:
    a, b, c, d = (int(part) for part in str(address).split("."))
    number = a << 24 | b << 16 | c << 8 | d
    spellings = [
        f"{a}.{b}.{c}.{d}",
        str(number),
        hex(number),
        f"{a:#o}".replace("0o", "0") + f".{b}.{c}.{d}",
        f"{a}.{number & 0xFFFFFF}",
        f"{a}.{b}.{number & 0xFFFF}",
        f"::ffff:{a}.{b}.{c}.{d}",
    ]
    for spelling in spellings:
        literals = literal_addresses(spelling)
        assert literals
        assert not any(map(is_public, literals))


@pytest.mark.parametrize("host", ["example.com", "localhost", "metadata.google.internal", "a.b"])
def test_a_name_is_no_literal(host: str) -> None:
    assert literal_addresses(host) == []


@pytest.mark.parametrize("private", NOT_PUBLIC)
def test_one_private_address_of_a_name_is_enough(private: str) -> None:
    with pytest.raises(NotPublic):
        public_address("example.com", 443, resolving("8.8.8.8", private))  # type: ignore[arg-type]


def test_an_ipv4_address_is_preferred_and_a_mapped_one_is_its_ipv4_address() -> None:
    both = resolving("2606:4700::1111", "8.8.8.8")
    assert str(public_address("example.com", 443, both)) == "8.8.8.8"  # type: ignore[arg-type]
    mapped = resolving("::ffff:8.8.8.8")
    assert str(public_address("example.com", 443, mapped)) == "8.8.8.8"  # type: ignore[arg-type]


def test_the_name_that_is_resolved_is_the_host_s_own() -> None:
    questions: list[tuple[str, int]] = []

    def resolve(host: str, port: int) -> Sequence[str]:
        questions.append((host, port))
        return ["8.8.8.8"]

    public_address("example.com", 8443, resolve)
    assert questions == [("example.com", 8443)]
    with pytest.raises(NotPublic):
        public_address("localhost", 443)


def test_a_name_without_addresses() -> None:
    def fails(host: str, port: int) -> Sequence[str]:
        raise OSError("no such name")

    for resolve in (fails, resolving(), resolving("not an address")):
        with pytest.raises(NotResolved):
            public_address("example.com", 443, resolve)  # type: ignore[arg-type]

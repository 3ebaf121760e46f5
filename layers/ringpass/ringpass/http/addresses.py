"""Normalizes IP addresses, and groups those of one end user.

Pure functions; ``ipaddress`` refuses ambiguous texts, such as leading zeros (``203.0.113.007``).
"""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final

# RFC 6052: how NAT64 shows an IPv4 host to hosts that have only IPv6.
_NAT64: Final = IPv6Network("64:ff9b::/96")
# One line has at least this much (RFC 6177), and its devices take new addresses in it every day.
_LINE_BITS: Final = 64
_IPV4_BITS: Final = 0xFFFF_FFFF


def read_address(text: str) -> IPv4Address | IPv6Address:
    """Parse an address; ``::ffff:203.0.113.7`` is 203.0.113.7, and a zone is removed.

    Raises:
        ValueError: The text is no address.
    """
    address = ip_address(text.strip().partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def user_address(text: str) -> str:
    """Returns the address for limits of an end user: the IPv4 address, else the IPv6 /64.

    An IPv6 address that embeds an IPv4 one (NAT64, 6to4, Teredo) counts as the IPv4 one, because
    its owner can have any number of such IPv6 addresses. A /64 is written as its first address,
    ``2001:db8:0:7::``, so the function is idempotent.

    Raises:
        ValueError: The text is no address.
    """
    address = read_address(text)
    if isinstance(address, IPv4Address):
        return str(address)
    if (embedded := _embedded(address)) is not None:
        return str(embedded)
    line = int(address) >> _LINE_BITS << _LINE_BITS
    return str(IPv6Address(line))


def _embedded(address: IPv6Address) -> IPv4Address | None:
    """Returns the IPv4 address that an IPv6 one embeds; None if there is none."""
    if address in _NAT64 and (host := int(address) & _IPV4_BITS):
        return IPv4Address(host)
    if address.teredo is not None:
        return address.teredo[1]
    return address.sixtofour

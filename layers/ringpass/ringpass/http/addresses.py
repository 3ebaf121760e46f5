"""IP addresses: one form for each, and the one user who stands behind many.

Pure; ``ipaddress`` refuses what it cannot be sure of, such as leading zeros (``203.0.113.007``).
"""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final

# RFC 6052: an IPv4 host as NAT64 shows it to hosts that have IPv6 alone.
_NAT64: Final = IPv6Network("64:ff9b::/96")
# One line has at least this much (RFC 6177), and its devices take new addresses in it every day.
_LINE_BITS: Final = 64
_IPV4_BITS: Final = 0xFFFF_FFFF


def read_address(text: str) -> IPv4Address | IPv6Address:
    """An address as it is written; ``::ffff:203.0.113.7`` is 203.0.113.7, and a zone is cut off.

    Raises:
        ValueError: It is no address.
    """
    address = ip_address(text.strip().partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def user_address(text: str) -> str:
    """What an end user counts under: the IPv4 address, else the /64 of the IPv6 one.

    An IPv6 address that is made of an IPv4 one (NAT64, 6to4, Teredo) counts as that: whoever has it
    can have any number of the others. ``2001:db8:0:7::/64`` is written as its first address,
    ``2001:db8:0:7::``, so that what this gives can be given to it again.

    Raises:
        ValueError: It is no address.
    """
    address = read_address(text)
    if isinstance(address, IPv4Address):
        return str(address)
    if (embedded := _embedded(address)) is not None:
        return str(embedded)
    line = int(address) >> _LINE_BITS << _LINE_BITS
    return str(IPv6Address(line))


def _embedded(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 one is made of; None if it is made of none."""
    if address in _NAT64 and (host := int(address) & _IPV4_BITS):
        return IPv4Address(host)
    if address.teredo is not None:
        return address.teredo[1]
    return address.sixtofour

"""Address guard: webhooks go to public addresses only.

A URL comes from a client, and the function that posts to it stands inside our network (server-side
request forgery, SSRF). So a name is resolved once, every address is checked, and the connection is
made to the address that was checked: a name that changes its answer in between changes nothing.
"""

import socket
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as DeadlineExceeded
from ipaddress import IPv4Address, IPv6Address, IPv6Network
from typing import Final

from ringpass.http.addresses import read_address

type Address = IPv4Address | IPv6Address
type Resolve = Callable[[str, int], Sequence[str]]
"""Returns the addresses of a name and a port, as text; raises ``OSError`` if there are none."""

_RESOLVE_TIMEOUT_SECONDS: Final = 5.0
# RFC 4291, section 2.4: all that IANA has assigned so far.
_GLOBAL_UNICAST: Final = IPv6Network("2000::/3")


class NotPublic(Exception):
    """A name has an address that is not public."""


class NotResolved(Exception):
    """A name has no address."""


def is_public(address: Address) -> bool:
    """Whether an address belongs to the public internet.

    Not public, by the registries of IANA for special addresses: private and link-local ones (also
    that of a cloud's metadata service), loopback, multicast, reserved ones. An IPv6 address that
    embeds an IPv4 one (6to4, Teredo, NAT64) is none: the embedded one may be anything.
    """
    if isinstance(address, IPv6Address) and (
        address not in _GLOBAL_UNICAST or address.sixtofour or address.teredo
    ):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def literal_addresses(host: str) -> list[Address]:
    """Returns the addresses of a host that is no name; none if it is a name.

    C libraries, and so clients, read ``2130706433``, ``0177.0.0.1`` and ``0x7f.1`` as 127.0.0.1.
    """
    try:
        return [read_address(text) for text in _resolve(host, 0, socket.AI_NUMERICHOST)]
    except (OSError, UnicodeError):
        return []


def public_address(host: str, port: int, resolve: Resolve | None = None) -> Address:
    """Returns the address to connect to.

    Args:
        host: A name or an address.
        port: The port.
        resolve: Resolves a name; by default the system does.

    Raises:
        NotResolved: The name has no address, or none within five seconds.
        NotPublic: One of its addresses is not public.
    """
    # The system's resolver has no time-out of its own that we could set.
    executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="resolver")
    try:
        texts = executor.submit(resolve or _resolve, host, port).result(_RESOLVE_TIMEOUT_SECONDS)
        addresses = [read_address(text) for text in texts]
    except (OSError, UnicodeError, ValueError, DeadlineExceeded) as error:
        raise NotResolved(type(error).__name__) from None
    finally:
        executor.shutdown(wait=False, cancel_futures=True)
    if not addresses:
        raise NotResolved("no address")
    if not all(map(is_public, addresses)):
        raise NotPublic
    # A function has an IPv6 address in some networks only.
    return min(addresses, key=lambda address: address.version)


def _resolve(host: str, port: int, flags: int = 0) -> list[str]:
    infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
    return [str(info[4][0]) for info in infos]

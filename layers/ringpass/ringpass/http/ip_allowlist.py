"""IP allowlist of a webhook, for stacks that configure their provider's networks."""

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Self

from ringpass.errors import Unauthorized
from ringpass.http.addresses import read_address
from ringpass.http.webhook_auth import REFUSAL
from ringpass.observability import logger

type Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Sources:
    """IP allowlist: the networks of a provider. An empty list allows every address."""

    networks: tuple[Network, ...] = ()

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read networks in CIDR notation, separated by commas; empty text is an empty list.

        Raises:
            ValueError: A part is no network.
        """
        parts = (part.strip() for part in text.split(",") if part)
        return cls(tuple(ip_network(part, strict=False) for part in parts))

    def check(self, address: str) -> None:
        """Refuse a request from another address, with the text for a wrong token.

        Raises:
            Unauthorized: The address is not allowed.
        """
        if not self.allows(address):
            logger().warning("webhook delivery from elsewhere", source=address)
            raise Unauthorized(REFUSAL)

    def allows(self, address: str) -> bool:
        """Returns whether this IP address is allowed; a text that is no address is not."""
        if not self.networks:
            return True
        try:
            source = read_address(address)
        except ValueError:
            return False
        return any(source in network for network in self.networks)

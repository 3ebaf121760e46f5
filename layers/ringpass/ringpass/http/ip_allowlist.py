"""Checks where a webhook delivery comes from, in stacks that name their provider's addresses."""

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
    """The networks that a provider calls from; without any, it may be anywhere."""

    networks: tuple[Network, ...] = ()

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read networks in CIDR notation, with commas between them; empty text names none.

        Raises:
            ValueError: One of them is no network.
        """
        return cls(tuple(ip_network(one.strip(), strict=False) for one in text.split(",") if one))

    def check(self, address: str) -> None:
        """Refuse a delivery from elsewhere, with the words that a wrong token gets.

        Raises:
            Unauthorized: It comes from elsewhere.
        """
        if not self.allow(address):
            logger().warning("webhook delivery from elsewhere", source=address)
            raise Unauthorized(REFUSAL)

    def allow(self, address: str) -> bool:
        """Whether a delivery from this IP address is taken; what is no address is not."""
        if not self.networks:
            return True
        try:
            source = read_address(address)
        except ValueError:
            return False
        return any(source in network for network in self.networks)

"""What a delivery costs: a table of the operator's, because no provider tells it in a reply.

``{"mcn": {"RU": "0.35 RUB", "*": "1.50 RUB"}}``: provider, country of the number (``*`` for every
other), amount and currency. What is not in it has no cost.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Self

from ringpass.phone import Phone

_PRICE: Final = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?) ([A-Z]{3})")


@dataclass(frozen=True, slots=True)
class Cost:
    """What a delivery costs; ``kind`` is ``estimated`` until the provider's rule settles it."""

    amount: Decimal
    currency: str
    kind: str

    def to_dict(self) -> dict[str, str]:
        """As the API and the table write it; the amount as text, so that it stays exact."""
        return {"amount": str(self.amount), "currency": self.currency, "kind": self.kind}

    @classmethod
    def from_dict(cls, written: Mapping[str, str]) -> Self:
        """What ``to_dict`` wrote."""
        return cls(Decimal(written["amount"]), written["currency"], written["kind"])


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices by provider and country."""

    by_provider: Mapping[str, Mapping[str, Cost]]

    @classmethod
    def from_json(cls, text: str) -> "Prices":
        """Read the table.

        Raises:
            ValueError: It is not such a table.
        """
        table = json.loads(text)
        if not isinstance(table, dict) or not all(isinstance(one, dict) for one in table.values()):
            raise ValueError("not a table of prices by provider and country")
        return cls(
            {
                provider: {country: _cost(price) for country, price in prices.items()}
                for provider, prices in table.items()
            }
        )

    def of(self, provider: str, phone: Phone) -> Cost | None:
        """What one accepted request to this number is estimated to cost; None if not known."""
        if phone.is_test:
            return None
        prices = self.by_provider.get(provider, {})
        return prices.get(phone.region) or prices.get("*")


def _cost(price: object) -> Cost:
    match = _PRICE.fullmatch(price) if isinstance(price, str) else None
    if match is None:
        raise ValueError("a price is an amount and a currency, such as 0.35 RUB")
    return Cost(Decimal(match.group(1)), match.group(2), "estimated")

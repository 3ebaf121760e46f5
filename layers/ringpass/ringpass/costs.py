"""Prices of deliveries, from the operator's table: no provider's reply has the price.

``{"mcn": {"RU": "0.35 RUB", "*": "1.50 RUB"}}``: provider, country of the number (``*`` for every
other), amount and currency. A send without an entry has no cost.
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
    """Cost of a delivery; ``kind`` is ``estimated`` until the provider's rule settles it."""

    amount: Decimal
    currency: str
    kind: str

    def to_dict(self) -> dict[str, str]:
        """Returns the cost as in the API and the table; the amount as text, to stay exact."""
        return {"amount": str(self.amount), "currency": self.currency, "kind": self.kind}

    @classmethod
    def from_dict(cls, fields: Mapping[str, str]) -> Self:
        """Read what ``to_dict`` returned."""
        return cls(Decimal(fields["amount"]), fields["currency"], fields["kind"])


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices by provider and country."""

    by_provider: Mapping[str, Mapping[str, Cost]]

    @classmethod
    def from_json(cls, text: str) -> "Prices":
        """Read the price table.

        Raises:
            ValueError: The text is not such a table.
        """
        table = json.loads(text)
        if not isinstance(table, dict) or not all(
            isinstance(prices, dict) for prices in table.values()
        ):
            raise ValueError("not a table of prices by provider and country")
        return cls(
            {
                provider: {country: _cost(price) for country, price in prices.items()}
                for provider, prices in table.items()
            }
        )

    def estimate(self, provider: str, phone: Phone) -> Cost | None:
        """Returns the estimated cost of one accepted request to this number; None if not known."""
        if phone.is_test:
            return None
        prices = self.by_provider.get(provider, {})
        return prices.get(phone.region) or prices.get("*")


def _cost(price: object) -> Cost:
    match = _PRICE.fullmatch(price) if isinstance(price, str) else None
    if match is None:
        raise ValueError("a price is an amount and a currency, such as 0.35 RUB")
    return Cost(Decimal(match.group(1)), match.group(2), "estimated")

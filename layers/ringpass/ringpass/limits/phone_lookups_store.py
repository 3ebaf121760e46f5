"""Items that count look-ups by phone.

    PK LKP#<key id>#<hour>   SK LKP   entity "phone_lookups": numbers that a key asked for in vain

A number stands in it by the beginning of its look-up key, once, however often it was asked for.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ringpass.aws.dynamodb import Item, Table
from ringpass.clock import to_text

# 64 bits: among a hundred numbers no two are taken for each other.
_DIGITS: Final = 16
_KEPT_SECONDS: Final = 7_200
_ROOM: Final = "attribute_not_exists(numbers) OR size(numbers) < :most OR contains(numbers, :one)"


@dataclass(frozen=True, slots=True)
class PhoneLookupRepository:
    """Counts look-ups by phone."""

    table: Table

    def count(self, key_id: str, hour: datetime, number_key: str, most: int) -> None:
        """Count a number, unless it is counted already.

        Raises:
            ConditionFailed: ``most`` others are.
        """
        number = number_key[:_DIGITS]
        self.table.update(
            _key(key_id, hour),
            "SET entity = :entity, expires_at = :expires ADD numbers :number",
            {
                ":entity": "phone_lookups",
                ":expires": int(hour.timestamp()) + _KEPT_SECONDS,
                ":number": {number},
                ":one": number,
                ":most": most,
            },
            condition=_ROOM,
        )

    def forget(self, key_id: str, hour: datetime, number_key: str) -> None:
        """Count a number no more: it was found."""
        self.table.update(
            _key(key_id, hour), "DELETE numbers :number", {":number": {number_key[:_DIGITS]}}
        )


def _key(key_id: str, hour: datetime) -> Item:
    return {"PK": f"LKP#{key_id}#{to_text(hour)}", "SK": "LKP"}

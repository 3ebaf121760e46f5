"""Repository of look-up counts: the unknown numbers that an API key has looked up.

    PK LKP#<key id>#<hour>   SK LKP   entity "phone_lookups": unknown numbers that a key looked up

A number is listed by the beginning of its look-up key, once, however often it is looked up.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ringpass.aws.dynamodb import Item, Table
from ringpass.clock import to_text

# 64 bits: no two of a hundred numbers are mistaken for each other.
_DIGITS: Final = 16
_TTL_SECONDS: Final = 7_200
_ROOM: Final = "attribute_not_exists(numbers) OR size(numbers) < :most OR contains(numbers, :one)"


@dataclass(frozen=True, slots=True)
class PhoneLookupRepository:
    """Repository of look-up counts."""

    table: Table

    def count(self, key_id: str, hour: datetime, phone_key: str, cap: int) -> None:
        """Count a number, unless it is counted already.

        Raises:
            ConditionFailed: ``cap`` other numbers are.
        """
        number = phone_key[:_DIGITS]
        self.table.update(
            _key(key_id, hour),
            "SET entity = :entity, expires_at = :expires ADD numbers :number",
            {
                ":entity": "phone_lookups",
                ":expires": int(hour.timestamp()) + _TTL_SECONDS,
                ":number": {number},
                ":one": number,
                ":most": cap,
            },
            condition=_ROOM,
        )

    def forget(self, key_id: str, hour: datetime, phone_key: str) -> None:
        """Remove a number from the count: it is a known one."""
        self.table.update(
            _key(key_id, hour), "DELETE numbers :number", {":number": {phone_key[:_DIGITS]}}
        )


def _key(key_id: str, hour: datetime) -> Item:
    return {"PK": f"LKP#{key_id}#{to_text(hour)}", "SK": "LKP"}

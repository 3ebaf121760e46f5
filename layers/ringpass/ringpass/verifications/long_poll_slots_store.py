"""Repository of the slots of long polls: a semaphore, so that they never take all executions.

    PK LPS#<slot>   SK LPS   entity "long_poll_slot"; ``holder``, ``held_until`` while it is taken

A poll takes a free slot by one conditional write. A function that dies leaves its slot taken until
``held_until``. A client uses half of the slots, which its name selects, so it never holds all.
"""

import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zlib import crc32

from ringpass.aws.dynamodb import ConditionFailed, Item, Table
from ringpass.clock import to_text

# Each is one write. With half of a client's slots taken, one in 32 polls finds none.
_TRIES: Final = 5
_RETENTION: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot that a poll holds."""

    number: int
    holder: str


@dataclass(frozen=True, slots=True)
class LongPollSlots:
    """Repository of slots.

    Attributes:
        table: The table.
        most: How many slots there are; 0: nobody polls long.
        choose: Returns a random number below its argument.
    """

    table: Table
    most: int
    choose: Callable[[int], int] = secrets.randbelow

    def acquire(self, client: str, now: datetime, until: datetime) -> Slot | None:
        """Take a free slot until an instant; None if none was found."""
        if not self.most:
            return None
        first, half = crc32(client.encode()) % self.most, -(-self.most // 2)
        offset, holder = self.choose(half), secrets.token_hex(8)
        for number in range(min(_TRIES, half)):
            slot = Slot((first + (offset + number) % half) % self.most, holder)
            with suppress(ConditionFailed):
                self.table.update(
                    _key(slot),
                    "SET entity = :entity, holder = :holder, held_until = :until, "
                    "expires_at = :expires_at",
                    {
                        ":entity": "long_poll_slot",
                        ":holder": holder,
                        ":until": to_text(until),
                        ":expires_at": int((until + _RETENTION).timestamp()),
                        ":now": to_text(now),
                    },
                    condition="attribute_not_exists(holder) OR held_until <= :now",
                )
                return slot
        return None

    def release(self, slot: Slot) -> None:
        """Free a slot, if it is still held."""
        with suppress(ConditionFailed):
            self.table.update(
                _key(slot),
                "REMOVE holder, held_until",
                {":holder": slot.holder},
                condition="holder = :holder",
            )


def _key(slot: Slot) -> Item:
    return {"PK": f"LPS#{slot.number}", "SK": "LPS"}

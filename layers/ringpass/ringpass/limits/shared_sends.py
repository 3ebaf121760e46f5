"""All clients' sends to a number, of which no client's fill the cap for another one.

    PK LIM#ALL#<phone key>   SK LIM   sent_at: when each send was; sent_by: whose, in the same order

A client's own sends count in full for it, another client's up to half of the cap. As long as the
list is shorter than the cap there is room for anybody, and nothing is read.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Self

from ringpass.aws.dynamodb import Item, Update
from ringpass.limits.arithmetic import LimitExceeded, Sent, counted_for, wait_for_share
from ringpass.limits.counters import (
    KEPT_LATE,
    SENDS_KEPT,
    Counter,
    CounterRepository,
    unchanged_list,
)
from ringpass.limits.settings import Window

_ROOM: Final = "(attribute_not_exists(sent_at) OR size(sent_at) < :cap)"


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedSendCounter(Counter):
    """A client's send within the last so many seconds, counted with those of all others.

    Attributes:
        key: The number's item.
        window: What the client may add to.
        client: Whose send it is.
        now: Milliseconds since 1970.
    """

    name: str = "phone_all_clients"
    key: Item
    window: Window
    client: str
    now: int
    write: Update

    @classmethod
    def guess(cls, phone_key: str, window: Window, client: str, now: int) -> Self:
        """Count a send: there is room for anybody."""
        made = cls(
            key={"PK": f"LIM#ALL#{phone_key}", "SK": "LIM"},
            window=window,
            client=client,
            now=now,
            write=Update({}, "", {}, ""),
        )
        return made._append()

    def corrected(self, found: Item, counters: CounterRepository) -> Self:  # noqa: ARG002 - it is one item
        """See ``Counter``."""
        sent = [
            Sent(at, by)
            for at, by in zip(found.get("sent_at", ()), found.get("sent_by", ()), strict=True)
        ]
        if len(sent) < self.window.cap:
            return self._append()
        cap, seconds = self.window.cap, self.window.seconds
        if wait := wait_for_share(sent, self.client, cap, seconds, self.now):
            counted = counted_for(self.client, self._since(sent, seconds), cap)
            raise LimitExceeded(self.name, wait, cap, counted)
        return self._renew(found, self._since(sent, seconds + KEPT_LATE))

    def _since(self, sent: Sequence[Sent], seconds: int) -> list[Sent]:
        return [one for one in sent if one.at > self.now - seconds * 1000]

    def _append(self) -> Self:
        return self._writing(
            "sent_at = list_append(if_not_exists(sent_at, :none), :at), "
            "sent_by = list_append(if_not_exists(sent_by, :none), :by)",
            {":none": [], ":at": [self.now], ":by": [self.client], ":cap": self.window.cap},
            _ROOM,
        )

    def _renew(self, found: Item, kept: Sequence[Sent]) -> Self:
        """Take out what no longer counts."""
        condition, values = unchanged_list(found)
        return self._writing(
            "sent_at = :at, sent_by = :by, prunes = :prunes",
            {
                ":at": [*(one.at for one in kept), self.now],
                ":by": [*(one.by for one in kept), self.client],
                **values,
            },
            condition,
        )

    def _writing(self, sets: str, values: dict[str, Any], condition: str) -> Self:
        expires = self.now // 1000 + SENDS_KEPT
        update = f"SET {sets}, entity = :entity, expires_at = :expires"
        values |= {":entity": "counter", ":expires": expires}
        return replace(self, write=Update(self.key, update, values, condition))

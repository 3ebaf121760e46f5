"""Counter of all clients' sends to a number; no client can use up the cap for another one.

    PK LIM#ALL#<phone key>   SK LIM   sent_at: when each send was; sent_by: whose, in the same order

A client's own sends count in full for it, another client's up to half of the cap. While the list
is shorter than the cap, there is room for any client, and nothing is read.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Self

from ringpass.aws.dynamodb import Item
from ringpass.aws.transaction import Update
from ringpass.limits.arithmetic import ClientSend, LimitExceeded, count_for, wait_for_share
from ringpass.limits.counters import (
    LATE_WRITE_SECONDS,
    SENDS_TTL_SECONDS,
    Counter,
    CounterRepository,
    unchanged_list,
)
from ringpass.limits.settings import Window

_ROOM: Final = "(attribute_not_exists(sent_at) OR size(sent_at) < :cap)"


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedSendCounter(Counter):
    """Counter of all clients' sends to a number in a sliding window.

    Attributes:
        key: The number's item.
        window: The cap for this client.
        client: The client that sends.
        now: Milliseconds since 1970.
    """

    name: str = "phone_all_clients"
    key: Item
    window: Window
    client: str
    now: int
    write: Update

    @classmethod
    def optimistic(cls, phone_key: str, window: Window, client: str, now: int) -> Self:
        """Count a send, assuming that there is room for any client."""
        draft = cls(
            key=shared_key(phone_key),
            window=window,
            client=client,
            now=now,
            write=Update({}, "", {}, ""),
        )
        return draft._append()

    def replanned(self, item: Item, counters: CounterRepository) -> Self:  # noqa: ARG002 - one item
        """See ``Counter``."""
        sends = [
            ClientSend(at, client)
            for at, client in zip(item.get("sent_at", ()), item.get("sent_by", ()), strict=True)
        ]
        if len(sends) < self.window.cap:
            return self._append()
        cap, seconds = self.window.cap, self.window.seconds
        if wait := wait_for_share(sends, self.client, cap, seconds, self.now):
            count = count_for(self.client, self._since(sends, seconds), cap)
            raise LimitExceeded(self.name, wait, cap, count)
        return self._prune(item, self._since(sends, seconds + LATE_WRITE_SECONDS))

    def _since(self, sends: Sequence[ClientSend], seconds: int) -> list[ClientSend]:
        return [send for send in sends if send.at > self.now - seconds * 1000]

    def _append(self) -> Self:
        return self._with_write(
            "sent_at = list_append(if_not_exists(sent_at, :none), :at), "
            "sent_by = list_append(if_not_exists(sent_by, :none), :by)",
            {":none": [], ":at": [self.now], ":by": [self.client], ":cap": self.window.cap},
            _ROOM,
        )

    def _prune(self, item: Item, sends: Sequence[ClientSend]) -> Self:
        """Remove the sends that no longer count, under an optimistic lock."""
        condition, values = unchanged_list(item)
        return self._with_write(
            "sent_at = :at, sent_by = :by, prunes = :prunes",
            {
                ":at": [*(send.at for send in sends), self.now],
                ":by": [*(send.client for send in sends), self.client],
                **values,
            },
            condition,
        )

    def _with_write(self, sets: str, values: dict[str, Any], condition: str) -> Self:
        expires = self.now // 1000 + SENDS_TTL_SECONDS
        update = f"SET {sets}, entity = :entity, expires_at = :expires"
        values |= {":entity": "counter", ":expires": expires}
        return replace(self, write=Update(self.key, update, values, condition))


def shared_key(phone_key: str) -> Item:
    """Returns the key of all clients' sends to a number."""
    return {"PK": f"LIM#ALL#{phone_key}", "SK": "LIM"}

"""Repository of circuits: the failures of providers, and their suspensions.

    PK PRV#<provider>            SK PRV      entity "provider"    the state of its circuit
    PK PRV#<provider>#<0 to 3>   SK MARK     entity "mark"        such an item exists

A provider without failures has no items, so a reservation needs no read: its transaction checks
that one mark is absent. Each request checks a random mark, because transactions that check the same
item at the same time conflict.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ringpass.aws.dynamodb import ConditionFailed, Item, Table
from ringpass.aws.transaction import ConditionsFailed, Delete, Put, Transaction
from ringpass.clock import from_text, to_text
from ringpass.limits.circuit import CircuitState, Failure

_MARKS: Final = 4
# An item that is not written for a day expires.
_TTL_SECONDS: Final = 86_400


def any_mark(provider: str) -> Item:
    """The key of one of a provider's marks, at random."""
    return _mark(provider, secrets.randbelow(_MARKS))


@dataclass(frozen=True, slots=True)
class CircuitRepository:
    """Repository of circuits."""

    table: Table

    def get(self, provider: str) -> CircuitState | None:
        """Returns the state of a provider's circuit; None if it has no failures."""
        item = self.table.get(_key(provider))
        return _from_item(item) if item else None

    def replace(self, provider: str, old: CircuitState | None, new: CircuitState) -> bool:
        """Write the new state under an optimistic lock; False if ``old`` is outdated."""
        item = {
            **_key(provider),
            "entity": "provider",
            "version": new.version,
            "failures": [
                {"at": to_text(failure.at), "client": failure.client, "number": failure.phone_key}
                for failure in new.failures
            ],
            "reason": new.reason,
            "level": new.level,
            "suspended_until": new.suspended_until and to_text(new.suspended_until),
            "probe_until": new.probe_until and to_text(new.probe_until),
            "expires_at": int(new.failures[-1].at.timestamp()) + _TTL_SECONDS,
        }
        try:
            if old is None:
                self.table.put(item, "attribute_not_exists(PK)")
            else:
                self.table.put(item, "version = :old", {":old": old.version})
        except ConditionFailed:
            return False
        if old is None:
            for mark in _marks(provider):
                self.table.put({**mark, "entity": "mark", "expires_at": item["expires_at"]}, None)
        return True

    def close(self, provider: str, entry: Put) -> bool:
        """Delete a provider's circuit, and write the entry of the audit log; False: it has none."""
        tx = Transaction(self.table)
        tx.add(Delete(_key(provider), "attribute_exists(PK)"))
        for mark in _marks(provider):
            tx.add(Delete(mark, None))
        tx.add(entry)
        try:
            tx.commit()
        except ConditionsFailed:
            return False
        return True

    def forget(self, provider: str) -> None:
        """Delete a provider's circuit. Marks go first: without them nobody reads the rest."""
        for key in (*_marks(provider), _key(provider)):
            self.table.delete(key)


def _key(provider: str) -> Item:
    return {"PK": f"PRV#{provider}", "SK": "PRV"}


def _mark(provider: str, number: int) -> Item:
    return {"PK": f"PRV#{provider}#{number}", "SK": "MARK"}


def _marks(provider: str) -> Iterator[Item]:
    return (_mark(provider, number) for number in range(_MARKS))


def _from_item(item: Item) -> CircuitState:
    def instant(name: str) -> datetime | None:
        text = item.get(name)
        return from_text(text) if text else None

    return CircuitState(
        version=item["version"],
        failures=tuple(
            Failure(from_text(entry["at"]), entry["client"], entry["number"])
            for entry in item["failures"]
        ),
        reason=item["reason"],
        level=item["level"],
        suspended_until=instant("suspended_until"),
        probe_until=instant("probe_until"),
    )

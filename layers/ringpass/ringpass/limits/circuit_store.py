"""Repository of circuits: the failures of providers, and their suspensions.

    PK PRV#<provider>            SK PRV      entity "provider"    the state of its circuit
    PK PRV#<provider>#<0 to 3>   SK MARK     entity "mark"        it has failures

A provider without failures since its last success has no marks, so a reservation needs no read: its
transaction checks that one mark is absent. Each request checks a random mark, because transactions
that check the same item at the same time conflict.

The state is never deleted: it counts how often the circuit has opened and closed, and these changes
are events (``ringpass.events``). It does not expire while a provider is suspended: only a probe or
an operator ends that.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ringpass.aws.dynamodb import Item, Table
from ringpass.aws.transaction import ConditionsFailed, Put, Transaction
from ringpass.clock import from_text, to_text
from ringpass.limits.circuit import CircuitState, Failure, Transition, after_success

_MARKS: Final = 4


def any_mark(provider: str) -> Item:
    """The key of one of a provider's marks, at random."""
    return _mark(provider, secrets.randbelow(_MARKS))


@dataclass(frozen=True, slots=True)
class CircuitRepository:
    """Repository of circuits."""

    table: Table

    def get(self, provider: str) -> CircuitState:
        """Returns the state of a provider's circuit."""
        item = self.table.get(_key(provider))
        return from_item(item) if item else CircuitState()

    def replace(self, provider: str, old: CircuitState, new: CircuitState) -> bool:
        """Write the new state under an optimistic lock; False if ``old`` is outdated."""
        if not self._put(provider, old, new):
            return False
        has_opened = new.suspended_until is not None and old.suspended_until is None
        # Once more when it opens: who wrote the first failure may have ended before its marks.
        if not old.failures or has_opened:
            self._put_marks(provider)
        return True

    def close(
        self, provider: str, old: CircuitState, now: datetime, entry: Put | None = None
    ) -> bool:
        """Forget a provider's failures and suspension; False if ``old`` is outdated.

        Marks go first: without them nobody reads the rest. They return if there is a failure that
        ``old`` does not have.

        Args:
            provider: Its name.
            old: The state that ends.
            now: The current time.
            entry: That of the audit log, written with the new state.
        """
        if not old.version:
            return True
        for mark in _marks(provider):
            self.table.delete(mark)
        if self._put(provider, old, after_success(old, now), entry):
            return True
        self._put_marks(provider)
        return False

    def _put(
        self, provider: str, old: CircuitState, new: CircuitState, entry: Put | None = None
    ) -> bool:
        item = {**_key(provider), "entity": "provider", "name": provider, **_to_item(new)}
        tx = Transaction(self.table)
        if old.version:
            tx.add(Put(item, "version = :old", {":old": old.version}))
        else:
            tx.add(Put(item, "attribute_not_exists(PK)"))
        if entry is not None:
            tx.add(entry)
        try:
            tx.commit()
        except ConditionsFailed:
            return False
        return True

    def _put_marks(self, provider: str) -> None:
        for mark in _marks(provider):
            self.table.put({**mark, "entity": "mark"}, None)


def _key(provider: str) -> Item:
    return {"PK": f"PRV#{provider}", "SK": "PRV"}


def _mark(provider: str, number: int) -> Item:
    return {"PK": f"PRV#{provider}#{number}", "SK": "MARK"}


def _marks(provider: str) -> Iterator[Item]:
    return (_mark(provider, number) for number in range(_MARKS))


def _to_item(state: CircuitState) -> Item:
    return {
        "version": state.version,
        "failures": [
            {"at": to_text(failure.at), "client": failure.client, "number": failure.phone_key}
            for failure in state.failures
        ],
        "reason": state.reason,
        "level": state.level,
        "suspended_until": _text(state.suspended_until),
        "probe_until": _text(state.probe_until),
        "changes": state.changes,
        "last_changes": [
            {
                "at": to_text(change.at),
                "reason": change.reason,
                "suspended_until": _text(change.suspended_until),
                "failures": change.failures,
            }
            for change in state.last_changes
        ],
    }


def from_item(item: Item) -> CircuitState:
    """Returns the state of an item, also of one that was written before changes were counted."""
    return CircuitState(
        version=item["version"],
        failures=tuple(
            Failure(from_text(entry["at"]), entry["client"], entry["number"])
            for entry in item["failures"]
        ),
        reason=item.get("reason"),
        level=item["level"],
        suspended_until=_instant(item, "suspended_until"),
        probe_until=_instant(item, "probe_until"),
        changes=item.get("changes", 0),
        last_changes=tuple(
            Transition(
                from_text(entry["at"]),
                entry.get("reason"),
                _instant(entry, "suspended_until"),
                entry["failures"],
            )
            for entry in item.get("last_changes", ())
        ),
    )


def _text(instant: datetime | None) -> str | None:
    return to_text(instant) if instant else None


def _instant(item: Item, name: str) -> datetime | None:
    text = item.get(name)
    return from_text(text) if text else None

"""Repository of verifications, and the lock of a phone's active verification.

    PK VER#<id>                      SK VER   entity "verification"
    PK OPN#<client>#<phone key>      SK OPN   entity "open"   the phone's active verification

start             put both, and the first delivery; a second start ends the active verification
advance           the next turn with its delivery; optimistic lock: only from the expected turn
consume_attempt   before a guess is compared: pending, in time, attempts left
approve           by the right guess; once
end               canceled, expired, too many guesses, all failed; once

Verifications have their own keys in the list indexes (``ver#``), apart from deliveries.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from ringpass.aws import due_index
from ringpass.aws.client_index import BY_CLIENT, listed_at
from ringpass.aws.dynamodb import ConditionFailed, Item, Table
from ringpass.aws.phone_index import BY_PHONE
from ringpass.aws.transaction import ConditionsFailed, Delete, Put, Transaction, Update
from ringpass.aws.update_index import BY_UPDATE, Changes
from ringpass.clients.settings.model import Step
from ringpass.clock import from_text, to_text
from ringpass.phone import anonymous
from ringpass.providers.facts import ChannelName
from ringpass.verifications.codes import SealedCode
from ringpass.verifications.model import (
    TimelineEntry,
    TimelineEvent,
    Verification,
    VerificationStatus,
)

VERIFICATION: Final = "verification"
"""Tag of a verification in a transaction: a new one, or the next turn of one."""
ACTIVE_LOCK: Final = "active lock"
"""Tag of the active verification lock."""
REPLACED: Final = "replaced verification"
"""Tag of the verification that a new one replaces."""
_SHARDS: Final = 4
_PAGE: Final = 50
_STATUS: Final = {"#status": "status"}
_PENDING: Final = {":pending": VerificationStatus.PENDING}
_NEXT_VERSION: Final = (
    "version = version + :one, updated_at = :at, history = list_append(history, :lines)"
)
_DUE: Final = "due_bucket = :due_bucket, due_at = :due_at"


class AlreadyStarted(Exception):
    """A verification with this id exists already."""

    def __init__(self, verification: Verification) -> None:
        super().__init__("a verification with this id exists")
        self.verification = verification


class StaleTurn(Exception):
    """The optimistic lock failed: the verification has changed or ended, or does not exist."""

    def __init__(self, verification: Verification | None) -> None:
        super().__init__("the verification has moved on")
        self.verification = verification


@dataclass(frozen=True, slots=True)
class VerificationRepository:
    """Repository of verifications.

    Attributes:
        table: The table.
        retention_seconds: How long a verification is kept after its creation.
    """

    table: Table
    retention_seconds: int = 0

    def get(self, verification_id: str) -> Verification | None:
        """Return the verification, or None."""
        item = self.table.get(_key(verification_id))
        return from_item(item) if item else None

    def add(self, tx: Transaction, verification: Verification, phone_key: str) -> None:
        """Add a new verification to a transaction."""
        created = from_text(verification.created_at)
        item = _to_item(verification) | {
            "entity": "verification",
            "phone_key": _phone_bucket(phone_key),
            "client_bucket": _bucket(verification.client, ord(verification.id[-1]) % _SHARDS),
            "listed_at": listed_at(verification),
            "client_listed_at": f"{verification.client}#{listed_at(verification)}",
            "expires_at": int(created.timestamp()) + self.retention_seconds,
            **_due(verification, created),
        }
        tx.add(Put(item, "attribute_not_exists(PK)"), VERIFICATION)

    def advance(
        self,
        tx: Transaction,
        next_state: Verification,
        expected_turn: int,
        entries: Sequence[TimelineEntry],
        now: datetime,
    ) -> None:
        """Add the next turn of a verification to a transaction, under the optimistic lock.

        Args:
            tx: The transaction.
            next_state: The verification as it is then.
            expected_turn: The turn that it is advanced from.
            entries: New entries of its timeline.
            now: The time.
        """
        # The first turn of a queued verification: limits have counted it now.
        counted = {"unverified": next_state.unverified, "decision": next_state.decision}
        first = _without_none(counted) if next_state.turn == 1 else {}
        turn_update = Update(
            _key(next_state.id),
            f"SET {_NEXT_VERSION}, {_DUE}, turn = :next, step = :step, step_due_at = :step_due_at, "
            "delivery_ids = list_append(delivery_ids, :delivery_ids)"
            + "".join(f", {name} = :{name}" for name in first),
            {
                **{f":{name}": value for name, value in first.items()},
                **_version_values(entries, now),
                **_due_values(next_state, now),
                **_PENDING,
                ":next": next_state.turn,
                ":turn": expected_turn,
                ":step": next_state.step,
                ":step_due_at": next_state.step_due_at,
                ":delivery_ids": [next_state.delivery_ids[-1]],
                ":no": False,
            },
            f"{_IS_PENDING} AND turn = :turn AND exhausted = :no AND paid < attempts "
            "AND ends_at > :at",
            _STATUS,
        )
        tx.add(turn_update, VERIFICATION)

    def exhaust(
        self, next_state: Verification, entries: Sequence[TimelineEntry], now: datetime
    ) -> Verification:
        """Record that no step is left.

        Raises:
            StaleTurn: It has ended, or is at another turn, or was exhausted before.
        """
        values = {
            **_version_values(entries, now),
            **_due_values(next_state, now),
            **_PENDING,
            ":turn": next_state.turn,
            ":no": False,
            ":yes": True,
        }
        return self._update(
            next_state.id,
            f"SET {_NEXT_VERSION}, {_DUE}, exhausted = :yes",
            values,
            f"{_IS_PENDING} AND turn = :turn AND exhausted = :no",
        )

    def postpone(self, verification: Verification, until: datetime, now: datetime) -> None:
        """Set the time from which a verification is overdue, if it is still at the same turn."""
        entry = due_index.timer_entry(verification.id, until, now)
        with suppress(ConditionFailed):
            self.table.update(
                _key(verification.id),
                f"SET {_DUE}",
                {f":{name}": value for name, value in entry.items()}
                | {":turn": verification.turn}
                | _PENDING,
                names=_STATUS,
                condition=f"{_IS_PENDING} AND turn = :turn",
            )

    def leave_to_scheduler(self, verification_id: str) -> None:
        """Have the scheduler queue a pending verification's task when it is due."""
        with suppress(ConditionFailed):
            self.table.update(
                _key(verification_id),
                "SET due_bucket = :bucket",
                {":bucket": due_index.later_bucket(verification_id)},
                condition="attribute_exists(due_at)",
            )

    def consume_attempt(
        self, verification_id: str, client: str, guess_key: str, code_mark: str, now: datetime
    ) -> Verification:
        """Consume an attempt, before the guess is compared.

        Args:
            verification_id: The verification.
            client: The client that must own it.
            guess_key: Identifies the guess, which consumes one attempt at most.
            code_mark: Tells guessed codes apart: ``Codes.guess_mark``.
            now: The time.

        Raises:
            StaleTurn: It is none of this client's, or has ended, or no attempt is left, or this
                guess has consumed one before.
        """
        at = to_text(now)
        values = {
            **_version_values([TimelineEntry(at=at, event=TimelineEvent.CHECKED)], now),
            **_PENDING,
            ":client": client,
            ":code_mark": code_mark,
        }
        return self._update(
            verification_id,
            f"SET {_NEXT_VERSION}, paid = paid + :one, last_paid_at = :at, "
            "guesses.#guess = :code_mark",
            values,
            f"{_IS_PENDING} AND client = :client AND ends_at > :at AND paid < attempts "
            "AND attribute_not_exists(guesses.#guess)",
            {"#guess": guess_key},
        )

    def approve(
        self, verification_id: str, channel: str, guess_key: str, now: datetime
    ) -> Verification:
        """Approve a verification by a right guess that consumed an attempt.

        Raises:
            StaleTurn: It has ended already.
        """
        return self._end(
            verification_id,
            VerificationStatus.APPROVED,
            "code_right",
            now,
            by=guess_key,
            channel=channel,
        )

    def end(
        self,
        verification_id: str,
        status: VerificationStatus,
        reason: str,
        now: datetime,
        *,
        by: str | None = None,
    ) -> Verification:
        """End a verification without approval; ``by`` identifies the request that asked for it.

        Raises:
            StaleTurn: It has ended already.
        """
        return self._end(verification_id, status, reason, now, by=by)

    def replace_action(self, old_id: str, new_id: str, now: datetime) -> Update:
        """Transaction action: cancel a verification as another one starts for the same phone."""
        values = _end_values(VerificationStatus.CANCELED, "replaced", now)
        return Update(
            _key(old_id),
            f"{_END}, replaced_by = :new_id {_REMOVE_DUE}",
            values | {":new_id": new_id},
            _IS_PENDING,
            _STATUS,
        )

    def _end(
        self,
        verification_id: str,
        status: VerificationStatus,
        reason: str,
        now: datetime,
        *,
        by: str | None = None,
        channel: str | None = None,
    ) -> Verification:
        optional = {"ended_by": by, "approved_channel": channel}
        fields = {name: value for name, value in optional.items() if value is not None}
        assignments = "".join(f", {name} = :{name}" for name in fields)
        values = _end_values(status, reason, now)
        values |= {f":{name}": value for name, value in fields.items()}
        return self._update(
            verification_id, f"{_END}{assignments} {_REMOVE_DUE}", values, _IS_PENDING
        )

    def _update(
        self,
        verification_id: str,
        update: str,
        values: Item,
        condition: str,
        names: Mapping[str, str] | None = None,
    ) -> Verification:
        try:
            item = self.table.update(
                _key(verification_id),
                update,
                values,
                names=_STATUS | dict(names or {}),
                condition=condition,
            )
        except ConditionFailed as error:
            raise stale_turn(error.item) from None
        return from_item(item)

    def erase(self, verification: Verification, phone_key: str) -> bool:
        """Remove from an ended verification what identifies a person; whether it was written.

        Its status and times stay, for statistics. It leaves the index by phone.
        """
        workflow = [_step_to_item(replace(step, params={})) for step in verification.workflow]
        try:
            self.table.update(
                _key(verification.id),
                "SET phone = :phone, #metadata = :none, workflow = :workflow "
                "REMOVE phone_key, client_listed_at, decision, consent_reference",
                {
                    ":phone": anonymous(verification.phone),
                    ":none": {},
                    ":workflow": workflow,
                    ":key": _phone_bucket(phone_key),
                    **_PENDING,
                },
                names={**_STATUS, "#metadata": "metadata"},
                condition="phone_key = :key AND #status <> :pending",
            )
        except ConditionFailed:
            return False
        return True

    def of_phone(
        self, client: str, phone_key: str, after: str, before: str
    ) -> Iterator[Verification]:
        """A client's verifications of a number, newest first, ``after <= listed_at < before``.

        Other clients' verifications of it are not read.
        """
        start, end = f"{client}#{after}", f"{client}#{before}"
        items = self.table.list_items(BY_PHONE, [_phone_bucket(phone_key)], start, end, _PAGE)
        return map(from_item, items)

    def of_client(self, client: str, after: str, before: str) -> Iterator[Verification]:
        """A client's verifications, newest first, ``after <= listed_at < before``."""
        buckets = [_bucket(client, shard) for shard in range(_SHARDS)]
        return map(from_item, self.table.list_items(BY_CLIENT, buckets, after, before, _PAGE))

    def list_changes(self, client: str, changes: Changes) -> Iterator[Verification]:
        """A client's verifications, the oldest change first, from the time of ``after`` on."""
        buckets = [_bucket(client, shard) for shard in range(_SHARDS)]
        items = self.table.list_changes(BY_UPDATE, buckets, changes.since, changes.before, _PAGE)
        return map(from_item, items)


_IS_PENDING: Final = "#status = :pending"
_END: Final = f"SET {_NEXT_VERSION}, #status = :status, ended_at = :at, end_reason = :reason"
_REMOVE_DUE: Final = "REMOVE " + ", ".join(due_index.ATTRIBUTES)


@dataclass(frozen=True, slots=True)
class ActiveVerificationLock:
    """Lock of a phone: a client has one active verification of it at most."""

    table: Table

    def acquire(self, verification: Verification, phone_key: str, now: datetime) -> Update:
        """Transaction action: acquire the lock for a verification, if it is free."""
        return self._acquire(
            verification,
            phone_key,
            "attribute_not_exists(PK) OR ends_at <= :now",
            {":now": to_text(now)},
        )

    def transfer(self, verification: Verification, phone_key: str, holder_id: str) -> Update:
        """Transaction action: transfer the lock from ``holder_id`` to a verification."""
        return self._acquire(
            verification, phone_key, "verification_id = :open_id", {":open_id": holder_id}
        )

    def release(self, verification: Verification, phone_key: str) -> None:
        """Delete the lock, if this verification holds it."""
        key = {"PK": f"OPN#{verification.client}#{phone_key}", "SK": "OPN"}
        tx = Transaction(self.table)
        tx.add(Delete(key, "verification_id = :id", {":id": verification.id}))
        with suppress(ConditionsFailed):
            tx.commit()

    def _acquire(
        self, verification: Verification, phone_key: str, condition: str, values: Mapping[str, Any]
    ) -> Update:
        return Update(
            {"PK": f"OPN#{verification.client}#{phone_key}", "SK": "OPN"},
            "SET entity = :entity, verification_id = :id, ends_at = :ends_at, "
            "expires_at = :expires_at",
            {
                ":entity": "open",
                ":id": verification.id,
                ":ends_at": verification.ends_at,
                ":expires_at": int(from_text(verification.ends_at).timestamp())
                + _LOCK_RETENTION_SECONDS,
                **values,
            },
            condition,
        )


_LOCK_RETENTION_SECONDS: Final = 3_600


def check_attempt(refusal: ConditionsFailed, verification: Verification) -> None:
    """Check that what refuses a verification is its own put, repeated after a lost answer.

    Raises:
        AlreadyStarted: There is another one with its id.
    """
    item = refusal.items[VERIFICATION]
    if item is None:
        raise refusal
    existing = from_item(item)
    if existing.attempt != verification.attempt:
        raise AlreadyStarted(existing) from None


def stale_turn(item: Item | None) -> StaleTurn:
    """Return the error for a verification that is not as a turn expects."""
    return StaleTurn(from_item(item) if item else None)


def from_item(item: Item) -> Verification:
    """Return the verification of an item, also of one from a stream record."""
    fields = {name: item[name] for name in _PLAIN_FIELDS if name in item}
    return Verification(
        **fields,
        status=VerificationStatus(item["status"]),
        workflow=tuple(_step_from_item(step) for step in item["workflow"]),
        code=SealedCode.from_item(item["code"]),
        delivery_ids=tuple(item["delivery_ids"]),
        history=tuple(_entry_from_item(entry) for entry in item["history"]),
    )


_PLAIN_FIELDS: Final = [
    "id",
    "client",
    "phone",
    "country",
    "created_at",
    "updated_at",
    "ends_at",
    "attempts",
    "fingerprint",
    "attempt",
    "sign_in_server",
    "paid",
    "last_paid_at",
    "guesses",
    "step",
    "turn",
    "step_due_at",
    "exhausted",
    "metadata",
    "test",
    "version",
    "ended_at",
    "end_reason",
    "approved_channel",
    "ended_by",
    "replaced_by",
    "unverified",
    "decision",
    "consent_reference",
]


def _to_item(verification: Verification) -> dict[str, Any]:
    fields = {name: getattr(verification, name) for name in _PLAIN_FIELDS}
    return fields | {
        **_key(verification.id),
        "status": verification.status,
        "metadata": dict(verification.metadata),
        "guesses": dict(verification.guesses),
        "workflow": [_step_to_item(step) for step in verification.workflow],
        "code": _without_none(verification.code.to_item()),
        "delivery_ids": list(verification.delivery_ids),
        "history": [_entry_to_item(entry) for entry in verification.history],
    }


def _step_to_item(step: Step) -> dict[str, Any]:
    return _without_none(
        {
            "channel": step.channel,
            "timeout_seconds": step.timeout_seconds,
            "template": step.template,
            "code_param": step.code_param,
            "params": dict(step.params),
            "scenario": step.scenario,
        }
    )


def _step_from_item(item: Item) -> Step:
    return Step(
        channel=ChannelName(item["channel"]),
        timeout_seconds=item["timeout_seconds"],
        template=item.get("template"),
        code_param=item.get("code_param"),
        params=item.get("params", {}),
        scenario=item.get("scenario"),
    )


def _entry_to_item(entry: TimelineEntry) -> dict[str, Any]:
    return _without_none(
        {
            "at": entry.at,
            "event": entry.event,
            "reason": entry.reason,
            "step": entry.step,
            "channel": entry.channel,
            "delivery_id": entry.delivery_id,
            "request": entry.request,
        }
    )


def _entry_from_item(item: Item) -> TimelineEntry:
    return TimelineEntry(**{**item, "event": TimelineEvent(item["event"])})


def _without_none(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _version_values(entries: Sequence[TimelineEntry], now: datetime) -> dict[str, Any]:
    """Values that every write changes: version, time and timeline."""
    return {
        ":one": 1,
        ":at": to_text(now),
        ":lines": [_entry_to_item(entry) for entry in entries],
    }


def _end_values(status: VerificationStatus, reason: str, now: datetime) -> dict[str, Any]:
    entry = TimelineEntry(at=to_text(now), event=TimelineEvent.ENDED, reason=f"{status}:{reason}")
    return {
        **_version_values([entry], now),
        **_PENDING,
        ":status": status,
        ":reason": reason,
    }


def _due(verification: Verification, now: datetime) -> dict[str, Any]:
    """Attributes that put a verification into the index of due timers."""
    due = verification.due
    return due_index.timer_entry(verification.id, due, now) if due else {}


def _due_values(verification: Verification, now: datetime) -> dict[str, Any]:
    return {f":{name}": value for name, value in _due(verification, now).items()}


def _key(verification_id: str) -> Item:
    return {"PK": f"VER#{verification_id}", "SK": "VER"}


def _bucket(client: str, shard: int) -> str:
    return f"ver#{client}#{shard}"


def _phone_bucket(phone_key: str) -> str:
    return f"ver#{phone_key}"


def phone_key_of(item: Item) -> str:
    """Returns the look-up key of a verification's number; empty if the number was deleted."""
    bucket: str = item.get("phone_key", "")
    return bucket.removeprefix(_phone_bucket(""))

"""Items of verifications.

    PK VER#<id>                      SK VER   entity "verification"
    PK OPN#<client>#<phone key>      SK OPN   entity "open"   which of them is the phone's open one

start     put both, and the first delivery; whoever starts again ends the one that was open
enter     one turn on: the next delivery, made only from the turn that it was decided for
pay       a guess is taken before it is judged: pending, in time, guesses left
approve   by the guess that was right; once
end       canceled, expired, too many guesses, all failed; once

They stand in the list indexes under keys of their own (``ver#``), apart from deliveries.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from ringpass.aws import due_index
from ringpass.aws.dynamodb import Check, ConditionFailed, Index, Item, Put, Table, Update
from ringpass.clients.settings.model import Step
from ringpass.clock import from_text, to_text
from ringpass.verifications.codes import SealedCode
from ringpass.verifications.model import Event, TimelineEntry, Verification, VerificationStatus

type Action = Put | Update | Check

_SHARDS: Final = 4
_PAGE: Final = 50
_BY_PHONE: Final = Index("by_phone", "phone_key", "client_listed_at")
_BY_CLIENT: Final = Index("by_client", "client_bucket", "listed_at")
_STATUS: Final = {"#status": "status"}
_PENDING: Final = {":pending": VerificationStatus.PENDING}
_ON: Final = "version = version + :one, updated_at = :at, history = list_append(history, :lines)"
_DUE: Final = "due_bucket = :due_bucket, due_at = :due_at"


class AlreadyStarted(Exception):
    """There is a verification with this id already."""

    def __init__(self, verification: Verification) -> None:
        super().__init__("a verification with this id exists")
        self.verification = verification


class StaleTurn(Exception):
    """The verification is no longer as it was thought to be."""

    def __init__(self, verification: Verification | None) -> None:
        super().__init__("the verification has moved on")
        self.verification = verification


@dataclass(frozen=True, slots=True)
class VerificationRepository:
    """Reads and writes verifications.

    Attributes:
        table: The table.
        retention_seconds: How long a verification is kept after its creation.
    """

    table: Table
    retention_seconds: int = 0

    def get(self, verification_id: str) -> Verification | None:
        """The verification, or None."""
        item = self.table.get(_key(verification_id))
        return from_item(item) if item else None

    def start(self, new: Verification, phone_key: str, others: Sequence[Action]) -> None:
        """Write a new verification, together with ``others``, or nothing.

        Raises:
            AlreadyStarted: There is one with this id. (The own one, whose write was repeated
                because its answer was lost, is told apart by ``attempt``, and is no error.)
            Blocked: The condition of another one does not hold.
        """
        created = from_text(new.created_at)
        item = _to_item(new) | {
            "entity": "verification",
            "phone_key": _phone_bucket(phone_key),
            "client_bucket": _bucket(new.client, ord(new.id[-1]) % _SHARDS),
            "listed_at": listed_at(new),
            "client_listed_at": f"{new.client}#{listed_at(new)}",
            "expires_at": int(created.timestamp()) + self.retention_seconds,
            **_due(new, created),
        }
        try:
            self.table.transact(Put(item, "attribute_not_exists(PK)"), *others)
        except ConditionFailed as failed:
            if failed.item is None:
                raise
            existing = from_item(failed.item)
            if existing.attempt != new.attempt:
                raise AlreadyStarted(existing) from None

    def enter(
        self,
        moved: Verification,
        turn: int,
        lines: Sequence[TimelineEntry],
        others: Sequence[Action],
        now: datetime,
    ) -> None:
        """Write the next turn, together with ``others``, or nothing.

        Args:
            moved: The verification as it is then.
            turn: The turn that it is moved on from.
            lines: What its history says of it.
            others: What is written with it: the delivery first of all.
            now: The time.

        Raises:
            Moved: It has ended, or is at another turn.
            Blocked: The condition of another one does not hold.
        """
        own = Update(
            _key(moved.id),
            f"SET {_ON}, {_DUE}, turn = :next, step = :step, step_due_at = :step_due_at, "
            "delivery_ids = list_append(delivery_ids, :delivery_ids)",
            {
                **_moved_by(lines, now),
                **_due_values(moved, now),
                **_PENDING,
                ":next": moved.turn,
                ":turn": turn,
                ":step": moved.step,
                ":step_due_at": moved.step_due_at,
                ":delivery_ids": [moved.delivery_ids[-1]],
                ":no": False,
            },
            f"{_RUNS} AND turn = :turn AND exhausted = :no AND paid < attempts AND ends_at > :at",
            _STATUS,
        )
        try:
            self.table.transact(own, *others)
        except ConditionFailed as failed:
            raise _moved(failed) from None

    def exhaust(
        self, exhausted: Verification, lines: Sequence[TimelineEntry], now: datetime
    ) -> Verification:
        """Say that nothing more will be started.

        Raises:
            Moved: It has ended, or is at another turn, or was exhausted before.
        """
        values = {
            **_moved_by(lines, now),
            **_due_values(exhausted, now),
            **_PENDING,
            ":turn": exhausted.turn,
            ":no": False,
            ":yes": True,
        }
        return self._update(
            exhausted.id,
            f"SET {_ON}, {_DUE}, exhausted = :yes",
            values,
            f"{_RUNS} AND turn = :turn AND exhausted = :no",
        )

    def put_off(self, verification: Verification, until: datetime, now: datetime) -> None:
        """Note that a verification is not overdue before ``until``, if it is at the same turn."""
        entry = due_index.timer_entry(verification.id, until, now)
        with suppress(ConditionFailed):
            self.table.update(
                _key(verification.id),
                f"SET {_DUE}",
                {f":{name}": value for name, value in entry.items()}
                | {":turn": verification.turn}
                | _PENDING,
                names=_STATUS,
                condition=f"{_RUNS} AND turn = :turn",
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

    def pay(
        self, verification_id: str, client: str, guess: str, code_mark: str, now: datetime
    ) -> Verification:
        """Take a guess, before it is judged.

        Args:
            verification_id: Which verification.
            client: Whose it must be.
            guess: Name of the guess: the same one is taken once.
            code_mark: Tells the code apart that was guessed: ``Codes.guess_mark``.
            now: The time.

        Raises:
            Moved: It is none of this client's, or has ended, or no guess is left, or this one was
                taken before.
        """
        at = to_text(now)
        values = {
            **_moved_by([TimelineEntry(at=at, event=Event.CHECKED)], now),
            **_PENDING,
            ":client": client,
            ":code_mark": code_mark,
        }
        return self._update(
            verification_id,
            f"SET {_ON}, paid = paid + :one, last_paid_at = :at, guesses.#guess = :code_mark",
            values,
            f"{_RUNS} AND client = :client AND ends_at > :at AND paid < attempts "
            "AND attribute_not_exists(guesses.#guess)",
            {"#guess": guess},
        )

    def approve(
        self, verification_id: str, channel: str, guess: str, now: datetime
    ) -> Verification:
        """Approve it by a guess that was paid for and is right.

        Raises:
            Moved: It has ended already.
        """
        return self._end(
            verification_id,
            VerificationStatus.APPROVED,
            "code_right",
            now,
            by=guess,
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
        """End it without approval; ``by`` names the request that asked for it.

        Raises:
            Moved: It has ended already.
        """
        return self._end(verification_id, status, reason, now, by=by)

    def replace_action(self, old_id: str, new_id: str, now: datetime) -> Update:
        """In a transaction: cancel one because another is started for the same phone."""
        values = _end_values(VerificationStatus.CANCELED, "replaced", now)
        return Update(
            _key(old_id),
            f"{_END}, replaced_by = :new_id {_UNDUE}",
            values | {":new_id": new_id},
            _RUNS,
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
        named = {"ended_by": by, "approved_channel": channel}
        given = {name: value for name, value in named.items() if value is not None}
        also = "".join(f", {name} = :{name}" for name in given)
        values = _end_values(status, reason, now)
        values |= {f":{name}": value for name, value in given.items()}
        return self._update(verification_id, f"{_END}{also} {_UNDUE}", values, _RUNS)

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
        except ConditionFailed as failed:
            raise _moved(failed) from None
        return from_item(item)

    def of_phone(
        self, client: str, phone_key: str, after: str, before: str
    ) -> Iterator[Verification]:
        """A client's verifications of a number, newest first, ``after <= listed_at < before``.

        Other clients' verifications of it are not read.
        """
        start, end = f"{client}#{after}", f"{client}#{before}"
        items = self.table.list_items(_BY_PHONE, [_phone_bucket(phone_key)], start, end, _PAGE)
        return map(from_item, items)

    def of_client(self, client: str, after: str, before: str) -> Iterator[Verification]:
        """A client's verifications, newest first, ``after <= listed_at < before``."""
        buckets = [_bucket(client, shard) for shard in range(_SHARDS)]
        return map(from_item, self.table.list_items(_BY_CLIENT, buckets, after, before, _PAGE))


_RUNS: Final = "#status = :pending"
_END: Final = f"SET {_ON}, #status = :status, ended_at = :at, end_reason = :reason"
_UNDUE: Final = "REMOVE " + ", ".join(due_index.ATTRIBUTES)


@dataclass(frozen=True, slots=True)
class ActiveVerificationLock:
    """Which verification of a client is the open one of a phone; there is one at the most."""

    table: Table

    def take(self, new: Verification, phone_key: str, now: datetime) -> Update:
        """In a transaction: make ``new`` the open one, if none is."""
        return self._take(
            new,
            phone_key,
            "attribute_not_exists(PK) OR ends_at <= :now",
            {":now": to_text(now)},
        )

    def take_over(self, new: Verification, phone_key: str, open_id: str) -> Update:
        """In a transaction: make ``new`` the open one in the place of ``open_id``."""
        return self._take(new, phone_key, "verification_id = :open_id", {":open_id": open_id})

    def _take(
        self, new: Verification, phone_key: str, condition: str, values: Mapping[str, Any]
    ) -> Update:
        return Update(
            {"PK": f"OPN#{new.client}#{phone_key}", "SK": "OPN"},
            "SET entity = :entity, verification_id = :id, ends_at = :ends_at, "
            "expires_at = :expires_at",
            {
                ":entity": "open",
                ":id": new.id,
                ":ends_at": new.ends_at,
                ":expires_at": int(from_text(new.ends_at).timestamp()) + _KEPT_OPEN_SECONDS,
                **values,
            },
            condition,
        )


_KEPT_OPEN_SECONDS: Final = 3_600


def listed_at(verification: Verification) -> str:
    """Where it stands in a list: its creation, and its id to tell equal ones apart."""
    return f"{verification.created_at}#{verification.id}"


def from_item(item: Item) -> Verification:
    """The verification of an item, also as it comes in a stream record."""
    plain = {name: item[name] for name in _PLAIN if name in item}
    return Verification(
        **plain,
        status=VerificationStatus(item["status"]),
        workflow=tuple(_step_from_item(step) for step in item["workflow"]),
        code=SealedCode.from_item(item["code"]),
        delivery_ids=tuple(item["delivery_ids"]),
        history=tuple(_line_from_item(line) for line in item["history"]),
    )


_PLAIN: Final = [
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
]


def _to_item(verification: Verification) -> dict[str, Any]:
    plain = {name: getattr(verification, name) for name in _PLAIN}
    return plain | {
        **_key(verification.id),
        "status": verification.status,
        "metadata": dict(verification.metadata),
        "guesses": dict(verification.guesses),
        "workflow": [_step_to_item(step) for step in verification.workflow],
        "code": _without_none(verification.code.to_item()),
        "delivery_ids": list(verification.delivery_ids),
        "history": [_line_to_item(line) for line in verification.history],
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
        channel=item["channel"],
        timeout_seconds=item["timeout_seconds"],
        template=item.get("template"),
        code_param=item.get("code_param"),
        params=item.get("params", {}),
        scenario=item.get("scenario"),
    )


def _line_to_item(line: TimelineEntry) -> dict[str, Any]:
    return _without_none(
        {
            "at": line.at,
            "event": line.event,
            "reason": line.reason,
            "step": line.step,
            "channel": line.channel,
            "delivery_id": line.delivery_id,
            "request": line.request,
        }
    )


def _line_from_item(item: Item) -> TimelineEntry:
    return TimelineEntry(**{**item, "event": Event(item["event"])})


def _without_none(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _moved_by(lines: Sequence[TimelineEntry], now: datetime) -> dict[str, Any]:
    """Values of what every write to a verification changes."""
    return {
        ":one": 1,
        ":at": to_text(now),
        ":lines": [_line_to_item(line) for line in lines],
    }


def _end_values(status: VerificationStatus, reason: str, now: datetime) -> dict[str, Any]:
    line = TimelineEntry(at=to_text(now), event=Event.ENDED, reason=f"{status}:{reason}")
    return {
        **_moved_by([line], now),
        **_PENDING,
        ":status": status,
        ":reason": reason,
    }


def _due(verification: Verification, now: datetime) -> dict[str, Any]:
    """What puts a verification into the index of what is not finished."""
    due = verification.due
    return due_index.timer_entry(verification.id, due, now) if due else {}


def _due_values(verification: Verification, now: datetime) -> dict[str, Any]:
    return {f":{name}": value for name, value in _due(verification, now).items()}


def _moved(failed: ConditionFailed) -> StaleTurn:
    return StaleTurn(from_item(failed.item) if failed.item else None)


def _key(verification_id: str) -> Item:
    return {"PK": f"VER#{verification_id}", "SK": "VER"}


def _bucket(client: str, shard: int) -> str:
    return f"ver#{client}#{shard}"


def _phone_bucket(phone_key: str) -> str:
    return f"ver#{phone_key}"

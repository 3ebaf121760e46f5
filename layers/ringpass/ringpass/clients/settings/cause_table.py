"""What follows from what became of a delivery: a table that is read, and that a client can change.

    outcome (and reason) -> wait | next | retry | stop

A row with a reason goes before the row of the same outcome without one, whoever wrote either. Pure:
whoever moves a verification asks ``action_for`` and does what the row says.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Self

from ringpass.outcomes import Status

# Steps that ring a phone: what ``no_more_calls`` leaves out.
CALLS: Final = frozenset({"voice_otp", "password_call"})
# Only what reached nobody may be tried again: of the others a second call could be the second one
# that the callee gets.
REPEATABLE: Final = frozenset(
    {
        Status.BUSY,
        Status.NO_ANSWER,
        Status.REFUSED,
        Status.BILLING_FAILED,
        Status.UNREACHABLE,
        Status.REJECTED,
        Status.FAILED,
    }
)


class Action(StrEnum):
    """What a verification does next."""

    WAIT = "wait"
    """Nothing until the step's time-out; then the next step."""
    NEXT = "next"
    """The next step at once."""
    RETRY = "retry"
    """A new delivery on the same step, after a pause and so many times; then the next step."""
    STOP = "stop"
    """Nothing more is started: it has failed, or its code works until it ends."""


@dataclass(frozen=True, slots=True)
class CauseRow:
    """A line of the table.

    Attributes:
        outcome: What became of the delivery.
        reason: Only with this reason, such as ``q850_28``; None: with any.
        action: What follows.
        after_seconds: With ``retry``: the pause before the new delivery.
        times: With ``retry``: how many new deliveries a step has at most.
        no_more_calls: Steps that call are left out from then on; messages go on.
        why: The reason for this line, as a sentence.
    """

    outcome: Status
    reason: str | None
    action: Action
    after_seconds: int = 0
    times: int = 0
    no_more_calls: bool = False
    why: str = field(kw_only=True)

    @property
    def key(self) -> tuple[Status, str | None]:
        """What it is about: a table has one row for each."""
        return self.outcome, self.reason


def _gone(reason: str, said: str) -> CauseRow:
    """A number that no call can reach: another call would only cost time and money."""
    why = f"{said}: no call can reach it, a message still may."
    return CauseRow(Status.UNREACHABLE, reason, Action.NEXT, no_more_calls=True, why=why)


# Causes of Q.850: 1 unallocated number, 22 number changed, 28 invalid number format.
DEFAULTS: Final[tuple[CauseRow, ...]] = (
    CauseRow(
        Status.BUSY,
        None,
        Action.NEXT,
        why="The line is busy: waiting does not free it, another channel may reach the person.",
    ),
    CauseRow(
        Status.NO_ANSWER,
        None,
        Action.NEXT,
        why="It rang and nobody answered: another channel may be noticed.",
    ),
    CauseRow(
        Status.REFUSED,
        None,
        Action.NEXT,
        why="The operator on the other side refused the call: another channel takes another way.",
    ),
    CauseRow(
        Status.UNREACHABLE,
        None,
        Action.NEXT,
        why="The phone cannot be reached by this call: another channel may reach it.",
    ),
    _gone("q850_1", "The number is not in use"),
    _gone("q850_22", "The number has changed"),
    _gone("q850_28", "The number is not complete"),
    CauseRow(
        Status.BILLING_FAILED,
        None,
        Action.NEXT,
        why="Our account at the provider could not pay: another provider can carry it.",
    ),
    CauseRow(
        Status.REJECTED,
        None,
        Action.NEXT,
        why="The provider refused the request, so nothing was placed: the next step can go now.",
    ),
    CauseRow(
        Status.FAILED,
        None,
        Action.NEXT,
        why="It failed for good: there is nothing to wait for.",
    ),
    CauseRow(
        Status.ACCEPTED,
        None,
        Action.WAIT,
        why="The provider took it and it is under way: the person gets the step's time.",
    ),
    CauseRow(
        Status.UNKNOWN,
        None,
        Action.WAIT,
        why="It may have been placed: the person gets the step's time, and it is never sent again.",
    ),
    CauseRow(
        Status.ANSWERED,
        None,
        Action.WAIT,
        why="The call was answered: the person gets the step's time to enter the code.",
    ),
    CauseRow(
        Status.DELIVERED,
        None,
        Action.WAIT,
        why="The message arrived: the person gets the step's time to enter the code.",
    ),
)

# Not a line of the table: nobody can change that a delivery is waited for.
_UNDER_WAY: Final = CauseRow(
    Status.RESERVED, None, Action.WAIT, why="The request is on its way to the provider."
)


@dataclass(frozen=True, slots=True)
class CauseTable:
    """A whole table: there is a row for every outcome.

    Attributes:
        rows: In the order in which they are shown, the defaults' first.
    """

    rows: tuple[CauseRow, ...] = DEFAULTS

    def action_for(self, status: Status, reason: str | None) -> CauseRow:
        """The row of this outcome: the one with this reason, else the one without any."""
        if status is Status.RESERVED:
            return _UNDER_WAY
        of_outcome = {row.reason: row for row in self.rows if row.outcome is status}
        return of_outcome.get(reason) or of_outcome[None]

    def with_changes(self, rows: Iterable[CauseRow]) -> Self:
        """This table, with rows put in the place of those about the same, others after them.

        Raises:
            ValueError: A row is about a delivery that is still reserved.
        """
        by_key = {row.key: row for row in self.rows} | {row.key: row for row in rows}
        if any(row.outcome is Status.RESERVED for row in by_key.values()):
            raise ValueError("reserved is no outcome")
        return type(self)(tuple(by_key.values()))

"""Cause table: the next action after each outcome of a delivery. A client can change its rows.

    outcome (and reason) -> wait | next | retry | stop

A row with a reason goes before the row of the same outcome without one, whether it is a default or
the client's. Pure: the code that advances a verification calls ``action_for`` and does the action.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Self

from ringpass.outcomes import Status
from ringpass.providers.facts import ChannelName

# Steps that call a phone: ``no_more_calls`` leaves them out.
CALLS: Final = frozenset({ChannelName.VOICE_OTP, ChannelName.PASSWORD_CALL})
# Only deliveries that reached nobody may be repeated: after the others a second call could be the
# second one that the callee gets.
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
    """A row of the table.

    Attributes:
        outcome: Status of the delivery.
        reason: The row is for this reason only, such as ``q850_28``; None: for any.
        action: The next action.
        after_seconds: With ``retry``: the pause before the new delivery.
        times: With ``retry``: how many new deliveries a step has at most.
        no_more_calls: Steps that call are left out from then on; messages go on.
        why: The reason for this row, as a sentence.
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
        """Outcome and reason: unique in a table."""
        return self.outcome, self.reason


def _dead_number(reason: str, fact: str) -> CauseRow:
    """Return the row of a number that no call can reach: another call costs time and money only."""
    why = f"{fact}: no call can reach it, a message still may."
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
    _dead_number("q850_1", "The number is not in use"),
    _dead_number("q850_22", "The number has changed"),
    _dead_number("q850_28", "The number is not complete"),
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

# Not a row of the table: no client can change that a reserved delivery waits.
_UNDER_WAY: Final = CauseRow(
    Status.RESERVED, None, Action.WAIT, why="The request is on its way to the provider."
)


@dataclass(frozen=True, slots=True)
class CauseTable:
    """A complete table: it has a row for every outcome.

    Attributes:
        rows: In the order of display, the defaults first.
    """

    rows: tuple[CauseRow, ...] = DEFAULTS

    def action_for(self, status: Status, reason: str | None) -> CauseRow:
        """Return the row of this outcome with this reason, else the one without a reason."""
        if status is Status.RESERVED:
            return _UNDER_WAY
        by_reason = {row.reason: row for row in self.rows if row.outcome is status}
        return by_reason.get(reason) or by_reason[None]

    def with_changes(self, rows: Iterable[CauseRow]) -> Self:
        """Return this table with changed rows: each replaces the row of its key, or is added last.

        Raises:
            ValueError: A row has the outcome ``reserved``.
        """
        by_key = {row.key: row for row in self.rows} | {row.key: row for row in rows}
        if any(row.outcome is Status.RESERVED for row in by_key.values()):
            raise ValueError("reserved is no outcome")
        return type(self)(tuple(by_key.values()))

"""A verification's state and what a code came to, each kind a type of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ringpass_client.generated.models.checked_code import CheckedCode
from ringpass_client.generated.models.verification import Verification


@dataclass(frozen=True)
class Pending:
    """It is open: a code can be entered."""


@dataclass(frozen=True)
class Approved:
    """The right code was entered. A check is answered so once: log the person in."""


@dataclass(frozen=True)
class WrongCode:
    """The code is wrong, and another one can be entered."""

    attempts_remaining: int


@dataclass(frozen=True)
class AlreadyApproved:
    """An earlier check was approved: this one proves nothing."""


@dataclass(frozen=True)
class Canceled:
    """You canceled it."""


@dataclass(frozen=True)
class Replaced:
    """A newer verification was started for the same phone: the newest code is the only one."""

    replaced_by: str | None = None


@dataclass(frozen=True)
class Expired:
    """Its time is over."""


@dataclass(frozen=True)
class AttemptsUsed:
    """The last attempt was a wrong code."""


@dataclass(frozen=True)
class Failed:
    """No call and no message reached the phone."""


@dataclass(frozen=True)
class OtherEnd:
    """A newer server's word."""

    status: str


End = Approved | Canceled | Replaced | Expired | AttemptsUsed | Failed | OtherEnd
State = Pending | End
CheckResult = (
    Approved
    | WrongCode
    | AlreadyApproved
    | Canceled
    | Replaced
    | Expired
    | AttemptsUsed
    | Failed
    | OtherEnd
)

_ENDS: Mapping[str, End] = {
    "approved": Approved(),
    "canceled": Canceled(),
    "expired": Expired(),
    "failed": Failed(),
    "max_attempts_reached": AttemptsUsed(),
}


def state_of(verification: Verification) -> State:
    """What has become of a verification."""
    if verification.status == "pending":
        return Pending()
    return _end(str(verification.status), verification.reason, verification.replaced_by)


def check_result(checked: CheckedCode) -> CheckResult:
    """What an answer to a check says."""
    match str(checked.status):
        case "approved":
            return Approved()
        case "pending":
            return WrongCode(checked.attempts_remaining)
        case status:
            return _too_late(_end(status, None, None))


def ended_before(problem: Mapping[str, Any]) -> CheckResult:
    """What the refusal ``verification_ended`` of a check says."""
    return _too_late(
        _end(str(problem.get("ended_as")), problem.get("reason"), problem.get("replaced_by"))
    )


def _too_late(end: End) -> CheckResult:
    return AlreadyApproved() if isinstance(end, Approved) else end


def _end(status: str, reason: str | None, replaced_by: str | None) -> End:
    if status == "canceled" and (reason == "replaced" or replaced_by):
        return Replaced(replaced_by)
    return _ENDS.get(status, OtherEnd(status))

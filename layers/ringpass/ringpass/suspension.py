"""When a provider is suspended, for how long, and who may try it again.

    well --a failure in a reply--> watched --the third in a row within 60 s--> suspended
    watched --a success--> well                      suspended --time is up--> one probe
    probe --success--> well                          probe --failure--> suspended, for longer
    well, watched, suspended --the provider locks us out--> suspended, for as long as it says

Pure: the store keeps what these functions return.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from ringpass.outcomes import BILLING, LOCKED, UNAUTHORIZED, Accepted, Outcome, Rejected, Unknown

_IN_A_ROW: Final = 3
_WITHIN: Final = timedelta(seconds=60)
_FIRST_PAUSE: Final = timedelta(seconds=30)
_LONGEST_PAUSE: Final = timedelta(minutes=15)
# CareSoft names it itself: "Domain incorrect too many times , retry after 15 minutes". Nothing
# is learnt by asking sooner, and nobody knows whether that would begin it anew.
_LOCK: Final = timedelta(minutes=15)
# Replies to requests that were under way together tell of the same lock.
_SAME_LOCK: Final = timedelta(seconds=60)
# A probe whose function died is not waited for longer than a function lives.
_PROBE: Final = timedelta(seconds=30)

# Refusals that say something of the provider, or of our account there, and not of this request.
_OUR_FAULT_OR_THEIRS: Final = frozenset({UNAUTHORIZED, BILLING, "rate_limited", LOCKED})


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is known of a provider that failed lately.

    Attributes:
        version: Counts the writes.
        failures: When it failed, the latest last.
        reason: How it failed the last time.
        level: How many probes have failed since it was suspended.
        suspended_until: When the next probe may go; None while it is only watched.
        probe_until: Until when a probe is under way.
    """

    version: int
    failures: tuple[datetime, ...]
    reason: str
    level: int = 0
    suspended_until: datetime | None = None
    probe_until: datetime | None = None


class Verdict(StrEnum):
    """Whether a request may go to a provider in trouble."""

    GO = "go"
    PROBE = "probe"
    WAIT = "wait"


def failure(outcome: Outcome) -> str | None:
    """How a provider failed, if this outcome counts as such: the reply itself must say so.

    A refusal of one request (no Zalo account, a wrong number) is none, and neither is silence.
    """
    match outcome:
        case Rejected(reason) if reason in _OUR_FAULT_OR_THEIRS:
            return reason
        case Unknown(reason) if reason.startswith("http_5") or reason == "unreadable_reply":
            return reason
        case Accepted() | Rejected() | Unknown():
            return None


def failed(trouble: Trouble | None, now: datetime, reason: str, *, probe: bool) -> Trouble:
    """What is known after one more failure."""
    if reason == LOCKED:
        return _locked(trouble, now)
    if trouble is None:
        return Trouble(1, (now,), reason)
    trouble = replace(trouble, version=trouble.version + 1, reason=reason)
    if trouble.suspended_until is not None:
        if not probe:
            return trouble  # It left before the suspension, and says nothing new.
        level = trouble.level + 1
        until = now + min(_FIRST_PAUSE * 2**level, _LONGEST_PAUSE)
        return replace(
            trouble, failures=(now,), level=level, suspended_until=until, probe_until=None
        )
    recent = (*(at for at in trouble.failures if now - at <= _WITHIN), now)
    until_then = now + _FIRST_PAUSE if len(recent) >= _IN_A_ROW else None
    return replace(trouble, failures=recent, suspended_until=until_then)


def _locked(trouble: Trouble | None, now: datetime) -> Trouble:
    """What is known once a provider has said for how long it will not answer us.

    It is suspended at once: two more requests would only hear the same.
    """
    until = now + _LOCK
    before = trouble and trouble.suspended_until
    if trouble and before and trouble.reason == LOCKED and until - before < _SAME_LOCK:
        until = before
    return Trouble(
        version=trouble.version + 1 if trouble else 1,
        failures=(now,),
        reason=LOCKED,
        level=trouble.level if trouble else 0,
        suspended_until=max(until, before or until),
    )


def verdict(trouble: Trouble | None, now: datetime) -> Verdict:
    """Whether a request may go now."""
    if trouble is None or trouble.suspended_until is None:
        return Verdict.GO
    if now < trouble.suspended_until or (trouble.probe_until and now < trouble.probe_until):
        return Verdict.WAIT
    return Verdict.PROBE


def probing(trouble: Trouble, now: datetime) -> Trouble:
    """What is known while one request tries the provider again."""
    return replace(trouble, version=trouble.version + 1, probe_until=now + _PROBE)


def retry_after(trouble: Trouble, now: datetime) -> int:
    """Seconds until it makes sense to ask again, at least one."""
    until = max(filter(None, (trouble.suspended_until, trouble.probe_until)), default=now)
    return max(1, -int((now - until).total_seconds() // 1))

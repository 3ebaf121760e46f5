"""When a provider is suspended, for how long, and who may try it again.

    well --a failure in a reply--> watched --the third in a row within 60 s--> suspended
    watched --a success--> well                      suspended --time is up--> one probe
    probe --success--> well                          probe --failure--> suspended, for longer
    well, watched, suspended --the provider locks us out--> suspended, for as long as it says

A suspension concerns all clients, so what one client sends to one number cannot bring it about: the
failures come from more than one client, or concern more than one number. Nor does such a failure
make the pause longer if that client and number failed before.

Pure: the store keeps what these functions return.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from ringpass.outcomes import (
    BILLING,
    LOCKED,
    UNAUTHORIZED,
    Accepted,
    ProviderResponse,
    Rejected,
    Unknown,
)

_IN_A_ROW: Final = 3
# More than can fail within the time that counts, before the provider is suspended.
_MOST_KEPT: Final = 10
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
class Failure:
    """A request that a provider failed.

    Attributes:
        at: When it was answered.
        client: Whose it was.
        number: The look-up key of the number that it was for.
    """

    at: datetime
    client: str
    number: str = field(repr=False)

    @property
    def source(self) -> tuple[str, str]:
        """What the failure may be due to, if the provider is well."""
        return self.client, self.number


@dataclass(frozen=True, slots=True)
class CircuitState:
    """What is known of a provider that failed lately.

    Attributes:
        version: Counts the writes.
        failures: How it failed, the latest last.
        reason: How it failed the last time.
        level: How many probes have failed since it was suspended.
        suspended_until: When the next probe may go; None while it is only watched.
        probe_until: Until when a probe is under way.
    """

    version: int
    failures: tuple[Failure, ...]
    reason: str
    level: int = 0
    suspended_until: datetime | None = None
    probe_until: datetime | None = None


class Circuit(StrEnum):
    """Whether a request may go to a provider in trouble."""

    GO = "go"
    PROBE = "probe"
    WAIT = "wait"


def failure(outcome: ProviderResponse) -> str | None:
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


def failed(trouble: CircuitState | None, new: Failure, reason: str, *, probe: bool) -> CircuitState:
    """What is known after one more failure."""
    now = new.at
    if reason == LOCKED:
        return _locked(trouble, new)
    if trouble is None:
        return CircuitState(1, (new,), reason)
    trouble = replace(trouble, version=trouble.version + 1, reason=reason)
    if trouble.suspended_until is not None:
        if not probe:
            return trouble  # It left before the suspension, and says nothing new.
        known = any(new.source == one.source for one in trouble.failures)
        level = trouble.level if known else trouble.level + 1
        until = now + min(_FIRST_PAUSE * 2**level, _LONGEST_PAUSE)
        failures = (*trouble.failures, new)[-_MOST_KEPT:]
        return replace(
            trouble, failures=failures, level=level, suspended_until=until, probe_until=None
        )
    recent = (*(one for one in trouble.failures if now - one.at <= _WITHIN), new)
    if len(recent) >= _IN_A_ROW and len({one.source for one in recent}) > 1:
        return replace(trouble, failures=recent, suspended_until=now + _FIRST_PAUSE)
    # However many one client has to one number: the next one's is the third.
    return replace(trouble, failures=recent[1 - _IN_A_ROW :])


def _locked(trouble: CircuitState | None, new: Failure) -> CircuitState:
    """What is known once a provider has said for how long it will not answer us.

    It is suspended at once: two more requests would only hear the same.
    """
    until = new.at + _LOCK
    before = trouble and trouble.suspended_until
    if trouble and before and trouble.reason == LOCKED and until - before < _SAME_LOCK:
        until = before
    return CircuitState(
        version=trouble.version + 1 if trouble else 1,
        failures=(new,),
        reason=LOCKED,
        level=trouble.level if trouble else 0,
        suspended_until=max(until, before or until),
    )


def verdict(trouble: CircuitState | None, now: datetime) -> Circuit:
    """Whether a request may go now."""
    if trouble is None or trouble.suspended_until is None:
        return Circuit.GO
    if now < trouble.suspended_until or (trouble.probe_until and now < trouble.probe_until):
        return Circuit.WAIT
    return Circuit.PROBE


def probing(trouble: CircuitState, now: datetime) -> CircuitState:
    """What is known while one request tries the provider again."""
    return replace(trouble, version=trouble.version + 1, probe_until=now + _PROBE)


def retry_after(trouble: CircuitState, now: datetime) -> int:
    """Seconds until it makes sense to ask again, at least one."""
    until = max(filter(None, (trouble.suspended_until, trouble.probe_until)), default=now)
    return max(1, -int((now - until).total_seconds() // 1))

"""Circuit breaker rules: when a provider is suspended, for how long, and which request probes it.

    closed     --a reply is a failure-->           closed, the failures are counted
    closed     --the third in a row in 60 s-->     open: the provider is suspended
    closed     --a success-->                      closed, the failures are forgotten
    open       --the suspension ends-->            half open: one request is the probe
    half open  --the probe succeeds-->             closed
    half open  --the probe fails-->                open, for longer (exponential backoff)
    any state  --the provider locks us out-->      open, for as long as the provider says

A suspension concerns all clients, so what one client sends to one number cannot cause it: the
failures come from more than one client, or concern more than one number. A failed probe does not
make the suspension longer if the same client and number failed before.

Pure: ``circuit_store`` keeps what these functions return.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from ringpass.clock import whole_seconds
from ringpass.outcomes import (
    BILLING,
    LOCKED,
    UNAUTHORIZED,
    Accepted,
    ProviderResponse,
    Rejected,
    Unknown,
)

_FAILURE_THRESHOLD: Final = 3
# More than can fail within the failure window, before the provider is suspended.
_MAX_FAILURES: Final = 10
_FAILURE_WINDOW: Final = timedelta(seconds=60)
_FIRST_PAUSE: Final = timedelta(seconds=30)
_LONGEST_PAUSE: Final = timedelta(minutes=15)
# CareSoft names it itself: "Domain incorrect too many times , retry after 15 minutes". An earlier
# request brings no new information, and nobody knows whether it would start the lock anew.
_LOCK: Final = timedelta(minutes=15)
# Replies to requests that were in flight at the same time report the same lock.
_SAME_LOCK: Final = timedelta(seconds=60)
# A function lives no longer than this: the probe of one that died is over by then.
_PROBE_TIMEOUT: Final = timedelta(seconds=30)
_KEPT_TRANSITIONS: Final = 10

# Refusals that concern the provider or our account there, and not one request.
_ACCOUNT_REFUSALS: Final = frozenset({UNAUTHORIZED, BILLING, "rate_limited", LOCKED})


@dataclass(frozen=True, slots=True)
class Failure:
    """A request that a provider failed.

    Attributes:
        at: When the provider answered.
        client: Whose request it was.
        phone_key: The look-up key of the number that it was for.
    """

    at: datetime
    client: str
    phone_key: str = field(repr=False)

    @property
    def source(self) -> tuple[str, str]:
        """What may have caused the failure, if the provider is healthy."""
        return self.client, self.phone_key


@dataclass(frozen=True, slots=True)
class Transition:
    """A circuit has opened or closed.

    Attributes:
        at: When.
        reason: The reason of the latest failure; None: it has closed.
        suspended_until: When the first probe may go; None: it has closed.
        failures: How many failures have opened it.
    """

    at: datetime
    reason: str | None = None
    suspended_until: datetime | None = None
    failures: int = 0


@dataclass(frozen=True, slots=True)
class CircuitState:
    """The state of a provider's circuit; by default that of a provider that has never failed.

    Attributes:
        version: Counts the writes; the optimistic lock of the stored item.
        failures: The failures since the last success, the latest last.
        reason: The reason of the latest failure.
        level: How many probes have failed since the provider was suspended.
        suspended_until: When the next probe may go; None while the circuit is closed.
        probe_until: Until when a probe is in flight.
        changes: How often the circuit has opened or closed.
        last_changes: The last of these changes, at most 10, the latest last.
    """

    version: int = 0
    failures: tuple[Failure, ...] = ()
    reason: str | None = None
    level: int = 0
    suspended_until: datetime | None = None
    probe_until: datetime | None = None
    changes: int = 0
    last_changes: tuple[Transition, ...] = ()

    def with_change(self, change: Transition) -> "CircuitState":
        """Returns the state with one more change."""
        last_changes = (*self.last_changes, change)[-_KEPT_TRANSITIONS:]
        return replace(self, changes=self.changes + 1, last_changes=last_changes)


class Circuit(StrEnum):
    """Whether a request may go to a provider."""

    CLOSED = "closed"
    """Any request may go."""
    HALF_OPEN = "half_open"
    """One request may go: the probe."""
    OPEN = "open"
    """No request may go."""


def failure_reason(outcome: ProviderResponse) -> str | None:
    """The reason of a failure, if the outcome is one: the reply itself must say so.

    A refusal of one request (no Zalo account, a wrong number) is no failure. Nor is silence.
    """
    match outcome:
        case Rejected(reason) if reason in _ACCOUNT_REFUSALS:
            return reason
        case Unknown(reason) if reason.startswith("http_5") or reason == "unreadable_reply":
            return reason
        case Accepted() | Rejected() | Unknown():
            return None


def after_failure(
    state: CircuitState, latest: Failure, reason: str, *, is_probe: bool
) -> CircuitState:
    """The state after one more failure."""
    counted = replace(state, version=state.version + 1, reason=reason)
    if reason == LOCKED:
        new = _after_lock(state, counted, latest)
    elif state.suspended_until is None:
        new = _after_closed_failure(counted, latest)
    elif is_probe:
        new = _after_failed_probe(counted, latest)
    else:
        new = counted  # Sent before the suspension: it says nothing new.
    if new.suspended_until is None or state.suspended_until is not None:
        return new
    return new.with_change(Transition(latest.at, reason, new.suspended_until, len(new.failures)))


def _after_closed_failure(state: CircuitState, latest: Failure) -> CircuitState:
    """The state after a failure while the circuit is closed: the third in a row opens it."""
    recent = (
        *(failure for failure in state.failures if latest.at - failure.at <= _FAILURE_WINDOW),
        latest,
    )
    if len(recent) >= _FAILURE_THRESHOLD and len({failure.source for failure in recent}) > 1:
        return replace(state, failures=recent, suspended_until=latest.at + _FIRST_PAUSE)
    # One client failed at one number, however often: the next source's failure is the third.
    return replace(state, failures=recent[1 - _FAILURE_THRESHOLD :])


def _after_failed_probe(state: CircuitState, latest: Failure) -> CircuitState:
    """The state after a probe has failed: open, for longer (exponential backoff)."""
    is_known_source = any(latest.source == failure.source for failure in state.failures)
    level = state.level if is_known_source else state.level + 1
    return replace(
        state,
        failures=(*state.failures, latest)[-_MAX_FAILURES:],
        level=level,
        suspended_until=latest.at + min(_FIRST_PAUSE * 2**level, _LONGEST_PAUSE),
        probe_until=None,
    )


def _after_lock(old: CircuitState, counted: CircuitState, latest: Failure) -> CircuitState:
    """The state once a provider has said for how long it will not answer us.

    The circuit opens at once: two more requests would only get the same reply.
    """
    until = latest.at + _LOCK
    if old.suspended_until and old.reason == LOCKED and until - old.suspended_until < _SAME_LOCK:
        until = old.suspended_until
    return replace(
        counted,
        failures=(latest,),
        suspended_until=max(until, old.suspended_until or until),
        probe_until=None,
    )


def after_success(state: CircuitState, now: datetime) -> CircuitState:
    """The state once the provider works again, or an operator says so: closed, no failures."""
    closed = CircuitState(state.version + 1, changes=state.changes, last_changes=state.last_changes)
    return closed if state.suspended_until is None else closed.with_change(Transition(now))


def circuit_of(state: CircuitState, now: datetime) -> Circuit:
    """Whether a request may go now."""
    if state.suspended_until is None:
        return Circuit.CLOSED
    if now < state.suspended_until or (state.probe_until and now < state.probe_until):
        return Circuit.OPEN
    return Circuit.HALF_OPEN


def with_probe(state: CircuitState, now: datetime) -> CircuitState:
    """The state while one request probes the provider."""
    return replace(state, version=state.version + 1, probe_until=now + _PROBE_TIMEOUT)


def retry_after(state: CircuitState, now: datetime) -> int:
    """Seconds until a retry makes sense, at least one."""
    until = max(filter(None, (state.suspended_until, state.probe_until)), default=now)
    return whole_seconds(until - now)

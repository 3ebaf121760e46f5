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
class CircuitState:
    """The state of the circuit of a provider that failed lately.

    Attributes:
        version: Counts the writes; the optimistic lock of the stored item.
        failures: The failures, the latest last.
        reason: The reason of the latest failure.
        level: How many probes have failed since the provider was suspended.
        suspended_until: When the next probe may go; None while the circuit is closed.
        probe_until: Until when a probe is in flight.
    """

    version: int
    failures: tuple[Failure, ...]
    reason: str
    level: int = 0
    suspended_until: datetime | None = None
    probe_until: datetime | None = None


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
    state: CircuitState | None, latest: Failure, reason: str, *, is_probe: bool
) -> CircuitState:
    """The state after one more failure."""
    now = latest.at
    if reason == LOCKED:
        return _after_lock(state, latest)
    if state is None:
        return CircuitState(1, (latest,), reason)
    state = replace(state, version=state.version + 1, reason=reason)
    if state.suspended_until is not None:
        if not is_probe:
            return state  # Sent before the suspension: it says nothing new.
        is_known_source = any(latest.source == failure.source for failure in state.failures)
        level = state.level if is_known_source else state.level + 1
        until = now + min(_FIRST_PAUSE * 2**level, _LONGEST_PAUSE)  # Exponential backoff.
        failures = (*state.failures, latest)[-_MAX_FAILURES:]
        return replace(
            state, failures=failures, level=level, suspended_until=until, probe_until=None
        )
    recent = (
        *(failure for failure in state.failures if now - failure.at <= _FAILURE_WINDOW),
        latest,
    )
    if len(recent) >= _FAILURE_THRESHOLD and len({failure.source for failure in recent}) > 1:
        return replace(state, failures=recent, suspended_until=now + _FIRST_PAUSE)
    # One client failed at one number, however often: the next source's failure is the third.
    return replace(state, failures=recent[1 - _FAILURE_THRESHOLD :])


def _after_lock(state: CircuitState | None, latest: Failure) -> CircuitState:
    """The state once a provider has said for how long it will not answer us.

    The circuit opens at once: two more requests would only get the same reply.
    """
    until = latest.at + _LOCK
    suspended_until = state and state.suspended_until
    if (
        state
        and suspended_until
        and state.reason == LOCKED
        and until - suspended_until < _SAME_LOCK
    ):
        until = suspended_until
    return CircuitState(
        version=state.version + 1 if state else 1,
        failures=(latest,),
        reason=LOCKED,
        level=state.level if state else 0,
        suspended_until=max(until, suspended_until or until),
    )


def circuit_of(state: CircuitState | None, now: datetime) -> Circuit:
    """Whether a request may go now."""
    if state is None or state.suspended_until is None:
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

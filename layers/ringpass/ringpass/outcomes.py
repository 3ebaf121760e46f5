"""What can become of a delivery: the words, their ranks, and what a provider's reply amounts to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class Status(StrEnum):
    """State of a delivery."""

    RESERVED = "reserved"
    UNKNOWN = "unknown"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    ANSWERED = "answered"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    REFUSED = "refused"
    BILLING_FAILED = "billing_failed"
    UNREACHABLE = "unreachable"
    DELIVERED = "delivered"
    FAILED = "failed"


# A delivery's rank only rises. A CDR outranks the reply, also a refusing one: it saw the call.
RANK: Final[Mapping[Status, int]] = {
    Status.RESERVED: 0,
    Status.UNKNOWN: 1,
    Status.ACCEPTED: 2,
    Status.REJECTED: 2,
} | dict.fromkeys(
    (
        Status.ANSWERED,
        Status.BUSY,
        Status.NO_ANSWER,
        Status.REFUSED,
        Status.BILLING_FAILED,
        Status.UNREACHABLE,
        Status.DELIVERED,
        Status.FAILED,
    ),
    3,
)

OPEN: Final = frozenset({Status.UNKNOWN, Status.ACCEPTED})
"""What a delivery is of which something definite may still be learnt."""


@dataclass(frozen=True, slots=True)
class Quota:
    """What our account may send on this day, and how much of it is left, as a reply told it."""

    daily: int
    remaining: int


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider said that it took the request.

    Attributes:
        provider_ref: The provider's own id of the call, if it gave one.
        details: What else the reply told and a delivery keeps: ``caller_number`` (digits),
            ``is_redirect`` (bool), ``ticket_id`` (str).
        quota: What is left for our account, if the reply told it.
    """

    provider_ref: str | None = None
    details: Mapping[str, str | bool] = field(default_factory=dict)
    quota: Quota | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """The provider definitely refused: nothing was placed."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """The request may have been carried out: it is never sent again.

    Attributes:
        reason: What was seen instead of an answer: ``timeout``, ``http_500``, ``unreadable_reply``.
        provider_ref: The call's id, when the reply held one all the same.
    """

    reason: str
    provider_ref: str | None = None


type ProviderResponse = Accepted | Rejected | Unknown

# Why a provider refused a request with 401: the one refusal after which it may be sent again.
UNAUTHORIZED: Final = "unauthorized"
# Why a provider refused for want of money: of our account there, so of every request.
BILLING: Final = "billing"
# The reason of what came and told of no status: it is kept, and no delivery is told.
NOTHING_SAID: Final = "no_status"
# Why a provider refused that has locked our account out for some minutes, as CareSoft does.
LOCKED: Final = "rate_limit_locked"
# Why a provider refuses until its day ends: our account there, or this template, has sent enough.
QUOTA_USED_UP: Final = "quota_used_up"
TEMPLATE_QUOTA_USED_UP: Final = "template_quota_used_up"

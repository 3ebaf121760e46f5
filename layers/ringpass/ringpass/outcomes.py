"""Statuses of a delivery with their ranks, and the outcomes of a provider's reply."""

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


# A delivery's rank only rises. A CDR outranks any reply, because it is about the call itself.
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
"""Statuses that a later receipt or poll can still change."""


@dataclass(frozen=True, slots=True)
class Quota:
    """Quota of our account for this day and what is left of it, from a reply."""

    daily: int
    remaining: int


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider accepted the request.

    Attributes:
        provider_ref: The provider's own id of the call, if the reply has one.
        details: Further values that a delivery stores: ``caller_number`` (digits),
            ``is_redirect`` (bool), ``ticket_id`` (str).
        quota: The quota of our account, if the reply has it.
    """

    provider_ref: str | None = None
    details: Mapping[str, str | bool] = field(default_factory=dict)
    quota: Quota | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """The provider definitely refused: nothing was sent."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody knows whether the provider executed the request: it is never sent again.

    Attributes:
        reason: Why there is no answer: ``timeout``, ``http_500``, ``unreadable_reply``.
        provider_ref: The call's id, if the reply has one all the same.
    """

    reason: str
    provider_ref: str | None = None


type ProviderResponse = Accepted | Rejected | Unknown

# Reason of a refusal with 401: the only refusal after which the request may be sent again.
UNAUTHORIZED: Final = "unauthorized"
# Reason of a refusal for lack of money: it concerns our account, so every request.
BILLING: Final = "billing"
# Reason of a receipt without a status: it is stored, and no delivery changes.
NO_STATUS: Final = "no_status"
# Reason of a refusal while the provider locks our account for some minutes, as CareSoft does.
LOCKED: Final = "rate_limit_locked"
# Reasons of refusals until the provider's day ends: the quota of our account, or of this template.
QUOTA_USED_UP: Final = "quota_used_up"
TEMPLATE_QUOTA_USED_UP: Final = "template_quota_used_up"

"""Client of Ringpass: the log-in flow with typed ends, all other operations, webhooks."""

from ringpass_client.client import AsyncRingpass, Ringpass
from ringpass_client.errors import ApiError
from ringpass_client.generated.models.delivery import Delivery
from ringpass_client.generated.models.event import Event
from ringpass_client.generated.models.start_verification import StartVerification
from ringpass_client.generated.models.verification import Verification
from ringpass_client.retries import Retries
from ringpass_client.states import (
    AlreadyApproved,
    Approved,
    AttemptsUsed,
    Canceled,
    CheckResult,
    End,
    Expired,
    Failed,
    OtherEnd,
    Pending,
    Replaced,
    State,
    WrongCode,
    state_of,
)
from ringpass_client.webhooks import InvalidWebhook, verify_webhook

__all__ = [
    "AlreadyApproved",
    "ApiError",
    "Approved",
    "AsyncRingpass",
    "AttemptsUsed",
    "Canceled",
    "CheckResult",
    "Delivery",
    "End",
    "Event",
    "Expired",
    "Failed",
    "InvalidWebhook",
    "OtherEnd",
    "Pending",
    "Replaced",
    "Retries",
    "Ringpass",
    "StartVerification",
    "State",
    "Verification",
    "WrongCode",
    "state_of",
    "verify_webhook",
]

"""Parser of a voice gateway's webhook: what became of a call.

POST, signed by Standard Webhooks 1.0: ``{"type": "call.ended", "data": {"call_id": "...",
"delivery_id": "dlv_...", "outcome": "busy", "q850_cause": 17}}``. ``outcome`` is one of our
words; without it the cause of ITU-T Q.850 decides. Source: docs/connect-voice-gateway.md.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from standardwebhooks.webhooks import (
    EmptyWebhookSecretError,
    Webhook,
    WebhookVerificationError,
)

from ringpass.outcomes import Status
from ringpass.providers.voice_gateway.client import call_id_of
from ringpass.redaction import Secret, outline

CALL_ENDED: Final = "call.ended"
NO_CAUSE: Final = "no_cause"
"""Reason of a result that does not say how the call ended."""

_OUTCOMES: Final[Mapping[str, Status]] = {
    str(status): status
    for status in (
        Status.ANSWERED,
        Status.BUSY,
        Status.NO_ANSWER,
        Status.REFUSED,
        Status.UNREACHABLE,
        Status.FAILED,
    )
}
# 16, the normal end of a call, does not say whether it was answered.
_BY_CAUSE: Final[Mapping[int, Status]] = {
    1: Status.UNREACHABLE,  # unallocated number
    17: Status.BUSY,
    18: Status.NO_ANSWER,  # no user responding
    19: Status.NO_ANSWER,
    20: Status.UNREACHABLE,  # subscriber absent
    21: Status.REFUSED,  # call rejected
    22: Status.UNREACHABLE,  # number changed
    27: Status.UNREACHABLE,  # destination out of order
    28: Status.UNREACHABLE,  # invalid number format
}
_MOST_CAUSE: Final = 127
_CLEAR_NAMES: Final = frozenset({"type", "outcome", "q850_cause"})
_OUR_ID: Final = re.compile(r"dlv_[a-z2-7]{32}")


@dataclass(frozen=True, slots=True)
class CallResult:
    """One event.

    Attributes:
        type: Its type; results of calls are ``call.ended``.
        call_id: The gateway's id of the call; None if it has none.
        delivery_id: Our delivery that it names; None if it names none.
        outcome: Outcome of the call; ``unknown`` if it does not say.
        reason: The outcome's word, or the Q.850 cause as one: ``q850_17``.
        digest: SHA-256 of what it says: the same for a repetition.
        raw: Names of its fields, and its words.
        whole: It can be read whole, or not at all.
    """

    type: str
    call_id: str | None
    delivery_id: str | None
    outcome: Status
    reason: str
    digest: str
    raw: str
    whole: bool = True


def is_signed(body: bytes, headers: Mapping[str, str], secrets: Iterable[Secret]) -> bool:
    """Whether one of the secrets signs these bytes, now; names of headers are in lower case."""
    # All are checked, so the time does not reveal which one signed.
    return any([_is_signed_with(secret, body, headers) for secret in secrets])  # noqa: C419


def _is_signed_with(secret: Secret, body: bytes, headers: Mapping[str, str]) -> bool:
    try:
        Webhook(secret.reveal()).verify(body, dict(headers), json_parse=False)
    except (WebhookVerificationError, EmptyWebhookSecretError, ValueError):
        # ValueError: a header, the body or the secret is not of the form that it should have.
        return False
    return True


def parse(body: bytes) -> list[CallResult]:
    """Returns the event in a body; none if it cannot be read. Accepts any bytes."""
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        return []
    if not isinstance(event, dict) or not isinstance(event.get("data"), dict):
        return []
    data: dict[str, Any] = event["data"]
    outcome, reason = _outcome_of(data)
    delivery_id = data.get("delivery_id")
    is_ours = isinstance(delivery_id, str) and _OUR_ID.fullmatch(delivery_id)
    call_id, our_id = call_id_of(data), delivery_id if is_ours else None
    content = [call_id, our_id, outcome, reason]
    return [
        CallResult(
            type=str(event.get("type")),
            call_id=call_id,
            delivery_id=our_id,
            outcome=outcome,
            reason=reason,
            digest=hashlib.sha256(json.dumps(content).encode()).hexdigest(),
            raw=outline(data, _CLEAR_NAMES, str),
        )
    ]


def _outcome_of(data: Mapping[str, Any]) -> tuple[Status, str]:
    cause, word = _cause_of(data), data.get("outcome")
    outcome = _OUTCOMES.get(word) if isinstance(word, str) else None
    if cause is not None:
        return outcome or _BY_CAUSE.get(cause, Status.UNKNOWN), f"q850_{cause}"
    return (outcome, str(outcome)) if outcome else (Status.UNKNOWN, NO_CAUSE)


def _cause_of(data: Mapping[str, Any]) -> int | None:
    cause = data.get("q850_cause")
    if isinstance(cause, bool) or not isinstance(cause, int):
        return None
    return cause if 1 <= cause <= _MOST_CAUSE else None

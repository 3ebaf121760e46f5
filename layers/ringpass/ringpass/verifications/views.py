"""Views: verifications as the API answers them."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from ringpass.deliveries.model import Delivery
from ringpass.deliveries.views import delivery_view
from ringpass.http.idempotency import replay_headers
from ringpass.http.router import Caller, Response
from ringpass.phone import mask
from ringpass.verifications.model import Verification
from ringpass.verifications.timeline import timeline

if TYPE_CHECKING:
    from ringpass.http.pagination import Page
    from ringpass.verifications import responses
    from ringpass.verifications.advance import TurnResult
    from ringpass.verifications.check import CancelResult, CheckResult
    from ringpass.verifications.long_poll import PollResult
    from ringpass.verifications.queries import VerificationDetails
    from ringpass.verifications.start import StartResult


def verification_view(
    verification: Verification,
    deliveries: Sequence[Delivery],
    now: datetime,
    *,
    clear_phone: bool,
) -> "responses.Verification":
    """View of a verification with its deliveries and its timeline, as it is at ``now``."""
    ended_at, reason = verification.end_at(now)
    return {
        "id": verification.id,
        "phone": verification.phone if clear_phone else mask(verification.phone),
        "status": verification.status_at(now),
        "reason": reason,
        "step": verification.step + 1,
        "channel": verification.workflow[verification.step].channel,
        "workflow": [
            {"channel": step.channel, "timeout_seconds": step.timeout_seconds}
            for step in verification.workflow
        ],
        "code_length": verification.code.digits,
        "attempts_remaining": verification.attempts_remaining,
        "expires_at": verification.ends_at,
        "created_at": verification.created_at,
        "updated_at": verification.updated_at,
        "ended_at": ended_at,
        "replaced_by": verification.replaced_by,
        "deliveries": [delivery_view(delivery, clear_phone=clear_phone) for delivery in deliveries],
        "history": timeline(verification, deliveries),
        "sign_in_server": verification.sign_in_server,
        "test": verification.test,
        "consent_reference": verification.consent_reference,
        "metadata": dict(verification.metadata),
    }


def start_response(result: "StartResult", caller: Caller, now: datetime) -> Response:
    """Response to a start."""
    view = verification_view(
        result.verification, result.deliveries, now, clear_phone=caller.sees_phones
    )
    return Response(view, 201, replay_headers(replayed=result.replayed))


def turn_response(result: "TurnResult", caller: Caller, now: datetime) -> Response:
    """Response to a request for the next step."""
    view = verification_view(
        result.verification, result.deliveries, now, clear_phone=caller.sees_phones
    )
    return Response(view, 200, replay_headers(replayed=result.replayed))


def details_view(
    result: "VerificationDetails", caller: Caller, now: datetime
) -> "responses.Verification":
    """View of a verification with its deliveries."""
    return verification_view(
        result.verification, result.deliveries, now, clear_phone=caller.sees_phones
    )


def poll_response(result: "PollResult", caller: Caller, now: datetime) -> Response:
    """Response with a verification; where the stack had no room to wait, with when to ask again."""
    headers = {} if result.retry_after is None else {"Retry-After": str(result.retry_after)}
    return Response(details_view(result.details, caller, now), 200, headers)


def page_response(result: "Page[VerificationDetails]", caller: Caller, now: datetime) -> Response:
    """Response with a page of verifications."""
    items = [details_view(details, caller, now) for details in result.items]
    return Response({"items": items, "next_cursor": result.next_cursor})


def check_response(verification_id: str, result: "CheckResult") -> Response:
    """Response to a check."""
    view: responses.Checked = {
        "id": verification_id,
        "status": result.status,
        "attempts_remaining": result.attempts_remaining,
    }
    return Response(view, 200, replay_headers(replayed=result.replayed))


def cancel_response(result: "CancelResult", caller: Caller, now: datetime) -> Response:
    """Response to a cancellation."""
    view = verification_view(
        result.verification, result.deliveries, now, clear_phone=caller.sees_phones
    )
    return Response(view, 200, replay_headers(replayed=result.replayed))

"""Errors of the API, as problem documents of RFC 9457 (``application/problem+json``).

A direct invocation gets the error as a raised exception: Step Functions catch its class name
(``"ErrorEquals": ["InProgress"]``), and its text is the problem as JSON.

    ApiError
    ├─ 400  InvalidJson, InvalidHeader
    ├─ 401  Unauthorized
    ├─ 403  Forbidden, NotAllowed
    ├─ 404  NotFound
    ├─ 409  InProgress, VerificationEnded, NoNextStep, KeyEnded, LastAdminKey, NameTaken,
    │       SettingsChanged, TemplateChanged, ScenarioChanged, ScenarioActive,
    │       ScenarioDeactivated, ScenarioNotActive, ScenarioIncomplete, ScenarioSlotsTaken,
    │       AgentExists, AgentsFull, ConsentOpen, ConsentAllowed, ConsentBlocked, CallNotAllowed,
    │       EndpointChanged, EndpointsFull, FeedbackConflict
    ├─ 410  LinkEnded, CommandExpired
    ├─ 413  BodyTooLarge
    ├─ 422  ValidationFailed, IdempotencyKeyReused
    ├─ 429  LimitReached
    ├─ 500  InternalError
    ├─ 502  ProviderFailed
    └─ 503  ProviderSuspended ── QuotaUsedUp (429),
            Unavailable ── NotConfigured

An error carries facts; ``ringpass.http.router`` makes the response, with its headers, of them.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar


class ApiError(Exception):
    """A refusal with its HTTP status and its code.

    Args:
        detail: A sentence for the caller. Never holds a value that the caller sent.
        errors: ``{"loc": [...], "type": ..., "msg": ...}`` for each field at fault.
        members: Further members of the problem document, such as ``limit``.
        retry_after: Seconds until a retry makes sense; None if that is not known.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    title: ClassVar[str] = "Something went wrong on our side"
    is_for_http: ClassVar[bool] = True

    def __init__(
        self,
        detail: str,
        *,
        errors: Sequence[Mapping[str, Any]] = (),
        members: Mapping[str, Any] | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = [dict(error) for error in errors]
        self.members = dict(members or {})
        self.retry_after = retry_after

    def problem(self, instance: str) -> dict[str, Any]:
        """Returns the problem document; ``instance`` is the request's id."""
        document: dict[str, Any] = {
            "type": f"urn:ringpass:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            "instance": f"urn:ringpass:request:{instance}",
        }
        if self.errors:
            document["errors"] = self.errors
        return document | self.members

    def __str__(self) -> str:
        return json.dumps(self.problem("direct"))


class InvalidJson(ApiError):
    """The body is not JSON."""

    status, code, title = 400, "invalid_json", "The body is not valid JSON"


class InvalidHeader(ApiError):
    """A header has a value that cannot be used."""

    status, code, title = 400, "invalid_header", "A header is not valid"


class Unauthorized(ApiError):
    """No valid secret came with the request."""

    status, code, title = 401, "unauthorized", "Not authorized"


class Forbidden(ApiError):
    """The API key lacks the scope."""

    status, code, title = 403, "missing_scope", "The API key may not do this"


class NotAllowed(ApiError):
    """The number is not to be called or written to; ``limit`` names the rule."""

    status, code, title = 403, "not_allowed", "Not allowed to this number"

    def __init__(self, detail: str, *, limit: str = "deny_list") -> None:
        super().__init__(detail, members={"limit": limit})
        self.limit = limit


class NotFound(ApiError):
    """There is no such record, or it is another client's."""

    status, code, title = 404, "not_found", "Not found"


class InProgress(ApiError):
    """The first request with this idempotency key is still running."""

    status, code, title = 409, "in_progress", "The first request is still running"


class VerificationEnded(ApiError):
    """The verification is over; ``ended_as`` says how, ``reason`` why."""

    status, code, title = 409, "verification_ended", "The verification has ended"

    def __init__(
        self,
        detail: str,
        *,
        ended_as: str = "expired",
        reason: str | None = "time_over",
        replaced_by: str | None = None,
    ) -> None:
        members = {"ended_as": ended_as, "reason": reason, "replaced_by": replaced_by}
        super().__init__(
            detail, members={name: value for name, value in members.items() if value is not None}
        )


class NoNextStep(ApiError):
    """The verification has no step left that can be taken now."""

    status, code, title = 409, "no_next_step", "No step is left"


class FeedbackConflict(ApiError):
    """The delivery takes no such feedback: what became of its code is known already."""

    status, code, title = 409, "feedback_conflict", "The code's result is known already"


class KeyEnded(ApiError):
    """The API key has been revoked or rotated already."""

    status, code, title = 409, "key_ended", "The API key has ended"


class LastAdminKey(ApiError):
    """Without this API key nobody could manage the client's keys."""

    status, code, title = 409, "last_admin_key", "It is the client's last admin key"


class SettingsChanged(ApiError):
    """The settings have another version than the one that was to be changed."""

    status, code, title = 409, "settings_changed", "The settings have changed"


class NameTaken(ApiError):
    """Another record of the client's has this name."""

    status, code, title = 409, "name_taken", "The name is taken"


class TemplateChanged(ApiError):
    """The template has another version than the one that was to be changed."""

    status, code, title = 409, "template_changed", "The template has changed"


class ScenarioChanged(ApiError):
    """The scenario has another version than the one that was to be changed."""

    status, code, title = 409, "scenario_changed", "The scenario has changed"


class ScenarioActive(ApiError):
    """An active scenario stays as it is."""

    status, code, title = 409, "scenario_active", "The scenario is active"


class ScenarioDeactivated(ApiError):
    """A deactivated scenario stays as it is for good."""

    status, code, title = 409, "scenario_deactivated", "The scenario is deactivated"


class ScenarioNotActive(ApiError):
    """The scenario has never been active."""

    status, code, title = 409, "scenario_not_active", "The scenario is not active"


class ScenarioIncomplete(ApiError):
    """The scenario lacks what a call needs."""

    status, code, title = 409, "scenario_incomplete", "The scenario is not complete"


class ScenarioSlotsTaken(ApiError):
    """The account at the provider has as many active scenarios as it can have."""

    status, code, title = 409, "scenario_slots_taken", "No more scenarios can be active"


class AgentExists(ApiError):
    """The OA has an agent of this id."""

    status, code, title = 409, "agent_exists", "The agent is there already"


class AgentsFull(ApiError):
    """The OA has as many agents as it can have."""

    status, code, title = 409, "agents_full", "No more agents can be added"


class EndpointChanged(ApiError):
    """The webhook endpoint has another version than the one that was to be changed."""

    status, code, title = 409, "endpoint_changed", "The webhook endpoint has changed"


class EndpointsFull(ApiError):
    """The client has as many webhook endpoints as it can have."""

    status, code, title = 409, "endpoints_full", "No more webhook endpoints can be added"


class ConsentOpen(ApiError):
    """The customer is being asked already; ``until`` says how long."""

    status, code, title = 409, "consent_open", "The customer is being asked already"

    def __init__(self, detail: str, *, consent_id: str = "", until: str | None = None) -> None:
        super().__init__(detail, members={"consent_id": consent_id, "until": until})


class ConsentAllowed(ApiError):
    """The customer has allowed such calls; ``until`` says how long, null: without an end."""

    status, code, title = 409, "consent_allowed", "Calls are allowed already"

    def __init__(self, detail: str, *, consent_id: str = "", until: str | None = None) -> None:
        super().__init__(detail, members={"consent_id": consent_id, "until": until})


class ConsentBlocked(ApiError):
    """The customer takes no calls of the OA."""

    status, code, title = 409, "consent_blocked", "The customer has blocked calls"

    def __init__(self, detail: str, *, consent_id: str = "") -> None:
        super().__init__(detail, members={"consent_id": consent_id})


class CallNotAllowed(ApiError):
    """A customer cannot be called now; ``checks`` has every reason."""

    status, code, title = 409, "call_not_allowed", "The call is not allowed now"

    def __init__(self, detail: str, *, checks: Sequence[Mapping[str, str]] = ()) -> None:
        super().__init__(detail, members={"checks": [dict(check) for check in checks]})


class LinkEnded(ApiError):
    """The link of a call is no good any more; ``checks`` has every reason."""

    status, code, title = 410, "link_ended", "The link has ended"

    def __init__(self, detail: str, *, checks: Sequence[Mapping[str, str]] = ()) -> None:
        super().__init__(detail, members={"checks": [dict(check) for check in checks]})


class CommandExpired(ApiError):
    """A command waited in its queue for longer than a code is of use."""

    status, code, title = 410, "command_expired", "The command has expired"
    is_for_http = False


class BodyTooLarge(ApiError):
    """The body is larger than any valid one."""

    status, code, title = 413, "body_too_large", "The body is too large"


class ValidationFailed(ApiError):
    """A field is missing, unknown, or has a value that cannot be used."""

    status, code, title = 422, "validation_failed", "The request is not valid"


class IdempotencyKeyReused(ApiError):
    """The idempotency key has served another body."""

    status, code, title = 422, "idempotency_key_reused", "The idempotency key was used before"


class LimitReached(ApiError):
    """A limit is reached; ``limit`` names it, and ``Retry-After`` says when it ends."""

    status, code, title = 429, "limit_reached", "A limit is reached"

    def __init__(
        self,
        detail: str,
        *,
        limit: str = "phone",
        retry_after: int | None = None,
        counted: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail, members={"limit": limit}, retry_after=retry_after)
        self.limit = limit
        self.counted = dict(counted or {})


class InternalError(ApiError):
    """A bug, or an AWS service that failed; the log has more under the request's id."""


class ProviderFailed(ApiError):
    """The provider did not do what was asked of it; ``zalo_error`` is its own number, if any."""

    status, code, title = 502, "provider_failed", "The provider failed"

    def __init__(self, detail: str, *, reason: str = "timeout", number: int | None = None) -> None:
        super().__init__(detail, members={"reason": reason, "zalo_error": number})


class ProviderSuspended(ApiError):
    """The provider failed too often lately; nothing was reserved or sent."""

    status, code, title = 503, "provider_suspended", "The provider is suspended"


class QuotaUsedUp(ProviderSuspended):
    """Our account at the provider may send no more today; nothing was reserved or sent."""

    status, code, title = 429, "quota_used_up", "The provider sends no more today"


class Unavailable(ApiError):
    """The table or a secret cannot be reached; nothing was reserved or sent."""

    status, code, title = 503, "unavailable", "Not available now"


class NotConfigured(Unavailable):
    """No secret has been put in for the providers; nothing was reserved, and none was asked."""

    code, title = "not_configured", "The provider is not configured"

    def __init__(self, detail: str, *, providers: Iterable[str] = ()) -> None:
        super().__init__(detail)
        self.providers = tuple(providers)


def invalid_field(loc: Sequence[str | int], type_: str, message: str) -> ValidationFailed:
    """Returns an error that names one field, never its value."""
    return ValidationFailed(
        "A field of the request is not valid.",
        errors=[{"loc": list(loc), "type": type_, "msg": message}],
    )

"""Response types of the API: mypy checks the code against them, docs/openapi.json uses them.

Only type checkers and the generator import this module, never a function. The strings under the
fields are their descriptions.
"""

from typing import Literal, NotRequired, TypedDict

# docs/openapi.json has more about each: its values, its format.
type Channel = str
type CountedChannel = str
type ProviderName = str
type ProviderStatus = str
type CostKind = str
type ProblemCode = str
type VerificationEnd = str
type VerificationReason = str
type Instant = str


class Health(TypedDict):
    """The stack can serve."""

    status: Literal["ok"]
    version: str
    """Of Ringpass."""


class FailedCheck(TypedDict):
    """A check that does not hold."""

    code: str
    """Which one, for programs."""
    detail: str
    """What to do about it, for people."""


class FieldError(TypedDict):
    """A field at fault; never its value."""

    loc: list[str | int]
    """Where it is: names and positions, from the outside to the inside."""
    type: str
    """What is wrong, for programs."""
    msg: str
    """What is wrong, for people."""


class Problem(TypedDict):
    """A refusal or a failure: RFC 9457."""

    type: str
    """A URN that ends in the code."""
    title: str
    status: int
    """The HTTP status."""
    code: ProblemCode
    """What is wrong, for programs."""
    detail: str
    """What is wrong, for people."""
    instance: str
    """A URN that ends in the request's id, as it stands in the logs."""


class ValidationProblem(Problem):
    """The problems `validation_failed`, `invalid_header` and `idempotency_key_reused`."""

    errors: list[FieldError]
    """The fields at fault."""


class LimitProblem(Problem):
    """The problems `limit_reached` and `not_allowed`."""

    limit: str
    """The limit or the rule that refused."""


class VerificationEndedProblem(Problem):
    """The problem `verification_ended`."""

    ended_as: VerificationEnd
    """How the verification has ended."""
    reason: NotRequired[VerificationReason]
    """Why it has ended."""
    replaced_by: NotRequired[str]
    """The newer verification of the same phone, where it ended this one."""


class OaCallProblem(Problem):
    """The problems `call_not_allowed` and `link_ended`."""

    checks: list[FailedCheck]
    """Every check that does not hold."""


class ProviderFailedProblem(Problem):
    """The problem `provider_failed`."""

    reason: str
    """Why the provider failed, in a word."""
    zalo_error: int | None
    """Zalo's own number for it; null: it told none."""


class OaConsentProblem(Problem):
    """The problems `consent_open`, `consent_allowed` and `consent_blocked`."""

    consent_id: str
    """The consent for which a customer is not asked again."""
    until: NotRequired[Instant | None]
    """Until when the customer may answer, or has allowed calls; null: without an end."""


class GatewayMessage(TypedDict):
    """What API Gateway answers before any function runs."""

    message: str | None

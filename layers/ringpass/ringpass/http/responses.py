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
    errors: NotRequired[list[FieldError]]
    """The fields at fault."""
    limit: NotRequired[str]
    """The limit or the rule that refused."""
    ended_as: NotRequired[str]
    """How the verification has ended, where that is the refusal."""
    replaced_by: NotRequired[str]
    """The newer verification of the same phone, where it ended this one."""
    checks: NotRequired[list[FailedCheck]]
    """Every check that does not hold, where a call is refused."""
    reason: NotRequired[str]
    """Why, in a word: why the provider failed, or why the verification has ended."""
    zalo_error: NotRequired[int | None]
    """Zalo's own number for it; null: it told none."""
    consent_id: NotRequired[str]
    """The consent for which a customer is not asked again."""
    until: NotRequired[Instant | None]
    """Until when the customer may answer, or has allowed calls; null: without an end."""


class GatewayMessage(TypedDict):
    """What API Gateway answers before any function runs."""

    message: str | None

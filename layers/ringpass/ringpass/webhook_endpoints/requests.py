"""Request bodies of webhook endpoints, as pydantic models."""

from datetime import datetime
from typing import Annotated, Final, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from ringpass.clock import read_instant
from ringpass.config import LONGEST_OVERLAP_SECONDS
from ringpass.errors import invalid_field
from ringpass.events.model import read_types
from ringpass.http.fields import Command, Version
from ringpass.ids import EVENT_ID
from ringpass.webhook_endpoints.model import ALL_TYPES

MOST_TYPES: Final = 20
MOST_EVENT_IDS: Final = 1_000
_LONGEST_URL: Final = 2_000
_SCHEMES: Final = ("https", "http")


def _check_url(url: str) -> str:
    """Check the form of a URL; which address it has is checked by the service, and at each try."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise PydanticCustomError("url_format", "an absolute URL") from None
    if parts.scheme not in _SCHEMES or not parts.hostname or port == 0:
        raise PydanticCustomError("url_format", "an absolute URL with https")
    if not url.isascii() or any(char.isspace() or not char.isprintable() for char in url):
        raise PydanticCustomError(
            "url_format", "printable ASCII: a name in other letters as xn--, a path percent-encoded"
        )
    if parts.username is not None or parts.password is not None:
        raise PydanticCustomError("url_credentials", "without a user name and a password")
    if parts.fragment:
        raise PydanticCustomError("url_fragment", "without a fragment")
    return url


def _check_type(pattern: str) -> str:
    try:
        if pattern != ALL_TYPES:
            read_types(pattern)
    except ValueError:
        raise PydanticCustomError(
            "type_unknown", "a type of event, the beginning of types and .*, or *"
        ) from None
    return pattern


def _check_twice(types: list[str]) -> list[str]:
    if len(set(types)) < len(types):
        raise PydanticCustomError("type_twice", "a type stands there twice")
    return types


Url = Annotated[
    str,
    Field(
        max_length=_LONGEST_URL,
        description="where events are posted: https, to a public address",
        examples=["https://example.com/webhooks/ringpass"],
        # It may hold a token.
        repr=False,
    ),
    AfterValidator(_check_url),
]
Types = Annotated[
    list[Annotated[str, AfterValidator(_check_type)]],
    Field(
        min_length=1,
        max_length=MOST_TYPES,
        description="types of events: `delivery.settled`, `verification.*`, `*`",
        examples=[["verification.*", "delivery.settled"]],
    ),
    AfterValidator(_check_twice),
]


class RegisterEndpoint(Command):
    """``POST /v1/webhook-endpoints``."""

    url: Url
    types: Types = Field(default_factory=lambda: [ALL_TYPES])
    description: Annotated[str | None, Field(max_length=200, description="your own words")] = None


class ReplaceEndpoint(RegisterEndpoint):
    """``PUT /v1/webhook-endpoints/{id}``: the whole endpoint; what is left out has its default."""

    version: Version | None = None


class RotateEndpointSecret(Command):
    """``POST /v1/webhook-endpoints/{id}/rotate-secret``."""

    overlap_seconds: Annotated[
        int,
        Field(
            ge=0,
            le=LONGEST_OVERLAP_SECONDS,
            description="how long the old secret signs as well",
        ),
    ] = LONGEST_OVERLAP_SECONDS


def _check_instant(text: str | None) -> str | None:
    if text is not None:
        try:
            read_instant(text)
        except ValueError:
            raise PydanticCustomError(
                "instant_format", "an RFC 3339 instant with an offset"
            ) from None
    return text


def _check_alone(value: object, info: ValidationInfo) -> object:
    """Check that only one of the three ways to choose events is used."""
    if value is not None and any(
        info.data.get(other) is not None for other in ("event_ids", "subject")
    ):
        raise PydanticCustomError("one_choice", "give event_ids, or subject, or from and to")
    return value


def _check_range(value: str | None, info: ValidationInfo) -> str | None:
    since = info.data.get("since")
    if value is not None and since is None and "since" in info.data:
        raise PydanticCustomError("one_choice", "to belongs to from")
    if value is not None and since is not None and read_instant(value) < read_instant(since):
        raise PydanticCustomError("range", "from is before to")
    return value


class ReplayEvents(Command):
    """``POST /v1/webhook-endpoints/{id}/replay``: which events are sent again."""

    event_ids: Annotated[
        list[Annotated[str, Field(pattern=f"^{EVENT_ID.pattern}$")]] | None,
        Field(min_length=1, max_length=MOST_EVENT_IDS, description="these events, in this order"),
    ] = None
    subject: Annotated[
        Annotated[str, Field(min_length=1, max_length=64)] | None,
        AfterValidator(_check_alone),
        Field(description="all events about this record, of the endpoint's types"),
    ] = None
    since: Annotated[
        str | None,
        AfterValidator(_check_instant),
        AfterValidator(_check_alone),
        Field(
            alias="from",
            description="all events at or after this instant, of the endpoint's types",
        ),
    ] = None
    until: Annotated[
        str | None,
        AfterValidator(_check_instant),
        AfterValidator(_check_range),
        Field(alias="to", description="and before this one; left out: until now"),
    ] = None

    @classmethod
    def from_json(cls, body: bytes) -> Self:
        """Read a request body; it chooses events in one of the three ways."""
        command = super().from_json(body)
        if command.event_ids is None and command.subject is None and command.since is None:
            raise invalid_field(["event_ids"], "missing", "or subject, or from and to")
        return command

    def period(self, now: datetime) -> tuple[datetime, datetime] | None:
        """Returns the period of the events, None: they are chosen otherwise."""
        if self.since is None:
            return None
        return read_instant(self.since), read_instant(self.until) if self.until else now

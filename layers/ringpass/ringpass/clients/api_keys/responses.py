"""Response bodies about API keys."""

from typing import NotRequired, TypedDict

from ringpass.http.responses import Instant

# docs/openapi.json has its words.
type ApiKeyScope = str


class Key(TypedDict):
    """An API key, without anything of its secret."""

    id: str
    """Its middle part."""
    client: str
    scopes: list[ApiKeyScope]
    label: str | None
    """What it is for."""
    created_at: Instant
    valid_until: Instant | None
    """When it ends, once it has been rotated."""
    revoked_at: Instant | None
    replaced_by: str | None
    """The key that it was rotated to."""


class NewKey(Key):
    """A key that was just made."""

    key: NotRequired[str]
    """The whole key, this once; a repetition of the request is answered without it."""


class KeyPage(TypedDict):
    """A page of a client's keys, newest first, with those that have ended."""

    items: list[Key]
    next_cursor: str | None
    """Where the next page starts; null at the end."""

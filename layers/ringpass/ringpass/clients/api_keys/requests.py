"""Request bodies about API keys, as pydantic models."""

from typing import Annotated, Literal

from pydantic import Field

from ringpass.config import LONGEST_OVERLAP_SECONDS
from ringpass.http.fields import Command

Scope = Literal["send", "read", "phones:read", "admin"]
Label = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{1,64}$")]


class CreateKey(Command):
    """``POST /v1/keys``: another key for the same client."""

    scopes: Annotated[list[Scope], Field(min_length=1)]
    label: Label | None = None


class RotateKey(Command):
    """``POST /v1/keys/{id}/rotate``: a new key like an old one, which then ends."""

    overlap_seconds: Annotated[
        int,
        Field(ge=0, le=LONGEST_OVERLAP_SECONDS, description="how long the old key is still valid"),
    ] = 0

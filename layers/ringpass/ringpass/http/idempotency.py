"""Idempotency keys: their format, their errors, and the result of a request with one."""

import re
from dataclasses import dataclass
from typing import Any, Final

from ringpass.errors import IdempotencyKeyReused, InProgress, InvalidHeader

_FORM: Final = re.compile(r"[\x21-\x7e]([\x20-\x7e]{0,253}[\x21-\x7e])?")


@dataclass(frozen=True, slots=True)
class Result[T]:
    """Result of an idempotent request.

    Attributes:
        value: What the request created.
        replayed: Whether an earlier request with the same idempotency key created it.
    """

    value: T
    replayed: bool


def replay_headers(*, replayed: bool) -> dict[str, str]:
    """Returns the header that marks the response to a repeated request; else none."""
    return {"Idempotent-Replayed": "true"} if replayed else {}


def check_key(idempotency_key: str | None) -> None:
    """Check an idempotency key; None, no key, is valid.

    Raises:
        InvalidHeader: The key is not 1 to 255 printable ASCII characters.
    """
    if idempotency_key is not None and not _FORM.fullmatch(idempotency_key):
        raise InvalidHeader(
            "An idempotency key is 1 to 255 printable ASCII characters.",
            errors=_key_errors("idempotency_key_format", "1 to 255 printable ASCII characters"),
        )


def key_reused_error() -> IdempotencyKeyReused:
    """Returns the error for a different request with the same key."""
    return IdempotencyKeyReused(
        "This idempotency key was first used with another request body.",
        errors=_key_errors("idempotency_key_reused", "used before, with another body"),
    )


def in_progress_error() -> InProgress:
    """Returns the error for a repetition while the first request with its key is running."""
    return InProgress(
        "The first request with this idempotency key is still running.",
        retry_after=1,
    )


def _key_errors(type_: str, message: str) -> list[dict[str, Any]]:
    return [{"loc": ["Idempotency-Key"], "type": type_, "msg": message}]

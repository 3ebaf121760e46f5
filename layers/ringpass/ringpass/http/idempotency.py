"""Idempotency keys as callers send them."""

import re
from typing import Any, Final

from ringpass.errors import IdempotencyKeyReused, InProgress, InvalidHeader

_FORM: Final = re.compile(r"[\x21-\x7e]([\x20-\x7e]{0,253}[\x21-\x7e])?")


def check_key(idempotency_key: str | None) -> None:
    """Refuse what cannot be an idempotency key; None, no key, is well.

    Raises:
        InvalidHeader: It is not 1 to 255 printable ASCII characters.
    """
    if idempotency_key is not None and not _FORM.fullmatch(idempotency_key):
        raise InvalidHeader(
            "An idempotency key is 1 to 255 printable ASCII characters.",
            errors=_at_key("idempotency_key_format", "1 to 255 printable ASCII characters"),
        )


def reused() -> IdempotencyKeyReused:
    """What a second, different request with the same key gets."""
    return IdempotencyKeyReused(
        "This idempotency key was first used with another request body.",
        errors=_at_key("idempotency_key_reused", "used before, with another body"),
    )


def still_running() -> InProgress:
    """What a repetition gets while the first request with its key is at work."""
    return InProgress(
        "The first request with this idempotency key is still running.",
        headers={"Retry-After": "1"},
    )


def _at_key(type_: str, message: str) -> list[dict[str, Any]]:
    return [{"loc": ["Idempotency-Key"], "type": type_, "msg": message}]

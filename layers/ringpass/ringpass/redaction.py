"""Makes a provider's raw payload fit to be kept: without codes, phones and tokens."""

import json
import re
from contextlib import suppress
from typing import Any, Final

KEPT_BYTES: Final = 16_384

# Four digits can be a code, more can be a phone: no such run is kept, in whatever field it stands.
_DIGITS: Final = re.compile(r"\d{4,}")
_SECRET_NAMES: Final = re.compile(
    r"code|otp|pin|phone|number|call(er|ee|ed)|msisdn|token|secret|auth|key|password", re.IGNORECASE
)
_HIDDEN: Final = "***"


def redact(raw: bytes) -> str:
    """The payload as text of at most 16 KB, fit for the table and for a log.

    In JSON, fields whose name speaks of a code, a phone or a token lose their value; everywhere,
    runs of four and more digits do.
    """
    text = raw[:KEPT_BYTES].decode("utf-8", errors="replace")
    # What is not JSON, or is nested beyond reason, is kept as far as the digit rule leaves it.
    with suppress(ValueError, RecursionError):
        text = json.dumps(_without_secrets(json.loads(raw)), ensure_ascii=False)
    return mask_digits(text).encode(errors="replace")[:KEPT_BYTES].decode(errors="ignore")


def mask_digits(text: str) -> str:
    """The text with a star for each digit of a run of four and more."""
    return _DIGITS.sub(lambda run: "*" * len(run.group()), text)


def _without_secrets(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, dict):
        return {
            name: _HIDDEN if _SECRET_NAMES.search(name) else _without_secrets(inner)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [_without_secrets(inner) for inner in value]
    return value

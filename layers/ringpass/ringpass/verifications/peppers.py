"""The map of code peppers: how it is rotated, and what must never happen to it.

    {"0": "...", "2026-10-23T02:00:00Z": "...", "2026-11-22T02:00:00Z": "..."}

An id is the instant (UTC) from which its pepper is used; the first one, ``0``, is older than any.
``ringpass.verifications.codes`` seals with the greatest id and opens with any.
"""

import json
import secrets
import string
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

# A verification lasts 24 hours at most. A function keeps the map for five minutes, so it may seal
# with the pepper before for so long.
KEPT: Final = timedelta(hours=25)

_ID: Final = "%Y-%m-%dT%H:%M:%SZ"
_CHARACTERS: Final = string.ascii_letters + string.digits
_LENGTH: Final = 64


def new_pepper() -> str:
    """64 random letters and digits, 381 bits."""
    return "".join(secrets.choice(_CHARACTERS) for _ in range(_LENGTH))


def rotated(peppers: Mapping[str, str], pepper: str, now: datetime) -> dict[str, str]:
    """The map with a new pepper, and without those that no code can need any more.

    Args:
        peppers: The map as it is; not empty.
        pepper: The new pepper.
        now: The time.

    Raises:
        ValueError: There is an id that no instant is greater than.
    """
    latest = max(peppers)
    new_id = _id(now)
    if new_id <= latest:
        # Another rotation in the same second, or a clock that was set back.
        in_use_from = _instant(latest)
        if in_use_from is None:
            raise ValueError(f"no instant is greater than the pepper id {latest!r}")
        new_id = _id(in_use_from + timedelta(seconds=1))
    return {id_: peppers[id_] for id_ in peppers if id_ >= _oldest(peppers, now)} | {new_id: pepper}


def check(pending: Mapping[str, str], current: Mapping[str, str]) -> None:
    """Make sure that the pending map opens what is sealed with the current one.

    Raises:
        ValueError: It does not.
    """
    latest = max(current)
    if pending.get(latest) != current[latest]:
        raise ValueError(f"the pending peppers lack {latest!r}, which seals codes at present")


def from_text(text: str) -> dict[str, str]:
    """The map that a secret's text holds.

    Raises:
        ValueError: It holds none. The text is not repeated.
    """
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict) or not found:
        raise ValueError("the secret is not a JSON object with a pepper")
    if not all(isinstance(pepper, str) and pepper for pepper in found.values()):
        raise ValueError("a pepper is not a text")
    return found


def _oldest(peppers: Mapping[str, str], now: datetime) -> str:
    """The id that took over last among those that did so long enough ago; all before it can go."""
    settled = [
        id_ for id_ in peppers if (instant := _instant(id_)) is not None and instant <= now - KEPT
    ]
    return max(settled, default="")


def _id(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime(_ID)


def _instant(id_: str) -> datetime | None:
    """Since when a pepper is used; None if its id is no date."""
    try:
        return datetime.strptime(id_, _ID).replace(tzinfo=UTC)
    except ValueError:
        return None

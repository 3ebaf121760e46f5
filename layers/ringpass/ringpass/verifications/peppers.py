"""Rotation of the map of code peppers, and the check that no code is lost by it.

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

# A verification lasts 24 hours at most. A function caches the map for five minutes, and may seal
# with the previous pepper meanwhile.
RETENTION: Final = timedelta(hours=25)

_ID_FORMAT: Final = "%Y-%m-%dT%H:%M:%SZ"
_CHARACTERS: Final = string.ascii_letters + string.digits
_LENGTH: Final = 64


def new_pepper() -> str:
    """Generate 64 random letters and digits, 381 bits."""
    return "".join(secrets.choice(_CHARACTERS) for _ in range(_LENGTH))


def rotate(peppers: Mapping[str, str], pepper: str, now: datetime) -> dict[str, str]:
    """Return the map with a new pepper, and without those that no code can need any more.

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
    """Parse the map of a secret's text.

    Raises:
        ValueError: It holds none. The text is not repeated.
    """
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    if not isinstance(document, dict) or not document:
        raise ValueError("the secret is not a JSON object with a pepper")
    if not all(isinstance(pepper, str) and pepper for pepper in document.values()):
        raise ValueError("a pepper is not a text")
    return document


def _oldest(peppers: Mapping[str, str], now: datetime) -> str:
    """The newest id that came into use at least ``RETENTION`` ago; all before it can go."""
    old_ids = [
        id_
        for id_ in peppers
        if (instant := _instant(id_)) is not None and instant <= now - RETENTION
    ]
    return max(old_ids, default="")


def _id(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime(_ID_FORMAT)


def _instant(id_: str) -> datetime | None:
    """When a pepper came into use; None if its id is no date."""
    try:
        return datetime.strptime(id_, _ID_FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return None

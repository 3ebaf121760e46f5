"""Validity of the link that an agent opens: two minutes from the first opening.

At less than 120 seconds the link is valid, at 120 seconds it is not. Zalo's guide of its call
feature counts from the opening of the QR code; here the link and its picture count as one:
whichever is opened first starts the two minutes.
"""

import hashlib
import re
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from ringpass.oa.blockers import Blocker
from ringpass.oa.calls.model import Link

OPEN_PERIOD: Final = timedelta(minutes=2)
"""How long a link is valid, from the first opening on."""

_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{32}")

_EXPIRED: Final = Blocker(
    "link_expired",
    "The link was opened two minutes ago or earlier: make a new call, and scan its code at once.",
)
_NEVER_OPENED: Final = Blocker(
    "link_too_old",
    "Nobody opened the link while Zalo kept it: make a new call.",
)


class LinkState(StrEnum):
    """What a link is good for."""

    UNOPENED = "unopened"
    OPEN = "open"
    ENDED = "ended"


def is_token(text: str) -> bool:
    """Whether the text has the form of a link's token."""
    return _TOKEN.fullmatch(text) is not None


def token_digest(token: str) -> str:
    """Returns the digest that identifies a link in the table; it does not open the link."""
    return hashlib.sha256(token.encode()).hexdigest()


def ends_at(link: Link) -> datetime:
    """Returns when the link expires."""
    if link.opened_at is None:
        return link.ends_at
    return min(link.opened_at + OPEN_PERIOD, link.ends_at)


def state_at(link: Link, now: datetime) -> LinkState:
    """Returns the state of the link at an instant."""
    if now >= ends_at(link):
        return LinkState.ENDED
    return LinkState.UNOPENED if link.opened_at is None else LinkState.OPEN


def list_blockers(link: Link, now: datetime) -> list[Blocker]:
    """Returns why the link cannot be used; empty: it can."""
    if now < ends_at(link):
        return []
    return [_NEVER_OPENED if link.opened_at is None else _EXPIRED]
